"""The boards to click on the start page: a small picture of each game, its name, and what else can be opened there.

A wing adds its card by a part `gui/GAME/card.py` with a `CARD`; a game that has a page and no card shows its name
alone. What is no game but has something to show (a lab, say) adds the path of such a module to `OTHERS`, and gives its
card a `message`, which a click sends instead of choosing a game. `more` are further buttons while the card is chosen.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any

import pygame

from games import wings
from gui import messages as say
from gui.messages import Message
from gui.page import Action
from gui.tabs.ghost_ladder import childhood
from gui.widgets.basic import PRESS, Widget, is_key, pressed
from gui.widgets.theme import ACCENT, QUIET, SMALL, TEXT, Theme

OTHERS: tuple[str, ...] = ("gui.lab.card",)
"""Modules, besides those of the games, whose `CARD` stands on the start page."""

Paint = Callable[[pygame.Surface, pygame.Rect, Theme], None]


@dataclass(frozen=True)
class StartCard:
    """A card: its name, one sentence about what it opens, and how its small board is drawn."""

    title: str
    about: str = ""
    paint: Paint = lambda surface, rect, theme: None
    message: Message | None = None  # what a click sends; None: it chooses the game
    more: tuple[Action, ...] = ()


def cards(pages: Mapping[str, type[Any]]) -> dict[str, StartCard]:
    """Return the cards of the games that have a page, then the others, by name."""
    games = {
        name: wings.part("gui", name, "card").CARD if wings.has("gui", name, "card") else StartCard(page.title)
        for name, page in pages.items()
    }
    games = {name: replace(card, more=(*card.more, *_childhood_doors(name))) for name, card in games.items()}
    return games | {path: import_module(path).CARD for path in OTHERS}


def _childhood_doors(game: str) -> tuple[Action, ...]:
    """Return the button that opens the early checkpoints of the game's network, where they ship."""
    folder = childhood(game)
    if folder is None:
        return ()
    return (Action("How its network learned", say.OpenRun(str(folder)), key="slide through its childhood"),)


class CardButton(Widget):
    """A card to click. A click on the card of the game that is chosen already plays it."""

    def __init__(self, name: str, card: StartCard, chosen: bool):
        super().__init__(card.about)
        self.label, self.card, self.chosen = card.title, card, chosen
        self.message = card.message or (say.NewGame(name) if chosen else say.ChooseGame(name))
        self._picture: tuple[object, pygame.Surface] | None = None

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the small board, drawn once for a size, and the name below it."""
        theme.panel(surface, self.rect, self.ground(), 8)
        inner = self.rect.inflate(-theme.px(14), -theme.px(14))
        board = pygame.Rect(inner.left, inner.top, inner.width, inner.height - theme.px(24))
        surface.blit(self._painted(board.size, theme), board)
        at = (inner.centerx, inner.bottom - theme.px(8))
        colour = TEXT if self.chosen or self.hovered else QUIET
        theme.text(surface, self.card.title, at, 14, colour, "centre", self.chosen, inner.width, SMALL)
        if self.chosen:
            theme.outline(surface, self.rect, ACCENT, 8)
        self.draw_focus(surface, theme)

    def _painted(self, size: tuple[int, int], theme: Theme) -> pygame.Surface:
        key = (size, theme, self.hovered, self.chosen)
        if self._picture is None or self._picture[0] != key:
            picture = pygame.Surface((max(1, size[0]), max(1, size[1])))
            picture.fill(self.ground())
            self.card.paint(picture, picture.get_rect(), theme)
            self._picture = (key, picture)
        return self._picture[1]

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Answer a click inside, or Enter and Space with the keyboard."""
        hit = pressed(event) and self.rect.collidepoint(event.pos)
        return self.message if hit or (self.focused and is_key(event, *PRESS)) else None


def place_cards(buttons: Sequence[CardButton], rect: pygame.Rect, theme: Theme) -> None:
    """Give all cards the same room, side by side."""
    gap = theme.px(12)
    wide = (rect.width - gap * (len(buttons) - 1)) // max(1, len(buttons))
    for k, button in enumerate(buttons):
        button.rect = pygame.Rect(rect.left + k * (wide + gap), rect.top, wide, rect.height)
