"""Backgammon in the shared search: priors and values of every node, short rollouts, trees that find what is so."""

import numpy as np
import pytest

from engine.backgammon import bearoff
from engine.backgammon.afterstates import fresh
from engine.backgammon.cube import cubeful_equity, decide
from engine.backgammon.evaluator import AfterstateEvaluator
from engine.backgammon.plies import Lookahead
from engine.clock import Limit
from engine.search import SearchSettings, search
from engine.tree import MOVE, ROOT, VISITS, allocate, children, mean_value
from games import backgammon
from games.backgammon import DOUBLE, DROP, MOVES, ROLL, TAKE, TURN
from games.game import CHANCE, FIRST, NOBODY, SECOND
from tests.backgammon_boards import checkers_of

LOOKING = Lookahead(fresh(12, seed=3), threads=2)
EXACT = Lookahead(LOOKING.network._replace(tables=bearoff.load()))

NONE = ". . . . . ."
MIDDLE = checkers_of("X . . O X 5O   O 2O . . . 4X   4O . . . 3X .   4X 2X . . . 2O")
LAST_ROLLS = checkers_of(f". . . O 3O .  {NONE}  {NONE}  2X X . X . .")
AHEAD = checkers_of(f"5O 5O 5O . . .  {NONE}  {NONE}  . . . . . 3X")


def position(checkers=MIDDLE, mover=FIRST, **rules):
    return backgammon.set_up(*(checkers if mover == FIRST else checkers[::-1]), mover, **rules)


def evaluate(*states, looking=LOOKING, **settings):
    return AfterstateEvaluator(looking, **settings)(backgammon, np.stack(states))


def random_states(**rules):
    """Return positions of a random game: before rolls, with dice, at the cube, and its end."""
    random, states = np.random.default_rng(2), backgammon.start(**rules)[None]
    seen = [states[0].copy()]
    while states[0, TURN] != NOBODY:
        moves, _, counts = backgammon.legal(states)
        count = int(counts[0]) if moves[0, 0] != TAKE else 1  # nobody drops
        backgammon.play(states, moves[0, random.integers(count)][None])
        seen.append(states[0].copy())
    return np.stack(seen)


@pytest.mark.parametrize("rules", [{}, {"cube": False}, {"length": 3}], ids=str)
def test_priors_are_legal_and_add_up_to_one_where_somebody_chooses(rules):
    states = random_states(**rules)
    priors, values = AfterstateEvaluator(LOOKING)(backgammon, states)
    assert (priors.dtype, values.dtype) == (np.float32, np.float32)
    assert np.isfinite(values).all()
    moves, _, counts = backgammon.legal(states)
    for state, row, legal, count in zip(states, priors, moves, counts, strict=True):
        chosen = state[TURN] in (FIRST, SECOND)
        assert row.sum() == pytest.approx(float(chosen), abs=1e-5)
        assert row[legal[:count]].sum() == pytest.approx(row.sum(), abs=1e-6)


def test_before_the_roll_the_value_is_the_networks():
    for mover, sign in ((FIRST, 1), (SECOND, -1)):
        state = position(mover=mover, jacoby=False)
        value = cubeful_equity(LOOKING.outputs(state), state)
        assert evaluate(state)[1][0] == pytest.approx(sign * float(value[0]), abs=1e-5)


def test_leaves_may_be_read_one_ply_ahead():
    state = position(cube=False)
    value = cubeful_equity(LOOKING.outputs(state, 1), state)
    assert evaluate(state, plies=1)[1][0] == pytest.approx(float(value[0]), abs=1e-5)
    assert abs(evaluate(state)[1][0] - value[0]) > 1e-4
    with pytest.raises(ValueError, match="0 or 1 plies ahead, not 2"):
        AfterstateEvaluator(LOOKING, plies=2)


