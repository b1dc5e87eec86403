"""Ratings against closed forms, numerical derivatives, known strengths and, where it is installed, Ordo."""

import math
import shutil

import numpy as np
import pytest

from tests.measures.check_ratings import TRUTH, compare, coverage, elo_of, tournament
from training.tournament import ratings
from training.tournament.ratings import ELO, Z95, RatedGame, expected_score, rate


def games(first: str, second: str, wins: int, draws: int = 0, losses: int = 0) -> list[RatedGame]:
    scores = [1] * wins + [0.5] * draws + [0] * losses
    return [RatedGame(first, second, score) for score in scores]


def both_ways(one: str, other: str, wins: int, draws: int = 0, losses: int = 0) -> list[RatedGame]:
    """Return twice as many games: `one` begins half of them and scores the same from either side."""
    return games(one, other, wins, draws, losses) + games(other, one, losses, draws, wins)


def deviance_bound(wins: int, losses: int, low: float, high: float) -> float:
    """Find by bisection the Elo between low and high at which a binomial likelihood has fallen as far as 95 % allow."""

    def fallen(elo):
        top = wins * math.log(wins / (wins + losses)) + losses * math.log(losses / (wins + losses))
        return 2 * (top - wins * math.log(expected_score(elo)) - losses * math.log(expected_score(-elo))) - Z95**2

    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if fallen(low) * fallen(middle) > 0 else (low, middle)
    return middle


# --- two players: closed forms ----------------------------------------------------------------------------


def test_two_players_without_draws_are_a_binomial():
    row = rate(both_ways("a", "b", 15, 0, 5), "b").of("a")
    best = elo_of(0.75)
    assert row.elo == pytest.approx(best, abs=1e-3)
    assert row.error == pytest.approx(ELO / math.sqrt(40 * 0.75 * 0.25), rel=1e-4)
    assert row.low == pytest.approx(deviance_bound(30, 10, best - 400, best), abs=0.05)
    assert row.high == pytest.approx(deviance_bound(30, 10, best, best + 400), abs=0.05)
    assert (row.games, row.wins, row.draws, row.losses, row.score) == (40, 30, 0, 10, 30)
    assert (row.first_games, row.first_score) == (20, 15)


def test_elo_is_the_expected_score_whatever_share_is_drawn():
    for wins, draws, losses in ((6, 0, 4), (4, 4, 2), (2, 8, 0)):
        found = rate(both_ways("a", "b", 10 * wins, 10 * draws, 10 * losses), "b")
        assert found.of("a").elo == pytest.approx(elo_of(0.6), abs=0.5)
        assert found.first_advantage.elo == pytest.approx(0, abs=1e-3)


def test_draws_are_davidsons_and_narrow_the_interval():
    drawn, decided = (rate(both_ways("a", "b", *counts), "b") for counts in ((40, 40, 20), (60, 0, 40)))
    nu = 40 / math.sqrt(40 * 20)
    assert drawn.draw_rate == pytest.approx(nu / (2 + nu), rel=0.01)
    variance = (40 + 40 / 4) / 100 - 0.6**2  # of a game's score
    assert drawn.of("a").error == pytest.approx(ELO * math.sqrt(variance / 200) / (0.6 * 0.4), rel=0.01)
    assert drawn.of("a").high - drawn.of("a").low < 0.9 * (decided.of("a").high - decided.of("a").low)
    assert decided.draw_rate == 0


def test_superiority_is_the_normal_tail():
    pair = rate(both_ways("a", "b", 12, 0, 8)).between("a", "b")
    z = elo_of(0.6) / (ELO / math.sqrt(40 * 0.6 * 0.4))
    assert pair.superiority == pytest.approx(0.5 + math.erf(z / math.sqrt(2)) / 2, abs=1e-4)
    assert pair.expected == pytest.approx(0.6, abs=1e-5)
    other = rate(both_ways("a", "b", 12, 0, 8)).between("b", "a")
    assert (other.name, other.wins, other.losses) == ("b", 16, 24)
    assert other.superiority == pytest.approx(1 - pair.superiority)


# --- where no maximum exists ------------------------------------------------------------------------------


def test_a_perfect_score_has_an_open_interval():
    row = rate(both_ways("a", "b", 10), "b").of("a")
    assert row.elo == pytest.approx(elo_of(20.5 / 21), abs=0.1)  # one game more, half won and half lost
    assert row.low == pytest.approx(elo_of(math.exp(-(Z95**2) / 2 / 20)), abs=0.1)
    assert row.high == math.inf
    loser = rate(both_ways("a", "b", 10), "a").of("b")
    assert (loser.low, loser.high) == (-math.inf, pytest.approx(-row.low, abs=0.1))


def test_a_ladder_of_perfect_scores_is_open_at_both_ends():
    found = rate(both_ways("a", "b", 10) + both_ways("b", "c", 10) + both_ways("a", "c", 10), "b")
    assert [row.name for row in found.rows] == ["a", "b", "c"]
    assert found.of("a").high == math.inf
    assert found.of("c").low == -math.inf
    assert math.isfinite(found.of("a").low)
    assert math.isfinite(found.of("c").high)


@pytest.mark.parametrize("seed", range(24))
def test_what_is_shown_lies_within_its_interval(seed):
    random = np.random.default_rng(seed)
    truth = random.permutation([0, 100, 4000, 4100, 8000, 12000][: 3 + seed % 4])
    found = rate(tournament(random, truth, 2 + 2 * seed, draws=(0.001, 0.1, 0.5)[seed % 3]))
    assert any(math.isinf(row.low) or math.isinf(row.high) for row in found.rows)
    for row in found.rows:
        assert row.low <= row.elo <= row.high


