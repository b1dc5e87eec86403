"""The lab's card on the start page: a small grid with its values."""

import pygame

from gui import messages as say
from gui.lab.learning import GridLearner
from gui.lab.views import draw_grid
from gui.start_card import StartCard
from gui.widgets.theme import Theme


def paint(surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
    """Draw the small grid after a few sweeps."""
    learner = GridLearner()
    for _ in range(6):
        learner.step()
    draw_grid(surface, theme, rect, learner)


CARD = StartCard("Lab", "Watch values being learned: a grid, a pole, tic-tac-toe.", paint, say.OpenLab())
