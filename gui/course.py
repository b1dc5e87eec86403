"""The course of a game: the position on the board and the tree of moves in which it stands, always in step."""

from collections.abc import Sequence

from games.game import Position
from gui.history import History, Node


class Course:
    """A position with its history. Nothing else moves the position, so that the two never part."""

    def __init__(self, position: Position, history: History | None = None):
        """Without a `history` one is made of the moves of the position."""
        self.position = position
        self.history = history or History()
        if history is None:
            for move, mover in zip(position.moves, position.movers, strict=True):
                self.history.add(move, mover)

    @property
    def ply(self) -> int:
        return self.history.ply

    @property
    def here(self) -> Node:
        """The node of the position on the board."""
        return self.history.here

    def play(self, moves: Sequence[int]) -> None:
        """Play moves of the side to play; raise `IllegalMove` with none of them played."""
        trial = self.position.copy()
        for move in moves:
            trial.play(move)
        for move in moves:
            mover = self.position.turn
            self.position.play(move)
            self.history.add(move, mover)

    def go_to(self, ply: int) -> None:
        """Show another position of the line."""
        while self.ply > ply:
            self.position.undo()
            self.history.ply -= 1
        while self.ply < ply:
            self.history.line[self.ply + 1].play(self.position)
            self.history.ply += 1

    def show(self, node: Node) -> None:
        """Show any position of the tree; its line is on the board from now on."""
        path = [node]
        while path[-1].parent is not None:
            path.append(path[-1].parent)
        path.reverse()
        same = 0
        while same < min(self.ply, len(path) - 1) and self.history.line[same + 1] is path[same + 1]:
            same += 1
        self.go_to(same)
        for step in path[same + 1 :]:
            self.history.follow(step)
            step.play(self.position)

    def vary(self, by: int) -> None:
        """Change to another move that was played instead of the last one; raise `ValueError` if there is none."""
        other = self.history.sibling(by)
        if other is None:
            raise ValueError("no other move was played here")
        self.go_to(self.ply - 1)
        self.history.follow(other)
        other.play(self.position)

    def end(self) -> Position:
        """Return the position at the end of the line; the board stays as it is."""
        end = self.position.copy()
        for node in self.history.line[self.ply + 1 :]:
            node.play(end)
        return end
