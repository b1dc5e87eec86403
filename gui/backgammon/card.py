"""Backgammon's card on the start page: the board as a game begins."""

import pygame

from games.backgammon.board import start
from games.game import FIRST
from gui.backgammon.scene import seen_checkers
from gui.backgammon.view import BackgammonScene, BackgammonView, Die
from gui.start_card import StartCard
from gui.widgets.theme import Theme


def paint(surface: pygame.Surface, rect: pygame.Rect, theme: Theme) -> None:
    """Draw the small board, with the dice of a good throw and without what stands beside it."""
    dice, ground = (Die(3), Die(1)), surface.get_at(rect.topleft)
    scene = BackgammonScene(checkers=seen_checkers(start(0), FIRST), dice=dice, cube=1)
    view = BackgammonView(theme)
    view.draw(surface, rect, scene)
    board = surface.subsurface(view.layout.board.clip(rect)).copy()  # in the smallest window it is larger than its room
    surface.fill(ground, rect)
    surface.blit(board, view.layout.board)


CARD = StartCard("Backgammon", "Bring all your checkers home and off the board first.", paint)
