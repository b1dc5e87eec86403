"""Text as a game: a prompt is a start, a token is a move. It knows no language model.

The package itself plays texts that nobody pays for; `games.text.rewarded` adds a reward and a mask of tokens.
"""

from collections.abc import Sequence

import numpy as np

from games.game import FIRST, NOBODY
from games.text.rows import (
    END,
    HEAD,
    LENGTH,
    LIMIT,
    PROMPT,
    TURN,
    VOCABULARY,
    play,
    replay,
    start,
    starts,
    tokens,
    written,
)

name = "text"
players = 1
ends = (-np.inf, np.inf)

# --- the five answers -------------------------------------------------------------------------------------


def turn(states: np.ndarray) -> np.ndarray:
    """Return FIRST where the text goes on, NOBODY after its end mark or its last token, int8 [B]."""
    return states[:, TURN].astype(np.int8)


def legal(states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List every token of the vocabulary; there are no odds, and no tokens after the end."""
    vocabulary = int(states[:, VOCABULARY].max(initial=1))
    moves = np.broadcast_to(np.arange(vocabulary, dtype=np.int32), (len(states), vocabulary))
    counts = np.where(states[:, TURN] == NOBODY, 0, states[:, VOCABULARY]).astype(np.int32)
    return moves, np.empty((len(states), 0), np.float32), counts


def score(states: np.ndarray) -> np.ndarray:
    """Return 0 for every text: without a reward one is worth as much as another."""
    return np.zeros(len(states), np.float32)


def features(states: np.ndarray) -> np.ndarray:
    """Return the tokens so far, -1 behind them, int32 [B, room]."""
    behind = np.arange(states.shape[1] - HEAD) >= states[:, LENGTH, None]
    return np.where(behind, np.int32(-1), states[:, HEAD:])


def rollout(states: np.ndarray, seeds: np.ndarray, policy: object = None) -> np.ndarray:
    """Write random tokens to the end of each row and return the scores, float32 [B]."""
    scribble(states, seeds, np.arange(states[0, VOCABULARY], dtype=np.int32))
    return score(states)


def scribble(states: np.ndarray, seeds: np.ndarray, allowed: np.ndarray) -> None:
    """Write random tokens of those `allowed` [M] to the end of each row, in place."""
    for state, seed in zip(states, seeds, strict=True):
        random = np.random.default_rng(int(seed))
        while state[TURN] != NOBODY:
            play(state[None], random.choice(allowed, 1))


# --- single positions -------------------------------------------------------------------------------------


def move_count(state: np.ndarray) -> int:
    """Return the size of the vocabulary."""
    return int(state[VOCABULARY])


def moves_left(state: np.ndarray) -> float:
    """Return how many more tokens there may be."""
    return float(state[LIMIT] - state[LENGTH])


def key(state: np.ndarray) -> int:
    """Return a number that no other text of this length has."""
    return int.from_bytes(state.tobytes(), "little")


def forbidden(state: np.ndarray, past: Sequence[int], moves: np.ndarray | None = None) -> np.ndarray:
    """Return no moves: a text only grows, so nothing repeats."""
    return np.empty(0, np.int32)


def with_turn(state: np.ndarray, turn: int) -> np.ndarray:
    """Return the same text as if somebody were to go on with it."""
    changed = state.copy()
    changed[TURN] = turn
    return changed


def explain(state: np.ndarray, move: int) -> str:
    """Return why a token cannot come next, or ""."""
    if not 0 <= move < state[VOCABULARY]:
        return f"there are {state[VOCABULARY]} tokens, 0 to {state[VOCABULARY] - 1}"
    if state[TURN] == NOBODY or state[LENGTH] == state[LIMIT]:
        return "the text is at its end"
    return ""


def notation(state: np.ndarray, move: int) -> str:
    """Write a token as its number."""
    return str(move)
