"""The simplex method for small linear programmes whose origin is allowed (Dantzig 1947; Bland's rule, 1977)."""

import numpy as np

NEARLY = 1e-10


def maximise(gains: np.ndarray, rows: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return x [N] that maximises gains @ x under rows @ x <= limits and x >= 0, for limits that are not negative.

    Raise `ValueError` where the gain has no bound, or a limit is negative.
    """
    if (limits < 0).any():
        raise ValueError("a linear programme of the lab begins at the origin, which a negative limit excludes")
    count, size = rows.shape
    table = np.block([[rows, np.eye(count), limits[:, None]], [-gains, np.zeros(count + 1)]]).astype(float)
    basis = np.arange(size, size + count)
    while (falling := np.flatnonzero(table[-1, :-1] < -NEARLY)).size:
        column = falling[0]
        up = np.flatnonzero(table[:-1, column] > NEARLY)
        if not up.size:
            raise ValueError("the gain of the linear programme has no bound")
        ratios = table[up, -1] / table[up, column]
        ties = up[ratios <= ratios.min() + NEARLY]
        _pivot(table, basis, ties[basis[ties].argmin()], column)
    found = np.zeros(size + count)
    found[basis] = table[:-1, -1]
    return found[:size]


def _pivot(table: np.ndarray, basis: np.ndarray, row: int, column: int) -> None:
    """Bring a column into the basis, in the place of what a row has there."""
    table[row] /= table[row, column]
    others = np.arange(len(table)) != row
    table[others] -= np.outer(table[others, column], table[row])
    basis[row] = column
