"""The kinds of players that Connect Four has, one of them perfect; and on which board its levels were measured."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.players import Player
from engine.resources import Resources
from engine.searching import RANDOM, SEARCH
from engine.spec import Kind, PlayerSpec
from games.connect_four.solver import Solver
from games.game import Game, Position


class SolverPlayer(Player):
    """Plays perfectly: wins as soon as it can, and loses as late.

    Before the eighth disc a score takes minutes, so it plays the middle column, or the one nearest to it that is free.
    """

    OPENING = 8

    def __init__(self, name: str = "solver"):
        self.name, self.solver = name, Solver()

    def choose(self, position: Position, clock=None, report=None, every: float = 0.5) -> int:
        """Return a move with the greatest score, the one nearest to the middle."""
        moves = position.legal()
        nearest = moves[np.argsort(np.abs(moves - 3), kind="stable")]
        if len(position.moves) < self.OPENING:
            return int(nearest[0])
        return int(max(nearest, key=self.solver.scores(position.state).__getitem__))


def solver_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Return the perfect player."""
    return SolverPlayer(spec.name or "solver")


KINDS = {"search": SEARCH, "random": RANDOM, "solver": Kind(solver_player)}


def kind_of(start: Mapping[str, Any]) -> str:
    """Return "": the levels are those of every game."""
    return ""


def rank_of(elo: float) -> str:
    """Return "": people have no ranks in this game."""
    return ""


def measured_in(start: Mapping[str, Any]) -> str:
    """Say in what games levels were measured."""
    return "on the usual board of 7 by 6"
