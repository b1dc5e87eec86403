"""Watching a game that a training run plays: its record grows in the folder of the run, and the board follows it."""

from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from gui import messages as say
from gui.records import Opened

if TYPE_CHECKING:
    from gui.page import Page

STEM = "playing"
"""The name, without its suffix, of the record that a run keeps of the game that it plays now."""

LOOK_EVERY = 0.25
"""Seconds between two looks at the file."""

MOST_BYTES = 1 << 20
"""A larger file is no game of one run, and would hold the window up."""


def live_game(pages: "Mapping[str, type[Page]]", run: str | Path) -> tuple[str, Path] | None:
    """Return which game a run plays now, and the record of it; None where it keeps none."""
    places = ((name, Path(run) / f"{STEM}{suffix}") for name, page in pages.items() for suffix in page.suffixes)
    return next(((name, path) for name, path in places if path.is_file()), None)


class Watch:
    """Follows one record. It ends as soon as the person plays a move of their own, or leaves the game."""

    def __init__(self, path: Path):
        self.path = path
        self._seen, self._looked = 0, 0.0
        self._shown: list[int] | None = None  # the moves that were put on the board

    def poll(self, page: "Page") -> bool:
        """Bring the board up to the record; return whether anything changed."""
        if perf_counter() < self._looked + LOOK_EVERY or self.left(page):
            return False
        self._looked = perf_counter()
        try:
            about = self.path.stat()
            if about.st_mtime_ns == self._seen or about.st_size > MOST_BYTES:
                return False
            self._seen = about.st_mtime_ns  # a damaged file is read once, not four times a second
            opened = page.read(str(self.path))
        except (OSError, ValueError):  # it is being replaced, or it is another game's: the next one decides
            return False
        self._follow(page, opened)
        return True

    def left(self, page: "Page") -> bool:
        """Tell whether the game on the board is no longer the one that is watched."""
        return self._shown is not None and self._shown != line_of(page)

    def resting(self, page: "Page") -> bool:
        """Tell whether the person looks at an earlier position: the board stays there."""
        return page.session.ply < page.session.history.last

    def _follow(self, page: "Page", opened: Opened) -> None:
        session, moves = page.session, list(opened.course.end().moves)
        known = len(self._shown or ())
        goes_on = self._shown is not None and moves[:known] == self._shown and same_start(page, opened)
        if goes_on and self.resting(page):
            self._seen = 0  # once the person is back at the end, the rest comes
            return
        if goes_on:
            session.course.play(moves[known:])
            session.changed()
        else:
            opened.course.go_to(opened.course.history.last)
            page.receive(say.ShowRecord(opened))
        session.people.update((0, 1))
        session.pause()
        session.tell(f"You watch a game of the run {self.path.resolve().parent.name}: move {len(moves)}")
        self._shown = moves


def line_of(page: "Page") -> list[int]:
    """Return all moves of the line on the board, also those after the position that is shown."""
    return [node.move for node in page.session.history.line[1:]]


def same_start(page: "Page", opened: Opened) -> bool:
    """Tell whether a record begins as the game on the board does."""
    one, other = page.session.position.states[0], opened.course.position.states[0]
    return one.shape == other.shape and bool((one == other).all())
