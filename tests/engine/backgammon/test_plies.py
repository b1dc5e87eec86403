"""Reading ahead in backgammon: expectations against slow sums in Python, databases, filters, stakes of a score."""

import numpy as np
import pytest

from engine.backgammon import bearoff
from engine.backgammon.afterstates import evaluate, evaluate_plays, fresh, play_buffers
from engine.backgammon.cube import as_equity, cubeful_equity
from engine.backgammon.outputs import MONEY, OUTPUTS, WINS_ONLY, turn_round
from engine.backgammon.plies import Filter, Lookahead, turned
from engine.backgammon.stakes import stakes_of
from games import backgammon
from games.backgammon import ROLLS, SIDE
from games.backgammon.rules import BOARD, MOVER, ROLL_ODDS
from games.game import FIRST, SECOND
from tests.backgammon_boards import checkers_of

NETWORK = fresh(12, seed=3)
EXACT = NETWORK._replace(tables=bearoff.load())


NONE = ". . . . . ."
"""Six empty points."""

MIDDLE = checkers_of("X . . O X 5O   O 2O . . . 4X   4O . . . 3X .   4X 2X . . . 2O")


def middle(mover=FIRST, dice=(), **rules):
    checkers = MIDDLE if mover == FIRST else MIDDLE[::-1]
    return backgammon.set_up(*checkers, mover, dice, **{"cube": False, **rules})


def expectation(state, network, plies):
    """Sum up what the player on roll expects, over all rolls, each played to the best 0-ply equity; float [5]."""
    room, found, mover = play_buffers(network.bias.shape[1]), np.zeros(OUTPUTS, np.float32), int(state[MOVER])
    evaluate(state, mover * SIDE, network, room, found)
    if plies == 0:
        return found.astype(float)
    total = np.zeros(OUTPUTS)
    for roll, odds in zip(ROLLS.tolist(), ROLL_ODDS, strict=True):
        rolled = backgammon.with_dice(state, roll)
        afters = [after for _, after in backgammon.plays(rolled)] or [rolled]  # if none, the turn has passed
        seen = [expectation(after, network, 0) for after in afters]
        best = max(range(len(seen)), key=lambda k: -money(seen[k]))
        turn_round(expectation(afters[best], network, plies - 1) if plies > 1 else seen[best], found)
        total += odds * found
    return total


def money(outputs):
    return float(outputs @ MONEY[:OUTPUTS] + MONEY[OUTPUTS])


@pytest.mark.parametrize("mover", [FIRST, SECOND])
@pytest.mark.parametrize("plies", [0, 1, 2])
def test_outputs_are_the_mean_over_all_rolls(plies, mover):
    found = Lookahead(NETWORK).outputs(middle(mover), plies)
    assert found == pytest.approx(expectation(middle(mover), NETWORK, plies), abs=1e-4)


def test_rolls_that_cannot_be_played_count_too():
    shut_out = checkers_of(f"2O 2O 2O 2O 2O 2O   {NONE}   3O . . . . .   . . . 2X . . bar X")
    state = backgammon.set_up(*shut_out, cube=False)
    assert Lookahead(NETWORK).outputs(state, 1) == pytest.approx(expectation(state, NETWORK, 1), abs=1e-4)


def test_0_ply_ranks_by_the_network_alone():
    state, room = middle(dice=(4, 2)), play_buffers(12)
    count = evaluate_plays(state.copy(), 0, state[backgammon.DICE : backgammon.DICE + 4], NETWORK, MONEY, room)
    ranked = Lookahead(NETWORK).rank(state)
    assert [each.equity for each in ranked] == pytest.approx(sorted(room.equities[:count], reverse=True), abs=1e-5)
    assert {each.after.tobytes() for each in ranked} == {after.tobytes() for _, after in backgammon.plays(state)}


@pytest.mark.parametrize("plies", [1, 2])
def test_a_play_is_worth_what_the_other_expects_after_it(plies):
    state = middle(SECOND, (6, 6))
    for each in Lookahead(NETWORK).rank(state, plies)[:2]:
        there = expectation(each.after, NETWORK, plies)
        assert each.plies == plies
        assert each.outputs == pytest.approx(turned(there[None])[0], abs=1e-4)
        assert each.equity == pytest.approx(-money(there), abs=1e-4)


