"""The search, on games small enough to solve, and against a plain reference of the same formulas."""

import math
import threading

import numpy as np
import pytest

from engine import gumbel, search, tree, tree_steps
from engine.clock import Limit
from engine.search import SearchSettings, uniform
from games import go
from games.game import CHANCE, NOBODY, SECOND
from tests import toys
from tests.patience import tried
from tests.toys import NOUGHTS, RACE, WORDS, noughts, noughts_board, race, words


def grow(game, *roots, visits=200, nodes=1 << 16, settings=None, evaluator=uniform, **more):
    forest = tree.allocate(len(roots), nodes)
    search.search(game, np.array(roots), forest, evaluator, settings or SearchSettings(), Limit(visits=visits), **more)
    return forest


def by_move(forest, t=0):
    below = tree.children(forest, int(forest.regions[tree.ROOT, t]))
    return {int(forest.ints[tree.MOVE, child]): int(child) for child in below}


def visits_by_move(forest, t=0):
    return {move: int(forest.ints[tree.VISITS, child]) for move, child in by_move(forest, t).items()}


# --- the formulas -----------------------------------------------------------------------------------------


class Reference:
    """One node of a textbook PUCT tree, one simulation at a time."""

    def __init__(self, prior=1.0):
        self.prior, self.visits, self.total, self.children = prior, 0, 0.0, {}

    def best(self, turn, settings):
        def score(child):
            sign = -1 if turn == SECOND else 1
            mean = self.total / max(self.visits, 1)
            q = sign * child.total / child.visits if child.visits else sign * mean - settings.first_play
            return q + settings.c_puct * child.prior * math.sqrt(self.visits + 1) / (1 + child.visits)

        def lag(place, child):
            return child.prior * (self.visits + 1) - child.visits + (place * 0.618034) % 1

        if turn == CHANCE:
            lags = [lag(place, child) for place, child in enumerate(self.children.values())]
            return list(self.children.items())[int(np.argmax(lags))]
        return max(self.children.items(), key=lambda item: score(item[1]))

    def simulate(self, game, state, settings):
        path, node = [self], self
        while node.children:
            move, node = node.best(game.one.turn(state), settings)
            state = np.array(game.one.after(state, move))
            path.append(node)
        turn = game.one.turn(state)
        if turn == NOBODY:
            value = game.one.value(state)
        else:
            value, moves = opinion(game, state), game.one.moves(state)
            priors = game.one.odds(state) if turn == CHANCE else hunches(moves)
            node.children = {move: Reference(prior) for move, prior in zip(moves, priors, strict=True)}
        for node in path:
            node.visits, node.total = node.visits + 1, node.total + value


def opinion(game, state):
    """A repeatable made-up value of a position."""
    return float(np.random.default_rng([int(x) + 5 for x in state]).uniform(-0.5, 0.5))


def hunches(moves):
    weights = np.array([1 + (move * 7) % 5 for move in moves], float)
    return weights / weights.sum()


def opinionated(game, states):
    values = np.array([opinion(game, state) for state in states], np.float32)
    return np.array(
        [[1 + (move * 7) % 5 for move in range(game.move_count(states[0]))]] * len(states), np.float32
    ), values


@pytest.mark.parametrize(("game", "root"), [(race, RACE), (noughts, NOUGHTS), (noughts, noughts_board("xo. .x. ..o"))])
def test_one_leaf_at_a_time_it_is_textbook_puct(game, root):
    settings = SearchSettings(wave=1, c_puct=1.25, first_play=0.1)
    forest = grow(game, root, visits=400, settings=settings, evaluator=opinionated)
    reference = Reference()
    reference.simulate(game, root, settings)
    reference.visits, reference.total = 0, 0.0  # `search` expands the root before the first simulation
    for _ in range(400):
        reference.simulate(game, root, settings)
    assert visits_by_move(forest) == {move: child.visits for move, child in reference.children.items()}
    for move, child in by_move(forest).items():
        assert tree.mean_value(forest, child) == pytest.approx(
            reference.children[move].total / max(1, reference.children[move].visits), abs=1e-4
        )


def test_chance_is_visited_by_its_odds():
    forest = grow(race, RACE, visits=4001)
    assert [visits_by_move(forest)[move] for move in range(3)] == pytest.approx([2000, 1000, 1000], abs=2)


