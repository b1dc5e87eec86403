"""What a person asks for in a review: a lesson, to find the better move, to be warned, to keep it in the record."""

from dataclasses import dataclass

from gui.history import Node
from gui.messages import Message


@dataclass(frozen=True)
class ShowLesson(Message):
    """Show the move that was played after a ply beside the better one; `hidden`: that is to be found."""

    ply: int
    hidden: bool = False


@dataclass(frozen=True)
class RevealLesson(Message):
    """Show the better move that was to be found."""


@dataclass(frozen=True)
class ToggleWarning(Message):
    """Warn of blunders before the engine answers, or no longer."""


@dataclass(frozen=True)
class KeepReview(Message):
    """Write the mistakes that were found into the record, as comments and variations."""


@dataclass(frozen=True, eq=False)
class ShowNode(Message):
    """Show any position of the tree of variations."""

    node: Node
