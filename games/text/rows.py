"""A text as one row of numbers: five words about it, then its tokens, the prompt's first.

A text ends with its end mark, or where the row is full: room and marks belong to the state.
"""

from collections.abc import Sequence

import numpy as np

from games.compiling import compiled, copy_row, inlined
from games.game import FIRST, NOBODY

TURN, LENGTH, PROMPT, END, VOCABULARY, HEAD = range(6)
"""Words of a state: whose choice it is, how many tokens there are and how many of them are the prompt's, the token
that ends a text (-1: only the room does), and how many tokens the vocabulary has; the tokens begin at HEAD."""


def start(prompt: Sequence[int], more: int, vocabulary: int, end: int = -1) -> np.ndarray:
    """Return the state of a prompt with room for so many more tokens; raise `ValueError` for foreign tokens."""
    if not all(0 <= token < vocabulary for token in prompt):
        raise ValueError(f"the prompt has a token outside of the vocabulary of {vocabulary}")
    if more < 1 or vocabulary < 1:
        raise ValueError("a text needs room for a token, and a token to put there")
    state = np.zeros(HEAD + len(prompt) + more, np.int32)
    state[:HEAD] = FIRST, len(prompt), len(prompt), end, vocabulary
    state[HEAD : HEAD + len(prompt)] = prompt
    return state


def tokens(state: np.ndarray) -> np.ndarray:
    """Return all tokens of a text so far, the prompt's first, int32 [length]."""
    return state[HEAD : HEAD + state[LENGTH]]


def written(state: np.ndarray) -> np.ndarray:
    """Return the tokens behind the prompt, without the end mark, int32."""
    found = state[HEAD + state[PROMPT] : HEAD + state[LENGTH]]
    return found[:-1] if len(found) and found[-1] == state[END] else found


@inlined
def put(s, token):
    """Write one more token; the text is over after its end mark and where no room is left."""
    s[HEAD + s[LENGTH]] = token
    s[LENGTH] += 1
    if (token == s[END]) | (HEAD + s[LENGTH] == len(s)):
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
