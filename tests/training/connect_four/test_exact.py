"""The positions that accuracy is measured on: made again from their seed, their results known, the floors as stated."""

import numpy as np
import pytest

from engine.search import uniform
from engine.searching import ROLLOUTS
from games import connect_four
from games.connect_four.solver import FULL, Solver
from training.connect_four import exact
from training.connect_four.exact import Positions


@pytest.fixture(scope="module")
def shipped():
    return exact.shipped()


def some(positions, rows):
    return Positions(positions.states[rows], positions.results[rows])


def discs(states):
    return np.array([int(state[0] | state[1]).bit_count() for state in states])


def test_the_set_is_what_it_says(shipped):
    assert len(shipped.states) == len(shipped.results) == exact.SIZE
    counts = discs(shipped.states)
    assert (counts.min(), counts.max()) == (exact.FEWEST, exact.MOST)
    assert (connect_four.turn(shipped.states) == counts % 2).all()
    assert all(len(set(row[row != FULL].tolist())) > 1 for row in shipped.results)
    assert len(np.unique(shipped.states, axis=0)) > 2480


def test_the_solver_finds_the_same_results(shipped):
    solver, late = Solver(20), np.flatnonzero(discs(shipped.states) >= 18)
    for row in np.random.default_rng(1).choice(late, 200, replace=False):
        assert np.array_equal(solver.results(shipped.states[row]), shipped.results[row])


def test_positions_come_from_their_numbers(shipped):
    with np.load(exact.SHIPPED) as kept:
        numbers = kept["numbers"]
    assert (np.diff(numbers) > 0).all()
    for row in range(0, exact.SIZE, 25):
        assert np.array_equal(exact.random_position(exact.SEED, int(numbers[row])), shipped.states[row])


def test_the_floor_of_random_moves(shipped):
    assert shipped.random_floor == pytest.approx(0.335, abs=0.001)
    random = np.random.default_rng(1)
    moves = [random.choice(np.flatnonzero(row != FULL)) for row in shipped.results]
    assert shipped.accuracy(np.array(moves)) == pytest.approx(shipped.random_floor, abs=0.03)


def test_the_right_moves_are_all_right(shipped):
    assert shipped.accuracy(shipped.results.argmax(1)) == 1
    assert shipped.accuracy(np.where(shipped.results == FULL, 2, shipped.results).argmin(1)) == 0


def test_a_policy_is_measured_by_its_likeliest_legal_move(shipped):
    part = some(shipped, slice(0, 300))

    def knows(game, states):
        return part.right.astype(np.float32), np.zeros(len(states), np.float32)

    assert exact.of_policy(knows, part) == 1


def test_search_by_rollouts(shipped):
    """The whole set has 90 % at 200 visits; more visits are better, and a seed decides."""
    part = some(shipped, slice(0, 500))
    found = exact.of_search(uniform, ROLLOUTS, 200, part)
    assert 0.85 < found < 0.95
    assert exact.of_search(uniform, ROLLOUTS, 200, part) == found
    assert exact.of_search(uniform, ROLLOUTS, 12, part) < found
