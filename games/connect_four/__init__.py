"""Connect Four as a game: the five answers, and how moves are written.

The rule book is in `rules.py`, what a network sees in `planes.py`, diagrams and lists of moves in `writing.py`, and a
perfect player in `solver.py`.
"""

from collections.abc import Sequence

import numpy as np

from games.compiling import compiled, copy_row
from games.connect_four.planes import encode as features
from games.connect_four.rules import (
    CELLS,
    COLUMNS,
    FIRST,
    NOBODY,
    ROWS,
    SECOND,
    TO_PLAY,
    make_move,
    rollout,
    start,
    winner,
)

name = "connect_four"
players = 2
ends = (-1.0, 1.0)

# --- the five answers -------------------------------------------------------------------------------------


def turn(states: np.ndarray) -> np.ndarray:
    """Return whose turn it is, int8 [B]; NOBODY's after a four and on a full board."""
    return states[:, TO_PLAY].astype(np.int8)


def legal(states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the columns that are not full, from the left; there are no odds, and none in a finished game."""
    moves, counts = np.empty((len(states), COLUMNS), np.int32), np.empty(len(states), np.int32)
    _legal(states, moves, counts)
    return moves, np.empty((len(states), 0), np.float32), counts


@compiled
def _legal(states, moves, counts):
    for b in range(len(states)):
        taken, found = states[b, FIRST] | states[b, SECOND], 0
        if states[b, TO_PLAY] != NOBODY:
            for column in range(COLUMNS):
                moves[b, found] = column
                found += not taken >> np.uint64(7 * column + ROWS - 1) & np.uint64(1)
        counts[b] = found


def play(states: np.ndarray, moves: np.ndarray) -> None:
    """Play one legal move in each row, in place."""
    _play(states, moves)


@compiled
def _play(states, moves):
    for b in range(len(states)):
        make_move(states[b], moves[b])


def replay(roots: np.ndarray, tree: np.ndarray, paths: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return row b as roots[tree[b]] after paths[b, :lengths[b]]."""
    states = np.empty((len(tree), roots.shape[1]), np.uint64)
    _replay(roots, tree, paths, lengths, states)
    return states


@compiled
def _replay(roots, tree, paths, lengths, states):
    for b in range(len(tree)):
        copy_row(states[b], roots[tree[b]])
        for k in range(lengths[b]):
            make_move(states[b], paths[b, k])


def score(states: np.ndarray) -> np.ndarray:
    """Return 1 where the first player has four in a row, -1 where the second has, 0 for a draw."""
    values = np.empty(len(states), np.float32)
    _score(states, values)
    return values


@compiled
def _score(states, values):
    for b in range(len(states)):
        values[b] = winner(states[b])


# --- single positions -------------------------------------------------------------------------------------


def move_count(state: np.ndarray) -> int:
    """Return 7: a move is a column."""
    return COLUMNS


def moves_left(state: np.ndarray) -> float:
    """Return how many discs the side to play has left: most games are decided before the last."""
    return (CELLS - int(state[FIRST] | state[SECOND]).bit_count()) / 2


def key(state: np.ndarray) -> int:
    """Return a number that no other position has."""
    first, second, to_play = (int(word) for word in state)
    return to_play << 49 | first << 51 | second << 100


def forbidden(state: np.ndarray, past: Sequence[int], moves: np.ndarray | None = None) -> np.ndarray:
    """Return no moves: discs stay where they are, so nothing repeats."""
    return np.empty(0, np.int32)


def with_turn(state: np.ndarray, turn: int) -> np.ndarray:
    """Return the same discs with another side to play."""
    changed = state.copy()
    changed[TO_PLAY] = turn
    return changed


def explain(state: np.ndarray, move: int) -> str:
    """Return why a move is illegal, or ""."""
    if not 0 <= move < COLUMNS:
        return "there are seven columns, 1 to 7"
    if state[TO_PLAY] == NOBODY:
        return "the game is over"
    full = int(state[FIRST] | state[SECOND]) >> (7 * move + ROWS - 1) & 1
    return "the column is full" if full else ""


def notation(state: np.ndarray, move: int) -> str:
    """Write a move as its column, 1 to 7 from the left."""
    return str(move + 1)