@pytest.mark.parametrize("state", [(0, 0, 0, 0), (3, 4, 1, 1), (1, 4, 0, 0), (4, 3, 1, 2), (2, 2, 0, 1)])
def test_a_race_with_dice_is_solved(state):
    state = np.array(state, np.int32)
    forest = grow(race, state, visits=5000, settings=SearchSettings(c_puct=0.5))
    values = {move: toys.solve(race, np.array(race.one.after(state, move))) for move in race.one.moves(state)}
    best = max(values, key=lambda move: values[move] * (1 if state[2] == 0 else -1))
    if abs(values[toys.ROLL] - values[toys.SURE]) > 0.02:
        assert max(visits_by_move(forest), key=visits_by_move(forest).get) == best
    assert tree.mean_value(forest, by_move(forest)[best]) == pytest.approx(values[best], abs=0.1)


def test_one_player_with_values_of_any_size():
    normal = SearchSettings(normalise=True, first_play=0.0, c_puct=4.0)
    forest = grow(words, WORDS, visits=300, settings=normal)
    assert tree.variation(forest, 0) == [1, 2, 2]
    assert forest.bounds[0, 0] < 0 < forest.bounds[1, 0] <= 1000


@pytest.mark.parametrize(
    ("board", "best"),
    [
        ("xx. oo. ...", {2}),
        ("xx. o.. ..o", {2}),
        ("x.. .o. ..x", {1, 3, 5, 7}),
        ("oo. x.. x..", {2}),
        ("x.. ... ...", {4}),
    ],
)
@pytest.mark.parametrize("rollout_weight", [0.0, 1.0])
def test_noughts_and_crosses(board, best, rollout_weight):
    settings = SearchSettings(rollout_weight=rollout_weight, c_puct=1.0, wave=8)
    forest = grow(noughts, noughts_board(board), visits=1500, settings=settings)
    assert max(visits_by_move(forest), key=visits_by_move(forest).get) in best


# --- waves, threads, limits -------------------------------------------------------------------------------


def consistent(forest, visits):
    """Check that nothing is in flight and that every node's visits are its children's and its own."""
    ints, floats = forest.ints, forest.floats
    assert not ints[tree.IN_FLIGHT].any()
    for t, root in enumerate(forest.regions[tree.ROOT]):
        assert ints[tree.VISITS, root] == visits
        for node in range(root, forest.regions[tree.USED, t]):
            below = tree.children(forest, node)
            if len(below):
                assert (ints[tree.PARENT, below] == node).all()
                own = ints[tree.VISITS, node] - ints[tree.VISITS, below].sum()
                assert own >= (0 if node == root else 1)
                assert floats[tree.PRIOR, below].sum() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("wave", [1, 16, 64])
def test_books_balance_after_any_wave(wave, threads):
    forest = grow(go, go.start(5), go.start(5), visits=300, settings=SearchSettings(wave=wave, threads=threads))
    consistent(forest, 300)


@pytest.mark.parametrize("rollout_weight", [0.0, 0.5, 1.0])
def test_the_same_seed_gives_the_same_search(rollout_weight):
    settings = SearchSettings(rollout_weight=rollout_weight, expand_at=2, noise_weight=0.25, seed=11)
    once, again = (grow(go, go.start(7), visits=500, settings=settings) for _ in range(2))
    other = grow(go, go.start(7), visits=500, settings=SearchSettings(**{**vars(settings), "seed": 12}))
    assert np.array_equal(once.ints, again.ints)
    assert np.array_equal(once.floats, again.floats)
    assert not np.array_equal(once.floats, other.floats)


def test_many_trees_at_once_are_each_tree_alone():
    roots = [noughts_board(text) for text in ("... ... ...", "x.. .o. ...", "xo. ... ...", "xx. oo. ...")]
    settings = SearchSettings(wave=4)
    together = grow(noughts, *roots, visits=150, settings=settings, evaluator=opinionated)
    for t, root in enumerate(roots):
        alone = grow(noughts, root, visits=150, settings=SearchSettings(wave=1), evaluator=opinionated)
        assert visits_by_move(together, t) == visits_by_move(alone)


def test_leaves_get_children_only_when_they_were_visited_enough():
    forest = grow(go, go.start(5), visits=400, settings=SearchSettings(rollout_weight=1.0, expand_at=10))
    ints = forest.ints[:, : forest.regions[tree.USED, 0]]
    expanded = ints[tree.FIRST_CHILD, 1:] != tree.UNEXPANDED
    assert expanded.any()
    assert (ints[tree.VISITS, 1:][expanded] >= 10).all()


@pytest.mark.parametrize("wave", [1, 16])
def test_the_network_is_asked_once_a_node_and_its_word_stands_in_below(wave):
    asked = []

    def counted(game, states):
        asked.extend(states)
        return opinionated(game, states)

    settings = SearchSettings(rollout_weight=0.0, expand_at=4, wave=wave)
    forest = grow(go, go.start(5), visits=600, settings=settings, evaluator=counted)
    used = range(forest.regions[tree.USED, 0])
    expanded = [node for node in used if len(tree.children(forest, node))]
    assert len(asked) == len(expanded)
    assert len({state.tobytes() for state in asked}) > 20
    for node in used[1:]:
        visits, word = int(forest.ints[tree.VISITS, node]), forest.floats[tree.VALUE, forest.ints[tree.PARENT, node]]
        if 0 < visits < 4:
            assert forest.floats[tree.TOTAL, node] == pytest.approx(visits * word, abs=1e-5)


