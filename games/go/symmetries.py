"""The eight symmetries of a square board."""

from functools import lru_cache

import numpy as np

SYMMETRIES = 8

INVERSE = (0, 1, 2, 3, 4, 6, 5, 7)
"""INVERSE[k] undoes symmetry k."""


def turned(boards: np.ndarray, k: int) -> np.ndarray:
    """Return a view of boards [..., size, size] under symmetry k: bit 2 transposes, then 1 flips rows, 0 columns."""
    if k & 4:
        boards = boards.swapaxes(-1, -2)
    return boards[..., :: -1 if k & 2 else 1, :: -1 if k & 1 else 1]


@lru_cache
def symmetry(k: int, size: int) -> np.ndarray:
    """Return where symmetry k sends each move, the pass to itself: int32 [size * size + 1], read only."""
    sources = turned(np.arange(size * size).reshape(size, size), k).ravel()
    table = np.append(np.argsort(sources), size * size).astype(np.int32)
    table.flags.writeable = False
    return table
