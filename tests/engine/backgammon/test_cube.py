"""Cubeful equities and decisions: against Janowski's closed forms, known figures, and GNU Backgammon itself."""

import numpy as np
import pytest

from engine.backgammon.cube import CONTACT, as_equity, cubeful_equity, decide, market_window, utility
from games.backgammon.board import pip_count, set_up, start
from games.backgammon.match import equity_after, table
from games.backgammon.rules import DOUBLE, TAKE, TURN, make_move
from games.game import CHANCE, FIRST, NOBODY, SECOND
from tests.measures import crosscheck_cube

GAMMONLESS = (0.7, 0.0, 0.0, 0.0, 0.0)
GAMMONISH = (0.6, 0.2, 0.02, 0.1, 0.01)
MOST = (0.9, 0.8, 0.1, 0.0, 0.0)


def on_roll(mover=FIRST, **situation):
    """Return the starting checkers with somebody on roll."""
    checkers = start()[:26]
    return set_up(checkers, checkers, mover, (), **situation)


def race(pips_each):
    """Return a race in which both have fifteen checkers on three points, and so many pips, a multiple of 15."""
    point = pips_each // 15
    checkers = [0] * 26
    checkers[point], checkers[point - 1], checkers[point + 1] = 5, 5, 5
    return set_up(checkers, checkers, FIRST)


def random_outputs(count, seed=1):
    """Return outputs as networks give them, [count, 5]."""
    random = np.random.default_rng(seed)
    win, shares = random.uniform(0.01, 0.99, count), random.uniform(0, 1, (count, 4)) * (0.6, 0.2, 0.6, 0.2)
    gammons, losses = win * shares[:, 0], (1 - win) * shares[:, 2]
    return np.column_stack([win, gammons, gammons * shares[:, 1], losses, losses * shares[:, 3]])


def janowski(outputs, owner, jacoby=False, x=CONTACT[0]):
    """Return the cubeful equity of a game for money with the cube at 1, by the formulas as he prints them."""
    win, gammons, backgammons, lost_gammons, lost_backgammons = outputs
    won, lost = 1 + (gammons + backgammons) / win, 1 + (lost_gammons + lost_backgammons) / (1 - win)
    take, cash = (lost - 0.5) / (won + lost + 0.5), (lost + 1) / (won + lost + 0.5)
    if owner == NOBODY and jacoby:
        won = lost = 1
    if owner == FIRST:
        at, worth = [0, cash, 1], [-lost, 1, won]
    elif owner == SECOND:
        at, worth = [0, take, 1], [-lost, -1, won]
    else:
        at, worth = [0, take, cash, 1], [-lost, -1, 1, won]
    return x * np.interp(win, at, worth) + (1 - x) * (win * won - (1 - win) * lost)


# --- money ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jacoby", [False, True])
@pytest.mark.parametrize("owner", [NOBODY, FIRST])
def test_money_equities_are_janowskis(owner, jacoby):
    state = on_roll(owner=owner, jacoby=jacoby)
    for outputs in random_outputs(50):
        decision = decide(outputs, state)
        assert decision.no_double == pytest.approx(janowski(outputs, owner, jacoby), abs=1e-4)
        assert decision.double_take == pytest.approx(2 * janowski(outputs, SECOND), abs=1e-4)
        assert decision.double_pass == 1


@pytest.mark.parametrize(("pips", "efficiency"), [(15, 0.60875), (45, 0.64625), (90, 0.7025), (150, 0.75)])
def test_races_have_their_own_efficiency(pips, efficiency):
    expected = janowski(GAMMONLESS, NOBODY, x=efficiency)
    assert pip_count(race(pips), FIRST) == pips
    assert decide(np.array(GAMMONLESS), race(pips)).no_double == pytest.approx(expected, abs=1e-5)


