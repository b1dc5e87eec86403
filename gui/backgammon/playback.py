"""What of a match is on screen while it is shown move by move: dice that tumble, checkers on their way. No display.

The match may be some moves ahead of what is shown; a jump to another position is shown at once.
"""

from typing import NamedTuple

from games.backgammon.rules import DICE, DOUBLE, DROP, FIRST_ROLL, ROLL, TAKE
from games.game import Position

PACES = {"slow": 2.0, "normal": 1.0, "fast": 0.4, "at once": 0.0}
"""What each pace makes of the usual times."""

TUMBLE, REST, GLIDE, STUCK, CUBE = 0.55, 0.25, 0.42, 0.9, 0.8
"""Seconds for which dice tumble, dice lie still, a checker glides, a useless roll is shown, a turned cube is shown."""

MOST_SHOWN = 10
"""If the match is more moves ahead, only its present position is shown."""


class Picture(NamedTuple):
    """How much of the game is shown: the ply, and the move that is on its way from there, if any, from 0 to 1."""

    ply: int
    move: int | None = None
    phase: float = 1.0


class Playback:
    """Follows a position at a pace; `picture` is what is on screen."""

    picture: Picture
    _began: float | None  # when the move that is shown began

    def __init__(self, position: Position):
        self.pace = "normal"
        self.snap(position)

    def follow(self, position: Position, now: float) -> None:
        """Bring the picture up to a time, in seconds."""
        if not self._continues(position):
            self.snap(position)
        self.picture = self._look(position, now)

    def _look(self, position: Position, now: float) -> Picture:
        while len(self._moves) < len(position.moves):
            ply = len(self._moves)
            move, takes = position.moves[ply], PACES[self.pace] * duration(position, ply)
            self._began = now if self._began is None else self._began
            if now - self._began < takes:
                return Picture(ply, move, (now - self._began) / takes)
            self._began += takes
            self._moves.append(move)
        self._began = None
        return Picture(len(self._moves))

    def snap(self, position: Position) -> None:
        """Show a position as it is now."""
        self._start, self._moves, self._began = position.states[0], position.moves.copy(), None
        self.picture = Picture(len(self._moves))

    def _continues(self, position: Position) -> bool:
        shown, ahead = len(self._moves), len(position.moves) - len(self._moves)
        return position.states[0] is self._start and ahead <= MOST_SHOWN and position.moves[:shown] == self._moves

    @property
    def moving(self) -> bool:
        """Whether something is on its way."""
        return self.picture.move is not None

    def next_pace(self) -> str:
        """Return the pace after the present one."""
        names = list(PACES)
        return names[(names.index(self.pace) + 1) % len(names)]


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
