"""The record of a game in progress: opened, pasted, saved, and kept up to date on the disk. It knows no game.

A game's own subclass says how its record is read, shown and written; all the rest stands here.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Generic, TypeVar

from games.game import FIRST, SECOND
from gui.course import Course
from gui.kept_games import Keeper, KeptGame
from gui.safe_write import write_safely

if TYPE_CHECKING:
    from gui.review import Mistake
    from gui.session import Session

Progress = Callable[[float], None]
"""Called with the share of a work that is done, 0 to 1."""

SLOW = 0.05
"""Seconds from which the writing of a record is done in a thread, so that the window does not wait for it."""


@dataclass(eq=False)
class Opened:
    """A record that was read: its course, and a sentence about it. A game's own has more."""

    course: Course
    about: str = ""
    alarm: bool = False  # the sentence says what could not be used
    path: str = ""
    large: bool = field(default=False, kw_only=True)  # writing it takes time


AnyOpened = TypeVar("AnyOpened", bound=Opened)


class Records(Generic[AnyOpened]):
    """Keeps the record of one session."""

    suffix = ""  # of the files that hold such games

    def __init__(self, session: "Session"):
        self.session = session
        self.path = ""  # the file that was opened or saved last
        self.kept_in = ""  # a file that follows the game
        self._keeper: Keeper | None = None
        self._touched = False  # the game is another than the file that it came from
        self._slow, self._late = False, False  # writing takes long; there is something to write
        self._writing = Lock()
        self._writer: Thread | None = None
        self._complained = ""

    # --- what a game replaces ---

    @staticmethod
    def read(path: str, progress: Progress = lambda share: None) -> AnyOpened:
        """Read a file, in any thread; raise `ValueError` where it holds no game of this kind."""
        raise ValueError(f"{path}: this game has no records")

    @staticmethod
    def read_text(text: str) -> AnyOpened:
        """Read a record, or a position, from text; raise `ValueError`."""
        raise ValueError("this game has no records")

    def show(self, opened: AnyOpened) -> None:
        """Show a record that was read instead of the game; raise `ValueError`, and keep the game, if that cannot be."""
        self.session.replace(opened.course)
        self.session.pause()

    def written(self) -> bytes:
        """Return the record as it is saved; raise `ValueError` where it cannot be written."""
        raise ValueError("this game has no records")

    def kept(self) -> tuple[bytes, str, dict[str, object]]:
        """Return what it takes to go on later: a record, the suffix of its file, choices of the start page."""
        raise ValueError("this game has no records")

    def choices(self, first: str, second: str) -> dict[str, object]:
        """Return which side the person plays, by the words of the start page, and the opponent."""
        people, opponent = self.session.people, self.session.opponent
        colour = {(FIRST, SECOND): "both", (FIRST,): first, (SECOND,): second}.get(tuple(sorted(people)), "none")
        return {"colour": colour} | ({"opponent": opponent.as_words()} if opponent else {})

    def keep_review(self, found: Sequence["Mistake"]) -> None:
        """Write the mistakes that a review found into the record; raise `ValueError` where it cannot hold them."""
        raise ValueError("a record of this game holds no comments")

    def text(self) -> str:
        """Return what is copied to the clipboard."""
        return self.written().decode("utf-8", "replace")

    def about(self) -> str:
        """Describe the game in a few words."""
        return f"move {self.session.ply}"

    # --- from and to files that the user names ---

    def open(self, path: str) -> None:
        """Replace the game by the one of a file."""
        self.take(self.read(str(Path(path).expanduser())))

    def paste(self, text: str) -> None:
        """Replace the game by one given as text."""
        self.take(self.read_text(text))

    def take(self, opened: AnyOpened) -> None:
        """Show a record that was read instead of the game."""
        self.show(opened)
        self._leave_files()
        self.path, self._slow = opened.path, opened.large
        if opened.about:
            self.session.tell(opened.about, opened.alarm)

    def save(self, path: str) -> None:
        """Write the record."""
        self._write(Path(path).expanduser())
        self.path = path
        self.session.tell(f"saved to {Path(path).expanduser().absolute()}")

    def keep_in(self, path: str) -> None:
        """Write the record now, and again whenever it changes."""
        self._write(Path(path).expanduser())
        self.kept_in, self._touched = path, False

    def _write(self, path: Path) -> None:
        with self._writing:
            write_safely(path, self.written())

    # --- by itself ---

    def keep_by(self, keeper: Keeper) -> None:
        """Keep the game in the user's data folder from now on."""
        self._keeper = keeper

    def go_on_in(self, kept: KeptGame) -> None:
        """Go on in the files of a kept game."""
        if self._keeper:
            self._keeper = Keeper(kept.game, kept.values, kept)

    def begin_anew(self) -> None:
        """Keep what follows as a game of its own; the file that followed the last one stays as it is."""
        self._leave_files()

    def _leave_files(self) -> None:
        self.finish()
        self.kept_in, self._touched = "", False
        if self._keeper:
            self._keeper = Keeper(self._keeper.game, self._keeper.values)

    def touch(self) -> None:
        """Note that a move or a result was added, and bring the files up to date."""
        self._touched = True
        self.update()

    def update(self) -> None:
        """Bring the files up to date, if anything was added; a full disk does not end the game."""
        if not self._touched or not (self.kept_in or self._keeper):
            return
        if not self._slow:
            began = perf_counter()
            self._update()
            self._slow = perf_counter() - began > SLOW
            return
        self._late = True
        if self._writer is None or not self._writer.is_alive():
            self._writer = Thread(target=self._update_late, name="yomi-writing")
            self._writer.start()

    def finish(self) -> None:
        """Wait until everything is written."""
        if self._writer is not None:
            self._writer.join()
        if self._late:
            self._update_late()

    def _update_late(self) -> None:
        while self._late:
            self._late = False
            self._update()

    def _update(self) -> None:
        with self._writing:
            try:
                if self.kept_in:
                    write_safely(Path(self.kept_in).expanduser(), self.written())
                if self._keeper:
                    self._keeper.write(*self.kept(), self.about(), self.session.over)
                self._complained = ""
            except (ValueError, OSError) as error:
                if str(error) != self._complained:  # once is enough
                    self.session.tell(f"the game is not saved: {error}", alarm=True)
                self._complained = str(error)


def names_in_record(people: Collection[int], engine: str) -> tuple[str, str]:
    """Return what a record calls both sides."""
    person = "you" if len(people) == 1 else "person"
    return (person if FIRST in people else engine), (person if SECOND in people else engine)
