"""Mean points of backgammon with 95 % intervals: two games with the same dice, sides swapped, are one observation.

Luck-adjusted points are points less what the dice were worth; over many games luck comes to nothing, so the mean is
the same and its interval far narrower.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from training.tournament.ratings import Z95


@dataclass(frozen=True)
class Mean:
    """A mean with its standard error and 95 % interval (Student's t); infinite bounds from one observation."""

    mean: float
    error: float
    low: float
    high: float
    observations: int


@dataclass(frozen=True)
class Points:
    """Points a game, as they fell and with luck taken out; seen by `player`, against one opponent or ("") all."""

    player: str
    opponent: str
    games: int
    fell: Mean
    adjusted: Mean


def mean_points(lines: Iterable[dict]) -> list[Points]:
    """Return the points of each player against all, then against each opponent, from the lines of games.jsonl."""
    seen: dict[tuple[str, str], dict[tuple, list]] = defaultdict(lambda: defaultdict(list))
    for line in lines:
        points, luck = line["points"], line.get("luck", 0.0)
        for player, other, sign in ((line["first"], line["second"], 1), (line["second"], line["first"], -1)):
            dice = (*sorted((player, other)), line["pair"])
            for opponent in ("", other):
                seen[player, opponent][dice].append((sign * points, sign * (points - luck)))
    found = [_points(player, opponent, list(pairs.values())) for (player, opponent), pairs in seen.items()]
    return sorted(found, key=lambda each: (each.opponent != "", -each.adjusted.mean))


def _points(player: str, opponent: str, pairs: list[list[tuple[float, float]]]) -> Points:
    means = np.array([np.mean(pair, 0) for pair in pairs])
    return Points(player, opponent, sum(map(len, pairs)), mean_of(means[:, 0]), mean_of(means[:, 1]))


def mean_of(values: np.ndarray) -> Mean:
    """Return the mean of independent values."""
    mean, count = float(np.mean(values)), len(values)
    if count < 2:
        return Mean(mean, math.inf, -math.inf, math.inf, count)
    error = float(np.std(values, ddof=1)) / math.sqrt(count)
    wide = student(count - 1) * error
    return Mean(mean, error, mean - wide, mean + wide, count)


def student(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t: exact at 1 and 2 degrees of freedom, else by Cornish and Fisher.

    Abramowitz & Stegun 26.7.5, which is 0.004 too small at 3 degrees of freedom and closer beyond.
    """
    if freedom < 3:
        return (12.7062, 4.3027)[freedom - 1]
    z, n = Z95, freedom
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / n**power for power, term in enumerate(terms, 1))