def test_the_take_point_without_gammons_is_janowskis():
    """Between 20 % (live) and 25 % (dead): half a cube over 2 + x / 2."""
    _, closes = market_window(np.array(GAMMONLESS), on_roll())
    assert closes == pytest.approx(1 - 0.5 / (2 + CONTACT[0] / 2), abs=0.001)


def test_gammons_raise_the_take_point_and_bring_the_double_forward():
    opens, closes = market_window(np.array([0.6, 0.3, 0.0, 0.0, 0.0]), on_roll(jacoby=False))
    plain_opens, plain_closes = market_window(np.array([0.6, 0.0, 0.0, 0.0, 0.0]), on_roll(jacoby=False))
    assert opens < plain_opens
    assert closes < plain_closes


def test_a_redouble_needs_more_than_a_double():
    outputs = np.array(GAMMONLESS)
    assert market_window(outputs, on_roll(owner=FIRST))[0] > market_window(outputs, on_roll())[0]


@pytest.mark.parametrize(
    ("outputs", "owner", "double", "take", "words"),
    [
        ((0.5, 0.13, 0.0, 0.13, 0.0), NOBODY, False, True, "No double, take"),
        ((0.72, 0.15, 0.0, 0.05, 0.0), NOBODY, True, True, "Double, take"),
        ((0.82, 0.1, 0.0, 0.01, 0.0), NOBODY, True, False, "Double, pass"),
        (MOST, NOBODY, False, False, "Too good to double, pass"),
        ((0.6, 0.1, 0.0, 0.05, 0.0), FIRST, False, True, "No redouble, take"),
        ((0.75, 0.05, 0.0, 0.02, 0.0), FIRST, True, True, "Redouble, take"),
        ((0.85, 0.05, 0.0, 0.01, 0.0), FIRST, True, False, "Redouble, pass"),
        (MOST, FIRST, False, False, "Too good to redouble, pass"),
    ],
)
def test_decisions_for_money(outputs, owner, double, take, words):
    decision = decide(np.array(outputs), on_roll(owner=owner, value=2 if owner == FIRST else 1, jacoby=False))
    assert (decision.double, decision.take) == (double, take)
    assert decision.sentence.startswith(f"{words}: {outputs[0]:.1%} to win, market window ")


def test_the_sentence_says_where_reading_ahead_and_the_market_window_differ():
    """At 60 % theory waits; equities that were read, a fast market, double."""
    state, outputs = on_roll(jacoby=False), np.array([0.6, 0.15, 0.0, 0.1, 0.0])
    assert not decide(outputs, state).double
    read = decide(outputs, state, np.array([0.4, 0.5, 1.0]))
    assert (read.double, read.take) == (True, True)
    assert read.sentence.startswith("Double, take: 60.0% to win, market window ")
    assert read.sentence.endswith(" without reading ahead.")
    assert not decide(outputs, state, np.array([0.4, 0.3, 1.0])).sentence.endswith("ahead.")


def test_with_jacobys_rule_nobody_is_too_good_for_a_centred_cube():
    assert decide(np.array(MOST), on_roll(jacoby=True)).double


# --- matches ----------------------------------------------------------------------------------------------


def test_at_two_away_each_a_double_ends_the_match():
    """Whoever can lose his market should double, and 32 % is a take."""
    state = on_roll(length=3, score=(1, 1))
    decision = decide(np.array([0.67, 0.2, 0.0, 0.1, 0.0]), state)
    assert (decision.double, decision.take) == (True, True)
    assert not decide(np.array([0.69, 0.2, 0.0, 0.1, 0.0]), state).take


def test_the_trailer_doubles_at_once_after_crawford():
    state = on_roll(length=7, score=(3, 6))
    assert decide(np.array([0.45, 0.12, 0.0, 0.15, 0.0]), state).double
    assert decide(np.array([0.25, 0.06, 0.0, 0.2, 0.0]), state).double


