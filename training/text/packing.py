"""Texts of any length packed into rows of one length, drawn anew at every pass."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from engine.text.conversation import conversation_tokens
from engine.text.tokenizer import Tokenizer
from training.text.texts import Messages, TextExample

UNLEARNED = -100
"""The target of a token that is not learned: torch's cross entropy leaves it out."""


class TokenText(NamedTuple):
    """A text as tokens, and how many of them are only read: a prompt's."""

    tokens: np.ndarray
    """int32 [T]; the last is the end token, unless the text was cut."""
    read: int


class RowBatch(NamedTuple):
    """Rows of texts; in a row no text sees another."""

    tokens: np.ndarray
    """int64 [B, T]"""
    targets: np.ndarray
    """The token that comes next, or UNLEARNED; int64 [B, T]."""
    texts: np.ndarray
    """The number of the text in its row, int64 [B, T]."""


def as_tokens(
    examples: Sequence[TextExample], tokenizer: Tokenizer, end: int, only_answers: bool = True
) -> list[TokenText]:
    """Return texts as tokens: prompt, answer, end; a text without a prompt begins with the end token, which is read."""
    found = []
    for example in examples:
        prompt = prompt_tokens(example.prompt, tokenizer) if example.prompt else [end]
        answer = tokenizer.encode(example.answer, special=False)
        read = len(prompt) if only_answers or not example.prompt else 1
        found.append(TokenText(np.array([*prompt, *answer, end], np.int32), read))
    return found


def prompt_tokens(prompt: str | Messages, tokenizer: Tokenizer) -> list[int]:
    """Return the tokens that stand before an answer."""
    if isinstance(prompt, str):
        return tokenizer.encode(prompt, special=False)
    return conversation_tokens(prompt, tokenizer)


def batches(texts: Sequence[TokenText], rows: int, length: int, seed: int, skip: int = 0) -> Iterator[RowBatch]:
    """Yield batches of rows without end, from a batch number on; every pass sees all texts in a new order."""
    held: list[list[np.ndarray]] = []
    number = 0
    for number_of_pass in range(1 << 62):
        randomness = np.random.default_rng([seed, number_of_pass])
        for row in packed(pieces(texts, length + 1, randomness), length + 1):
            held.append(row)
            if len(held) == rows:
                number += 1
                if number > skip:
                    yield RowBatch(*(np.stack(parts) for parts in zip(*held, strict=True)))
                held = []


def pieces(texts: Sequence[TokenText], length: int, randomness: np.random.Generator | None) -> Iterator[TokenText]:
    """Yield texts in a random order, or as they stand; those that are too long as pieces, cut at random places.

    The pieces of a text overlap by one token, which is read at first and is no target twice.
    """
    cut: list[tuple[int, int, int]] = []
    for number, text in enumerate(texts):
        size = len(text.tokens)
        first = size if size <= length else length if randomness is None else int(randomness.integers(2, length + 1))
        cut.append((number, 0, first))
        cut += [(number, at, min(size, at + length)) for at in range(first - 1, size - 1, length - 1)]
    order = np.arange(len(cut)) if randomness is None else randomness.permutation(len(cut))
    for number, begin, finish in (cut[each] for each in order):
        yield TokenText(texts[number].tokens[begin:finish], max(1, texts[number].read - begin))


def packed(texts: Iterator[TokenText], length: int) -> Iterator[list[np.ndarray]]:
    """Yield rows [tokens, targets, texts] of `length` - 1, each filled with texts until the next does not fit."""
    row, filled = _empty_row(length), 0
    number = 0
    for text in texts:
        size = len(text.tokens) - 1
        if filled + size > length - 1:
            yield row
            row, filled, number = _empty_row(length), 0, 0
        row[0][filled : filled + size] = text.tokens[:-1]
        row[1][filled + text.read - 1 : filled + size] = text.tokens[text.read :]
        row[2][filled : filled + size] = number
        filled, number = filled + size, number + 1
    if filled:
        yield row


def _empty_row(length: int) -> list[np.ndarray]:
    """Return a row of padding: nothing of it is learned, and texts do not see it."""
    return [np.zeros(length - 1, np.int64), np.full(length - 1, UNLEARNED), np.full(length - 1, -1)]


def in_order(texts: Sequence[TokenText], rows: int, length: int) -> Iterator[RowBatch]:
    """Yield all texts once, as they stand."""
    held = []
    for row in packed(pieces(texts, length + 1, None), length + 1):
        held.append(row)
        if len(held) == rows:
            yield RowBatch(*(np.stack(parts) for parts in zip(*held, strict=True)))
            held = []
    if held:
        yield RowBatch(*(np.stack(parts) for parts in zip(*held, strict=True)))
