"""The models that ship: they load, fit what a position shows, and play sensibly."""

import numpy as np
import pytest

from engine.networks import model as models
from engine.spec import PlayerSpec, make
from games import backgammon, connect_four, go
from games.backgammon.writing import read_play
from games.connect_four.writing import read_moves
from games.game import FIRST, Position

pytest.importorskip("onnxruntime")


def of_game(game):
    return [name for name in models.shipped() if models.find(name).game == game]


@pytest.mark.parametrize("name", of_game("go"))
def test_a_shipped_model_plays(name):
    found = models.find(name)
    models.check(found, "go", size=19, komi=7.5)
    assert found.about["accuracy"]["top1"] > 0.3
    assert sum(file.stat().st_size for file in found.folder.iterdir()) < 8e6
    player = make(PlayerSpec(model=name, visits=40), go)
    for size in (9, 19):
        position = Position(go, go.start(size))
        for _ in range(3):
            position.play(player.choose(position))
        assert len(set(position.moves)) == 3
        assert size * size not in position.moves


def test_the_go_network_opens_in_the_corners_and_answers_in_any_symmetry():
    evaluator = make(PlayerSpec(model="go", visits=1), go).evaluator
    states = go.start(19)[None].copy()
    priors, values = evaluator(go, states)
    board = priors[0, :-1].reshape(19, 19)
    corners = board[2:5, 2:5] + board[2:5, 14:17] + board[14:17, 2:5] + board[14:17, 14:17]
    assert corners.sum() > 0.8
    assert np.abs(values).max() <= 1
    assert np.abs(board - board.T).max() < 0.1


def test_the_connect_four_network_knows_what_most_positions_are_worth():
    """The seed of the set is fixed, and so are the positions: a random move is right in a third of them."""
    found = models.find("connect_four")
    assert sum(file.stat().st_size for file in found.folder.iterdir()) < 1.5e6
    player = make(PlayerSpec(model="connect_four", visits=100), connect_four)
    assert player.choose(Position(connect_four, connect_four.start())) == 3
    assert player.choose(read_moves("414141")) == 3  # four on top of each other
    assert player.choose(read_moves("41414")) == 3  # which the other side has to stop
    assert player.choose(read_moves("4455")) in (2, 5)  # three in the open
    priors, values = player.evaluator(connect_four, np.array([read_moves("414141").state, read_moves("4141417").state]))
    assert priors[0].argmax() == 3
    assert values[0] > 0.8


OPENINGS = {"31": "8/5 6/5", "42": "8/4 6/4", "61": "13/7 8/7", "53": "8/3 6/3", "65": "24/13"}
"""Rolls that every expert opens alike."""


@pytest.mark.parametrize("name", of_game("backgammon"))
@pytest.mark.parametrize("plies", [0, 1])
def test_a_shipped_network_opens_as_experts_do(name, plies):
    found = models.find(name)
    assert found.about["strength"]["points"] > -0.15
    assert sum(file.stat().st_size for file in found.folder.iterdir()) < 2e6
    player = make(PlayerSpec(model=name, plies=plies), backgammon)
    for (high, low), play in OPENINGS.items():
        position = Position(backgammon, backgammon.start())
        position.play(backgammon.roll_move(int(high), int(low), FIRST))
        expected = backgammon.plays(position.state)
        expected = next(after for moves, after in expected if moves == read_play(position.state, play))
        while position.turn == FIRST:
            position.play(player.choose(position))
        assert np.array_equal(position.state, expected), play
