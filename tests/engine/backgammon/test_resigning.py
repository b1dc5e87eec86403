"""Resignations: what is accepted, what is refused, and what is said then."""

import pytest

from engine.backgammon import model as afterstates_model
from engine.backgammon.plies import Lookahead
from engine.backgammon.resigning import why_refused
from games.backgammon.board import given_up, points_won, set_up, start, with_dice
from games.game import FIRST, SECOND

LAST_MAN = [14, 1, *[0] * 24]
"""One checker on the ace point, all others off: whoever is on roll wins at once."""


def behind(**points: int) -> list[int]:
    """Return a side that bore off nobody: checkers on points such as p13 (p25: the bar), the rest on its 1-point."""
    checkers = [0] * 26
    for name, count in points.items():
        checkers[int(name[1:])] = count
    checkers[1] += 15 - sum(checkers)
    return checkers


@pytest.fixture(scope="module")
def lookahead():
    return Lookahead(afterstates_model.load("backgammon"))


CERTAIN = {1: [1, *[0] * 5, 14, *[0] * 19], 2: behind(p13=2), 3: behind(p25=1)}
"""Sides that lose a plain game, a gammon or a backgammon to the last checker."""


@pytest.mark.parametrize("loser", [FIRST, SECOND])
@pytest.mark.parametrize("due", [1, 2, 3])
@pytest.mark.parametrize("offered", [1, 2, 3])
def test_what_is_certain_must_be_offered(lookahead, loser, due, offered):
    sides = (CERTAIN[due], LAST_MAN) if loser == FIRST else (LAST_MAN, CERTAIN[due])
    state = set_up(*sides, mover=1 - loser, jacoby=False, cube=False)
    told = why_refused(lookahead, state, loser, offered)
    assert (told == "") == (offered >= due)
    if offered < due:
        assert told.endswith(("resign a gammon", "resign a backgammon")[due - 2])
        assert f"worth {due:.2f}" in told


def test_the_dice_that_lie_there_count(lookahead):
    checkers = [0] * 26
    checkers[1:3] = 0, 2
    checkers[0] = 13
    even = set_up(checkers, CERTAIN[2], jacoby=False, cube=False)
    assert why_refused(lookahead, with_dice(even, (6, 5)), SECOND, 1)
    assert not why_refused(lookahead, with_dice(even, (2, 1)), FIRST, 1)


def test_gammons_that_do_not_count_are_not_asked_for(lookahead):
    jacoby = set_up(CERTAIN[2], LAST_MAN, mover=SECOND)
    assert not why_refused(lookahead, jacoby, FIRST, 1)
    last_point = set_up(CERTAIN[2], LAST_MAN, mover=SECOND, length=5, score=(0, 4), crawford=True)
    assert not why_refused(lookahead, last_point, FIRST, 1)


@pytest.mark.parametrize("rules", [{}, {"length": 7}, {"jacoby": False}])
def test_nobody_minds_a_game_given_up_at_the_start(lookahead, rules):
    for loser in (FIRST, SECOND):
        assert not why_refused(lookahead, start(**rules), loser, 1, plies=0)


def test_a_game_given_up_is_worth_what_was_offered():
    ended = given_up(set_up(CERTAIN[2], LAST_MAN, value=4, owner=FIRST), FIRST, 2)
    assert points_won(ended) == 8
    with pytest.raises(ValueError, match="1 .plain"):
        given_up(ended, FIRST, 4)