def test_the_leader_uses_his_free_drop():
    two_away, three_away = on_roll(length=7, score=(5, 6)), on_roll(length=7, score=(4, 6))
    outputs = np.array([0.52, 0.14, 0.0, 0.1, 0.0])
    assert (decide(outputs, two_away).double, decide(outputs, two_away).take) == (True, False)
    assert decide(outputs, three_away).take


def test_a_leader_is_careful_with_the_cube():
    outputs = np.array([0.72, 0.1, 0.0, 0.05, 0.0])
    leading, level = on_roll(length=5, score=(3, 0)), on_roll(length=11)
    assert decide(outputs, level).double
    assert not decide(outputs, leading).double


@pytest.mark.parametrize(
    ("situation", "why"),
    [
        ({"length": 5, "score": (4, 1), "crawford": True}, "the Crawford game"),
        ({"length": 5, "score": (4, 1)}, "one point ends the match"),
        ({"owner": SECOND, "value": 2}, "it is the other's"),
        ({"cube": False}, "played without"),
    ],
)
def test_a_cube_that_may_not_be_turned(situation, why):
    decision = decide(np.array([0.75, 0.1, 0.0, 0.0, 0.0]), on_roll(**situation))
    assert not decision.double, why
    assert decision.sentence.startswith("The cube cannot be turned here; a double would be a ")


def test_a_crawford_game_is_worth_the_same_with_and_without_a_cube():
    outputs, state = random_outputs(20), on_roll(length=5, score=(4, 1), crawford=True)
    assert np.allclose(cubeful_equity(outputs, state), utility(outputs, state))


def test_gammons_are_nothing_to_who_needs_one_point():
    state = on_roll(length=5, score=(4, 1), crawford=True)
    values = utility(np.array([[0.6, 0.5, 0.1, 0.1, 0.0], [0.6, 0.0, 0.0, 0.1, 0.0]]), state)
    assert values[0] == pytest.approx(values[1])


# --- units and shapes -------------------------------------------------------------------------------------


def test_utility_for_money_is_the_cubeless_equity_times_the_cube():
    outputs = random_outputs(20)
    cubeless = 2 * outputs[:, 0] - 1 + outputs[:, 1] + outputs[:, 2] - outputs[:, 3] - outputs[:, 4]
    assert np.allclose(utility(outputs, on_roll(cube=False)), cubeless)
    assert np.allclose(utility(outputs, on_roll(value=4, owner=SECOND)), 4 * cubeless)
    assert np.allclose(utility(outputs, on_roll(jacoby=True)), 2 * outputs[:, 0] - 1), "no gammons before a double"


@pytest.mark.parametrize("mover", [FIRST, SECOND])
def test_certain_outputs_are_worth_what_the_game_pays(mover):
    state, sign = on_roll(mover, length=9, score=(3, 5), value=2, owner=1 - mover), 1 if mover == FIRST else -1
    certain = {1: (1.0, 0.0, 0.0, 0.0, 0.0), 2: (1.0, 1.0, 0.0, 0.0, 0.0), 3: (1.0, 1.0, 1.0, 0.0, 0.0)}
    for gain, outputs in certain.items():
        paid = sign * equity_after(table(), 9, 3, 5, mover, 2 * gain)
        assert utility(np.array([outputs]), state)[0] == pytest.approx(paid, abs=1e-6)
        assert cubeful_equity(np.array([outputs]), state)[0] == pytest.approx(paid, abs=1e-6)


@pytest.mark.parametrize(
    "extreme", [(0.0, 0.0, 0.0, 1.0, 1.0), (1.0, 1.0, 1.0, 0.0, 0.0), (1.0001, 1.1, 1.2, -0.1, 0.0)]
)
def test_outputs_at_and_past_their_bounds_stay_finite(extreme):
    for state in (on_roll(), on_roll(length=7, score=(5, 6)), on_roll(length=1)):
        decision = decide(np.array(extreme), state)
        assert np.isfinite([decision.no_double, decision.double_take, decision.double_pass, *decision.window]).all()


