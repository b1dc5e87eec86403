"""A Connect Four board as a function of a scene: discs, marks and numbers in, a picture out. It knows no rules."""

from dataclasses import dataclass

import numpy as np
import pygame

from gui.widgets.theme import ACCENT, GROUND, QUIET, TEXT, Theme, blend

RED, YELLOW = (214, 60, 54), (242, 196, 58)
DISC = {1: RED, 2: YELLOW}
RIM = {1: (150, 32, 30), 2: (176, 134, 24)}
BOARD, EDGE, LIT = (38, 84, 158), (26, 60, 118), (62, 118, 202)
ROWS, COLUMNS = 6, 7
ABOVE, BELOW = 0.95, 0.5
"""Cells above the board, for candidates, and below it, for the numbers of the columns."""

SHARP = 3
"""Holes are drawn so many times as large, and made smaller: that rounds their edges."""


@dataclass(frozen=True)
class ColumnMark:
    """A column that the search considers. `share` is its part of the best one's visits."""

    column: int
    upper: str  # its value
    lower: str  # its visits
    share: float


@dataclass(frozen=True)
class ConnectFourScene:
    """Everything that a picture of the board shows; cells are (row from the top, column)."""

    discs: np.ndarray  # int8 [6, 7]: 0 empty, 1 red, 2 yellow
    last: tuple[int, int] | None = None
    four: tuple[tuple[int, int], ...] = ()
    lit: int | None = None  # the column under the mouse
    ghost: tuple[int, int, int] | None = None  # row, column, colour: where a disc would land
    candidates: tuple[ColumnMark, ...] = ()
    variation: tuple[tuple[int, int, int, int], ...] = ()  # row, column, colour, number
    height: float = 0.0  # rows that the last disc is still above its cell