def test_one_game_says_little():
    row = rate(games("a", "b", 1), "b").of("a")
    assert row.high == math.inf
    assert row.low < -200


def test_one_lost_game_makes_all_bounds_finite():
    found = rate(both_ways("a", "b", 10) + both_ways("b", "c", 10) + games("c", "a", 1), "b")
    assert all(math.isfinite(row.low) and math.isfinite(row.high) for row in found.rows)


def test_players_whom_no_game_connects_are_unknown():
    found = rate(both_ways("a", "b", 3, 0, 2) + both_ways("x", "y", 3, 0, 2), "a")
    assert found.of("b").rated
    assert not found.of("x").rated
    assert (found.of("x").low, found.of("x").high, found.of("x").games) == (-math.inf, math.inf, 10)
    assert math.isnan(found.between("a", "x").superiority)


def test_who_always_begins_may_owe_it_to_that():
    found = rate(games("a", "b", 600, 0, 400), "b")  # 60 %, a begins: the prior of the advantage is all that is known
    assert found.of("a").elo == pytest.approx(elo_of(0.6), abs=0.1)
    assert found.of("a").low < elo_of(0.6) - 392 < 0
    assert found.of("a").high > elo_of(0.6) + 392


def test_a_side_that_always_wins_is_not_taken_for_infinite():
    row = rate(games("a", "b", 20) + games("b", "a", 10, 0, 10), "b").of("a")
    assert elo_of(0.75) < row.elo < 330


# --- several players --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def played():
    return tournament(np.random.default_rng(3), TRUTH, 40)


def test_the_derivatives_are_right(played):
    table = ratings._count(played)
    at = np.random.default_rng(1).normal(size=len(table.names) + 2)
    slopes = [
        (ratings._likelihood(table, at + step)[0] - ratings._likelihood(table, at - step)[0]) / 2e-6
        for step in 1e-6 * np.eye(len(at))
    ]
    assert ratings._likelihood(table, at)[1] == pytest.approx(slopes, rel=1e-5, abs=1e-5)


def test_the_information_is_the_curvature_where_results_are_as_expected(played):
    table = ratings._count(played)
    at = np.random.default_rng(1).normal(size=len(table.names) + 2)
    p = 1 / (1 + np.exp(-table.design @ at[:-1]))
    expected = 1000 * ratings._chances(p, 1 - p, at[-1])[0]
    table = table.kept(np.arange(len(p)), expected)
    bend = [
        (ratings._likelihood(table, at - step)[1] - ratings._likelihood(table, at + step)[1]) / 2e-5
        for step in 1e-5 * np.eye(len(at))
    ]
    np.testing.assert_allclose(ratings._likelihood(table, at)[2], bend, rtol=1e-4, atol=0.01)


def test_chances_keep_their_meaning_however_unequal_the_players():
    for elo in (0, 300, 2000, 6000):
        p, q = expected_score(elo), expected_score(-elo)
        for nu in (0.01, 1.0, 2.0, 50.0):
            (win, draw, loss), _ = (part[0] for part in ratings._chances(np.array([p]), np.array([q]), math.log(nu)))
            assert win + draw + loss == pytest.approx(1)
            assert win + draw / 2 == pytest.approx(p)
            assert loss + draw / 2 == pytest.approx(q)
            assert draw**2 == pytest.approx(nu**2 * win * loss, rel=1e-6)


def test_the_anchor_is_where_it_is_put_and_moves_nobody_else(played):
    one, other = rate(played, "anchor"), rate(played, "d", 1500)
    shift = 1500 - one.of("d").elo
    assert other.of("d").elo == other.of("d").low == other.of("d").high == 1500
    for row in one.rows:
        assert other.of(row.name).elo == pytest.approx(row.elo + shift, abs=0.01)
    assert other.of("anchor").high - 1500 == pytest.approx(-one.of("d").low, abs=0.05)


def test_neither_order_nor_default_anchor_changes_differences(played):
    one, other = rate(played, "b"), rate(played[::-1])
    for pair in one.pairwise:
        assert other.between(pair.name, pair.other).difference == pytest.approx(pair.difference, abs=0.01)


def test_strengths_advantage_and_draws_are_found_again():
    found = rate(tournament(np.random.default_rng(5), TRUTH, 2000), "anchor")
    for name, truth in zip(["b", "c", "d", "e", "f"], TRUTH[1:], strict=True):
        assert found.of(name).elo == pytest.approx(truth, abs=4 * found.of(name).error)
        assert found.of(name).error < 12
    assert found.first_advantage.elo == pytest.approx(40, abs=12)
    assert found.draw_rate == pytest.approx(0.1, abs=0.01)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    shares = coverage(tournaments=60, games=40, seed=4)  # check_ratings.py plays a thousand
    assert 0.90 <= shares["ratings"] <= 0.99
    assert 0.87 <= shares["advantage"] <= 1


@pytest.mark.skipif(not shutil.which("ordo"), reason="ordo is not installed: github.com/michiguel/Ordo")
def test_ordo_agrees(played):
    assert compare("ordo", played) < 2


# --- what is wrong ----------------------------------------------------------------------------------------


def test_no_games_rate_nobody():
    assert rate([]).rows == []


@pytest.mark.parametrize("game", [RatedGame("a", "b", 0.7), RatedGame("a", "a", 1), RatedGame("a", "b", math.nan)])
def test_what_is_no_result_is_refused(game):
    with pytest.raises(ValueError, match="is no result of two players"):
        rate([game])


def test_who_has_not_played_is_told():
    with pytest.raises(ValueError, match="the anchor 'c' has played no game; who has: a, b"):
        rate(games("a", "b", 1), "c")
    with pytest.raises(ValueError, match="'c' has played no game yet"):
        rate(games("a", "b", 1)).of("c")
