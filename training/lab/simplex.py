"""The simplex method (Dantzig 1947) for small linear programmes whose origin is allowed."""

import numpy as np

NEARLY = 1e-8
"""Smaller numbers in the tableau count as 0."""

APART = 1e-8
"""Limits are moved by up to this much, each by another part of it: no two corners coincide, so no pivot is in vain."""

MOST_PIVOTS = 10_000


def maximise(gains: np.ndarray, rows: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return x [N] that maximises gains @ x under rows @ x <= limits and x >= 0, for limits that are not negative.

    It is right to about six digits. Raise `ValueError` where the gain has no bound, or a limit is negative.
    """
    if (limits < 0).any():
        raise ValueError("a linear programme of the lab begins at the origin, which a negative limit excludes")
    count, size = rows.shape
    moved = limits + APART * np.random.default_rng(0).random(count)
    table = np.block([[rows, np.eye(count), moved[:, None]], [-gains, np.zeros(count + 1)]]).astype(float)
    basis = np.arange(size, size + count)
    for _ in range(MOST_PIVOTS):
        column = table[-1, :-1].argmin()
        if table[-1, column] >= -NEARLY:
            found = np.zeros(size + count)
            found[basis] = table[:-1, -1]
            return np.maximum(found[:size], 0)
        up = np.flatnonzero(table[:-1, column] > NEARLY)
        if not up.size:
            raise ValueError("the gain of the linear programme has no bound")
        _pivot(table, basis, up[(table[up, -1] / table[up, column]).argmin()], column)
    raise ValueError(f"the linear programme was not solved in {MOST_PIVOTS} pivots")


def _pivot(table: np.ndarray, basis: np.ndarray, row: np.intp, column: np.intp) -> None:
    """Bring a column into the basis, in the place of what a row has there."""
    table[row] /= table[row, column]
    others = np.arange(len(table)) != row
    table[others] -= np.outer(table[others, column], table[row])
    basis[row] = column
