"""The small worlds: counts that are known, rules written a second time, and cart-pole against gymnasium."""

import numpy as np
import pytest

from games.lab import cart_pole, grid, tic_tac_toe
from games.lab.finite_world import greedy, optimal_values, policy_values
from training.lab import random_walk

GRID = """
0 1 2 3
1 2 3 2
2 3 2 1
3 2 1 0
"""


def test_the_grid_is_as_far_from_its_ends_as_the_picture_says():
    distances = np.array(GRID.split(), int)
    assert np.abs(optimal_values(grid.corners()) + distances).max() < 1e-9
    discounted = optimal_values(grid.corners(discount=0.9))
    assert np.abs(discounted + (1 - 0.9**distances) / (1 - 0.9)).max() < 1e-9


def test_values_of_the_random_policy_are_the_book_s():
    values = policy_values(grid.corners(), np.full((16, 4), 0.25)).reshape(4, 4)
    book = [[0, -14, -20, -22], [-14, -18, -20, -20], [-20, -20, -18, -14], [-22, -20, -14, 0]]
    assert np.abs(values - book).max() < 1e-9


@pytest.mark.parametrize("world", [grid.corners(5, 0.3), grid.corners(4, 0.5, 0.8), grid.field(), grid.field(5, 0)])
def test_the_best_policy_earns_the_best_values(world):
    from games.lab.finite_world import action_values

    values = optimal_values(world)
    assert np.abs(policy_values(world, greedy(action_values(world, values))) - values).max() < 1e-9
    assert np.allclose(world.odds.sum(-1), 1)


# --- tic-tac-toe ------------------------------------------------------------------------------------------


def slow_value(board, known):
    """Return what a board, a text of XO and dots, is worth to the side to move, and note every board below it."""
    if board in known:
        return known[board]
    rows = [board[i : i + 3] for i in (0, 3, 6)]
    lines = [*rows, *("".join(column) for column in zip(*rows, strict=True)), board[::4], board[2:7:2]]
    side = "XO"[board.count("X") > board.count("O")]
    if "XXX" in lines or "OOO" in lines:
        known[board] = -1
    elif "." not in board:
        known[board] = 0
    else:
        cells = [i for i in range(9) if board[i] == "."]
        known[board] = max(-slow_value(board[:i] + side + board[i + 1 :], known) for i in cells)
    return known[board]


def test_tic_tac_toe_has_its_positions_and_values():
    known = {}
    assert slow_value("." * 9, known) == 0
    boards = tic_tac_toe.positions()
    assert len(boards) == len(known) == 5478
    values = optimal_values(tic_tac_toe.world())
    for board, value, legal in zip(boards, values, tic_tac_toe.world().legal, strict=True):
        expected = known["".join(".XO"[stone] for stone in board)]
        assert value == (expected if legal.any() else 0)  # an end itself is worth nothing more
    assert int((~tic_tac_toe.world().legal.any(1)).sum()) == 958


def test_lost_games_are_counted_against_every_play():
    first_free = np.where(tic_tac_toe.world().legal, -np.arange(9.0), -np.inf)
    assert tic_tac_toe.lost_games(first_free) > 100


# --- the random walk --------------------------------------------------------------------------------------


def test_the_random_walk_ends_where_its_truth_says():
    random = np.random.default_rng(3)
    walks = [random_walk.walk(19, random) for _ in range(2000)]
    assert all(path[0] == 9 and (np.abs(np.diff(path)) == 1).all() for path, _ in walks)
    assert all(path[-1] == (18 if reward > 0 else 0) for path, reward in walks)
    assert abs(np.mean([reward for _, reward in walks])) < 4 / 2000**0.5
    assert abs(np.mean([len(path) for path, _ in walks]) - 100) < 4 * 82 / 2000**0.5
    assert np.allclose(random_walk.true_values(19), np.arange(-9, 10) / 10)


# --- cart-pole --------------------------------------------------------------------------------------------


def test_cart_pole_moves_as_gymnasium_s():
    gymnasium = pytest.importorskip("gymnasium")
    judge = gymnasium.make("CartPole-v1").unwrapped
    random = np.random.default_rng(4)
    ends = 0
    for seed in range(20):
        judge.reset(seed=seed)
        states = np.array([judge.state])
        for _ in range(300):
            action = int(random.integers(2)) if seed % 2 else int(states[0, 2] + states[0, 3] > 0)
            _, reward, fell, _, _ = judge.step(action)
            states = cart_pole.push(states, np.array([action]))
            assert np.abs(states - judge.state).max() < 1e-12
            assert (bool(cart_pole.fallen(states)[0]), reward) == (fell, 1.0)
            if fell:
                ends += 1
                break
    assert ends >= 10
    begun = cart_pole.start(1000, random)
    assert np.abs(begun).max() < 0.05 < np.abs(begun).max() * 1.1
    assert gymnasium.spec("CartPole-v1").max_episode_steps == cart_pole.LONGEST
