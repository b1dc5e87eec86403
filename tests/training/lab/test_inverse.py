"""The simplex method against every vertex, and rewards that explain an expert."""

from itertools import combinations

import numpy as np
import pytest

from games.lab import grid
from games.lab.finite_world import action_values, greedy, optimal_values, policy_values
from tests.training.lab.test_tables import trained
from training.lab import inverse
from training.lab.simplex import maximise


def best_vertex(gains, rows, limits):
    """Return the largest gain at a crossing of as many borders as there are unknowns."""
    size, best = len(gains), 0.0
    rows, limits = np.vstack([rows, -np.eye(size)]), np.concatenate([limits, np.zeros(size)])
    for chosen in map(list, combinations(range(len(rows)), size)):
        if abs(np.linalg.det(rows[chosen])) > 1e-9:
            x = np.linalg.solve(rows[chosen], limits[chosen])
            if (rows @ x <= limits + 1e-9).all():
                best = max(best, float(gains @ x))
    return best


@pytest.mark.parametrize("seed", range(20))
def test_the_simplex_method_finds_the_best_vertex(seed):
    random = np.random.default_rng(seed)
    gains, rows = random.normal(size=3), random.normal(size=(5, 3))
    limits = np.where(random.random(5) < 0.4, 0.0, random.random(5))  # zeros: where careless rules turn in circles
    rows, limits = np.vstack([rows, np.eye(3)]), np.append(limits, np.ones(3))
    found = maximise(gains, rows, limits)
    assert (found >= 0).all()
    assert (rows @ found <= limits + 1e-6).all()
    assert gains @ found == pytest.approx(best_vertex(gains, rows, limits), abs=1e-6)


def test_what_the_simplex_method_cannot_do():
    with pytest.raises(ValueError, match="no bound"):
        maximise(np.ones(2), np.array([[1.0, 0.0]]), np.ones(1))
    with pytest.raises(ValueError, match="negative limit"):
        maximise(np.ones(1), np.ones((1, 1)), -np.ones(1))


@pytest.mark.parametrize(("side", "slip"), [(4, 0.3), (5, 0.3), (4, 0.1)])
def test_a_recovered_reward_loses_less_than_a_hundredth(side, slip, tmp_path):
    tables, last = trained(inverse, tmp_path / "run", side=side, slip=slip)
    assert last["seen"] > 0.9
    assert last["loss"] < 0.01
    world = grid.field(side, slip)
    explained = world._replace(rewards=np.repeat(tables["reward"][:, None], 4, 1))
    policy = greedy(action_values(explained, optimal_values(explained)))
    assert policy_values(world, policy).mean() > 0.99 * optimal_values(world).mean()
    assert tables["reward"].argmax() == side - 1  # the corner that earns


def test_an_expert_who_was_not_seen_explains_nothing():
    world = grid.field()
    reward = inverse.explain(world, np.eye(4)[np.zeros(16, int)], np.zeros(16, bool), 1.0)
    assert not reward.any()
