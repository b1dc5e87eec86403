"""The sequential test against a published figure, a brute search and its promised error rates."""

import math

import numpy as np
import pytest

from tests.measures.check_ratings import pair_odds, sequential
from training.tournament.ratings import expected_score
from training.tournament.sprt import Hypotheses, judge, log_likelihood_ratio, pentanomial


def test_a_published_ratio():
    """montytest.muzhen.org/tests/stats/69d3c8dc7c5b3724e29d2712: "Logistic (exact)", its elo1 rounded."""
    assert log_likelihood_ratio([13, 37, 50, 25, 3], 0, 2.716) == pytest.approx(-0.53772, abs=5e-4)


def test_the_ratio_compares_the_likeliest_distributions():
    """With three results and a given mean one share is free: try them all."""
    counts = np.array([20, 30, 50])

    def best(elo):
        draw = np.linspace(1e-6, 1, 1_000_001)
        win = expected_score(elo) - draw / 2
        shares = np.stack([1 - draw - win, draw, win])
        return (counts @ np.log(np.where(shares > 0, shares, 1e-300))).max()

    assert log_likelihood_ratio(counts, -20, 80) == pytest.approx(best(80) - best(-20), abs=1e-5)


def test_the_ratio_is_fair_to_both_sides():
    counts = [3, 10, 25, 14, 6]
    assert log_likelihood_ratio(counts, -5, 20) == pytest.approx(-log_likelihood_ratio(counts[::-1], -20, 5))
    assert log_likelihood_ratio(np.array([counts, counts[::-1]]), -10, 10).sum() == pytest.approx(0, abs=1e-9)


def test_pairs_that_always_split_tell_more_than_their_single_games():
    """Openings that one side wins: twenty pairs of 1-1 and ten of 2-0 leave hardly a doubt; single games do."""
    pairs, singles = [0, 0, 20, 0, 10], [20, 0, 40]
    assert log_likelihood_ratio(pairs, 0, 100) > 1.5 * log_likelihood_ratio(singles, 0, 100)


def test_decisions():
    test = Hypotheses(0, 50, alpha=0.05, beta=0.1)
    assert test.bounds == (pytest.approx(math.log(0.1)), pytest.approx(math.log(20)))
    assert judge(test, [0] * 5).decision == judge(test, [1, 1, 1, 1, 1]).decision == ""
    assert judge(test, [5, 10, 30, 30, 25]).decision == "H1"
    assert judge(test, [25, 30, 30, 10, 5]).decision == "H0"
    assert judge(test, [0, 0, 0, 0, 40]).decision == "H1"  # results that did not occur are no obstacle
    assert judge(test, [0, 0, 0, 0, 0]).llr == 0


def test_counting():
    assert pentanomial([(1, 1), (0, 0.5), (0.5, 0.5), (1, 0), (1, 0.5)]) == [0, 1, 2, 1, 1]


@pytest.mark.parametrize("elo", [(0, 100), (-60, 20)])
def test_error_rates_are_kept(elo):
    test, matches = Hypotheses(*elo, alpha=0.05, beta=0.1), 500  # check_ratings.py plays thousands
    wrong, length = sequential(test, pair_odds(elo[0], 0.1), matches, seed=1)
    right, other = sequential(test, pair_odds(elo[1], 0.1), matches, seed=2)
    assert wrong <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / matches)
    assert right >= 0.9 - 3 * math.sqrt(0.1 * 0.9 / matches)
    assert max(length, other) < 90


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((10, 0), "elo0 = 10 must be less than elo1 = 0"),
        ((0, math.nan), "elo0 = 0 must be less than"),
        ((0, 10, 0, 0.05), "alpha = 0 and beta = 0.05 must be error rates"),
        ((0, 10, 0.6, 0.4), "alpha = 0.6 and beta = 0.4 must be error rates"),
    ],
)
def test_impossible_hypotheses_are_refused(values, told):
    with pytest.raises(ValueError, match=told):
        Hypotheses(*values)


def test_other_kinds_of_counts_are_refused():
    with pytest.raises(ValueError, match="4 kinds of results"):
        log_likelihood_ratio([1, 2, 3, 4], 0, 10)
