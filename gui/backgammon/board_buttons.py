"""What lies on the backgammon board to be pressed: a few buttons in its middle, and faces to enter dice by hand."""

from collections.abc import Sequence

import pygame

from gui.backgammon.layout import MINE, THEIRS, Layout, fitted_size
from gui.messages import Hover, Message, SetDice
from gui.widgets.dice_view import DicePictures
from gui.widgets.theme import ACCENT, RAISED, SHADOW, TEXT, Theme, blend

FACES = range(1, 7)

PER_ROW = 2
"""Buttons beside each other, at most."""

LEAST = 11
"""Points of their words, however small the board."""


class BoardButtons:
    """Buttons in the middle of one half of the board."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.placed: list[tuple[pygame.Rect, Message]] = []

    def draw(self, surface: pygame.Surface, layout: Layout, whose: int, choices: Sequence[tuple[str, Message]]) -> None:
        """Draw a button a choice, the first one brighter."""
        self.placed = []
        if not choices:
            return
        size = max(LEAST, fitted_size(self.theme, layout.col * 0.4, 15))
        half, gap = layout.half(1 if whose == MINE else 0), max(2, layout.col // 6)
        widest = max(self.theme.text_width(words, size, True) for words, _ in choices) + self.theme.px(12)
        columns = min(PER_ROW, len(choices), max(1, (half.width + gap) // (widest + gap)))
        wide, tall = max(widest, round(layout.col * 2.4)), max(round(layout.col * 0.8), self.theme.px(size + 8))
        wide = min(wide, half.width // columns - gap)
        top = layout.board.centery - (-(-len(choices) // columns) * (tall + gap) - gap) // 2
        for k, (words, message) in enumerate(choices):
            row, column = divmod(k, columns)
            left = half.centerx - (wide * columns + gap * (columns - 1)) // 2 + column * (wide + gap)
            rect = pygame.Rect(left, top + row * (tall + gap), wide, tall)
            self._draw_one(surface, rect, words, size, strong=k == 0)
            self.placed.append((rect, message))

    def _draw_one(self, surface: pygame.Surface, rect: pygame.Rect, words: str, size: float, strong: bool) -> None:
        self.theme.panel(surface, rect.move(0, max(1, rect.height // 16)), SHADOW)
        self.theme.panel(surface, rect, blend(RAISED, ACCENT, 0.45 if strong else 0.1))
        self.theme.text(surface, words, rect.center, size, TEXT, "centre", bold=True, width=rect.width, least=8)

    def press(self, pos: tuple[int, int]) -> Message | None:
        """Return the message of the button at a place."""
        return next((message for rect, message in self.placed if rect.collidepoint(pos)), None)


class DicePicker:
    """Six faces in each half of the board: dice that were thrown by hand are entered by clicks or digits."""

    def __init__(self, theme: Theme):
        self.pictures = DicePictures(theme)
        self.chosen: dict[int, int] = {}
        self.places: dict[tuple[int, int], pygame.Rect] = {}
        self.viewer_first = self.opening = True

    def clear(self) -> None:
        """Forget what was chosen."""
        self.chosen, self.places = {}, {}

    def draw(self, surface: pygame.Surface, layout: Layout, viewer_first: bool, opening: bool) -> None:
        """Draw the faces; at an opening each side's die lies in its own half."""
        self.viewer_first, self.opening = viewer_first, opening
        size = round(layout.col * 0.8)
        for whose in (MINE, THEIRS):
            x, y = layout.dice_middle(whose)
            dark = viewer_first if whose == MINE or not opening else not viewer_first
            for face in FACES:
                middle = x + round((face - 3.5) * layout.col * 0.97), y
                alpha = 255 if self.chosen.get(whose) in (None, face) else 90
                self.places[whose, face] = self.pictures.draw_die(surface, middle, size, face, dark, alpha=alpha)

    def press(self, pos: tuple[int, int]) -> Message | None:
        """Choose the face at a place; once both dice are chosen, say them."""
        for (whose, face), rect in self.places.items():
            if rect.collidepoint(pos):
                return self._choose(whose, face)
        return None

    def type(self, face: int) -> Message | None:
        """Choose a face by its digit: FIRST's die comes first."""
        order = (MINE, THEIRS) if self.viewer_first else (THEIRS, MINE)
        return self._choose(order[0] if order[0] not in self.chosen else order[1], face)

    def _choose(self, whose: int, face: int) -> Message:
        self.chosen[whose] = face
        if len(self.chosen) < 2:
            return Hover()
        mine, theirs = self.chosen[MINE], self.chosen[THEIRS]
        self.clear()
        return SetDice(mine, theirs) if self.viewer_first else SetDice(theirs, mine)
