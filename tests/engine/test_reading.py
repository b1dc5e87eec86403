"""Reading a tree: what a snapshot says, how little it costs, and that no moving tree breaks it."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from engine import reading, tree
from engine.clock import Limit
from engine.players import Player, SearchPlayer
from engine.reading import UNKNOWN, read_player
from engine.rollouts import policy_priors, shipped_policy
from engine.search import SearchSettings
from engine.searching import ROLLOUTS
from games import backgammon, go
from games.game import CHANCE, FIRST, SECOND, Position
from tests.toys import NOUGHTS, RACE, WORDS, noughts, race, words


def grown(game, state, visits=400, **settings):
    """Return a player that has searched, and the position."""
    player, position = (
        SearchPlayer("uniform", settings=SearchSettings(**settings), nodes=1 << 17),
        Position(game, state),
    )
    player.think(position, Limit(visits=visits))
    return player, position


def nodes(node):
    return [node, *(below for child in node.children for below in nodes(child))]


def index(forest, path):
    """Return the node of a path in the tree itself."""
    node = int(forest.regions[tree.ROOT, 0])
    for move in path:
        below = tree.children(forest, node)
        node = int(below[forest.ints[tree.MOVE, below] == move][0])
    return node


def test_the_root_and_its_best_children():
    player, position = grown(go, go.start(5))
    read = read_player(player, position, width=4)
    thought = player.thought or player.think(position, Limit(visits=400))
    assert (read.root.visits, read.root.turn) == (400, FIRST)
    assert read.root.value == pytest.approx(thought.value)
    assert [child.visits for child in read.root.children] == [line.visits for line in thought.lines[:4]]
    assert {child.name for child in read.root.children} <= {go.notation(position.state, move) for move in range(26)}
    others = read.root.others
    assert others.moves == 26 - 4
    assert others.visits == 400 - sum(child.visits for child in read.root.children)
    assert others.prior + sum(child.prior for child in read.root.children) == pytest.approx(1, abs=1e-4)


def test_every_number_is_the_trees():
    player, position = grown(noughts, NOUGHTS, visits=900, c_puct=2.0)
    read, forest = read_player(player, position, depth=3, width=9), player.tree

    def check(node, path):
        at = index(forest, path)
        sign = -1 if forest.ints[tree.TURN, at] == SECOND else 1
        for child in node.children:
            below = index(forest, (*path, child.move))
            n, parent = forest.ints[tree.VISITS, [below, at]]
            assert child.visits == n
            assert child.value == pytest.approx(float(tree.mean_value(forest, below)))
            assert child.u == pytest.approx(2.0 * child.prior * np.sqrt(parent + 1) / (1 + n), rel=1e-5)
            assert child.q == pytest.approx(sign * child.value, abs=1e-6) or n == 0
            check(child, (*path, child.move))

    check(read.root, ())
    assert len(nodes(read.root)) > 100


def test_an_unvisited_child_is_guessed_from_its_parent():
    player, position = grown(go, go.start(9), visits=10, first_play=0.2)
    root = read_player(player, position, width=82).root
    assert len(root.children) == 82
    unvisited = [child for child in root.children if not child.visits]
    assert unvisited
    assert all(child.q == pytest.approx(root.value - 0.2) for child in unvisited)
    assert all(child.turn == UNKNOWN for child in unvisited)


def test_depth_and_width_are_kept_and_opened_nodes_go_beyond():
    player, position = grown(go, go.start(5), visits=3000)
    read = read_player(player, position, depth=2, width=3)
    root, best = read.root, read.best[0]
    assert all(len(node.children) <= 3 for node in nodes(root))
    beside = [a for a in root.children if a.move != best]
    assert not [node for a in beside for b in a.children if not b.single for node in b.children]
    assert reading.find(root, read.best[:3]).children  # the principal variation is unfolded unasked
    visits = player.tree.ints[tree.VISITS]
    least = tree.children(player.tree, 0)[np.argmin(visits[tree.children(player.tree, 0)])]
    path = (int(player.tree.ints[tree.MOVE, least]),)
    assert reading.find(root, path) is None
    opened = read_player(player, position, depth=2, width=3, opened=[path]).root
    assert reading.find(opened, path).visits == visits[least]
    below = reading.find(opened, path).children
    assert len(below) == 3
    assert any(node.children for node in below if node.visits > 1) == any(node.visits > 1 for node in below)
    assert len(opened.children) == 4
    assert opened.others.moves == root.others.moves - 1


def test_all_dice_are_listed_in_their_order():
    player, position = grown(backgammon, backgammon.start(), visits=300)
    root = read_player(player, position, width=4).root
    assert root.turn == CHANCE
    assert root.others is None
    moves = [child.move for child in root.children]
    assert moves == sorted(moves)
    assert len(moves) == 30
    assert sum(child.prior for child in root.children) == pytest.approx(1, abs=1e-4)
    assert {child.q for child in root.children} == {0}


def test_chains_cost_no_depth():
    player, position = grown(go, go.start(5), visits=12, c_puct=0.0, wave=1)  # never tries a second move
    node, length = read_player(player, position, depth=2, width=3).root, 0
    while node.children and node.children[0].visits:
        node, length = node.children[0], length + 1
        assert node.single == (length > 1)
    assert length > 5
    player, position = grown(go, go.start(5), visits=900)
    root = read_player(player, position, depth=2, width=3).root
    assert not any(node.single for child in root.children for node in child.children)


def test_the_principal_variation_is_read_to_its_end():
    player, position = grown(go, go.start(5), visits=2000)
    read = read_player(player, position, depth=1)
    assert list(read.best) == tree.variation(player.tree, 0)
    assert read.names == tuple(go.notation(position.state, move) for move in read.best)


@pytest.mark.parametrize(
    ("game", "state", "both"), [(words, WORDS, False), (race, RACE, True), (go, go.start(4), True)]
)
def test_values_lie_between_low_and_high(game, state, both):
    player, position = grown(game, state, visits=200, normalise=True)
    read = read_player(player, position)
    assert all(read.low <= node.value <= read.high for node in nodes(read.root) if node.visits)
    assert (read.low == -read.high) == both


def test_a_tree_of_another_position_is_no_reading():
    player, position = grown(go, go.start(5))
    assert read_player(SearchPlayer("new"), position) is None
    later = reading.after(position, (12,))
    assert read_player(player, later) is None
    assert later.moves == [12]
    assert reading.after(position, (12, 12)) is None
    assert read_player(Player(), position) is None


def test_a_reading_costs_little():
    policy = shipped_policy(go)
    settings = replace(ROLLOUTS, expand_at=1, rollout_weight=0.0)
    player = SearchPlayer("policy", policy_priors(policy), settings, Limit(), policy, nodes=1 << 18)
    position = Position(go, go.start(9))
    player.think(position, Limit(visits=1300))
    assert player.tree.regions[tree.USED, 0] > 100_000
    took = []
    for _ in range(15):
        began = time.thread_time()
        read_player(player, position, width=6)
        took.append(time.thread_time() - began)
    assert min(took) < 0.003  # 0.001 on a machine with nothing else to do


def test_a_running_and_leaping_search_breaks_no_reading():
    player, position = SearchPlayer("uniform", settings=SearchSettings(wave=4), nodes=30_000), Position(go, go.start(5))
    over = threading.Event()

    def think():
        game = position.copy()
        random = np.random.default_rng(1)
        while not over.is_set():
            player.think(game, Limit(visits=int(random.integers(50, 1500))))
            game = game if len(game.moves) < 8 else position.copy()
            game.play(int(random.choice(game.legal())))
            if random.random() < 0.1:
                player.forget()

    thinking = threading.Thread(target=think)
    thinking.start()
    try:
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < 1 or not count:
            if player.tree is None:
                continue
            opened = [(12,), (12, 7), (3, 4, 5)]
            read = reading.read(go, position.state, player.tree, player.settings, opened=opened)
            count += 1
            for node in nodes(read.root):
                assert 0 <= node.move <= 25 or node is read.root
    finally:
        over.set()
        thinking.join()
