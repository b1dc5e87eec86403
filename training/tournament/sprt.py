"""A match that stops as soon as it has told enough: the sequential probability ratio test on logistic Elo.

H0: the first player is elo0 stronger; H1: elo1. Nothing is assumed about draws or about how the two games of a pair
depend on each other: the distribution of the results is fitted under each hypothesis, and the ratio of the two
likelihoods is compared with Wald's bounds. This is the generalised test (Li, Liu & Ying 2014) as Van den Bergh made it
for engine matches: hardy.uhasselt.be/Toga/computeLLR.pdf, proposition 1.1 and equation 1.3.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from training.tournament.ratings import expected_score

SMALL = 1e-3
"""Games that a result counts which did not occur: it must stay possible under both hypotheses."""

BISECTIONS = 52


@dataclass(frozen=True)
class Hypotheses:
    """What is asked: H0 against H1, in Elo, and how often each may be taken by mistake."""

    elo0: float = 0.0
    elo1: float = 10.0
    alpha: float = 0.05
    beta: float = 0.05

    def __post_init__(self):
        if not self.elo0 < self.elo1:
            raise ValueError(f"elo0 = {self.elo0:g} must be less than elo1 = {self.elo1:g}")
        if min(self.alpha, self.beta) <= 0 or not self.alpha + self.beta < 1:
            rates = f"alpha = {self.alpha:g} and beta = {self.beta:g}"
            raise ValueError(f"{rates} must be error rates above 0 that sum to less than 1")

    @property
    def bounds(self) -> tuple[float, float]:
        """Return where the log-likelihood ratio decides for H0, and where for H1.

        A likelihood ratio passes 1 / alpha with odds of at most alpha (Wald 1945, Ville 1939). The usual bound,
        (1 - beta) / alpha, only approximates that, and fitting the distributions uses up what it leaves.
        """
        return math.log(self.beta), -math.log(self.alpha)


@dataclass(frozen=True)
class SprtVerdict:
    """How a test stands: `decision` is "H0", "H1" or "" for neither yet."""

    counts: list[int]
    llr: float
    lower: float
    upper: float
    decision: str


def judge(test: Hypotheses, counts: Sequence[int]) -> SprtVerdict:
    """Judge counts of results from the worst for the first player to the best.

    Five are pairs of games (0, 0.5, 1, 1.5, 2 points: `pentanomial`), three are single games.
    """
    llr, (lower, upper) = float(log_likelihood_ratio(counts, test.elo0, test.elo1)), test.bounds
    decision = "H1" if llr >= upper else "H0" if llr <= lower else ""
    return SprtVerdict([int(n) for n in counts], llr, lower, upper, decision)


def pentanomial(pairs: Iterable[tuple[float, float]]) -> list[int]:
    """Count pairs of games by the points that the first player made in both."""
    counts = [0] * 5
    for one, other in pairs:
        counts[round(2 * (one + other))] += 1
    return counts


def log_likelihood_ratio(counts: Sequence[int] | np.ndarray, elo0: float, elo1: float) -> np.ndarray:
    """Return ln P(counts | H1) / P(counts | H0), each at the likeliest distribution of its mean.

    `counts` is [..., 3] or [..., 5]: as many tests as you like at once.
    """
    counts = np.asarray(counts, float)
    if counts.shape[-1] not in (3, 5):
        raise ValueError(f"{counts.shape[-1]} kinds of results are counted, not 3 (games) or 5 (pairs of games)")
    scores, total = np.linspace(0, 1, counts.shape[-1]), counts.sum(-1)
    filled = np.maximum(counts, SMALL)
    shares = filled / filled.sum(-1, keepdims=True)
    under0, under1 = (_tilt(shares, scores - expected_score(elo)) for elo in (elo0, elo1))
    return total * np.sum(shares * np.log(under0 / under1), -1)


def _tilt(shares: np.ndarray, away: np.ndarray) -> np.ndarray:
    """Return by what to divide the shares so that their mean becomes the one that `away` is measured from.

    The likeliest distribution with that mean is share / (1 + t * away), where t solves equation 1.3:
    sum(share * away / (1 + t * away)) = 0, which falls in t between its two poles.
    """
    low = np.full(shares.shape[:-1], -1 / away.max())
    high = np.full(shares.shape[:-1], -1 / away.min())
    for _ in range(BISECTIONS):
        t = (low + high) / 2
        right = np.sum(shares * away / (1 + t[..., None] * away), -1) > 0
        low, high = np.where(right, t, low), np.where(right, high, t)
    return 1 + t[..., None] * away
