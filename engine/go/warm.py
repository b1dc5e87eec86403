"""What playing Go compiles, step by step, and a small search that tries it out."""

from functools import cache

import numpy as np

from engine.clock import Limit
from engine.measures.warming import Step
from engine.players import SearchPlayer
from engine.rollouts import shipped_policy
from engine.spec import PlayerSpec, make
from games import go
from games.game import Position
from games.go import board as go_board

PASS = 25
VISITS = 200


@cache
def _position() -> Position:
    return Position(go, go_board.setup(5, 0.5, "chinese"))


@cache
def _player() -> SearchPlayer:
    return _made()


def _made() -> SearchPlayer:
    player = make(PlayerSpec(model="rollouts", visits=100), go)
    assert isinstance(player, SearchPlayer)
    return player


def rules() -> None:
    """Play, and look at what is legal and what a network would see."""
    position = _position()
    position.legal()
    position.copy().play(PASS)
    go.features(position.state[None])


def priors() -> None:
    """Have the rollout policy look at a position."""
    go.priors(_position().state[None], shipped_policy(go))


def rollouts() -> None:
    """Play a game out by the rollout policy, and one at random."""
    go.rollout(_position().state[None].copy(), np.ones(1, np.uint64), shipped_policy(go))
    go.rollout(_position().state[None].copy(), np.ones(1, np.uint64))


def search() -> None:
    """Choose moves: also after a pass, where the player looks whether passing too would win."""
    position = _position().copy()
    position.play(_player().choose(position))
    position.play(PASS)
    _player().choose(position)


def count() -> None:
    """Judge who wins, of a board on which chains are in doubt."""
    go.judge(go_board.setup(5, 0.5, "chinese", black=(6, 7), white=(12, 13)))


def try_out() -> int:
    """Search a small board; return the visits."""
    return _made().think(_position().copy(), Limit(visits=VISITS)).visits


STEPS = {
    "play": (Step(31.0, rules), Step(5.0, priors), Step(14.0, rollouts), Step(19.0, search), Step(8.0, count)),
}
"""Seconds as measured on one core, cold."""