def test_values_and_rollouts_are_blended_as_told():
    even, three = np.array([0.5, -0.25], np.float32), np.array([1.0, -1.0], np.float32)
    for weight, expected in ((0.0, even), (0.5, [0.75, -0.625]), (1.0, three)):
        assert search.blend(even, three, SearchSettings(rollout_weight=weight)).tolist() == list(expected)


def test_a_finished_game_is_never_shown_to_the_network():
    def never_over(game, states):
        assert (game.turn(states) != NOBODY).all()
        return opinionated(game, states)

    for expand_at in (1, 3):
        settings = SearchSettings(expand_at=expand_at, wave=8)
        forest = grow(noughts, noughts_board("xo. .x. ..o"), visits=800, settings=settings, evaluator=never_over)
        assert (forest.ints[tree.TURN] == NOBODY).any()


@pytest.mark.parametrize("widest", [1, 3, 100])
def test_a_node_has_its_likeliest_children_and_no_more(widest):
    forest = grow(noughts, NOUGHTS, visits=300, settings=SearchSettings(widest=widest), evaluator=opinionated)
    assert forest.ints[tree.WIDTH].max() == min(widest, 9)
    hunch = {move: 1 + (move * 7) % 5 for move in range(9)}
    kept = set(by_move(forest))
    assert min(hunch[move] for move in kept) >= max((hunch[move] for move in hunch.keys() - kept), default=0)
    assert forest.floats[tree.PRIOR, tree.children(forest, 0)].sum() == pytest.approx(1)


def test_forbidden_moves_do_not_use_up_the_width():
    forbidden = {0: np.array([2, 4, 7])}
    settings = SearchSettings(widest=2)
    forest = grow(noughts, NOUGHTS, settings=settings, evaluator=opinionated, forbidden=forbidden)
    assert len(by_move(forest)) >= 2
    assert not {2, 4, 7} & set(by_move(forest))


def test_every_roll_stays_however_narrow_a_node_may_be():
    forest = grow(race, RACE, visits=300, settings=SearchSettings(widest=1))
    assert sorted(by_move(forest)) == [0, 1, 2]


def test_an_evaluator_may_name_the_moves_itself():
    def narrow(game, states):
        moves = np.full((len(states), 2), -1, np.int32)
        for row, state in zip(moves, states, strict=True):
            legal = game.one.moves(state)[-2:]
            row[: len(legal)] = legal
        return np.array([[1, 3]] * len(states), np.float32), np.zeros(len(states), np.float32), moves

    forest = grow(noughts, NOUGHTS, visits=200, evaluator=narrow)
    assert {move: forest.floats[tree.PRIOR, node] for move, node in by_move(forest).items()} == {7: 0.25, 8: 0.75}
    assert forest.ints[tree.WIDTH].max() == 2


def test_the_mean_of_twenty_million_values_is_exact():
    forest = tree.allocate(1, 4)
    leaves, owners = np.zeros(1 << 16, np.int32), np.zeros(1 << 16, np.int32)
    values = np.where(np.arange(1 << 16) % 100 < 97, 1, 0).astype(np.float32)
    for _ in range(320):
        tree_steps.backup(forest.ints, forest.floats, forest.bounds, leaves, owners, values, False)
    assert forest.ints[tree.VISITS, 0] == 320 << 16
    assert tree.mean_value(forest, 0) == pytest.approx(values.mean(dtype=float), abs=1e-6)


def test_trees_draw_from_generators_of_their_own():
    def drawn(*seeds):
        randoms = [np.random.default_rng(seed) for seed in seeds]
        forest = grow(
            noughts, *[NOUGHTS] * len(seeds), visits=20, settings=SearchSettings(noise_weight=0.5), randoms=randoms
        )
        roots = forest.regions[tree.ROOT]
        return [forest.floats[tree.PRIOR, tree.children(forest, root)].tolist() for root in roots]

    one, two, three = drawn(1, 2, 3)
    assert drawn(3, 1) == [three, one]
    assert two not in (one, three)


def test_a_full_tree_goes_on_searching():
    forest = grow(go, go.start(5), visits=500, nodes=300)
    assert forest.regions[tree.USED, 0] <= 300
    consistent(forest, 500)


