"""The text page's card on the start page: a line of text, and the tokens that may come next."""

import pygame

from gui.start_card import StartCard
from gui.text.view import GHOST, PROMPT, WRITTEN, CandidateRow, TextScene, TextView, TokenPiece
from gui.widgets.theme import Theme

PIECES = (*((letter, PROMPT) for letter in "2,3,9,12;"), *((letter, WRITTEN) for letter in "9-3="), ("6", GHOST))
NEXT = (("6", 0.9, 41, 0.62), ("5", 0.06, 9, 0.1), ("7", 0.03, 4, 0.05))

SMALLER = 0.62
"""The card's picture is drawn at this share of the scale."""


def paint(surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
    """Draw the small page."""
    pieces = tuple(TokenPiece(words, kind, None, 0.8 if kind == WRITTEN else None) for words, kind in PIECES)
    rows = tuple(
        CandidateRow(0, words, prior, "", visits / 41, "", value, "", words == "6")
        for words, prior, visits, value in NEXT
    )
    TextView(Theme(theme.scale * SMALLER)).draw(surface, rect, TextScene(pieces, rows, heads=False))


CARD = StartCard("Text", "Write with the search, token by token: the Game of 24, or prose.", paint)
