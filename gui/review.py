"""Look back at a game: every position of a line in turn, and which moves cost the most. It knows no display."""

from typing import NamedTuple

import numpy as np

from games.game import FIRST, SECOND, Game, Position
from gui.history import Node


class Mistake(NamedTuple):
    """A move and what it cost, by the values of the positions before and after it."""

    ply: int  # of the position after it
    move: int
    mover: int
    loss: float  # in its player's values


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
            node = self.line[len(self.position.moves) + 1]
            self.position.play(node.move, node.mover)


def mistakes(line: list[Node], least: float = 0.05) -> list[Mistake]:
    """List the moves of a line that cost something, the worst first."""
    found = []
    for ply, (before, after) in enumerate(zip(line, line[1:], strict=False), 1):
        if before.value is None or after.value is None or after.mover not in (FIRST, SECOND):
            continue
        loss = (before.value - after.value) * (1 if after.mover == FIRST else -1)
        if loss >= least:
            found.append(Mistake(ply, after.move, after.mover, loss))
    return sorted(found, key=lambda mistake: -mistake.loss)
