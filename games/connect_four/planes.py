"""What a network sees of a position: planes of 0 and 1 as large as the board, for the side to play.

discs      3   own, the other side's, none
ones       1   all of the board
landing    1   where the next disc may land
first      1   the first player is to play: it gets the odd rows where all else is filled
"""

import numpy as np

from games.compiling import compiled
from games.connect_four.rules import BOARD, COLUMNS, FIRST, ROWS, SECOND, TO_PLAY, count, landing

PLANES = (("discs", 0, 3), ("ones", 3, 1), ("landing", 4, 1), ("first", 5, 1))
"""(name, index of its first plane, number of planes)."""

COUNT = PLANES[-1][1] + PLANES[-1][2]
MASK = 3
SCALE = np.ones(COUNT, np.float32)

POLICY = "columns"
"""A move is a column: a network gives each of them one logit."""

BOARDS = ((ROWS, COLUMNS),)
LARGEST = COLUMNS
SYMMETRIES = 2
"""A position, and the same in a mirror."""

_u = np.uint64


def encode(states: np.ndarray, symmetries: np.ndarray | None = None) -> np.ndarray:
    """Return the planes of positions, uint8 [B, COUNT, 6, 7], the top row first; mirrored where `symmetries` [B] is 1.

    A finished game is shown to the side that would be next.
    """
    planes = np.empty((len(states), COUNT, ROWS, COLUMNS), np.uint8)
    mirrored = np.zeros(len(states), np.int8) if symmetries is None else symmetries
    _encode(states, np.require(mirrored, np.int8, "C"), planes)
    return planes


@compiled
def _encode(states, mirrored, planes):
    for b in range(len(states)):
        _encode_one(states[b], mirrored[b], planes[b])


@compiled
def _encode_one(s, mirrored, planes):
    taken, me = s[FIRST] | s[SECOND], s[TO_PLAY]
    if me > SECOND:
        me = _u(SECOND if count(s[FIRST]) > count(s[SECOND]) else FIRST)
    layers = (s[me], s[_u(SECOND) - me], BOARD ^ taken, BOARD, landing(taken), BOARD * _u(me == FIRST))
    for plane in range(len(layers)):
        for row in range(ROWS):
            for column in range(COLUMNS):
                cell = _u(7 * column + ROWS - 1 - row)
                shown = COLUMNS - 1 - column if mirrored else column
                planes[plane, row, shown] = layers[plane] >> cell & _u(1)


def turned(planes: np.ndarray, symmetry: int) -> np.ndarray:
    """Return planes under a symmetry: 0 as they are, 1 in a mirror."""
    return planes[..., ::-1] if symmetry else planes


def symmetry(number: int, columns: int = COLUMNS) -> np.ndarray:
    """Return where each move goes under a symmetry, int [7]."""
    return np.arange(columns)[:: -1 if number else 1]
