"""The backgammon player: whole games, plays dealt out move by move, the cube, clocks, the tree, models by name."""

from dataclasses import replace

import numpy as np
import pytest

from engine.backgammon import bearoff
from engine.backgammon import model as afterstates_model
from engine.backgammon.afterstates import fresh
from engine.backgammon.evaluator import AfterstateEvaluator
from engine.backgammon.player import SEARCH, BackgammonPlayer, Plan, judge_cube, moves_of_turn
from engine.backgammon.plies import Lookahead
from engine.clock import Clock, Limit
from engine.players import RESIGN, RandomPlayer, SearchPlayer
from engine.spec import PlayerSpec, make
from games import backgammon
from games.backgammon import DOUBLE, DROP, ROLL, TAKE, TURN
from games.game import CHANCE, FIRST, NOBODY, SECOND, Position
from tests.backgammon_boards import checkers_of

NETWORK = fresh(12, seed=3)
LOOKING = Lookahead(NETWORK)
EXACT = Lookahead(NETWORK._replace(tables=bearoff.load()))

NONE = ". . . . . ."
MIDDLE = checkers_of("X . . O X 5O   O 2O . . . 4X   4O . . . 3X .   4X 2X . . . 2O")
LAST_ROLLS = checkers_of(f". . . O 3O .  {NONE}  {NONE}  2X X . X . .")


def position(checkers=MIDDLE, mover=FIRST, **rules):
    return Position(backgammon, backgammon.set_up(*(checkers if mover == FIRST else checkers[::-1]), mover, **rules))


def searching(visits, looking=LOOKING, **settings):
    limit, evaluator = Limit(visits=visits), AfterstateEvaluator(looking)
    search = SearchPlayer("tree", evaluator, replace(SEARCH, **settings), limit, nodes=1 << 18)
    return BackgammonPlayer("tree", looking, 1, search)


def play_out(players, start, seed=1):
    """Play a game to its end; every move goes through `Position`, which checks it."""
    random, game = np.random.default_rng(seed), Position(backgammon, start)
    while not game.over:
        if game.turn == CHANCE:
            game.play(int(random.choice(game.legal())))
        else:
            game.play(players[game.turn].choose(game))
    return game


# --- plays ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", [{}, {"cube": False}, {"length": 3}], ids=str)
def test_whole_games_are_played_by_the_rules(rules):
    players = BackgammonPlayer("0-ply", LOOKING, 0), BackgammonPlayer("1-ply", EXACT, 1)
    for seed in range(3):
        assert play_out(players, backgammon.start(**rules), seed).over


def test_the_tree_plays_whole_games_by_the_rules():
    assert play_out((searching(30), RandomPlayer()), backgammon.start(3)).over


@pytest.mark.parametrize("mover", [FIRST, SECOND])
def test_the_best_play_is_dealt_out_move_by_move(mover):
    game, player = position(mover=mover, dice=(2, 2), cube=False), BackgammonPlayer("1-ply", LOOKING, 1)
    best = LOOKING.rank(game.state, 1)[0]
    for move in best.moves:
        assert player.choose(game) == move
        assert player.thought.lines[0].variation == list(best.moves)
        game.play(move)
    assert np.array_equal(game.state, best.after)
    assert len(best.moves) == 4


def test_values_of_a_thought_are_firsts_in_the_unit_of_score():
    for mover, sign in ((FIRST, 1), (SECOND, -1)):
        game = position(mover=mover, dice=(4, 2), value=4, jacoby=False)
        player = BackgammonPlayer("0-ply", LOOKING, 0)
        player.choose(game)
        assert [line.value for line in player.thought.lines] == pytest.approx(
            [sign * 4 * each.equity for each in player.candidates], abs=1e-5
        )
        assert player.thought.value == player.thought.lines[0].value
        assert player.thought.visits == len(player.thought.lines) == len(backgammon.plays(game.state))


def test_a_play_is_thought_over_where_the_position_is_another():
    game, player = position(dice=(6, 4), cube=False), BackgammonPlayer("0-ply", LOOKING, 0)
    first = player.choose(game)
    game.play(first)
    other = position(dice=(5, 2), cube=False)
    assert player.choose(other) == LOOKING.rank(other.state)[0].moves[0]
    game.undo()
    assert player.choose(game) == first
    game.play(next(move for move in game.legal() if move != first))
    assert player.choose(game) == LOOKING.rank(game.state)[0].moves[0]


