"""Go's card on the start page: a small board with the stones of an opening."""

import numpy as np
import pygame

from gui.go.view import BLACK, WHITE, GoScene, GoView
from gui.start_card import StartCard
from gui.widgets.theme import Theme

SIZE = 9
STONES = {BLACK: ((2, 6), (4, 2), (6, 6), (5, 4), (3, 5)), WHITE: ((6, 2), (2, 2), (4, 6), (3, 6), (5, 7))}


def paint(surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
    """Draw the small board."""
    stones = np.zeros((SIZE, SIZE), np.int8)
    for colour, points in STONES.items():
        for point in points:
            stones[point] = colour
    GoView(theme).draw(surface, rect, GoScene(stones, coordinates=False))


CARD = StartCard("Go", "Surround more of the board than the other side.", paint)
