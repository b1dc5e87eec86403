"""Connect Four's card on the start page: a small board after a few discs."""

import pygame

from games.connect_four.writing import discs, read_moves
from gui import messages as say
from gui.connect_four.view import ConnectFourScene, ConnectFourView
from gui.page import Action
from gui.start_card import StartCard
from gui.tabs.ghost_ladder import childhood
from gui.widgets.theme import Theme


def paint(surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
    """Draw the small board."""
    scene = ConnectFourScene(discs(read_moves("444435536").state))
    ConnectFourView(theme).draw(surface, rect, scene)


CHILDHOOD = childhood("connect_four")
"""The early checkpoints of the network that ships."""

DOORS = (Action("How its network learned", say.OpenRun(str(CHILDHOOD)), key="slide through its childhood"),)
CARD = StartCard("Connect Four", "Get four discs of yours into a row.", paint, more=DOORS if CHILDHOOD else ())
