"""A game with its variations: a tree of moves, and the line through it that is on the board. It knows no rules."""

from dataclasses import dataclass, field

import numpy as np

from engine.players import Analysis
from games.game import Position


@dataclass(eq=False)
class Node:
    """A position by the move that led to it, with the latest analysis. `value` is from FIRST's view."""

    move: int = -1
    mover: int = -1
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)
    thought: Analysis | None = None
    value: float | None = None
    comment: str = ""
    setup: np.ndarray | None = None  # the board as it was changed by hand after the move

    def play(self, position: Position) -> None:
        """Play the move on a position that it was played on before, and change the board as it was changed."""
        position.play(self.move, self.mover, recorded=True)
        if self.setup is not None:
            position.set_up(self.setup)

    def learn(self, found: object) -> None:
        """Keep an analysis of this position, unless one with more visits is known."""
        if not isinstance(found, Analysis) or not found.lines:
            return
        if self.thought is None or found.visits >= self.thought.visits:
            self.thought, self.value = found, found.value


class History:
    """Where a game stands in its tree; `line` also holds the moves that were taken back."""

    def __init__(self, root: Node | None = None):
        self.line = [root or Node()]
        self.ply = 0
        self.extend()

    @property
    def here(self) -> Node:
        return self.line[self.ply]

    @property
    def last(self) -> int:
        """The number of moves of the whole line."""
        return len(self.line) - 1

    def add(self, move: int, mover: int) -> None:
        """Go on by a move: one that was played here before, or a new variation."""
        for child in self.here.children:
            if child.move == move and child.mover == mover and child.setup is None:
                self.follow(child)
                return
        child = Node(move, mover, self.here)
        self.here.children.append(child)
        self.follow(child)

    def follow(self, child: Node) -> None:
        """Go to a child of where the game stands, on its line."""
        if self.ply < self.last and self.line[self.ply + 1] is child:
            self.ply += 1
            return
        self.line = [*self.line[: self.ply + 1], child]
        self.ply += 1
        self.extend()

    def extend(self) -> None:
        """Let the line run on along first variations to an end."""
        while self.line[-1].children:
            self.line.append(self.line[-1].children[0])

    def sibling(self, by: int) -> Node | None:
        """Return another move that was played instead of the last one."""
        above = self.here.parent
        if above is None or len(above.children) < 2:
            return None
        return above.children[(above.children.index(self.here) + by) % len(above.children)]

    def nodes(self) -> list[Node]:
        """List every node, parents before children."""
        found = [self.line[0]]
        for node in found:
            found.extend(node.children)
        return found
