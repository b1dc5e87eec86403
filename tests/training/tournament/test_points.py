"""Mean points: pairs with the same dice are one observation, luck is taken out, intervals are Student's."""

import math

import numpy as np
import pytest

from training.tournament.points import mean_of, mean_points, student


def pair(number: int, one: float, other: float, luck: float = 0.0) -> list[dict]:
    """Return two games of a against b with the same dice; a makes `one` and `other` points and has that luck twice."""
    return [
        {"pair": number, "first": "a", "second": "b", "points": one, "luck": luck},
        {"pair": number, "first": "b", "second": "a", "points": -other, "luck": -luck},
    ]


def test_points_are_seen_by_each_player():
    found = {(each.player, each.opponent): each for each in mean_points(pair(1, 2, -1) + pair(2, 1, 1))}
    assert set(found) == {("a", ""), ("b", ""), ("a", "b"), ("b", "a")}
    assert found["a", "b"].fell.mean == 0.75
    assert found["b", ""].fell.mean == -0.75
    assert (found["a", ""].games, found["a", ""].fell.observations) == (4, 2)


def test_dice_that_decide_both_games_cancel_within_a_pair():
    lucky = [line for number in range(20) for line in pair(number, 3, -3 + 0.1 * (number % 2))]
    fell = next(each.fell for each in mean_points(lucky) if each.player == "a")
    assert fell.mean == pytest.approx(0.025)
    assert fell.error < 0.01


def test_luck_is_taken_out():
    random = np.random.default_rng(1)
    lines = []
    for number in range(200):
        luck = random.normal(0, 1.5)
        lines += pair(number, 0.1 + luck + random.normal(0, 0.1), 0.1 + luck, luck)
    both = next(each for each in mean_points(lines) if each.player == "a")
    assert both.adjusted.low < 0.1 < both.adjusted.high
    assert both.adjusted.error < both.fell.error / 10


def test_student_is_as_printed_in_tables():
    for freedom, quantile in ((1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)):
        assert student(freedom) == pytest.approx(quantile, abs=0.005)


def test_one_observation_has_no_interval():
    assert (mean_of(np.array([2.0])).low, mean_of(np.array([2.0])).high) == (-math.inf, math.inf)
