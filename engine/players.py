"""Whoever chooses moves. A player has a `name` and `choose(position, clock) -> move`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from engine.clock import Clock, Limit
from games.game import Position

RESIGN = -1
"""What a player returns instead of a move when it gives up."""


class Player(Protocol):
    """Anything that chooses moves."""

    name: str

    def choose(self, position: Position, clock: Clock | None = None) -> int:
        """Return a legal move, or RESIGN."""


@dataclass(frozen=True)
class Line:
    """One candidate move of a search. Values are means from the first player's view."""

    move: int
    visits: int
    value: float
    prior: float
    variation: list[int]  # begins with the move itself


@dataclass(frozen=True)
class Analysis:
    """What a search thinks of a position: the root's value (first player's view) and its candidates, best first."""

    visits: int
    value: float
    seconds: float
    lines: list[Line] = field(default_factory=list)


class RandomPlayer:
    """Plays any legal move; of board points rather than passes while there is a choice."""

    def __init__(self, seed: int = 1):
        self.name = "random"
        self.random = np.random.default_rng(seed)

    def choose(self, position: Position, clock: Clock | None = None) -> int:
        return int(self.random.choice(position.legal()))


class SearchPlayer:
    """Plays by search. (Written by the lead; this is its contract.)"""

    name: str

    def choose(self, position: Position, clock: Clock | None = None) -> int:
        """Think within the player's own limit and the clock; return the best move, or RESIGN when hopeless."""

    def think(
        self,
        position: Position,
        limit: Limit,
        report: Callable[[Analysis], None] | None = None,
        every: float = 0.5,
    ) -> Analysis:
        """Search until the limit or `stop()`; call `report` about every so many seconds from this thread."""

    def stop(self) -> None:
        """End a running `think` at the next wave, from any thread."""

    def forget(self) -> None:
        """Drop the tree kept from earlier moves."""
