"""Where everything on a backgammon board lies, in pixels.

The board is seen by one player, the viewer. Cells 1 to 24 are the points as the viewer counts them, home below; `OFF`
and `BAR` are the viewer's, `THEIR_OFF` and `THEIR_BAR` the other's. `mirrored` returns the other player's cell.
"""

from dataclasses import dataclass

import pygame

from gui.widgets.theme import SMALL, Theme

OFF, BAR, THEIR_BAR, THEIR_OFF = 0, 25, 26, 27
CELLS = 28

MINE, NOBODYS, THEIRS = 1, 0, -1
"""Whose something is, from the viewer's side."""

TALLEST = 5
"""Checkers drawn on a point; where there are more, the outermost bears their number."""


def mirrored(cell: int) -> int:
    """Return the same cell as the other player calls it."""
    return {OFF: THEIR_OFF, THEIR_OFF: OFF, BAR: THEIR_BAR, THEIR_BAR: BAR}.get(cell, 25 - cell)


@dataclass(frozen=True)
class Layout:
    """Sizes and places in pixels: `col` is the width of a column; the board lies between two side strips."""

    board: pygame.Rect
    col: int
    strip: int
    home_left: bool

    @property
    def checker(self) -> int:
        return self.col - max(1, self.col // 16)

    @property
    def rail(self) -> int:
        """Height of the frame above and below the field, where the numbers are."""
        return round(self.col * 0.56)

    @property
    def tray(self) -> int:
        return round(self.col * 1.35)

    @property
    def edge(self) -> int:
        """Width of the frame between the field and a tray."""
        return max(2, round(self.col * 0.2))

    @property
    def bar(self) -> pygame.Rect:
        width = round(self.col * 1.2)
        return pygame.Rect(self.half(0).right, self.board.top, width, self.board.height)

    def half(self, which: int) -> pygame.Rect:
        """Return the field left (0) or right (1) of the bar."""
        left = self.board.left + 2 * self.edge + self.tray + which * (6 * self.col + round(self.col * 1.2))
        return pygame.Rect(left, self.board.top + self.rail, 6 * self.col, self.board.height - 2 * self.rail)

    def column(self, point: int) -> pygame.Rect:
        """Return where a point of the field lies: the lower or upper half of a column."""
        place = 12 - point if point <= 12 else point - 13
        place = 11 - place if self.home_left else place
        half = self.half(place // 6)
        height = round(self.col * 5.1)
        top = half.bottom - height if point <= 12 else half.top
        return pygame.Rect(half.left + place % 6 * self.col, top, self.col, height)

    def off_tray(self, whose: int) -> pygame.Rect:
        return self._side_tray(not self.home_left, whose)

    def cube_place(self, owner: int) -> tuple[int, int]:
        """Return the middle of the cube that lies with its owner."""
        left = self.board.left + self.edge if not self.home_left else self.board.right - self.edge - self.tray
        middle, reach = self.board.centery, self.board.height // 2 - self.rail - round(0.62 * self.col)
        return left + self.tray // 2, middle + owner * reach

    def _side_tray(self, right: bool, whose: int) -> pygame.Rect:
        left = self.board.right - self.edge - self.tray if right else self.board.left + self.edge
        height = round(self.col * 5.1)
        top = self.board.bottom - self.rail - height if whose == MINE else self.board.top + self.rail
        return pygame.Rect(left, top, self.tray, height)

    def cell(self, cell: int) -> pygame.Rect:
        """Return the whole place of a cell, which a click means."""
        if cell in (OFF, THEIR_OFF):
            return self.off_tray(MINE if cell == OFF else THEIRS)
        if cell in (BAR, THEIR_BAR):
            half = self.bar.height // 2
            return pygame.Rect(self.bar.left, self.bar.top + half * (cell == BAR), self.bar.width, half)
        return self.column(cell)

    def checker_at(self, cell: int, height: int) -> tuple[int, int]:
        """Return the middle of the checker at a height (from 0) of a cell's stack."""
        place, step = self.cell(cell), min(height, TALLEST - 1) * self.checker + self.checker // 2 + 1
        if cell in (OFF, THEIR_OFF):
            return place.center
        if cell in (BAR, THEIR_BAR):
            start = self.col // 2
            return place.centerx, self.board.centery + (start + step if cell == BAR else -start - step)
        return place.centerx, place.bottom - step if cell <= 12 else place.top + step

    def dice_middle(self, whose: int) -> tuple[int, int]:
        return self.half(1 if whose == MINE else 0).centerx, self.board.centery


WIDE, HIGH = 12 + 1.2 + 2 * 1.35 + 4 * 0.2, 2 * (0.56 + 5.1) + 1.7
"""A board in columns: two fields, the bar, two trays, edges; two rails, two rows of points, the middle."""


def lay_out(theme: Theme, rect: pygame.Rect, home_left: bool = False) -> Layout:
    """Return the largest board that fits, in the middle of a rectangle."""
    strip = min(theme.px(32), rect.height // 10)
    col = max(6, int(min((rect.width - 2) / WIDE, (rect.height - 2 * strip) / HIGH)))
    board = pygame.Rect(0, 0, 12 * col + round(col * 1.2), round(HIGH * col))
    edge, tray = max(2, round(col * 0.2)), round(col * 1.35)
    board.width += 4 * edge + 2 * tray
    board.center = rect.center
    return Layout(board, col, strip, home_left)


def slab(tray: pygame.Rect, k: int, from_below: bool) -> pygame.Rect:
    """Return where the k-th checker borne off lies in its tray."""
    height = tray.height / 15.9
    start = round(k * height + k // 5 * height * 0.3 + 1)
    slab = pygame.Rect(tray.left + tray.width // 8, 0, tray.width - tray.width // 4, max(2, round(height - 1)))
    slab.top = tray.bottom - start - slab.height if from_below else tray.top + start
    return slab


def fitted_size(theme: Theme, pixels: float, most: float = SMALL) -> float:
    """Return the size of text, in points, that is no higher than so many pixels, and no larger than the usual."""
    return max(1.0, round(min(most, pixels / theme.scale), 1))
