"""Search over tokens: leaves followed to the end, ends scored and closed, evaluations counted; and plain search."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

from engine.clock import Limit
from engine.players import SearchPlayer
from engine.search import SearchSettings, search
from engine.text.evaluator import TokenEvaluator
from engine.tree import FIRST_CHILD, IN_FLIGHT, ROOT, TOTAL, VISITS, allocate, children
from engine.tree_steps import CLOSED
from games.game import Position
from games.text.rewarded import TextGame
from games.text.rows import END, LENGTH, start, tokens, written
from tests.engine.text.models import Trigrams

FOLLOW = SearchSettings(follow=True, first_play=0.0, normalise=True, wave=1)


class Pays:
    """A reward of every text by a function of its letters; it remembers what it was asked."""

    def __init__(self, model, value):
        self.decode, self.value, self.asked = model.tokenizer.decode, value, []

    def __call__(self, states):
        texts = [self.decode(written(state)) for state in states]
        self.asked += [self.decode(tokens(state)) for state in states]
        return np.array([self.value(text) for text in texts], np.float32)


def made(value, ends=(0.0, 1.0), room=4, alphabet="abc.", prompts=("a",), seed=1):
    model = Trigrams(alphabet, seed)
    pays = Pays(model, value)
    game = TextGame(pays, ends, piece=model.tokenizer.alphabet.__getitem__)
    roots = np.stack([start(model.tokenizer.encode(prompt), room, model.vocabulary, model.end) for prompt in prompts])
    return model, game, roots, pays


def every_text(alphabet, room):
    """Return every text that may be written: up to a full stop, or without one as long as there is room."""
    letters, found = alphabet[:-1], []
    for length in range(room):
        found += ["".join(each) + "." for each in itertools.product(letters, repeat=length)]
    return found + ["".join(each) for each in itertools.product(letters, repeat=room)]


def test_an_exhausted_tree_has_scored_every_text_once_and_ends_by_itself():
    model, game, roots, pays = made(lambda text: len(text) / 9, room=4)
    evaluator, tree = TokenEvaluator(model), allocate(1, 1 << 12)
    search(game, roots, tree, evaluator, FOLLOW, Limit(visits=100_000))
    assert sorted(pays.asked) == sorted("a" + text for text in every_text("abc.", 4))
    assert tree.ints[IN_FLIGHT, tree.regions[ROOT, 0]] >= CLOSED
    inner = 1 + 3 + 9 + 27
    assert evaluator.looked == inner


def test_closed_nodes_are_not_selected_again():
    model, game, roots, pays = made(lambda text: float(text.count("c")), (0.0, 99.0), room=5)
    tree, evaluator = allocate(1, 1 << 14), TokenEvaluator(model)
    for _ in range(60):
        search(game, roots, tree, evaluator, FOLLOW, Limit(evaluations=3))
        assert len(set(pays.asked)) == len(pays.asked), "a text was scored twice"


def test_the_evaluations_of_each_tree_are_bounded():
    model, game, roots, _ = made(lambda text: 0.0, room=9, prompts=("ab", "bc", "ca"))
    evaluator, tree = TokenEvaluator(model), allocate(3, 1 << 12)
    search(game, roots, tree, evaluator, FOLLOW, Limit(evaluations=40))
    assert evaluator.looked == 120
    expanded = [(tree.ints[FIRST_CHILD, t << 12 : (t + 1) << 12] != 0).sum() for t in range(3)]
    assert expanded == [40, 40, 40]


def test_a_plain_search_counts_its_evaluations_too():
    model, game, roots, _ = made(lambda text: 0.0, room=30)
    evaluator = TokenEvaluator(model)
    search(game, roots, allocate(1, 1 << 14), evaluator, SearchSettings(wave=4), Limit(evaluations=41))
    assert 41 <= evaluator.looked <= 44


def test_the_search_stops_where_the_best_possible_end_is_found():
    model, game, roots, pays = made(lambda text: float(text == "cab"), room=6)
    evaluator = TokenEvaluator(model)
    search(game, roots, allocate(1, 1 << 16), evaluator, FOLLOW, Limit(evaluations=5000))
    assert pays.asked[-1].startswith("acab") or "acab." in pays.asked[-6:]
    assert evaluator.looked < 1000


def test_marks_of_the_way_down_are_taken_off_and_values_add_up():
    model, game, roots, _ = made(lambda text: len(text) / 9, room=8)
    tree = allocate(1, 1 << 14)
    search(game, roots, tree, TokenEvaluator(model), FOLLOW, Limit(evaluations=300))
    used = tree.ints[:, : int(tree.regions[1, 0])]
    assert set(np.unique(used[IN_FLIGHT]).tolist()) <= {0, CLOSED}
    root = int(tree.regions[ROOT, 0])
    below = children(tree, root)
    assert tree.ints[VISITS, root] >= tree.ints[VISITS, below].sum() - len(below)
    assert 0 < tree.floats[TOTAL, root] / tree.ints[VISITS, root] <= 8 / 9


def test_a_node_is_worth_no_less_than_an_end_next_to_it():
    model, game, roots, _ = made(lambda text: float(text == "b"), (0.0, 2.0), room=3)
    tree = allocate(1, 1 << 12)
    search(game, roots, tree, TokenEvaluator(model), FOLLOW, Limit(visits=500))
    root = int(tree.regions[ROOT, 0])
    assert tree.floats[TOTAL, root] > 0
    best = max(children(tree, root), key=lambda k: tree.floats[TOTAL, k] / max(tree.ints[VISITS, k], 1))
    assert tree.ints[1, best] == model.tokenizer.encode("b")[0]


def test_the_same_seed_grows_the_same_tree_and_another_does_not():
    trees = []
    for seed in (1, 1, 2):
        model, game, roots, _ = made(lambda text: len(text) / 9, room=8)
        trees.append(allocate(1, 1 << 12))
        settings = SearchSettings(follow=True, normalise=True, wave=1, seed=seed)
        search(game, roots, trees[-1], TokenEvaluator(model), settings, Limit(evaluations=60))
    assert np.array_equal(trees[0].ints, trees[1].ints)
    assert not np.array_equal(trees[0].ints, trees[2].ints)


class Fears:
    """A critic that gives texts of more than five tokens little hope."""

    low, high, least = 0.0, 1.0, 1e-3

    def judge(self, hidden, states, moves):
        return np.where(states[:, LENGTH] > 5, 0.01, 1.0)[:, None] * np.ones(moves.shape, np.float32)


@pytest.mark.parametrize(("give_up", "read"), [(0.1, 6), (0.0, 9), (0.001, 9)])
def test_a_value_below_a_share_of_the_roots_gives_a_leaf_up(give_up, read):
    model, game, roots, _ = made(lambda text: 0.5, room=9)
    roots[:, END] = -1  # only the room ends a text
    evaluator = TokenEvaluator(model, critic=Fears())
    settings = replace(FOLLOW, give_up=give_up)
    search(game, roots, allocate(1, 1 << 14), evaluator, settings, Limit(visits=1))
    assert evaluator.looked == read


class Promises:
    """A critic that finds the prompt far better than anything that can be written after it."""

    low, high, least = 0.0, 1.0, 1e-3

    def judge(self, hidden, states, moves):
        return np.where(states[:, LENGTH] > 1, 0.3, 1.0)[:, None] * np.ones(moves.shape, np.float32)


def test_under_an_overrated_root_rollouts_still_come_to_their_ends():
    model, game, roots, pays = made(lambda text: 0.5, room=9)
    roots[:, END] = -1
    settings = replace(FOLLOW, give_up=0.5)
    search(game, roots, allocate(1, 1 << 14), TokenEvaluator(model, critic=Promises()), settings, Limit(visits=20))
    assert pays.asked


def test_a_search_player_writes_the_best_paid_text():
    settings = SearchSettings(normalise=True, first_play=0.0)
    pay = {"".join(each): k for k, each in enumerate(itertools.product("abc", repeat=3))}
    model, game, roots, _ = made(lambda text: float(pay.get(text, -5)), (-math.inf, math.inf), room=3)
    player = SearchPlayer("text", TokenEvaluator(model), settings, Limit(visits=400), nodes=1 << 14)
    position = Position(game, roots[0])
    while not position.over:
        thought = player.think(position, Limit(visits=400))
        assert thought.lines
        position.play(player.choose(position))
    assert model.tokenizer.decode(written(position.state)) == "ccc"


def test_following_is_for_one_player():
    from games import connect_four

    with pytest.raises(ValueError, match="one player"):
        search(
            connect_four, connect_four.start()[None], allocate(1, 64),
            lambda game, states: (np.empty((len(states), 0), np.float32), np.zeros(len(states), np.float32)),
            FOLLOW, Limit(visits=4),
        )  # fmt: skip


def test_a_rollout_ends_where_the_end_is_drawn_though_it_was_scored_before():
    model, game, roots, pays = made(lambda text: 0.5, room=50)
    model.table[:, :2, -1] += 30  # after a and b the full stop is all but certain, after c it is not
    evaluator = TokenEvaluator(model)
    search(game, roots, allocate(1, 1 << 14), evaluator, FOLLOW, Limit(visits=30))
    assert evaluator.looked < 30 * 8, "rollouts went on behind their ends"
    assert len(set(pays.asked)) == len(pays.asked)
