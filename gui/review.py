"""Look back at a game: analyse every position of a line, and find the moves that cost the most. It knows no display."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from engine.clock import Limit
from engine.players import Analysis, SearchPlayer
from engine.reviewing import lost
from games.game import FIRST, SECOND, Game, Position
from gui.history import Node

INACCURACY = 0.05
"""Loss of winning probability from which a move is listed."""

Work = Callable[[Callable[[object], None]], object]
Done = Callable[[Any], None]


class Mistake(NamedTuple):
    """A decision and what it cost."""

    ply: int  # of the position after its first move
    mover: int
    loss: float
    words: str  # the loss as players of the game write it
    done: str = ""  # what was decided, where the line of the moves does not say it


class Review:
    """Analyses the positions of a line, one at a time."""

    def __init__(
        self, game: Game, start: np.ndarray, line: Sequence[Node], visits: int, searcher: Callable[[], SearchPlayer]
    ):
        """`searcher` is called in the thinking thread and returns the player that analyses."""
        self.line, self.visits, self.searcher = list(line), visits, searcher
        self.position = Position(game, start)
        self.done = 0

    @property
    def total(self) -> int:
        return len(self.line)

    @property
    def node(self) -> Node:
        """The node of the position returned last."""
        return self.line[self.done]

    def next(self) -> Position | None:
        """Return the next position to analyse, None where none is left. Asked again, it is the same."""
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

    def piece(self) -> tuple[Work, Done] | None:
        """Return the next piece of work and what its result does; None where the review is finished."""
        position = self.next()
        if position is None:
            return None
        node = self.node

        def done(found: Analysis) -> None:
            node.learn(found)
            self.finish()

        return lambda report: self.searcher().think(position, Limit(visits=self.visits)), done

    def summary(self) -> str:
        """Return the result in a sentence."""
        return f"reviewed {self.total} positions"

    def _advance(self) -> None:
        while len(self.position.moves) < self.done:
            self.line[len(self.position.moves) + 1].play(self.position)


def mistakes(line: Sequence[Node]) -> list[Mistake]:
    """List the moves of a line that lost so much that they are inaccuracies or worse, the worst first."""
    found = []
    for ply, (before, after) in enumerate(zip(line, line[1:], strict=False), 1):
        if before.thought is None or after.thought is None or after.mover not in (FIRST, SECOND):
            continue
        if after.setup is not None:  # the board was changed by hand after the move
            continue
        loss = lost(before.thought, after.thought, after.mover, after.move)
        if loss / 2 >= INACCURACY:
            found.append(Mistake(ply, after.mover, loss, f"{50 * loss:.0f} %"))
    return sorted(found, key=lambda mistake: -mistake.loss)
