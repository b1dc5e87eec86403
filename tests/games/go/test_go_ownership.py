"""Ownership and dead stones by both kinds of playouts."""

import numpy as np
import pytest

from engine.rollouts import shipped_policy
from games import go
from games.go import board as go_board

SETTLED = """
    . X . O . . .
    X X X O O O O
    . O X O . X .
    O . X O O O O
    X X X X X O .
    . O . . X O O
    . . . . X O .
    """


@pytest.mark.parametrize("policy", [None, shipped_policy(go)], ids=["random", "policy"])
def test_a_settled_board_is_owned_as_it_stands(policy):
    state, _ = go_board.parse(SETTLED, komi=0.5, rules="japanese")
    owners = go.ownership(state, policy)
    assert owners.shape == (7, 7)
    assert owners[:, 6].max() < -0.7  # White's right side
    assert owners[6, :4].min() > 0.5  # Black's corner, with a white stone in it
    assert np.array_equal(owners, go.ownership(state, policy)), "the same seed gives the same answer"
    assert not np.array_equal(owners, go.ownership(state, policy, seed=2))


def test_lone_stones_in_enemy_land_are_dead():
    state, _ = go_board.parse(SETTLED, komi=0.5, rules="japanese")
    dead = go.judge(state).dead
    assert dead[5, 1], "White's stone at the bottom left"
    assert dead[2, 5], "Black's stone on the right"
    assert not dead[4, 0]
    assert not dead[6, 5]
