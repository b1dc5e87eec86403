"""Pairs of answers as tokens: what comparisons, and the losses that learn from them, have in common."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from engine.text.tokenizer import Tokenizer
from training.text.packing import prompt_tokens
from training.text.texts import Comparison, Messages, found_files, read_comparisons
from training.text.traces import GAME_OF_24, traces


class AnswerTokens(NamedTuple):
    """A prompt and an answer as tokens, and how many of them are the prompt's."""

    tokens: list[int]
    read: int


class TokenPair(NamedTuple):
    """Two answers to one prompt, of which the first was preferred."""

    chosen: AnswerTokens
    rejected: AnswerTokens


class PaddedAnswers(NamedTuple):
    """Answers behind their prompts, in rows of one length."""

    tokens: Tensor
    """int64 [B, T]"""
    mask: Tensor
    """1 at the tokens of the answer, its end token included, float32 [B, T]."""


def answer_tokens(prompt: str | Messages, answer: str, tokenizer: Tokenizer, end: int, longest: int) -> AnswerTokens:
    """Return prompt, answer, end; what exceeds `longest` is cut from the prompt's beginning, then from the end."""
    read = prompt_tokens(prompt, tokenizer) if prompt else [end]
    said = tokenizer.encode(answer, special=False)[: longest - 2]
    read = read[-(longest - len(said) - 1) :]
    return AnswerTokens([*read, *said, end], len(read))


def as_pairs(comparisons: Sequence[Comparison], tokenizer: Tokenizer, end: int, longest: int) -> list[TokenPair]:
    """Return comparisons as tokens."""
    return [
        TokenPair(*(answer_tokens(each.prompt, said, tokenizer, end, longest) for said in (each.chosen, each.rejected)))
        for each in comparisons
    ]


def padded(answers: Sequence[AnswerTokens], device: torch.device | str = "cpu") -> PaddedAnswers:
    """Return answers as rows, padded behind their ends."""
    longest = max(len(each.tokens) for each in answers)
    tokens, mask = np.zeros((len(answers), longest), np.int64), np.zeros((len(answers), longest), np.float32)
    for row, each in enumerate(answers):
        tokens[row, : len(each.tokens)] = each.tokens
        mask[row, each.read : len(each.tokens)] = 1
    return PaddedAnswers(torch.from_numpy(tokens).to(device), torch.from_numpy(mask).to(device))


def drawn(count: int, batch: int, seed: int, skip: int = 0) -> Iterator[np.ndarray]:
    """Yield the numbers of each batch without end, from a batch on: every pass sees all, in a new order."""
    number, left = 0, np.empty(0, np.int64)
    for number_of_pass in range(1 << 62):
        left = np.append(left, np.random.default_rng([seed, number_of_pass]).permutation(count))
        while len(left) >= batch:
            if number >= skip:
                yield left[:batch]
            number, left = number + 1, left[batch:]


# --- data -------------------------------------------------------------------------------------------------


def read_pairs(
    data: Sequence[str], validation: Sequence[str], held_out: float, made: int, seed: int
) -> tuple[list[Comparison], list[Comparison]]:
    """Return comparisons to learn and to measure on; no prompt is in both, unless there is but one."""
    learned = _sources(data, made, seed)
    if validation:
        return learned, _sources(validation, made, seed + 1)
    prompts = sorted({repr(each.prompt) for each in learned})
    if len(prompts) == 1:
        at = round((1 - held_out) * len(learned))
        return learned[:at], learned[at:]
    held = set(random.Random(seed).sample(prompts, max(1, round(held_out * len(prompts))) if held_out else 0))
    parts = [[each for each in learned if (repr(each.prompt) in held) == measured] for measured in (False, True)]
    return parts[0], parts[1]


def _sources(names: Sequence[str], made: int, seed: int) -> list[Comparison]:
    files: list[Path] = found_files([name for name in names if name != GAME_OF_24])
    found = [comparison for path in files for comparison in read_comparisons(path)]
    if GAME_OF_24 in names:
        found += spoilt_solutions(made, seed)
    if not found:
        raise ValueError("data names no comparisons to learn from")
    return found


def spoilt_solutions(count: int, seed: int) -> list[Comparison]:
    """Return solutions of the Game of 24, each beside itself with one digit changed."""
    randomness = random.Random(seed)
    found = []
    for example in traces(count, seed):
        places = [place for place, letter in enumerate(example.answer) if letter.isdigit()]
        place = randomness.choice(places)
        other = randomness.choice([digit for digit in "0123456789" if digit != example.answer[place]])
        spoilt = example.answer[:place] + other + example.answer[place + 1 :]
        found.append(Comparison(example.prompt, example.answer, spoilt))
    return found
