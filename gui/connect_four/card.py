"""Connect Four's card on the start page: a small board after a few discs."""

import pygame

from games.connect_four.writing import discs, read_moves
from gui.connect_four.view import ConnectFourScene, ConnectFourView
from gui.start_card import StartCard
from gui.widgets.theme import Theme


def paint(surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
    """Draw the small board."""
    scene = ConnectFourScene(discs(read_moves("444435536").state))
    ConnectFourView(theme).draw(surface, rect, scene)


CARD = StartCard("Connect Four", "Get four discs of yours into a row.", paint)
