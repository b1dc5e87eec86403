"""A text as one row of numbers: six words about it, then its tokens, the prompt's first.

A text ends with its end mark, or at its greatest length: both belong to the state.
"""

from collections.abc import Sequence

import numpy as np

from games.compiling import compiled, copy_row, inlined
from games.game import FIRST, NOBODY

TURN, LENGTH, PROMPT, LIMIT, END, VOCABULARY, HEAD = range(7)
"""Words of a state: whose choice it is; how many tokens there are, how many are the prompt's, and how many there
may be; the token that ends a text (-1: only its length does); how many tokens there are in the vocabulary. The tokens
begin at HEAD."""


def start(prompt: Sequence[int], more: int, vocabulary: int, end: int = -1, room: int = 0) -> np.ndarray:
    """Return the state of a prompt and so many more tokens; raise `ValueError` for foreign tokens.

    The row has `room` for tokens, by default for as many as there may be: rows of one batch have to be of one width.
    """
    if not all(0 <= token < vocabulary for token in prompt):
        raise ValueError(f"the prompt has a token outside of the vocabulary of {vocabulary}")
    if more < 1 or vocabulary < 1:
        raise ValueError("a text needs room for a token, and a token to put there")
    limit = len(prompt) + more
    state = np.zeros(HEAD + max(room, limit), np.int32)
    state[:HEAD] = FIRST, len(prompt), len(prompt), limit, end, vocabulary
    state[HEAD : HEAD + len(prompt)] = prompt
    return state


def starts(prompts: Sequence[Sequence[int]], more: int, vocabulary: int, end: int = -1) -> np.ndarray:
    """Return the states of some prompts, each with so many more tokens, int32 [T, W]."""
    room = max(map(len, prompts)) + more
    return np.stack([start(prompt, more, vocabulary, end, room) for prompt in prompts])


def tokens(state: np.ndarray) -> np.ndarray:
    """Return all tokens of a text so far, the prompt's first, int32 [length]."""
    return state[HEAD : HEAD + state[LENGTH]]


def written(state: np.ndarray) -> np.ndarray:
    """Return the tokens behind the prompt, without the end mark, int32."""
    found = state[HEAD + state[PROMPT] : HEAD + state[LENGTH]]
    return found[:-1] if len(found) and found[-1] == state[END] else found


@inlined
def put(s, token):
    """Write one more token; the text is over after its end mark and at its greatest length."""
    s[HEAD + s[LENGTH]] = token
    s[LENGTH] += 1
    if (token == s[END]) | (s[LENGTH] == s[LIMIT]):
        s[TURN] = NOBODY


def play(states: np.ndarray, moves: np.ndarray) -> None:
    """Write one more token in each row, in place."""
    _play(states, moves)


@compiled
def _play(states, moves):
    for b in range(len(states)):
        put(states[b], moves[b])


def replay(roots: np.ndarray, tree: np.ndarray, paths: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return row b as roots[tree[b]] after the tokens paths[b, :lengths[b]]."""
    states = np.empty((len(tree), roots.shape[1]), np.int32)
    _replay(roots, tree, paths, lengths, states)
    return states


@compiled
def _replay(roots, tree, paths, lengths, states):
    for b in range(len(tree)):
        copy_row(states[b], roots[tree[b]])
        for k in range(lengths[b]):
            put(states[b], paths[b, k])
