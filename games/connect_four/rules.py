"""The rule book of Connect Four on bitboards: where a disc lands, what makes a four, a random game to the end.

A position is three words: the discs of the first player, those of the second, and whose turn it is. A *cell* is a bit:
column * 7 + row, counted from the bottom left; the seventh bit of a column is never set, so that a line that leaves the
board at the top does not come back in the next column. A *move* is a column, 0 to 6.
"""

import numpy as np

from games.compiling import compiled, inlined
from games.game import FIRST, NOBODY, SECOND
from games.randomness import below, next_random, random_states

COLUMNS, ROWS = 7, 6
CELLS = COLUMNS * ROWS

_u = np.uint64

TO_PLAY = 2
"""The word for the turn; words FIRST and SECOND hold the discs of these players."""

BOTTOM = _u(sum(1 << 7 * column for column in range(COLUMNS)))
"""The lowest cell of every column."""

BOARD = _u(int(BOTTOM) * (2**ROWS - 1))
"""All 42 cells."""


def start() -> np.ndarray:
    """Return the empty board, the first player to play; uint64 [3]."""
    return np.array([0, 0, FIRST], np.uint64)


# --- one position -----------------------------------------------------------------------------------------


@inlined
def has_four(discs):
    """Tell whether four discs stand in a row: up, along a row, or along a diagonal."""
    up, row = discs & (discs >> _u(1)), discs & (discs >> _u(7))
    falling, rising = discs & (discs >> _u(6)), discs & (discs >> _u(8))
    fours = (up & (up >> _u(2))) | (row & (row >> _u(14))) | (falling & (falling >> _u(12)))
    return (fours | (rising & (rising >> _u(16)))) != 0


@inlined
def landing(taken):
    """Return the cells on which the next disc may land, one for each column that is not full."""
    return (taken + BOTTOM) & BOARD


@inlined
def completing(discs, taken):
    """Return the empty cells, reachable or not, that would make a four of these discs."""
    cells = (discs << _u(1)) & (discs << _u(2)) & (discs << _u(3))
    cells |= _gaps(discs, _u(7)) | _gaps(discs, _u(6)) | _gaps(discs, _u(8))
    return cells & (BOARD ^ taken)


@inlined
def _gaps(discs, step):
    """Return the cells that complete four along one direction: at an end of three, or inside them."""
    pair = (discs << step) & (discs << (step + step))
    cells = (pair & (discs << (step * _u(3)))) | (pair & (discs >> step))
    pair = (discs >> step) & (discs >> (step + step))
    return cells | (pair & (discs << step)) | (pair & (discs >> (step * _u(3))))


@inlined
def make_move(s, column):
    """Drop a disc into a column; the game is over after a four, or on a full board."""
    foot = _u(1) << _u(7 * column)
    drop(s, ((s[FIRST] | s[SECOND]) + foot) & (foot * _u(2**ROWS - 1)))


@inlined
def drop(s, cell):
    """Put a disc of the side to play on a cell."""
    me = s[TO_PLAY]
    s[me] |= cell
    ends = has_four(s[me]) | ((s[FIRST] | s[SECOND]) == BOARD)
    s[TO_PLAY] = _u(NOBODY) if ends else _u(SECOND) - me


@inlined
def winner(s):
    """Return 1 where the first player has a four, -1 where the second has, else 0."""
    return np.float32(has_four(s[FIRST])) - np.float32(has_four(s[SECOND]))


@inlined
def count(cells):
    """Return how many bits are set (Hacker's Delight, section 5-1)."""
    cells -= (cells >> _u(1)) & _u(0x5555555555555555)
    cells = (cells & _u(0x3333333333333333)) + ((cells >> _u(2)) & _u(0x3333333333333333))
    cells = (cells + (cells >> _u(4))) & _u(0x0F0F0F0F0F0F0F0F)
    return (cells * _u(0x0101010101010101)) >> _u(56)


# --- many positions ---------------------------------------------------------------------------------------


def rollout(states: np.ndarray, seeds: np.ndarray, policy: object = None) -> np.ndarray:
    """Play each row out in place and return the results, float32 [B].

    Either side completes a four if it can, else stops one of the other's, else drops a disc at random.
    """
    values = np.empty(len(states), np.float32)
    _rollout(states, random_states(seeds), values)
    return values


@compiled
def _rollout(states, random, values):
    for b in range(len(states)):
        _play_out(states[b], random[b])
        values[b] = winner(states[b])


@inlined
def _play_out(s, x):
    while s[TO_PLAY] != NOBODY:
        taken, me = s[FIRST] | s[SECOND], s[TO_PLAY]
        cells = landing(taken)
        wins, stops = cells & completing(s[me], taken), cells & completing(s[_u(SECOND) - me], taken)
        x = next_random(x)
        drop(s, _one_of(wins if wins else stops if stops else cells, x))


@inlined
def _one_of(cells, x):
    """Return one of some cells, drawn by a random state."""
    for _ in range(below(x, count(cells))):
        cells &= cells - _u(1)
    return cells & (~cells + _u(1))