def test_one_state_serves_all_outputs_and_every_row_may_have_its_own():
    outputs = random_outputs(6)
    owned, trailing = on_roll(value=2, owner=SECOND), on_roll(SECOND, length=7, score=(6, 2))
    states = np.stack([on_roll(), owned, on_roll(length=5), trailing, on_roll(cube=False), race(60)])
    for value in (utility, cubeful_equity):
        alone = [value(row, state)[0] for row, state in zip(outputs, states, strict=True)]
        assert np.allclose(value(outputs, states), alone)
        assert np.allclose(value(outputs, states[2]), [value(row, states[2])[0] for row in outputs])


def test_both_players_judge_alike():
    outputs = random_outputs(10)
    first, second = on_roll(FIRST, length=7, score=(2, 4)), on_roll(SECOND, length=7, score=(4, 2))
    assert np.allclose(cubeful_equity(outputs, first), cubeful_equity(outputs, second))


def test_the_choice_to_double_is_never_worth_less_than_rolling():
    outputs, state = random_outputs(200), on_roll()
    rolling = state.copy()
    rolling[TURN] = CHANCE
    assert (cubeful_equity(outputs, state) >= cubeful_equity(outputs, rolling) - 1e-9).all()
    assert (cubeful_equity(outputs, state) > cubeful_equity(outputs, rolling) + 0.01).any()


@pytest.mark.parametrize("situation", [{}, {"length": 7, "score": (1, 3)}, {"owner": FIRST, "value": 2}])
def test_a_double_is_worth_what_its_answer_leaves(situation):
    outputs, state = np.array([GAMMONISH, GAMMONLESS, MOST]), on_roll(jacoby=False, **situation)
    offered = state.copy()
    make_move(offered, DOUBLE)
    taken = offered.copy()
    make_move(taken, TAKE)
    cashed = as_unit(state, [decide(row, state).double_pass for row in outputs])
    assert np.allclose(cubeful_equity(outputs, offered), np.minimum(cubeful_equity(outputs, taken), cashed), atol=1e-6)


def as_unit(state, equities):
    """Turn equities into the unit of `score`."""
    low, high = as_equity(np.array([0.0, 1.0]), np.stack([state, state]))
    return (np.array(equities) - low) / (high - low)


def test_equities_of_won_and_lost_cubes():
    state = on_roll(length=9, score=(3, 5), value=2, owner=FIRST)
    won, lost = equity_after(table(), 9, 3, 5, FIRST, 2), equity_after(table(), 9, 3, 5, SECOND, 2)
    assert as_equity(np.array([won, lost]), np.stack([state, state])) == pytest.approx([1, -1], abs=1e-5)
    assert as_equity(np.array([6.0]), on_roll(value=2, owner=FIRST)) == pytest.approx([3])


def test_a_double_that_waits_is_judged_as_before_it():
    state = on_roll()
    offered = state.copy()
    make_move(offered, DOUBLE)
    assert decide(np.array(GAMMONISH), offered) == decide(np.array(GAMMONISH), state)


def test_nothing_is_changed():
    state, outputs = on_roll(), np.array(GAMMONISH)
    before = state.copy()
    decide(outputs, state)
    cubeful_equity(outputs[None], state)
    assert np.array_equal(state, before)
    assert tuple(outputs) == GAMMONISH


# --- GNU Backgammon ---------------------------------------------------------------------------------------


@pytest.mark.skipif(crosscheck_cube.PROGRAM is None, reason="gnubg is not installed: apt install gnubg")
def test_decisions_agree_with_gnu_backgammons():
    agree = crosscheck_cube.compare(crosscheck_cube.ask_gnubg(60, seed=5), crosscheck_cube.theory_fed_by_gnubg)
    assert agree.double.mean() > 0.9
    assert agree.take.mean() > 0.95
