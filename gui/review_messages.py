"""What a person asks for in a review: a lesson, to find the better move, to be warned, to keep it in the record."""

from gui.history import Node
from gui.messages import Message


class ShowLesson(Message):
    """Show the move that was played after a ply beside the better one; `hidden`: that is to be found."""

    ply: int
    hidden: bool = False


class RevealLesson(Message):
    """Show the better move that was to be found."""


class ToggleWarning(Message):
    """Warn of blunders before the engine answers, or no longer."""


class KeepReview(Message):
    """Write the mistakes that were found into the record, as comments and variations."""


class ShowNode(Message, eq=False):
    """Show any position of the tree of variations."""

    node: Node