def test_with_dice_it_is_the_best_plays_and_priors_follow_equities():
    for mover, sign in ((FIRST, 1), (SECOND, -1)):
        state = position(mover=mover, dice=(4, 2), cube=False)
        ranked = LOOKING.rank(state)
        priors, values = evaluate(state, temperature=0.1)
        assert values[0] == pytest.approx(sign * ranked[0].equity, abs=1e-5)
        weights = np.zeros(MOVES)
        for each in ranked:
            weights[each.moves[0]] += np.exp((each.equity - ranked[0].equity) / 0.1)
        assert priors[0] == pytest.approx(weights / weights.sum(), abs=1e-4)


def test_only_one_order_of_the_same_moves_has_a_prior():
    state = position(dice=(4, 2), cube=False)
    priors = evaluate(state, temperature=100.0)[0][0]
    firsts = {moves[0] for moves, _ in backgammon.plays(state)}
    assert set(np.flatnonzero(priors)) == firsts < set(backgammon.legal(state[None])[0][0, : np.sum(priors >= 0)])


def test_the_opening_is_even():
    assert evaluate(backgammon.start(), backgammon.start(7))[1] == pytest.approx([0, 0], abs=1e-6)


def test_finished_games_are_worth_their_score():
    states = random_states()[-1:]
    assert evaluate(*states)[1] == pytest.approx(backgammon.score(states))


@pytest.mark.parametrize(
    "checkers", [MIDDLE, AHEAD, AHEAD[::-1], LAST_ROLLS], ids=["middle", "ahead", "behind", "race"]
)
@pytest.mark.parametrize("mover", [FIRST, SECOND])
def test_the_cube_is_turned_and_taken_as_the_theory_decides(checkers, mover):
    rolling = position(checkers, mover)
    offered = rolling[None].copy()
    backgammon.play(offered, np.array([DOUBLE], np.int32))
    verdict = decide(EXACT.outputs(rolling), rolling)
    priors, values = evaluate(rolling, offered[0], looking=EXACT)
    assert priors[0, DOUBLE if verdict.double else ROLL] == 1
    assert priors[1, TAKE if verdict.take else DROP] == 1
    sign = 1 if mover == FIRST else -1
    doubled = min(verdict.double_take, verdict.double_pass)
    assert values[1] == pytest.approx(sign * doubled, abs=1e-5)
    assert values[0] == pytest.approx(sign * max(verdict.no_double, doubled), abs=1e-5)


# --- the tree ---------------------------------------------------------------------------------------------


def grow(state, visits, looking=EXACT, **settings):
    tree = allocate(1, 1 << 18)
    evaluator = AfterstateEvaluator(looking)
    search(backgammon, state[None], tree, evaluator, SearchSettings(normalise=True, **settings), Limit(visits=visits))
    return tree, int(tree.regions[ROOT, 0])


@pytest.mark.parametrize("mover", [FIRST, SECOND])
def test_a_tree_finds_the_value_that_the_tables_know(mover):
    """The network values the root, whose last checker is not home; after any roll the tables know everything."""
    state = position(checkers_of(f". . . . . O  {NONE}  . . . . . X  . . . X . ."), mover, cube=False)
    truth = EXACT.outputs(state, 1)[0] * 2 - 1
    tree, root = grow(state, 4000, c_puct=0.3)
    sign = 1 if mover == FIRST else -1
    assert sign * mean_value(tree, root) == pytest.approx(truth, abs=0.02)
    assert abs(EXACT.outputs(state)[0] * 2 - 1 - truth) > 0.1


def test_chance_is_visited_by_its_odds():
    tree, root = grow(position(cube=False), 3600)
    below = children(tree, root)
    assert len(below) == 21
    doubles = [move in {backgammon.roll_move(k, k) for k in range(1, 7)} for move in tree.ints[MOVE, below]]
    assert tree.ints[VISITS, below] == pytest.approx(np.where(doubles, 100, 200), abs=3)
    assert position(cube=False)[TURN] == CHANCE