def test_a_time_limit_is_kept_and_stop_ends_at_once():
    forest = tree.allocate(1, 1 << 20)
    arguments = go, go.start(9)[None].copy(), forest, uniform, SearchSettings(rollout_weight=1.0, threads=2)
    search.search(*arguments, Limit(visits=10))
    assert 0.2 < min(tried(lambda: search.search(*arguments, Limit(seconds=0.3)), 0.4)) < 0.4

    def stop_soon():
        stopped = threading.Event()
        threading.Timer(0.2, stopped.set).start()
        search.search(*arguments, Limit(), stopped=stopped.is_set)

    assert 0.05 < min(tried(stop_soon, 0.35)) < 0.35


@pytest.mark.parametrize("threads", [1, 2])
def test_an_evaluator_that_fails_ends_the_search_with_its_error(threads):
    calls = []

    def failing(game, states):
        calls.append(len(states))
        if len(calls) > 3:
            raise RuntimeError("the network is gone")
        return uniform(game, states)

    with pytest.raises(RuntimeError, match="the network is gone"):
        grow(go, go.start(5), settings=SearchSettings(threads=threads), evaluator=failing)


# --- the root ---------------------------------------------------------------------------------------------


def test_forbidden_moves_leave_the_root():
    forest = grow(go, go.start(5), visits=200, forbidden={0: np.array([12, 3], np.int32)})
    assert sorted(visits_by_move(forest)) == [move for move in range(26) if move not in (3, 12)]
    consistent(forest, 200)


def test_a_grown_root_can_still_lose_moves():
    forest = grow(go, go.start(3), visits=400)
    grown = visits_by_move(forest)
    tree.forbid(forest, 0, np.array([4, 9]))
    assert visits_by_move(forest) == {move: n for move, n in grown.items() if move not in (4, 9)}
    tree.advance(forest, 0, 0)
    assert forest.ints[tree.VISITS, 0] == grown[0]
    consistent(forest, grown[0])


def test_noise_changes_priors_but_not_their_sum():
    quiet, noisy = (grow(go, go.start(9), settings=SearchSettings(noise_weight=share)) for share in (0.0, 0.25))
    below = tree.children(noisy, 0)
    assert noisy.floats[tree.PRIOR, below].sum() == pytest.approx(1, abs=1e-4)
    assert np.abs(noisy.floats[tree.PRIOR, below] - quiet.floats[tree.PRIOR, below]).max() > 0.01


def test_sequential_halving_visits_as_planned():
    assert gumbel.considered_visits(1, 4).tolist() == [0, 1, 2, 3]
    assert gumbel.considered_visits(4, 8).tolist() == [0, 0, 0, 0, 1, 1, 2, 2]
    plan = gumbel.considered_visits(16, 64)
    assert np.bincount(plan)[0] == 16
    assert len(plan) == 64
    assert np.all(np.diff(np.bincount(plan)) <= 0)


def test_a_gumbel_root_tries_few_moves_and_finds_the_win():
    board = noughts_board("xx. oo. ...")
    forest = grow(noughts, board, visits=32, settings=SearchSettings(gumbel=4, wave=1, seed=3))
    tried = {move: n for move, n in visits_by_move(forest).items() if n}
    assert len(tried) == 4
    assert sum(tried.values()) == 32
    settings = SearchSettings(gumbel=5, wave=1)
    assert max(visits_by_move(f := grow(noughts, board, visits=60, settings=settings)), key=visits_by_move(f).get) == 2


# --- re-rooting -------------------------------------------------------------------------------------------


def below_of(forest, node):
    """Describe a subtree by moves and visits, whatever its indices are."""
    return {
        int(forest.ints[tree.MOVE, child]): (
            int(forest.ints[tree.VISITS, child]),
            float(forest.floats[tree.TOTAL, child]),
            below_of(forest, child),
        )
        for child in tree.children(forest, node)
    }


def test_advancing_keeps_what_was_found_below():
    forest = grow(go, go.start(4), go.start(4), visits=600)
    for t in (0, 1):
        child = by_move(forest, t)[5]
        expected = below_of(forest, child)
        tree.advance(forest, t, 5)
        assert below_of(forest, int(forest.regions[tree.ROOT, t])) == expected
    after = go.start(4)[None].copy()
    go.play(after, np.array([5]))
    search.search(go, np.repeat(after, 2, 0), forest, uniform, SearchSettings(), Limit(visits=700))
    consistent(forest, 700)


def test_advancing_to_an_unknown_move_begins_anew():
    forest = grow(go, go.start(4), visits=50)
    tree.advance(forest, 0, 99)
    assert forest.regions[tree.USED, 0] == 1
    assert not forest.ints[tree.VISITS].any()
