"""What searches recommend for many roots at once, against the formulas written out for one root, and `chosen`."""

import math

import numpy as np
import pytest

from engine.clock import Limit
from engine.gumbel import C_SCALE, C_VISIT, chosen, improved_policies, visit_policies
from engine.search import SearchSettings, search
from engine.tree import MOVE, PRIOR, ROOT, TOTAL, TURN, VALUE, VISITS, allocate, children
from games import connect_four
from games.connect_four.writing import read_moves
from games.game import SECOND

GAMES = ("", "4", "44", "4455", "1111112", "43525", "414141", "111111222222")


def opinionated(game, states):
    """Evaluate by a hash of the position: priors that differ, values from -0.9 to 0.9."""
    seeds = (states[:, 0] * np.uint64(31) + states[:, 1] * np.uint64(17)) % np.uint64(9973)
    draws = np.array([np.random.default_rng(int(seed)).random(8) for seed in seeds], np.float32)
    return draws[:, :7] / draws[:, :7].sum(1, keepdims=True), 1.8 * draws[:, 7] - 0.9


def searched(visits, normalise=False, considered=16):
    roots = np.array([read_moves(text).state for text in GAMES])
    tree = allocate(len(roots), (visits.max() + 2) * 7)
    settings = SearchSettings(gumbel=considered, normalise=normalise, wave=len(roots), seed=3)
    scores = search(connect_four, roots, tree, opinionated, settings, Limit(visits=int(visits.max())), visits=visits)
    return tree, scores


def written_out(tree, t):
    """Return moves, policy and value of one root by the paper's formulas, in own words and plain floats."""
    root = int(tree.regions[ROOT, t])
    low, high = map(float, tree.bounds[:, t])
    span = (lambda x: (2 * x - low - high) / (high - low)) if low < high else (lambda x: x)
    back = (lambda y: (y * (high - low) + low + high) / 2) if low < high else (lambda y: y)
    sign = -1 if tree.ints[TURN, root] == SECOND else 1
    below = [int(child) for child in children(tree, root)]
    visits = {child: int(tree.ints[VISITS, child]) for child in below}
    q = {c: sign * span(float(tree.floats[TOTAL, c]) / visits[c]) for c in below if visits[c]}
    prior = {child: float(tree.floats[PRIOR, child]) for child in below}
    own, total = sign * span(float(tree.floats[VALUE, root])), sum(visits.values())
    share = sum(prior[child] for child in q)
    mixed = (own + total * sum(prior[child] * q[child] for child in q) / share) / (1 + total)
    completed = {child: q.get(child, mixed) for child in below}
    weight = (C_VISIT + max(visits.values())) * C_SCALE
    powers = {c: prior[c] * math.exp(weight * (completed[c] - max(completed.values())) / 2) for c in below}
    policy = {child: power / sum(powers.values()) for child, power in powers.items()}
    value = back(sign * sum(policy[child] * completed[child] for child in below))
    moves = [int(tree.ints[MOVE, child]) for child in below]
    return moves, [policy[child] for child in below], value


@pytest.mark.parametrize("normalise", [False, True])
@pytest.mark.parametrize("visits", [1, 5, 16, 60])
def test_improved_policies_are_those_of_the_paper(visits, normalise):
    tree, scores = searched(np.full(len(GAMES), visits), normalise)
    found = improved_policies(tree, scores)
    for t in range(len(GAMES)):
        moves, policy, value = written_out(tree, t)
        assert found.moves[t].tolist() == moves + [-1] * (found.moves.shape[1] - len(moves))
        np.testing.assert_allclose(found.shares[t, : len(moves)], policy, rtol=2e-3, atol=1e-6)
        assert not found.shares[t, len(moves) :].any()
        assert found.values[t] == pytest.approx(value, abs=1e-4)
        assert found.moves[t, found.best[t]] == tree.ints[MOVE, chosen(tree, t, scores)]


def test_each_tree_has_its_own_number_of_visits():
    visits = np.array([3, 16, 7, 1, 32, 16, 2, 9])
    tree, scores = searched(visits)
    assert tree.ints[VISITS, tree.regions[ROOT]].tolist() == visits.tolist()
    alone, alone_scores = searched(np.full(8, 7))
    assert np.array_equal(scores[2], alone_scores[2])
    row = children(tree, int(tree.regions[ROOT, 2])), children(alone, int(alone.regions[ROOT, 2]))
    assert tree.ints[VISITS, row[0]].tolist() == alone.ints[VISITS, row[1]].tolist()


def test_a_search_by_puct_recommends_its_visits():
    tree, _ = searched(np.full(len(GAMES), 40), considered=0)
    found = visit_policies(tree)
    for t in range(len(GAMES)):
        root = int(tree.regions[ROOT, t])
        below = children(tree, root)
        np.testing.assert_allclose(found.shares[t, : len(below)], tree.ints[VISITS, below] / 40, rtol=1e-6)
        assert found.best[t] == np.argmax(tree.ints[VISITS, below])
        assert found.values[t] == pytest.approx(tree.floats[TOTAL, root] / 40, abs=1e-6)
