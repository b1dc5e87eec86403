"""Cubeful values read ahead: against slow sums in Python, the order of cubes, exact ends, GNU Backgammon's leaves."""

import numpy as np
import pytest

from engine.backgammon import bearoff
from engine.backgammon import model as afterstates_model
from engine.backgammon.afterstates import evaluate_plays, play_buffers
from engine.backgammon.cube import CONTACT, as_equity, cubeful_equity, decide, utility
from engine.backgammon.cube_reading import READ_LEVELS, cube_buffers, fill_leaf, situation_of, three_values
from engine.backgammon.outputs import best_of
from engine.backgammon.player import judge_cube
from engine.backgammon.plies import Lookahead
from engine.backgammon.stakes import stakes_of
from games import backgammon
from games.backgammon.rules import BOARD, DICE_OF_ROLL, MOVER, ROLL_ODDS, SIDE, apply_play, end_turn, may_double
from games.game import CHANCE, FIRST, NOBODY, SECOND
from tests.backgammon_boards import checkers_of
from tests.measures import crosscheck_cube

LOOKAHEAD = Lookahead(afterstates_model.load("backgammon"))

NONE = ". . . . . ."
BLITZ = checkers_of("O . . . . 2O   O . 2O . . 4X   3O . . O X 2X   3X 2X 2X . X .  bar 2O")
HOLDING = checkers_of("2O . 4O 2O 2X .   2O . 3O . . 2X   2O 3X . . 3X .   3X 2X . . . .")
RACE = checkers_of(f"3O 3O 2O 3O 2O 2O   {NONE}   . . . . 2X .   3X 3X 2X 3X 2X .")
CUBES = [
    {"jacoby": False},
    {"jacoby": True},
    {"value": 2, "owner": FIRST},
    {"length": 7, "score": (2, 4)},
    {"length": 5, "score": (1, 2), "value": 2, "owner": SECOND},
]


def on_roll(checkers, mover=FIRST, **cube):
    return backgammon.set_up(*(checkers if mover == FIRST else checkers[::-1]), mover, (), **cube)


def with_cube_taken(state):
    """Return the position after a double and a take."""
    taken = state.copy()
    taken[backgammon.CUBE] += 1
    taken[backgammon.OWNER], taken[backgammon.TURN] = 1 - state[MOVER], CHANCE
    return taken


def best_reply(state, dice):
    """Return the position after the play of a roll that is best at 0-ply, the cube as it is, the other to choose."""
    network, me = LOOKAHEAD.network, int(state[MOVER]) * SIDE
    after, buffers = state.copy(), play_buffers(LOOKAHEAD.network.bias.shape[1])
    count = evaluate_plays(after[:BOARD], me, dice, network, stakes_of(state)[state[MOVER]], buffers)
    if count:
        apply_play(after, me, buffers.plays[best_of(buffers.equities, count)])
    end_turn(after)
    return after


def expectation(state, plies):
    """Sum up what a player on roll who does not double expects, over all rolls, in the unit of `score`."""
    if plies == 0:
        rolling = state.copy()
        rolling[backgammon.TURN] = CHANCE
        return cubeful_equity(LOOKAHEAD.outputs(rolling), rolling)[0]
    total = 0.0
    for dice, odds in zip(DICE_OF_ROLL, ROLL_ODDS, strict=True):
        after = best_reply(state, dice)
        best = expectation(after, plies - 1)
        if may_double(after):
            doubled = expectation(with_cube_taken(after), plies - 1)
            best = max(best, min(doubled, decide(LOOKAHEAD.outputs(after), after).double_pass * unit(after)))
        total -= odds * best
    return total


def unit(state):
    """Return what a money cube is worth; tests of matches compare equities instead."""
    return 1 << int(state[backgammon.CUBE])


@pytest.mark.parametrize("cube", CUBES[:3], ids=str)
@pytest.mark.parametrize("checkers", [BLITZ, HOLDING], ids=["blitz", "holding"])
def test_values_are_the_mean_over_all_rolls_after_the_others_best_decision(checkers, cube):
    state = on_roll(checkers, **cube)
    _, values = LOOKAHEAD.cube_values(state, 1)
    no_double, double_take, double_pass = three_values(values, state)
    assert no_double == pytest.approx(expectation(state, 1), abs=1e-4)
    assert double_take == pytest.approx(expectation(with_cube_taken(state), 1), abs=1e-4)
    assert double_pass == unit(state)


def test_two_plies_are_one_ply_after_every_roll(monkeypatch):
    monkeypatch.setattr("engine.backgammon.plies.CONTACT", 3 * [CONTACT[2]])  # two plies have their own
    for cube in CUBES:
        state, total = on_roll(HOLDING, **cube), 0.0
        for dice, odds in zip(DICE_OF_ROLL, ROLL_ODDS, strict=True):
            after = best_reply(state, dice)
            three = three_values(LOOKAHEAD.cube_values(after, 1)[1], after)
            total -= odds * max(three[0], min(three[1:]) if may_double(after) else three[0])
        assert three_values(LOOKAHEAD.cube_values(state, 2)[1], state)[0] == pytest.approx(total, abs=1e-4), cube


