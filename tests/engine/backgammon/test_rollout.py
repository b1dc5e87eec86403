"""Rollouts: exact ends, the truth where the network errs, seeds and threads, cubes, plays, and what is told of them."""

import numpy as np
import pytest

from engine.backgammon import bearoff
from engine.backgammon import model as afterstates_model
from engine.backgammon.bearoff import NO_TABLES
from engine.backgammon.cube import as_equity, utility
from engine.backgammon.plies import Lookahead
from engine.backgammon.rollout import BATCH, OUTPUTS, Rollout, RolloutSettings, summary
from engine.backgammon.rollout_report import as_json, told
from games import backgammon
from games.backgammon.rules import BOARD, MOVER
from games.game import FIRST, SECOND
from tests.backgammon_boards import checkers_of

NETWORK = afterstates_model.load("backgammon")
LOOKAHEAD = Lookahead(NETWORK)

NONE = ". . . . . ."
HOLDING = checkers_of("2O . 4O 2O 2X .   2O . 3O . . 2X   2O 3X . . 3X .   3X 2X . . . .")
ENDING = checkers_of(f"2O O . O . .  {NONE}  {NONE}  . . X X . 2X")
LAST = checkers_of(f"O . . . . .  {NONE}  {NONE}  . X . . . X")


def on_roll(checkers, mover=FIRST, dice=(), **rules):
    return backgammon.set_up(*(checkers if mover == FIRST else checkers[::-1]), mover, dice, **rules)


def short(games=12, plies=3, seed=1, lookahead=LOOKAHEAD):
    return Rollout(lookahead, RolloutSettings(games, plies, seed))


def test_the_last_bear_off_is_rolled_out_exactly():
    state, cells = on_roll(ENDING, value=2, owner=FIRST), np.zeros(4, np.float32)
    assert bearoff.bearoff_equities(NETWORK.tables, state, 0, cells)
    rolled = short(games=BATCH, plies=20).cube(state)
    assert rolled.found.equities == pytest.approx([cells[bearoff.OWNED], 2 * cells[bearoff.OTHERS]], abs=2e-3)
    assert rolled.found.errors == pytest.approx([0, 0], abs=1e-3)
    assert rolled.found.outputs[0] == pytest.approx(cells[bearoff.CHANCE_TO_WIN], abs=1e-3)


def test_played_to_the_end_they_find_the_truth_where_the_network_errs():
    """A network without its tables and with a bias for who is on roll, in a race of four checkers each."""
    exact = LOOKAHEAD.outputs(on_roll(ENDING, cube=False))[0]
    biased = NETWORK._replace(base=NETWORK.base + np.float32(0.5), tables=NO_TABLES)
    lookahead, state = Lookahead(biased), on_roll(ENDING, cube=False)
    found = short(games=1296, plies=40, lookahead=lookahead).cube(state).found
    assert abs(lookahead.outputs(state)[0] - exact) > 0.05
    error = found.errors[0] / 2  # of the chance to win
    assert 0 < error < 0.015
    assert found.outputs[0] == pytest.approx(exact, abs=4 * error)


def test_the_seed_decides_the_games_and_the_threads_do_not():
    state = on_roll(HOLDING)
    one, three = short().cube(state), short(lookahead=Lookahead(NETWORK, 3)).cube(state)
    assert np.array_equal(one.found.outputs, three.found.outputs)
    assert np.array_equal(one.found.equities, three.found.equities)
    assert not np.array_equal(one.found.equities, short(seed=2).cube(state).found.equities)


def test_both_players_are_rolled_out_alike():
    first = short().cube(on_roll(HOLDING, FIRST, length=7, score=(2, 4)))
    second = short().cube(on_roll(HOLDING, SECOND, length=7, score=(4, 2)))
    assert first.found.equities == pytest.approx(second.found.equities, abs=1e-6)


def test_a_cube_that_nobody_may_turn_is_worth_nothing():
    state = on_roll(HOLDING, length=5, score=(4, 1), crawford=True)
    found = short().cube(state).found
    assert found.equities[0] == pytest.approx(as_equity(utility(found.outputs, state), state)[0], abs=1e-4)


