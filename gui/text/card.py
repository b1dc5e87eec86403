"""The text page's card on the start page: a line of text, and the tokens that may come next as bars."""

import pygame

from gui.start_card import StartCard
from gui.widgets.theme import ACCENT, GROUND, LINE, QUIET, TEXT, Theme, blend

PROMPT, WRITTEN = "2,3,9,12;", "9-3="
NEXT = (("6", 1.0), ("5", 0.22), ("7", 0.1), ("4", 0.04))
"""Tokens that may come next, and their shares of the visits."""


def paint(surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
    """Draw the small page."""
    side = min(rect.width, round(rect.height * 1.1))
    page = pygame.Rect(0, 0, side, round(side * 0.8))
    page.center = rect.center
    theme.panel(surface, page, GROUND, 6)
    unit, points = side / 11, side / 11 / theme.scale
    x, y = page.left + unit * 0.7, page.top + unit * 1.3
    x = theme.text(surface, PROMPT, (x, y), points, QUIET).right
    x = theme.text(surface, WRITTEN, (x, y), points, TEXT, bold=True).right
    theme.text(surface, NEXT[0][0], (x, y), points, ACCENT, bold=True)
    for k, (token, share) in enumerate(NEXT):
        y = page.top + unit * (3.2 + 1.45 * k)
        theme.text(surface, token, (page.left + unit * 0.7, y), points, TEXT if k else ACCENT, bold=not k)
        bar = pygame.Rect(round(page.left + unit * 2), round(y - unit * 0.3), round(unit * 8.2), round(unit * 0.6))
        pygame.draw.rect(surface, blend(GROUND, LINE, 0.5), bar, border_radius=3)
        bar.width = max(2, round(bar.width * share))
        pygame.draw.rect(surface, ACCENT if not k else QUIET, bar, border_radius=3)


CARD = StartCard("Text", "Write with the search, token by token: the Game of 24, or prose.", paint)
