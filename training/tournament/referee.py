"""Two players at one board, and a referee who watches both. It knows no game.

The referee holds the only board that counts. It asks that board what is legal, never a player, and watches the clocks.
A player that crashes, hangs, answers rubbish, plays illegally or answers after its time is named, and loses the game.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

import numpy as np

from engine.clock import Clock
from engine.players import RESIGN
from games.game import CHANCE, FIRST, Position

LAG = 0.1
"""Seconds of an answer that nobody's clock is charged with: pipes, and a machine that is busy."""


class Seated(Protocol):
    """A player as the referee knows it."""

    name: str

    def choose(self, position: Position, clock: Clock | None = None) -> int:
        """Return a move, or RESIGN."""

    def blame(self, error: Exception, seconds: float) -> tuple[str, str]:
        """Say what went wrong in `choose` after so many seconds: the kind of end, and a sentence without the name."""


@dataclass(frozen=True)
class Outcome:
    """How a game ended: `points` are FIRST's; `fault` names who failed; `note` is one sentence, or nothing."""

    points: float
    result: str
    end: str = "score"
    fault: str = ""
    note: str = ""


@dataclass
class Played:
    """A finished game: how it ended, its boards (several in a match), seconds used by either side."""

    outcome: Outcome
    positions: list[Position]
    seconds: list[float] = field(default_factory=lambda: [0.0, 0.0])
    luck: float = 0.0

    @property
    def moves(self) -> int:
        """How many moves the players and the dice made."""
        return sum(len(position.moves) for position in self.positions)


class Referee:
    """Watches one game of two players. `clocks` are theirs, None where nobody counts."""

    def __init__(self, players: Sequence[Seated], clocks: Sequence[Clock | None] = (None, None), most_moves: int = 0):
        """A game is broken off after `most_moves` (0: never)."""
        self.players, self.clocks, self.most_moves = players, clocks, most_moves
        self.seconds = [0.0, 0.0]

    # --- moves ---

    def play(self, position: Position, chance: Callable[[Position], int] | None = None) -> Outcome | None:
        """Play to the end: None; or until something breaks it off, whose points are +1 or -1 for FIRST.

        `chance` draws the moves that nobody chooses.
        """
        while not position.over:
            if self.most_moves and len(position.moves) >= self.most_moves:
                return Outcome(0.0, "", "too long", note=f"broken off after {self.most_moves} moves")
            if position.turn == CHANCE:
                assert chance is not None  # the arena of a game with chance says how it is drawn
                position.play(chance(position))
            elif broken := self._move(position):
                return broken
        return None

    def _move(self, position: Position) -> Outcome | None:
        """Have the player on turn move; return what breaks the game off."""
        turn = position.turn
        player, clock = self.players[turn], self.clocks[turn]
        began = time.perf_counter()
        try:
            move = player.choose(position, clock)
        except Exception as error:  # whatever a player does, the tournament goes on
            seconds = time.perf_counter() - began
            self.seconds[turn] += seconds
            end, what = player.blame(error, seconds)
            return self._lost(position, turn, end, what)
        seconds = time.perf_counter() - began
        self.seconds[turn] += seconds
        if clock:
            clock.spend(max(0.0, seconds - LAG))
            if clock.expired:
                return self._lost(position, turn, "time", f"answered after {seconds:.2f} s, and its time was over")
        if move == RESIGN:
            return Outcome(-1.0 if turn == FIRST else 1.0, "", "resign")
        return self._make(position, turn, move)

    def _make(self, position: Position, turn: int, move: int) -> Outcome | None:
        why = position.why_not(move)
        if why:
            written = position.game.notation(position.state, move)
            return self._lost(position, turn, "illegal", f"played {written}, which is illegal: {why}")
        position.play(move)
        return None

    def _lost(self, position: Position, turn: int, end: str, what: str) -> Outcome:
        name, points = self.players[turn].name, -1.0 if turn == FIRST else 1.0
        return Outcome(points, "", end, name, f"{name} {what} (move {len(position.moves) + 1})")


# --- what is kept of a game -------------------------------------------------------------------------------


def digest(positions: Sequence[Position]) -> str:
    """Return a hash of a game's moves."""
    return hashed(b"|".join(np.array(position.moves, np.int32).tobytes() for position in positions))


def hashed(data: bytes) -> str:
    """Return a hash of eight bytes, in hexadecimal."""
    return blake2b(data, digest_size=8).hexdigest()