class ConnectFourView:
    """Draws scenes at one scale, and remembers where, for the mouse."""

    def __init__(self, theme: Theme):
        self.theme, self.cell, self.corner = theme, 1, (0, 0)
        self.front: tuple[int, pygame.Surface] | None = None

    def place(self, row: float, column: int) -> tuple[int, int]:
        """Return the pixel of the middle of a cell, as it was drawn last."""
        return self.corner[0] + round((column + 0.5) * self.cell), self.corner[1] + round((row + 0.5) * self.cell)

    def column_at(self, pos: tuple[int, int]) -> int | None:
        """Return the column under a pixel, None beside the board."""
        column = (pos[0] - self.corner[0]) // self.cell
        row = (pos[1] - self.corner[1]) / self.cell
        return column if 0 <= column < COLUMNS and -ABOVE <= row < ROWS + BELOW else None

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, scene: ConnectFourScene) -> None:
        """Draw a scene in the middle of a rectangle: discs behind the board, marks before it."""
        self.cell = max(8, int(min(rect.width / (COLUMNS + 0.3), rect.height / (ROWS + ABOVE + BELOW))))
        board = pygame.Rect(0, 0, self.cell * COLUMNS, self.cell * ROWS)
        board.centerx = rect.centerx
        board.top = rect.top + (rect.height - round(self.cell * (ROWS + ABOVE + BELOW))) // 2 + round(self.cell * ABOVE)
        self.corner = board.topleft
        pygame.draw.rect(surface, GROUND, board)
        self._draw_discs(surface, scene)
        surface.blit(self._front(), board.inflate(self.cell // 4, self.cell // 4))
        self._draw_columns(surface, scene)
        self._draw_marks(surface, scene)
        for candidate in scene.candidates:
            self._draw_candidate(surface, candidate)

    def _front(self) -> pygame.Surface:
        """Return the board with its holes, drawn once for a size."""
        if self.front is None or self.front[0] != self.cell:
            edge, cell = self.cell // 4, self.cell * SHARP
            size = (self.cell * COLUMNS + edge, self.cell * ROWS + edge)
            large = pygame.Surface((size[0] * SHARP, size[1] * SHARP), pygame.SRCALPHA)
            pygame.draw.rect(large, EDGE, large.get_rect(), border_radius=cell // 4)
            inner = large.get_rect().inflate(-edge * SHARP // 2, -edge * SHARP // 2)
            pygame.draw.rect(large, BOARD, inner, border_radius=cell // 6)
            for row in range(ROWS):
                for column in range(COLUMNS):
                    at = [edge * SHARP // 2 + round((k + 0.5) * cell) for k in (column, row)]
                    pygame.draw.circle(large, EDGE, at, round(0.44 * cell))
                    pygame.draw.circle(large, (0, 0, 0, 0), at, round(0.40 * cell))
            self.front = (self.cell, pygame.transform.smoothscale(large, size))
        return self.front[1]

    def _disc(self, surface, at, colour: int, alpha: int = 255) -> None:
        draw_disc(surface, self.theme, at, round(self.cell * 0.82) | 1, colour, alpha)

    def _draw_discs(self, surface: pygame.Surface, scene: ConnectFourScene) -> None:
        clip = surface.get_clip()
        surface.set_clip(pygame.Rect(self.corner, (self.cell * COLUMNS, self.cell * ROWS)))
        for row, column in np.argwhere(scene.discs).tolist():
            height = scene.height if (row, column) == scene.last else 0
            self._disc(surface, self.place(row - height, column), int(scene.discs[row, column]))
        if scene.ghost:
            self._disc(surface, self.place(*scene.ghost[:2]), scene.ghost[2], 110)
        surface.set_clip(clip)

    def _draw_columns(self, surface: pygame.Surface, scene: ConnectFourScene) -> None:
        if scene.lit is not None:
            light = pygame.Surface((self.cell, self.cell * ROWS), pygame.SRCALPHA)
            light.fill((*LIT, 40))
            surface.blit(light, (self.corner[0] + scene.lit * self.cell, self.corner[1]))
        for column in range(COLUMNS):
            x, _ = self.place(0, column)
            y = self.corner[1] + round(self.cell * (ROWS + 0.32))
            colour = TEXT if column == scene.lit else QUIET
            self.theme.text(surface, str(column + 1), (x, y), self._points(0.22, 14), colour, "centre")

    def _draw_marks(self, surface: pygame.Surface, scene: ConnectFourScene) -> None:
        thick = max(2, self.cell // 22)
        for row, column in scene.four if not scene.height else ():
            pygame.draw.circle(surface, (255, 255, 255), self.place(row, column), round(self.cell * 0.39), thick)
        if scene.last and not scene.four and not scene.height:
            pygame.draw.circle(surface, (250, 246, 236), self.place(*scene.last), round(self.cell * 0.16), thick)
        for row, column, colour, number in scene.variation:
            self._disc(surface, self.place(row, column), colour, 190)
            ink = (255, 255, 255) if colour == 1 else (40, 30, 8)
            self.theme.text(surface, str(number), self.place(row, column), self._points(0.34), ink, "centre", bold=True)

    def _draw_candidate(self, surface: pygame.Surface, candidate: ColumnMark) -> None:
        """Draw a column's value and visits above it; the better, the bluer."""
        box = pygame.Rect(0, 0, round(self.cell * 0.84), round(self.cell * 0.6))
        box.center = (self.place(0, candidate.column)[0], self.corner[1] - round(self.cell * 0.5))
        self.theme.panel(surface, box, blend((52, 56, 64), ACCENT, candidate.share), max(3, self.cell // 10))
        ink = (12, 20, 28) if candidate.share > 0.6 else TEXT
        for words, share, down in ((candidate.upper, 0.27, -0.1), (candidate.lower, 0.17, 0.17)):
            at = (box.centerx, box.centery + round(self.cell * down))
            self.theme.text(surface, words, at, self._points(share, 26), ink, "centre", bold=down < 0)

    def _points(self, share: float, most: float = 99) -> float:
        """Return a size of text in points that is a share of a cell high."""
        return min(most, max(6, round(self.cell * share / self.theme.scale * 2) / 2))


def draw_disc(surface: pygame.Surface, theme: Theme, at, diameter: int, colour: int, alpha: int = 255) -> None:
    """Draw a disc; a red one with a bar across it where hues are not to decide."""
    place = theme.disc(surface, at, diameter, DISC[colour], RIM[colour], shade=True, alpha=alpha)
    if theme.palette.marked and colour == 1:
        bar = pygame.Rect(0, 0, round(diameter * 0.5), max(2, diameter // 7))
        bar.center = place.center
        pygame.draw.rect(surface, blend(RIM[1], GROUND, 0.45), bar, border_radius=bar.height // 2)
