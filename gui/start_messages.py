"""What the first page and the last card of a game ask for; all else that is asked for is in `messages.py`."""

from gui.messages import Message


class ShowMore(Message):
    """Show every choice of the start page, or the boards again."""

    on: bool = True


class PlayAgain(Message):
    """Begin the game on screen anew; `changed` replaces some of its choices."""

    changed: tuple[tuple[str, object], ...] = ()


class WatchRun(Message):
    """Show the game that a run plays now, and follow it."""

    path: str


class CompareOpinions(Message):
    """Show what the network that ships thinks of the position beside what rollouts do."""


class ReviewEnded(Message):
    """Look at every move of the game on screen again, in the tab of the review."""