def test_a_plan_knows_its_own_positions_only():
    state, plan = position(dice=(6, 4), cube=False).state, Plan()
    assert plan.next(state) is None
    moves = LOOKING.rank(state)[0].moves
    plan.remember(state, moves)
    assert plan.next(state) == moves[0]
    assert plan.next(state) is None


def test_a_variation_ends_with_the_turn():
    state = position(dice=(6, 4), cube=False).state
    moves = LOOKING.rank(state)[0].moves
    roll = backgammon.roll_move(3, 1)
    assert moves_of_turn(state, [*moves, roll, 30]) == moves
    assert moves_of_turn(state, moves[:1]) == moves[:1]


@pytest.mark.parametrize("state", [backgammon.start(), position(cube=False).state], ids=["opening", "before the roll"])
def test_the_dice_are_nobodys_to_choose(state):
    with pytest.raises(ValueError, match="the dice choose now"):
        BackgammonPlayer("0-ply", LOOKING, 0).choose(Position(backgammon, state))


def test_after_the_game_there_is_nothing_to_choose():
    game = position(checkers_of(f"2O . . . . .  {NONE}  {NONE}  . . . . . X"), dice=(6, 5), cube=False)
    player = BackgammonPlayer("0-ply", LOOKING, 0)
    game.play(player.choose(game))
    assert game.state[TURN] == NOBODY
    with pytest.raises(ValueError, match="the game is over"):
        player.choose(game)


def test_a_lost_game_is_not_resigned():
    game = position(checkers_of(f"O . . . . .  {NONE}  {NONE}  5X 5X 5X . . ."), dice=(2, 1), cube=False)
    for player in (BackgammonPlayer("2-ply", EXACT, 2), searching(600, EXACT)):
        assert player.choose(game) != RESIGN


@pytest.mark.parametrize("plies", [-1, 3])
def test_depths_that_cannot_be_read_are_refused(plies):
    with pytest.raises(ValueError, match="plies ahead"):
        BackgammonPlayer("deep", LOOKING, plies)


# --- the cube ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mover", [FIRST, SECOND])
@pytest.mark.parametrize(
    ("diagram", "action", "answer"),
    [
        (f"O . . . . .  {NONE}  {NONE}  . . . X . X", DOUBLE, DROP),  # 34 of 36 rolls bear off both, or else he loses
        (f"O . . . . .  {NONE}  {NONE}  . X . . . X", DOUBLE, TAKE),  # 23 of 36
        (f"3O . . . . .  {NONE}  {NONE}  4X 3X . . . .", ROLL, TAKE),
    ],
)
def test_the_cube_in_the_last_rolls(diagram, action, answer, mover):
    game, player = position(checkers_of(diagram), mover), BackgammonPlayer("1-ply", EXACT, 1)
    assert player.choose(game) == action
    assert [line.move for line in player.thought.lines] == [action, ROLL + DOUBLE - action]
    game.play(DOUBLE)
    assert game.turn == 1 - mover
    assert player.choose(game) == answer
    assert [line.move for line in player.thought.lines] == [answer, TAKE + DROP - answer]
    assert player.decision.take == (answer == TAKE)


def test_a_cube_in_the_last_bear_off_is_judged_exactly():
    checkers = checkers_of(f"O . . . . .  {NONE}  {NONE}  . X . . . X")
    verdict = judge_cube(EXACT, position(checkers).state, 0)
    chance = 23 / 36  # the other bears off at his next roll
    assert (verdict.no_double, verdict.double_take) == pytest.approx((2 * chance - 1, 4 * chance - 2), abs=1e-3)
    assert "63.9% to win, exactly" in verdict.sentence
    owned = judge_cube(EXACT, position(checkers, value=2, owner=SECOND).state, 0)
    assert not owned.double
    assert owned.no_double == pytest.approx(2 * chance - 1, abs=1e-3)
    assert "exactly" not in judge_cube(EXACT, position(checkers, length=5).state, 0).sentence


