"""What playing backgammon compiles, step by step, and a small search that tries it out."""

from functools import cache

import numpy as np

from engine.backgammon import bearoff
from engine.backgammon.afterstates import fresh
from engine.backgammon.evaluator import AfterstateEvaluator
from engine.backgammon.player import SEARCH, BackgammonPlayer, judge_cube
from engine.backgammon.plies import Lookahead
from engine.clock import Limit
from engine.measures.warming import Step
from engine.players import SearchPlayer
from games import backgammon
from games.game import Position


@cache
def _lookahead() -> Lookahead:
    return Lookahead(fresh(2)._replace(tables=bearoff.load()))


@cache
def _position() -> Position:
    position = Position(backgammon, backgammon.start(5))
    position.play(backgammon.roll_move(3, 1, backgammon.FIRST))
    return position


def rules() -> None:
    """Throw dice, and list what is legal."""
    _position().legal()


def at_sight() -> None:
    """Choose a play by the network alone."""
    _lookahead().rank(_position().state, 0)


def plies() -> None:
    """Choose a play by reading ahead."""
    BackgammonPlayer("2-ply", _lookahead()).choose(_position())


def cube() -> None:
    """Judge the cube."""
    judge_cube(_lookahead(), backgammon.start(), 1)


def tree() -> None:
    """Choose a play by tree search."""
    try_out()


def rollouts() -> None:
    """Play a game out at random."""
    backgammon.rollout(_position().state[None].copy(), np.ones(1, np.uint64))


def try_out() -> int:
    """Search a position; return the visits."""
    search = SearchPlayer("tree", AfterstateEvaluator(_lookahead()), SEARCH, Limit(visits=20), nodes=1 << 16)
    player = BackgammonPlayer("tree", _lookahead(), search=search)
    player.choose(_position())
    assert player.thought is not None
    return player.thought.visits


_READING = (Step(9.0, rules), Step(29.0, at_sight), Step(20.0, plies), Step(2.0, cube))
STEPS = {"play": (*_READING, Step(18.0, tree), Step(7.0, rollouts)), "ubgi": _READING}
"""Seconds as measured on one core, cold. UBGI answers by reading plies unless its options ask for more."""