def test_moves_lead_to_the_position_after():
    state = middle(SECOND, (3, 3))
    for each in Lookahead(NETWORK).rank(state, 1):
        played = state[None].copy()
        for move in each.moves:
            backgammon.play(played, np.array([move], np.int32))
        assert np.array_equal(played[0], each.after)


def test_the_state_is_left_alone():
    state = middle(dice=(5, 2))
    before = state.copy()
    Lookahead(NETWORK).rank(state, 2)
    Lookahead(NETWORK).outputs(state, 2)
    assert np.array_equal(state, before)


def test_threads_change_nothing_but_the_time():
    alone, together = (Lookahead(NETWORK, threads).rank(middle(dice=(6, 5)), 2) for threads in (1, 3))
    assert [(a.moves, a.equity, a.plies) for a in alone] == [(a.moves, a.equity, a.plies) for a in together]
    assert all(np.array_equal(a.outputs, b.outputs) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize("plies", [0, 1, 2])
def test_boards_are_only_read_so_that_threads_may_share_them(plies):
    shared = middle()[None, :BOARD].copy()
    shared.flags.writeable = False  # compiled code that writes to it does not compile
    found, _ = Lookahead(NETWORK, threads=3).read(shared, FIRST, plies, stakes_of(middle()))
    assert found[0] == pytest.approx(expectation(middle(), NETWORK, plies), abs=1e-4)


def test_both_players_see_the_same_thing():
    first, second = (Lookahead(NETWORK).rank(middle(mover, (4, 1)), 1) for mover in (FIRST, SECOND))
    assert [each.moves for each in first] == [each.moves for each in second]
    assert [each.equity for each in first] == [each.equity for each in second]


# --- filters ----------------------------------------------------------------------------------------------


def test_filters_leave_the_best_few_to_a_deeper_look():
    ranked = Lookahead(NETWORK, filters=(Filter(5, 10.0), Filter(2, 10.0))).rank(middle(dice=(2, 1)), 2)
    assert [each.plies for each in ranked[:6]] == [2, 2, 1, 1, 1, 0]
    for plies in range(3):
        equities = [each.equity for each in ranked if each.plies == plies]
        assert equities == sorted(equities, reverse=True)


def test_a_narrow_margin_leaves_one_play_which_is_not_read_where_only_the_choice_matters():
    narrow = Lookahead(NETWORK, filters=(Filter(5, 0.0), Filter(5, 0.0)))
    state = middle(dice=(2, 1))
    assert [each.plies for each in narrow.rank(state, 2)[:2]] == [2, 0]
    assert [each.plies for each in narrow.rank(state, 2, until_decided=True)[:2]] == [0, 0]


def test_most_cuts_the_list():
    assert len(Lookahead(NETWORK).rank(middle(dice=(2, 1)), most=3)) == 3


@pytest.mark.parametrize("plies", [-1, 3])
def test_depths_that_cannot_be_read_are_refused(plies):
    with pytest.raises(ValueError, match=f"0 to 2 plies ahead, not {plies}"):
        Lookahead(NETWORK).rank(middle(dice=(2, 1)), plies)
    with pytest.raises(ValueError, match="plies ahead"):
        Lookahead(NETWORK).outputs(middle(), plies)


def test_there_is_nothing_to_rank_without_dice():
    assert Lookahead(NETWORK).rank(middle()) == []
    assert Lookahead(NETWORK).rank(backgammon.start()) == []


# --- ends and bear-offs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("plies", [0, 1, 2])
@pytest.mark.parametrize(
    ("diagram", "outputs", "equity"),
    [
        (f"2O . . . . .  {NONE}          {NONE}  . . . . X .", [1, 0, 0, 0, 0], 1),
        (f"{NONE}        . 15O . . . .   {NONE}  . . . . X .", [1, 1, 0, 0, 0], 2),
        (f"{NONE}        . 14O . . . .   {NONE}  . . . . X . bar O", [1, 1, 1, 0, 0], 3),
    ],
)
def test_the_end_of_a_game_is_known(diagram, outputs, equity, plies):
    best = Lookahead(NETWORK).rank(backgammon.set_up(*checkers_of(diagram), dice=(6, 5), cube=False), plies)[0]
    assert best.outputs.tolist() == outputs
    assert best.equity == equity


@pytest.mark.parametrize(("jacoby", "equity"), [(False, 2), (True, 1)])
def test_jacobys_rule_holds_at_the_end(jacoby, equity):
    checkers = checkers_of(f"{NONE}  . 15O . . . .  {NONE}  . . . . X .")
    assert Lookahead(NETWORK).rank(backgammon.set_up(*checkers, dice=(6, 5), jacoby=jacoby))[0].equity == equity


@pytest.mark.parametrize("plies", [1, 2])
def test_reading_ahead_changes_nothing_where_the_tables_are_exact(plies):
    state = backgammon.set_up(*checkers_of(f". . . O 3O .  {NONE}  {NONE}  2X X . X . ."), cube=False)
    looking = Lookahead(EXACT)
    assert looking.outputs(state, plies) == pytest.approx(looking.outputs(state), abs=1e-4)
    assert abs(looking.outputs(state)[0] - Lookahead(NETWORK).outputs(state)[0]) > 0.01


def test_men_that_come_home_enter_the_tables():
    state = backgammon.set_up(*checkers_of(f". . . 3O . .  {NONE}  . . . . . X  . . . 2X . ."), dice=(2, 1), cube=False)
    for each in Lookahead(EXACT).rank(state):
        there = np.zeros(OUTPUTS, np.float32)
        known = bearoff.bearoff_outputs(EXACT.tables, each.after, SIDE, there)
        assert not known or each.outputs == pytest.approx(turned(there[None])[0])
    assert known


# --- stakes -----------------------------------------------------------------------------------------------


def test_stakes_for_money_and_at_the_last_point():
    for state in (backgammon.start(), backgammon.start(jacoby=False), backgammon.start(cube=False)):
        assert np.array_equal(stakes_of(state), [MONEY, MONEY])
    assert stakes_of(backgammon.start(3, (2, 2))) == pytest.approx(np.array([WINS_ONLY, WINS_ONLY]), abs=1e-6)


def test_a_leader_at_the_crawford_game_wins_no_more_by_gammons_and_loses_by_them():
    leader, trailer = stakes_of(backgammon.start(5, (4, 3), crawford=True))
    assert leader[1:3].tolist() == [0, 0]
    assert leader[3] == pytest.approx(-2)  # a gammon loses the match, a plain game only half of it
    assert trailer[1] == pytest.approx(2)
    assert trailer[3:5].tolist() == [0, 0]
    assert (leader[0], leader[-1]) == (trailer[0], trailer[-1]) == (2, -1)


def test_the_opening_is_even():
    assert Lookahead(NETWORK).outputs(backgammon.start())[0] == pytest.approx(0.5, abs=1e-6)
    assert Lookahead(NETWORK).outputs(backgammon.start(), 1)[0] == pytest.approx(0.5, abs=1e-6)


def test_with_the_cube_plays_are_ranked_by_cubeful_equity():
    state = middle(dice=(5, 3), cube=True, jacoby=False)
    ranked = Lookahead(NETWORK).rank(state, 1)
    for each in ranked:
        value = -cubeful_equity(turned(each.outputs[None]), each.after[None])
        assert each.equity == pytest.approx(float(as_equity(value, state)[0]), abs=1e-5)
    cubeless = Lookahead(NETWORK).rank(middle(dice=(5, 3)), 1)
    assert abs(cubeless[0].equity - ranked[0].equity) > 1e-3


@pytest.mark.parametrize("score", [(1, 4), (4, 1)])
def test_without_a_cube_to_turn_plays_are_ranked_by_the_stakes_of_the_score(score):
    state = middle(dice=(6, 4), length=5, score=score, crawford=True, cube=True)
    stakes = stakes_of(state)[FIRST]
    for each in Lookahead(NETWORK).rank(state):
        assert each.equity == pytest.approx(float(each.outputs @ stakes[:OUTPUTS] + stakes[OUTPUTS]), abs=1e-5)


def test_values_of_many_boards_are_those_of_each():
    looking, states = Lookahead(NETWORK, threads=2), [middle(), middle(jacoby=False)]
    states[1][:BOARD] = backgammon.start()[:BOARD]
    together, _ = looking.read(np.stack(states)[:, :BOARD], FIRST, 1, stakes_of(states[0]))
    for state, row in zip(states, together, strict=True):
        assert np.array_equal(looking.outputs(state, 1), row)