def test_values_of_a_cube_decision_are_firsts():
    for mover, sign in ((FIRST, 1), (SECOND, -1)):
        game, player = position(LAST_ROLLS, mover), BackgammonPlayer("0-ply", EXACT, 0)
        player.choose(game)
        values = {line.move: line.value for line in player.thought.lines}
        assert values[ROLL] == pytest.approx(sign * player.decision.no_double)
        doubled = min(player.decision.double_take, player.decision.double_pass)
        assert values[DOUBLE] == pytest.approx(sign * doubled)


# --- clocks -----------------------------------------------------------------------------------------------


def test_a_clock_that_runs_out_makes_it_read_less():
    game, player = position(dice=(6, 4), cube=False), BackgammonPlayer("2-ply", LOOKING, 2)
    player.choose(game, Clock(main=600.0))
    assert player.candidates[0].plies == 2
    player.forget()
    player.took = [0.0, 0.1, 10.0]
    player.choose(game, Clock(main=60.0))
    assert player.candidates[0].plies == 1


def test_a_depth_that_was_slow_once_is_tried_again():
    game, player = position(dice=(6, 4), cube=False), BackgammonPlayer("1-ply", LOOKING, 1)
    player.took = [0.0, 4.0]  # more than a turn's share of a minute
    depths = []
    for _ in range(20):
        player.forget()
        player.choose(game, Clock(main=60.0))
        depths.append(player.candidates[0].plies)
    assert depths == sorted(depths)
    assert (depths[0], depths[-1]) == (0, 1)


def test_a_clock_shortens_a_search():
    game, player = position(dice=(6, 4), cube=False), searching(None)
    player.search.limit = Limit(seconds=30)
    player.choose(game, Clock(main=2.0))
    assert player.thought.seconds < 1


# --- the tree ---------------------------------------------------------------------------------------------


def test_the_tree_bears_off_as_the_tables_do():
    for dice in ((2, 1), (4, 1), (5, 3), (3, 3)):
        game, player = position(LAST_ROLLS, dice=dice, cube=False), searching(1500, EXACT)
        ranked = EXACT.rank(game.state)
        while game.turn == FIRST:
            game.play(player.choose(game))
        chosen = next(each for each in ranked if np.array_equal(each.after, game.state))
        assert chosen.equity == pytest.approx(ranked[0].equity, abs=0.01)


def test_the_lines_of_a_tree_share_its_visits():
    player = searching(800)
    player.choose(position(dice=(6, 5), cube=False))
    assert 400 <= player.thought.visits <= 808
    assert sum(line.visits for line in player.thought.lines) == player.thought.visits
    assert player.candidates == []


def test_a_forced_play_needs_no_search():
    game, player = (
        position(checkers_of(f"2O . . . . .  {NONE}  {NONE}  . . . . X ."), dice=(6, 5), cube=False),
        searching(10_000),
    )
    player.choose(game)
    assert player.thought.visits == 1


# --- models -----------------------------------------------------------------------------------------------


@pytest.fixture
def model(tmp_path):
    folder = tmp_path / "novice"
    folder.mkdir()
    afterstates_model.write(NETWORK, folder, afterstates_model.describe(search={"c_puct": 0.7}))
    return str(folder)


def test_a_model_plays_by_plies_or_by_visits(model):
    looking = make(PlayerSpec(model=model), backgammon)
    assert (looking.name, looking.plies, looking.search) == (model, 2, None)
    tree = make(PlayerSpec(model=model, visits=50), backgammon, 7)
    assert tree.search.limit == Limit(visits=50)
    assert (tree.search.settings.c_puct, tree.search.settings.seed) == (0.7, 7)
    for player in (looking, tree, make(PlayerSpec(model=model, visits=50, plies=1), backgammon)):
        player.warm_up(backgammon, backgammon.start())
        game = position(dice=(6, 4), cube=False)
        game.play(player.choose(game))


def test_what_is_no_model_of_backgammon_is_told():
    with pytest.raises(ValueError, match="no model 'nobody'"):
        make(PlayerSpec(model="nobody"), backgammon)
    with pytest.raises(ValueError, match="plays go, not backgammon"):
        make(PlayerSpec(model="go"), backgammon)
