"""Standard errors of means over values that depend on each other within a game."""

import math

import numpy as np


def clustered_error(values: np.ndarray, games: np.ndarray) -> float:
    """Return the standard error of a mean, where `games` names the game that each value comes from.

    Values of one game are not independent: their deviations are summed first. With one value a game this is the
    ordinary standard error.
    """
    names, group = np.unique(games, return_inverse=True)
    if len(names) < 2:
        return math.nan
    sums = np.bincount(group, values - values.mean())
    return math.sqrt(len(names) / (len(names) - 1) * float(sums @ sums)) / len(values)
