"""Go's page: clocks as they are chosen and shown, and how long Yomi thinks."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import pytest

from games.game import FIRST
from gui.go import start
from gui.go.page import GoPage, clock_words
from gui.widgets.theme import Theme


@pytest.fixture
def begin():
    made = []

    def begin(**values):
        made.append(
            GoPage.begin({"size": 9, "colour": "both", "level": "time", "model": "rollouts"} | values, Theme(1))
        )
        return made[-1]

    yield begin
    for page in made:
        page.session.engine.close()


@pytest.mark.parametrize(
    ("name", "moves", "shown"),
    [("fischer", (10, 20), "2:40"),  # three minutes, five seconds more after each of the moves
     ("blitz", (59, 3, 12), "0:10 (4)"),  # a minute; nine seconds too many cost one of five periods of ten
     ("blitz", (55, 9), "0:10 (5)"),
     ("canadian", (600, 100), "3:20 (19)")],
)  # fmt: skip
def test_a_clock_runs_as_it_was_chosen(begin, name, moves, shown):
    page = begin(clock=name)
    assert page.card(FIRST).clock == clock_words(start.clocks_of({"clock": name})[FIRST])
    clock = page.session.clocks.clocks[FIRST]
    for seconds in moves:
        clock.spend(seconds)
    assert page.card(FIRST).clock == shown
    assert not clock.expired


def test_a_game_without_a_clock_shows_none(begin):
    page = begin()
    assert page.card(FIRST).clock == ""
    assert not page.session.clocks


def test_the_opponent_thinks_for_visits_or_for_seconds(begin):
    limits = [begin(**values).session.opponent.spec for values in ({"visits": "1,600"}, {"seconds": "0,5"})]
    assert [(each.visits, each.seconds) for each in limits] == [(1600, 0.0), (0, 0.5)]
    for wrong in ("0", "many", "1.5", "9" * 20):
        with pytest.raises(ValueError, match="visits a move"):
            begin(visits=wrong)
