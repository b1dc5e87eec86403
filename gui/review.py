"""Look back at a game: every position of a line in turn, and which moves cost the most. It knows no display."""

from typing import NamedTuple

import numpy as np

from engine.go.review import INACCURACY, lost
from games.game import FIRST, SECOND, Game, Position
from gui.history import Node


class Mistake(NamedTuple):
    """A decision and what it cost."""

    ply: int  # of the position after its first move
    mover: int
    loss: float
    words: str  # the loss as players of the game write it


class Review:
    """Hands out the positions of a line, one at a time."""

    def __init__(self, game: Game, start: np.ndarray, line: list[Node], visits: int):
        self.line, self.visits = list(line), visits
        self.position = Position(game, start)
        self.done = 0

    @property
    def total(self) -> int:
        return len(self.line)

    @property
    def node(self) -> Node:
        """The node of the position handed out last."""
        return self.line[self.done]

    def next(self) -> Position | None:
        """Return the next position to think about, None where none is left. Asked again, it is the same."""
        while self.done < self.total:
            self._advance()
            known = self.node.thought is not None and self.node.thought.visits >= self.visits
            if not known and self.position.turn in (FIRST, SECOND):
                return self.position.copy()
            self.done += 1
        return None

    def finish(self) -> None:
        """Go on to the next position."""
        self.done += 1

    def _advance(self) -> None:
        while len(self.position.moves) < self.done:
            self.line[len(self.position.moves) + 1].play(self.position)


def mistakes(line: list[Node]) -> list[Mistake]:
    """List the moves of a line that lost so much that the engine's review names them, the worst first."""
    found = []
    for ply, (before, after) in enumerate(zip(line, line[1:], strict=False), 1):
        if before.thought is None or after.thought is None or after.mover not in (FIRST, SECOND):
            continue
        if after.setup is not None:  # what was thought of is not what the move led to
            continue
        loss = lost(before.thought, after.thought, after.mover, after.move)
        if loss / 2 >= INACCURACY:
            found.append(Mistake(ply, after.mover, loss, f"{50 * loss:.0f} %"))
    return sorted(found, key=lambda mistake: -mistake.loss)
