"""What a game must offer to have a page in the window. `go_page.py` is the example; a new game is one more file."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pygame

from gui.messages import Message
from gui.session import Session
from gui.tabs.ghost_ladder import Answer, Ladder
from gui.thinker import Thinker
from gui.widgets.theme import Colour, Theme


@dataclass(frozen=True)
class Field:
    """One thing to choose on the start page. `choices` make a drop-down list; without, it is a line of text."""

    name: str
    label: str
    default: object
    choices: tuple[tuple[object, str], ...] = ()  # value and words
    hint: str = ""


@dataclass(frozen=True)
class Action:
    """A button of the Game tab."""

    label: str
    message: Message
    enabled: bool = True
    key: str = ""  # as the tooltip and the `?` sheet name it


@dataclass(frozen=True)
class Overlay:
    """Something that the board can show or leave out."""

    name: str
    label: str
    key: str = ""
    hint: str = ""


@dataclass(frozen=True)
class Card:
    """What is shown about one side: its name and what it holds (prisoners, pips, a clock)."""

    name: str
    about: str
    clock: str = ""


class Page(Protocol):
    """One game: how it begins, what its board shows, what clicks and keys on it mean."""

    name: str  # "go"
    title: str  # "Go"
    session: Session
    sides: tuple[str, str]  # what FIRST and SECOND are called
    colours: tuple[Colour, Colour]  # their colours in the value bar
    usual_file: str  # what a saved game is called at first
    reach: float  # the greatest value that graphs show
    keys: Sequence[tuple[str, str]]  # this game's own keys and what they do, for the `?` sheet
    overlays: Sequence[Overlay]  # what can be shown on the board
    shown: set[str]  # the overlays that are
    ladder: Ladder | None  # the run whose checkpoints are looked at
    opinion: Answer | None  # what the board shows instead of what the engine thinks, while a tab has it

    @staticmethod
    def fields() -> Sequence[Field]:
        """List what can be chosen on the start page."""

    @classmethod
    def begin(cls, values: dict[str, object], theme: Theme, thinker: Thinker | None = None) -> "Page":
        """Begin a game with these choices, on a thread that thinks; raise `ValueError` for what cannot be."""

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""

    def draw(self, surface: pygame.Surface, rect: pygame.Rect) -> None:
        """Draw the board as the session has it."""

    def handle(self, event: pygame.event.Event) -> Message | None:
        """Say what a click or a key on the board means."""

    def receive(self, message: Message) -> bool:
        """Do what a message asks; False where this game and its session do not know it."""

    def place_of(self, name: str) -> tuple[int, int]:
        """Return the pixel of a place of the board, for scripts; raise `ValueError` where there is none."""

    def animating(self) -> bool:
        """Say whether the board changes by itself now, so that frames are drawn without events."""

    def card(self, side: int) -> Card:
        """Describe one side."""

    def badge(self, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
        """Draw what stands for a side: a stone, a checker."""

    def facts(self) -> str:
        """Say in a line what is worth knowing: the move number, rules, komi, the match score."""

    def actions(self) -> Sequence[Action]:
        """List the buttons of the Game tab as they are now."""

    def move_lines(self) -> Sequence[str]:
        """List the moves of the current line, one a ply; "" for a ply that the words before it tell, too."""

    def chance(self, value: float) -> str:
        """Write a value from FIRST's view as players of the game like it: "Black 57 %"."""

    def worth(self, value: float) -> str:
        """Write a value, FIRST's view, in a few characters as whoever is to play sees it: "57 %"."""

    def sound(self, before: int, ply: int) -> str:
        """Name the sound (of `gui.sounds`) of what happened since a ply, "" for silence."""
