"""What a game must offer to have a page in the window: `gui/GAME/page.py`. The smallest game's page is the example."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pygame

from games.game import FIRST, SECOND
from gui import messages as say
from gui.field import NOTHING, Field, Values
from gui.messages import Message
from gui.records import Opened, Progress
from gui.session import Session
from gui.tabs.ghost_ladder import Answer, Ladder
from gui.thinker import Thinker
from gui.widgets.theme import Colour, Theme


@dataclass(frozen=True)
class Action:
    """A button of the Game tab."""

    label: str
    message: Message
    enabled: bool = True
    key: str = ""  # as the tooltip and the `?` sheet name it


def move_action(session: Session, key: str = "Enter") -> Action:
    """Return the button that lets the engine move: it ends its thinking, or it makes the person's move."""
    return Action("Play for me" if session.awaits_person else "Move now", say.MoveNow(), not session.over, key)


@dataclass(frozen=True)
class Overlay:
    """Something that the board can show or leave out."""

    name: str
    label: str
    key: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Card:
    """What is shown of one side: its name and what it holds (prisoners, pips, a clock)."""

    name: str
    about: str
    clock: str = ""


@dataclass(frozen=True)
class Ending:
    """What the card at the end of a game says: a headline, at most two lines about the count, and the buttons."""

    headline: str
    lines: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    final: bool = True  # nothing follows: it is not a game in the middle of a match


LONGEST_LINE = 8
"""Moves of a line that are written."""


def chance_of(value: float, side: int) -> float:
    """Return a side's winning chance in per cent."""
    return 50 * (1 + (value if side == FIRST else -value))


class Page(Protocol):
    """One game: how it begins, what its board shows, what clicks and keys on it mean.

    The session has the game itself: `position`, `history`, `over`, `status`, `handle`; its `engine` and its `records`.
    Drawing and reading off change nothing: what changes with time changes in `poll`. What has a body here holds for
    a board game whose values are chances to win; a game with something else replaces it.
    """

    name: str  # of the package of the game
    title: str  # "Go"
    session: Session
    sides: tuple[str, str]  # what FIRST and SECOND are called
    colours: tuple[Colour, Colour]  # their colours in the value bar
    usual_file: str  # what a saved game is called at first
    suffixes: tuple[str, ...]  # endings of the names of files that hold such games
    keys: Sequence[tuple[str, str]]  # this game's own keys and what they do, for the `?` sheet
    overlays: Sequence[Overlay]  # what can be shown on the board
    watched: Mapping[str, object]  # choices with which the engine plays alone; empty: it does not
    watched_tab: str  # where its thinking is seen then
    measure: str  # what the values of the curve are, in a few words
    shown: set[str]  # the overlays that are shown
    began: Mapping[str, object] = NOTHING  # the choices with which the game began
    ladder: Ladder | None = None  # the run whose checkpoints are looked at
    opinion: Answer | None = None  # what a checkpoint of it thinks, shown instead of what the engine thinks

    @property
    def reach(self) -> float:
        """The greatest value that graphs show."""

    @staticmethod
    def fields(values: Values = ...) -> Sequence[Field]:
        """List what can be chosen on the start page, where these values are chosen already."""

    @staticmethod
    def read(path: str, progress: Progress = ...) -> Opened:
        """Read a record, in any thread; raise `ValueError`."""

    @staticmethod
    def read_text(text: str) -> Opened:
        """Read a record given as text, in any thread; raise `ValueError`."""

    prepare: Callable[[Values], None] | None = None
    """What takes long before a game with these choices begins, for any thread; None: nothing does."""

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "Page":
        """Begin a game with these choices, on a thread that thinks; raise `ValueError` for what cannot be."""

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""

    def poll(self) -> bool:
        """Let time pass: animations, then the session. Return whether anything changed."""
        return self.session.poll()

    @property
    def animating(self) -> bool:
        """Whether the board changes by itself now, so that frames are drawn without events."""
        return False

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the board as the session has it."""

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Return what a click or a key on the board means."""

    def receive(self, message: Message) -> bool:
        """Do what a message asks; return False where this game and its session do not know it."""

    def show_opinion(self, opinion: Answer | None) -> None:
        """Show what a checkpoint of a run thinks instead of what the engine thinks; None: no longer."""
        self.opinion = opinion

    def look_at(self, ladder: Ladder | None) -> None:
        """Look at the checkpoints of a run; None: no longer."""
        self.ladder = ladder

    def place_of(self, name: str) -> tuple[int, int]:
        """Return the pixel of a place of the board, for scripts; raise `ValueError` where there is none."""

    def card(self, side: int) -> Card:
        """Describe one side."""

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw the sign of a side: a stone, a checker."""

    def facts(self) -> str:
        """Return a line of facts: the move number, rules, komi, the match score."""

    def actions(self) -> Sequence[Action]:
        """List the buttons of the Game tab as they are now."""

    def ending(self) -> Ending | None:
        """Return what the card says at the end of a game, None while it goes on."""

    def move_lines(self) -> Sequence[str]:
        """List the moves of the current line, one a ply; "" for a ply that belongs to the words before it.

        Words that begin with a space belong to the same move as those before them.
        """
        nodes, game, start = self.session.history.line[1:], self.session.position.game, self.session.position.states[0]
        return [f"{self.sides[node.mover]} {game.notation(start, node.move)}" for node in nodes]

    def line_words(self, moves: Sequence[int], length: int) -> str:
        """Write moves from the position on the board; the first `length` of them are one turn."""
        game, state = self.session.position.game, self.session.position.state
        return " ".join(game.notation(state, move) for move in moves[:LONGEST_LINE])

    def chance(self, value: float) -> str:
        """Write a value from FIRST's view as players of the game write it: "Black 57 %"."""
        side = FIRST if value >= 0 else SECOND
        return f"{self.sides[side]} {chance_of(value, side):.0f} %"

    def worth(self, value: float) -> str:
        """Write a value from FIRST's view in a few characters, as the side to play sees it: "57 %"."""
        return f"{chance_of(value, self.session.position.turn):.0f} %"

    def sound(self, before: int, ply: int) -> str:
        """Name the sound (of `gui.sounds`) of what happened since a ply, "" for silence."""
