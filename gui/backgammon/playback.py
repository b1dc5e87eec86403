"""What of a match is on screen while it is shown move by move: dice that tumble, men on their way. No display.

The match may be some moves ahead of what is shown; whoever jumps about in it is followed at once.
"""

from typing import NamedTuple

import numpy as np

from games.backgammon.rules import DICE, DOUBLE, DROP, FIRST_ROLL, ROLL, TAKE
from games.game import Position

PACES = {"slow": 2.0, "normal": 1.0, "fast": 0.4, "at once": 0.0}
"""What each pace makes of the usual times."""

TUMBLE, REST, GLIDE, STUCK, CUBE = 0.55, 0.25, 0.42, 0.9, 0.8
"""Seconds: dice tumble, lie still, a man glides, a roll that nobody can use is shown, a turned cube is."""

MOST_SHOWN = 10
"""Where the match is so many moves ahead, only its present position is shown."""


class Picture(NamedTuple):
    """How much of the game is shown: the ply, and the move that is on its way from there, if any, from 0 to 1."""

    ply: int
    move: int | None = None
    phase: float = 1.0


class Playback:
    """Follows a position at a pace."""

    def __init__(self):
        self.start: np.ndarray | None = None
        self.moves: list[int] = []
        self.began: float | None = None
        self.pace = 1.0

    def look(self, position: Position, now: float) -> Picture:
        """Return what is to be seen of a position at a time, in seconds."""
        if not self._continues(position):
            self.snap(position)
        while len(self.moves) < len(position.moves):
            ply = len(self.moves)
            move, takes = position.moves[ply], self.pace * duration(position, ply)
            self.began = now if self.began is None else self.began
            if now - self.began < takes:
                return Picture(ply, move, (now - self.began) / takes)
            self.began += takes
            self.moves.append(move)
        self.began = None
        return Picture(len(self.moves))

    def snap(self, position: Position) -> None:
        """Show a position as it is now."""
        self.start, self.moves, self.began = position.states[0], position.moves.copy(), None

    def _continues(self, position: Position) -> bool:
        shown, ahead = len(self.moves), len(position.moves) - len(self.moves)
        return position.states[0] is self.start and ahead <= MOST_SHOWN and position.moves[:shown] == self.moves


def duration(position: Position, ply: int) -> float:
    """Return for how many seconds a move is shown at the usual pace."""
    move = position.moves[ply]
    if move >= FIRST_ROLL:
        stuck = not position.states[ply + 1][DICE]
        return TUMBLE + (STUCK if stuck else REST)
    if move in (DOUBLE, TAKE, DROP):
        return CUBE
    return 0.0 if move == ROLL else GLIDE


def tumbling(position: Position, ply: int, phase: float) -> float:
    """Return the phase of the dice alone, 1 once they lie still."""
    return min(1.0, phase * duration(position, ply) / TUMBLE)
