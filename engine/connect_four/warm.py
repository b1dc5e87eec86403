"""What playing Connect Four compiles, step by step, and a small search that tries it out."""

import numpy as np

from engine.clock import Limit
from engine.measures.warming import Step
from engine.players import SearchPlayer
from engine.spec import PlayerSpec, make
from games import connect_four
from games.game import Position

VISITS = 200


def _position() -> Position:
    return Position(connect_four, connect_four.start())


def _player() -> SearchPlayer:
    player = make(PlayerSpec(model="rollouts", visits=50), connect_four)
    assert isinstance(player, SearchPlayer)
    return player


def rules() -> None:
    """Play, look at what is legal and what a network would see, and play a game out."""
    position = _position()
    position.legal()
    position.play(3)
    connect_four.features(position.state[None])
    connect_four.rollout(position.state[None].copy(), np.ones(1, np.uint64))


def search() -> None:
    """Choose a move."""
    _player().choose(_position())


def try_out() -> int:
    """Search the empty board; return the visits."""
    return _player().think(_position(), Limit(visits=VISITS)).visits


STEPS = {"play": (Step(3.0, rules), Step(6.0, search))}
"""Seconds as measured on one core, cold."""