@pytest.mark.parametrize("plies", [0, 1, 2])
def test_a_cube_that_nobody_may_turn_is_worth_nothing(plies):
    for rules in ({"length": 5, "score": (4, 1), "crawford": True}, {"length": 3, "score": (1, 1), "value": 2}):
        state = on_roll(BLITZ, **rules)
        outputs, values = LOOKAHEAD.cube_values(state, plies)
        assert values[0] == pytest.approx(np.repeat(utility(outputs, state), 2), abs=1e-5)


@pytest.mark.parametrize("plies", [0, 1, 2])
@pytest.mark.parametrize("checkers", [BLITZ, HOLDING, RACE], ids=["blitz", "holding", "race"])
def test_an_own_cube_is_worth_more_than_a_centred_one_and_that_more_than_the_others(checkers, plies):
    for rules in ({"jacoby": False}, {"length": 11, "score": (4, 2)}):
        owned, centred, others = (
            three_values(LOOKAHEAD.cube_values(state, plies)[1], state)[0]
            for state in (on_roll(checkers, owner=owner, **rules) for owner in (FIRST, NOBODY, SECOND))
        )
        assert owned >= centred - 1e-9
        assert centred >= others - 1e-9
        assert owned > others or checkers is BLITZ, "where everybody passes, the cube is worth a point, whoever has it"


@pytest.mark.parametrize("plies", [0, 1])
def test_both_players_read_alike(plies):
    first = on_roll(HOLDING, FIRST, length=7, score=(2, 4))
    second = on_roll(HOLDING, SECOND, length=7, score=(4, 2))
    assert LOOKAHEAD.cube_values(first, plies)[1] == pytest.approx(LOOKAHEAD.cube_values(second, plies)[1], abs=1e-6)


def test_the_last_bear_off_is_exact_at_any_depth():
    """Three checkers each, known to the two-sided table: the cube is at 2, and the owner on roll."""
    state = on_roll(checkers_of(f"2O . . O . .  {NONE}  {NONE}  . . X . . 2X"), value=2, owner=FIRST)
    cells = np.zeros(4, np.float32)
    assert bearoff.bearoff_equities(LOOKAHEAD.network.tables, state, 0, cells)
    for plies in (0, 1, 2):
        found = three_values(LOOKAHEAD.cube_values(state, plies)[1], state)
        assert found == pytest.approx([2 * cells[bearoff.OWNED], 4 * cells[bearoff.OTHERS], 2], abs=1e-3)


def test_before_the_last_roll_of_a_match_the_cube_is_dead():
    """The other bears off for certain: whoever misses has lost, so that no later double is worth anything."""
    state = on_roll(checkers_of(f"O . . . . .  {NONE}  {NONE}  . X . . . X"), length=7)
    for plies in (0, 1, 2):
        outputs, values = LOOKAHEAD.cube_values(state, plies)
        assert outputs[0] == pytest.approx(23 / 36, abs=1e-4)
        assert values[0] == pytest.approx(np.repeat(utility(outputs, state), 2), abs=1e-4)
        assert judge_cube(LOOKAHEAD, state, plies).double


def test_plays_are_valued_by_what_the_other_may_do_with_the_cube():
    """The best play's equity at 1-ply is what its position is worth to the other at 1-ply, doubles included."""
    state = on_roll(HOLDING, jacoby=False)
    best = LOOKAHEAD.rank(backgammon.with_dice(state, (4, 2)), 1)[0]
    assert best.plies == 1
    after = best.after.copy()
    worth = LOOKAHEAD.worth(after, 1)  # of FIRST, who has moved
    assert best.equity == pytest.approx(as_equity(np.array([worth]), state)[0], abs=1e-5)


@pytest.mark.skipif(crosscheck_cube.PROGRAM is None, reason="gnubg is not installed: apt install gnubg")
def test_leaves_are_valued_as_gnu_backgammon_values_its_own():
    """On its own 0-ply outputs and at its efficiency; what is left is the table of match equities."""
    buffers, values, tables = cube_buffers(), np.zeros((READ_LEVELS, 2)), bearoff.NO_TABLES
    off, matches = [], []
    for decision in crosscheck_cube.ask_gnubg(50, seed=9):
        state = crosscheck_cube.position(decision)
        outputs, cube = np.array(decision["outputs 0"], np.float32), situation_of(state)._replace(contact=0.68)
        fill_leaf(outputs, state[:BOARD], 0, cube, tables, buffers, values)
        found = as_equity(three_values(values, state), np.stack([state] * 3))
        off.append(found - decision["equities 0"])
        matches.append(decision["length"] > 0)
    off, matches = np.abs(off), np.array(matches)
    assert off[~matches].max() < 1e-4
    assert off[matches].mean() < 0.02
