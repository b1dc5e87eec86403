"""Connect Four's players by their specs: search by rollouts finds what the solver knows, and each kind is made."""

import numpy as np
import pytest

from engine import spec
from engine.spec import PlayerSpec
from games import connect_four
from games.connect_four.writing import read_moves
from games.game import Position


def test_search_by_rollouts_takes_a_win_and_stops_one():
    player = spec.make(PlayerSpec(model="rollouts", visits=1600), connect_four)
    assert player.choose(read_moves("414141")) == 3
    assert player.choose(read_moves("41414")) == 3
    assert player.choose(read_moves("4455")) in (2, 5)  # three in the open


def test_search_by_rollouts_beats_random_moves():
    strong = spec.make(PlayerSpec(model="rollouts", visits=100), connect_four)
    weak = spec.make(PlayerSpec(kind="random"), connect_four, seed=3)
    for game in range(6):
        position = Position(connect_four, connect_four.start())
        while not position.over:
            position.play((strong, weak)[(len(position.moves) + game) % 2].choose(position))
        assert position.value() == (1 if game % 2 == 0 else -1)


def test_the_solver_plays_the_best_move():
    player = spec.make(PlayerSpec(kind="solver"), connect_four)
    assert player.choose(Position(connect_four, connect_four.start())) == 3
    assert player.choose(read_moves("4455" + "1122")) in (2, 5)


def test_a_kind_that_there_is_not():
    with pytest.raises(ValueError, match="a player of connect_four is one of search, random, solver, not 'gtp'"):
        spec.make(PlayerSpec(kind="gtp"), connect_four)


def test_the_same_seed_plays_the_same_game():
    def moves():
        player = spec.make(PlayerSpec(model="rollouts", visits=60), connect_four, seed=5)
        position = Position(connect_four, connect_four.start())
        while not position.over:
            position.play(player.choose(position))
        return position.moves

    assert np.array_equal(moves(), moves())