def test_an_own_cube_is_worth_more_than_the_others():
    owned, others = (short().cube(on_roll(HOLDING, value=2, owner=owner)).found for owner in (FIRST, SECOND))
    assert owned.equities[0] > others.equities[0] + 0.05
    assert owned.outputs == pytest.approx(others.outputs), "the same games, with another cube"


def test_before_the_last_roll_a_double_gains_what_the_race_gains():
    rolled = short().cube(on_roll(LAST))
    chance = 23 / 36
    assert (rolled.decision.double, rolled.decision.take, rolled.clear) == (True, True, True)
    assert rolled.found.equities == pytest.approx([2 * chance - 1, 4 * chance - 2], abs=1e-3)
    assert rolled.decision.sentence.startswith("Double, take: 63.9% to win")


def test_plays_are_rolled_out_with_the_same_dice_until_one_is_clear():
    state = on_roll(checkers_of(f"5O . . . . .  {NONE}  {NONE}  . . . . 2X 3X"), dice=(2, 1), cube=False)
    seen = []
    rolled = short(games=720).plays(state, lambda done, total: seen.append((done, total)))
    assert seen[0] == (BATCH, 720)
    values = [found.equities[0] for _, found in rolled.plays]
    assert values == sorted(values, reverse=True)
    best = LOOKAHEAD.rank(state)[0]
    assert np.array_equal(rolled.plays[0][0].after, best.after)
    assert rolled.plays[0][1].equities[0] == pytest.approx(best.equity, abs=1e-3), "the tables are exact"


def test_a_play_that_was_made_is_rolled_out_however_bad():
    state = on_roll(HOLDING, dice=(4, 2))
    worst = LOOKAHEAD.rank(state)[-1]
    rolled = short().plays(state, also=worst.after[:BOARD])
    assert any(np.array_equal(play.after, worst.after) for play, _ in rolled.plays)
    assert not any(np.array_equal(play.after, worst.after) for play, _ in short().plays(state).plays)


def test_a_play_that_ends_the_game_is_worth_the_game():
    state = on_roll(checkers_of(f"O . . . . .  {NONE}  {NONE}  . . . . X X"), dice=(2, 1), length=7)
    play, found = short().plays(state).plays[0]
    assert (found.equities[0], found.errors[0]) == (pytest.approx(1), pytest.approx(0))
    assert found.outputs.tolist() == [1, 0, 0, 0, 0]
    assert play.after[MOVER] == FIRST


def test_who_cannot_move_has_nothing_to_roll_out():
    closed = checkers_of(f"2O 2O 2O 2O 2O 2O  3O . . . . .  {NONE}  6X 8X . . . .  bar X")
    state = on_roll(closed, SECOND)
    assert short().plays(state).plays == []


def test_it_stops_when_asked_and_keeps_what_is_done():
    rolled = short(games=10 * BATCH).cube(on_roll(HOLDING, cube=False), stop=lambda: True)
    assert rolled.found.games == BATCH


def test_means_come_with_standard_errors():
    rows = np.zeros((4, OUTPUTS + 2))
    rows[:, OUTPUTS] = [1, 2, 3, 6]
    found = summary(rows)
    assert (found.equities[0], found.games) == (3, 4)
    assert found.errors[0] == pytest.approx(np.std([1, 2, 3, 6], ddof=1) / 2)


def test_what_is_told_shows_equities_errors_and_games():
    state = on_roll(HOLDING, dice=(4, 2))
    rolled = short().plays(state)
    table, found = told(state, rolled), as_json(state, rolled)
    for (_, numbers), line, entry in zip(rolled.plays, table.splitlines()[1:], found["plays"], strict=False):
        assert f"{numbers.equities[0]:+.4f}" in line
        assert f"{numbers.errors[0]:.4f}" in line
        assert entry["equity"] == pytest.approx(numbers.equities[0], abs=1e-5)
        assert entry["games"] == numbers.games
    cube = short().cube(on_roll(HOLDING))
    found = as_json(on_roll(HOLDING), cube)
    assert found["no_double"]["error"] == pytest.approx(cube.found.errors[0], abs=1e-5)
    assert "double, take" in told(on_roll(HOLDING), cube)
