"""Clocks are tried in simulated games against a referee of the test's own, with lags that nobody foretells."""

import math

import numpy as np
import pytest

from engine.clock import LEAST, Clock, Limit

ABSOLUTE = [{"main": main} for main in (30, 60, 300, 3600)]
CANADIAN = [{"main": main, "period": p, "stones": n} for main in (0, 120) for p, n in ((300, 25), (30, 5), (10, 1))]
BYOYOMI = [{"main": main, "period": p, "periods": n} for main in (0, 120) for p, n in ((30, 5), (10, 3), (3, 1))]
FISCHER = [{"main": 60, "increment": 2}, {"main": 10, "increment": 1}]


class Referee:
    """What a server does, written another way than `Clock`: one pot of time after another."""

    def __init__(self, main=0.0, period=0.0, stones=0, periods=0, increment=0.0):
        self.main, self.period, self.stones, self.periods, self.increment = main, period, stones, periods, increment
        self.pot, self.due = 0.0, 0  # Canadian: seconds and stones of the running period
        self.lost = False

    def take(self, seconds):
        paid = min(self.main, seconds)
        self.main, seconds = self.main - paid + self.increment, seconds - paid
        if self.main > 0 and not seconds:
            return
        if self.stones:
            self._take_canadian(seconds)
        elif self.periods:
            self.periods -= math.floor(seconds / self.period)
            self.lost |= self.periods <= 0
        else:
            self.lost |= seconds > 0

    def _take_canadian(self, seconds):
        if not self.due:
            self.pot, self.due = self.period, self.stones
        self.pot, self.due = self.pot - seconds, self.due - 1
        self.lost |= self.pot < 0

    def time_left(self):
        """GTP's time_left: whole seconds, and stones or periods."""
        if self.main > 0 or not (self.stones or self.periods):
            return math.floor(self.main), 0
        if self.periods:
            return math.floor(self.period), self.periods
        return (math.floor(self.pot), self.due) if self.due else (math.floor(self.period), self.stones)


def play(settings, told, seed, moves=130):
    """Return the referee and the seconds that each move was given to think."""
    random, clock, referee, thought = np.random.default_rng(seed), Clock(**settings), Referee(**settings), []
    for number in range(moves):
        if told:
            clock.update(*referee.time_left())
        think = clock.allot(max(10, (361 - 2 * number) / 3)).seconds
        overrun = random.uniform(0, 0.05)  # the last wave of the search: the engine sees it
        hidden = random.exponential(0.03)  # the controller and the network: it does not
        if random.random() < 0.01:
            hidden += random.uniform(0, 0.5)
        referee.take(think + overrun + hidden)
        clock.spend(think + overrun + clock.lag)
        thought.append(think)
    return referee, thought


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("settings", ABSOLUTE + CANADIAN + BYOYOMI + FISCHER, ids=str)
def test_no_game_is_lost_on_time(settings, told):
    assert not any(play(settings, told, seed)[0].lost for seed in range(10))


@pytest.mark.parametrize("settings", ABSOLUTE[1:], ids=str)
def test_most_of_an_absolute_time_is_used(settings):
    assert play(settings, True, 1)[0].main < 0.2 * settings["main"]


@pytest.mark.parametrize("settings", CANADIAN[:2] + BYOYOMI[:2], ids=str)
def test_most_of_every_period_is_used(settings):
    share = settings["period"] / settings.get("stones", 1)
    assert np.mean(play(settings, True, 1)[1]) > 0.85 * share


def test_main_time_is_spent_before_the_overtime():
    referee, thought = play({"main": 120, "period": 10, "periods": 3}, True, 1)
    assert referee.main == 0
    assert referee.periods == 3
    assert thought[-1] == pytest.approx(9.2)


def test_without_settings_there_is_no_limit():
    assert Clock().allot(30) == Limit()
    clock = Clock()
    clock.spend(1000)
    assert not clock.expired
    assert clock.allot(30) == Limit()


def test_a_controller_that_only_tells_the_time_left_is_believed():
    main, canadian = Clock(), Clock()
    main.update(100)
    canadian.update(100, 10)
    assert main.allot(50).seconds < 2
    assert 8 < canadian.allot(50).seconds < 10


def test_stones_told_under_absolute_time_mean_nothing():
    clock = Clock(main=300)
    clock.update(200, 1)
    assert clock.allot(50).seconds < 5


def test_an_empty_clock_still_gives_a_moment():
    clock = Clock(main=60)
    clock.update(0)
    assert clock.allot(50).seconds == LEAST


def test_the_clock_tells_when_time_is_lost():
    absolute, canadian, byoyomi = Clock(main=5), Clock(0, 10, stones=2), Clock(0, 10, periods=2)
    for clock, seconds in ((absolute, 4), (canadian, 9), (byoyomi, 11)):
        clock.spend(seconds)
        assert not clock.expired
        clock.spend(seconds)
        assert clock.expired


def test_canadian_stones_are_counted_and_a_new_period_begins():
    clock = Clock(main=5, period=30, stones=3)
    clock.spend(10)
    assert (clock.left, clock.count) == (25, 2)
    clock.spend(5)
    clock.spend(5)
    assert (clock.left, clock.count) == (30, 3)


def test_the_tighter_limit_wins():
    assert Limit(visits=10).tighter(Limit(seconds=2)) == Limit(10, 2)
    assert Limit(10, 3).tighter(Limit(20, 2)) == Limit(10, 2)
