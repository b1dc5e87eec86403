"""A Go board as a function of maps: stones, marks and numbers in, a picture out. It knows no rules and no session."""

from dataclasses import dataclass, field

import numpy as np
import pygame

from gui.go.marks import RecordMark
from gui.widgets.theme import (
    ACCENT,
    BAD,
    BLACK_STONE,
    BOARD_INK,
    BOARD_WOOD,
    PANEL,
    TEXT,
    WHITE_STONE,
    Theme,
    blend,
)

EMPTY, BLACK, WHITE = 0, 1, 2
"""What `GoScene.stones` holds."""

COLUMNS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
STONE = {BLACK: BLACK_STONE, WHITE: WHITE_STONE}
RIM = {BLACK: (8, 8, 10), WHITE: (150, 146, 136)}

Point = tuple[int, int]
"""Row and column, from the top left."""


@dataclass(frozen=True)
class CandidateMark:
    """A move that the search considers. `share` is its part of the best one's visits, `solid` how far to trust it."""

    point: Point
    upper: str  # its value
    lower: str  # its visits
    share: float
    solid: float = 1.0


@dataclass(frozen=True)
class GoScene:
    """Everything that a picture of the board shows."""

    stones: np.ndarray  # int8 [size, size]
    last: Point | None = None
    ghost: tuple[int, int, int] | None = None  # row, column, colour: the stone under the mouse
    cursor: Point | None = None  # where the keyboard is
    coordinates: bool = True
    candidates: tuple[CandidateMark, ...] = ()
    heat: np.ndarray | None = None  # float [size, size], 0 to 1: the policy
    ownership: np.ndarray | None = None  # float [size, size], 1 Black's, -1 White's
    dead: np.ndarray | None = None  # bool [size, size]
    variation: tuple[tuple[int, int, int, int], ...] = ()  # row, column, colour, number
    marks: tuple[tuple[int, int, str], ...] = field(default=())  # row, column, a letter
    shapes: tuple[RecordMark, ...] = ()  # marks of a record
    compared: tuple[tuple[Point, str], ...] = ()  # "played" and "better" moves of a review
    note: str = ""  # what no stone shows: a pass

    @property
    def size(self) -> int:
        return len(self.stones)


class GoView:
    """Draws scenes at one scale, and remembers where, for the mouse."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.size, self.cell = 0, 1
        self.corner = (0, 0)  # the crossing of the top left
        self.wood: tuple[tuple, pygame.Surface] | None = None

    # --- where things are ---

    def place(self, point: Point) -> tuple[int, int]:
        """Return the pixel of a crossing, as it was drawn last."""
        return self.corner[0] + point[1] * self.cell, self.corner[1] + point[0] * self.cell

    def at(self, pos: tuple[int, int]) -> Point | None:
        """Return the crossing nearest to a pixel, None off the board."""
        column = round((pos[0] - self.corner[0]) / self.cell)
        row = round((pos[1] - self.corner[1]) / self.cell)
        return (row, column) if 0 <= row < self.size and 0 <= column < self.size else None

    def _fit(self, rect: pygame.Rect, scene: GoScene) -> pygame.Rect:
        """Lay the board out: cells of whole pixels, so that every line is sharp; return the wood."""
        edge = 0.62 if scene.coordinates else 0.15  # in cells, beyond half a cell
        side = min(rect.size)
        self.size = scene.size
        self.cell = max(1, int(side / (self.size + 2 * edge)))
        wood = pygame.Rect(0, 0, *[min(side, round(self.cell * (self.size + 2 * edge)))] * 2)
        wood.center = rect.center
        inset = (wood.width - self.cell * (self.size - 1)) // 2
        self.corner = (wood.left + inset, wood.top + inset)
        return wood

    # --- drawing ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, scene: GoScene) -> None:
        """Draw a scene in the middle of a rectangle."""
        wood = self._fit(rect, scene)
        surface.blit(self._board(wood, scene), wood)
        if scene.heat is not None:
            self._draw_heat(surface, scene, scene.heat)
        self._draw_stones(surface, scene)
        if scene.ownership is not None:
            self._draw_ownership(surface, scene.ownership)
        self._draw_last(surface, scene)
        if scene.variation:
            self._draw_variation(surface, scene)
        else:
            for candidate in scene.candidates:
                self._draw_candidate(surface, candidate)
        if not scene.variation:
            self._draw_compared(surface, scene)
        self._draw_marks(surface, scene)
        draw_shapes(self, surface, scene)
        self._draw_note(surface, wood, scene.note)

    def _draw_note(self, surface: pygame.Surface, wood: pygame.Rect, note: str) -> None:
        """Write a few words over the upper edge of the board."""
        if not note:
            return
        theme, points = self.theme, 20
        box = pygame.Rect(0, 0, theme.text_width(note, points, True) + theme.px(40), theme.px(46))
        box.midtop = wood.centerx, wood.top + theme.px(6)  # off the middle, where stones are
        theme.panel(surface, box, PANEL, 10)
        pygame.draw.rect(surface, ACCENT, box, theme.px(1.5), border_radius=theme.px(10))
        theme.text(surface, note, box.center, points, TEXT, "centre", bold=True, width=wood.width, least=10)

    def _draw_compared(self, surface: pygame.Surface, scene: GoScene) -> None:
        """Draw rings with a word where a move was played and where a better one was."""
        for point, word in scene.compared:
            at, size = self.place(point), self._stone_size()
            colour = ACCENT if word == "better" else BAD
            self.theme.disc(surface, at, size, BOARD_WOOD, colour)
            pygame.draw.circle(surface, colour, at, size // 2, max(2, self.cell // 10))
            self.theme.text(surface, word, at, self._points(0.24, 12), BOARD_INK, "centre", bold=True)

    def _board(self, wood: pygame.Rect, scene: GoScene) -> pygame.Surface:
        """Return the empty board, drawn once for a size."""
        key = (wood.size, scene.size, scene.coordinates, self.cell)
        if self.wood is None or self.wood[0] != key:
            corner = (self.corner[0] - wood.left, self.corner[1] - wood.top)
            self.wood = (key, self._drawn_board(wood.size, corner, scene))
        return self.wood[1]

    def _drawn_board(self, size: tuple[int, int], corner: tuple[int, int], scene: GoScene) -> pygame.Surface:
        board = grain(size)
        reach, thick = self.cell * (scene.size - 1), max(1, self.cell // 24)
        for k in range(scene.size):
            x, y = corner[0] + k * self.cell, corner[1] + k * self.cell
            wide = thick + (1 if k in (0, scene.size - 1) and self.cell > 14 else 0)
            pygame.draw.line(board, BOARD_INK, (x, corner[1]), (x, corner[1] + reach), wide)
            pygame.draw.line(board, BOARD_INK, (corner[0], y), (corner[0] + reach, y), wide)
        for row, column in stars(scene.size):
            at = (corner[0] + column * self.cell, corner[1] + row * self.cell)
            self.theme.disc(board, at, max(4, round(self.cell * 0.2)) | 1, BOARD_INK)
        if scene.coordinates:
            self._draw_coordinates(board, corner, scene.size)
        return board

    def _draw_coordinates(self, board: pygame.Surface, corner: tuple[int, int], size: int) -> None:
        points = self._points(0.36, 13)
        gap, far = round(self.cell * 0.76), self.cell * (size - 1)
        for k in range(size):
            x, y = corner[0] + k * self.cell, corner[1] + k * self.cell
            for at in ((x, corner[1] - gap), (x, corner[1] + far + gap)):
                self.theme.text(board, COLUMNS[k], at, points, BOARD_INK, "centre")
            for at in ((corner[0] - gap, y), (corner[0] + far + gap, y)):
                self.theme.text(board, str(size - k), at, points, BOARD_INK, "centre")

    def _points(self, share: float, most: float = 99) -> float:
        """Return a size of text in points that is a share of a cell high."""
        return min(most, max(5, round(self.cell * share / self.theme.scale * 2) / 2))

    def _draw_stones(self, surface: pygame.Surface, scene: GoScene) -> None:
        stone = self._stone_size()
        for row, column in zip(*np.nonzero(scene.stones), strict=True):
            colour, at = int(scene.stones[row, column]), self.place((int(row), int(column)))
            dead = scene.dead is not None and bool(scene.dead[row, column])
            self._draw_stone(surface, at, colour, 90 if dead else 255, stone)
            if dead:
                self._draw_cross(surface, at, self.theme.warm)
        if scene.ghost:
            row, column, colour = scene.ghost
            self._draw_stone(surface, self.place((row, column)), colour, 120, stone)

    def _stone_size(self) -> int:
        return max(3, self.cell - max(1, self.cell // 20)) | 1

    def _draw_stone(self, surface, at, colour: int, alpha: int, size: int) -> None:
        if alpha == 255 and size > 12:
            shift = max(1, self.cell // 24)
            self.theme.disc(surface, (at[0] + shift, at[1] + 1.6 * shift), size, (0, 0, 0), alpha=70)
        self.theme.disc(surface, at, size, STONE[colour], RIM[colour], shade=size > 12, alpha=alpha)

    def _draw_cross(self, surface, at, colour) -> None:
        reach, thick = max(2, self.cell // 5), max(2, self.cell // 12)
        for sign in (-1, 1):
            one, other = (at[0] - reach, at[1] - sign * reach), (at[0] + reach, at[1] + sign * reach)
            pygame.draw.line(surface, colour, one, other, thick)

    def _draw_last(self, surface: pygame.Surface, scene: GoScene) -> None:
        if scene.last:
            at, colour = self.place(scene.last), int(scene.stones[scene.last]) or BLACK
            ring = max(5, round(self.cell * 0.5)) | 1
            self.theme.disc(surface, at, ring, TEXT if colour == BLACK else (40, 40, 46))
            self.theme.disc(surface, at, ring - 2 * max(1, self.cell // 18), STONE[colour])
        if scene.cursor:
            box = pygame.Rect(0, 0, self.cell, self.cell)
            box.center = self.place(scene.cursor)
            self.theme.outline(surface, box, ACCENT, 3)

    def _draw_heat(self, surface: pygame.Surface, scene: GoScene, heat: np.ndarray) -> None:
        """Draw the policy: blue squares that grow with the chance of a move, with per cents on the likely ones."""
        most = max(float(heat.max()), 1e-9)
        for row, column in zip(*np.nonzero(heat > most * 0.004), strict=True):
            if scene.stones[row, column]:
                continue
            share = float(heat[row, column]) / most
            side = round(self.cell * (0.16 + 0.8 * share**0.5)) | 1
            box = pygame.Rect(0, 0, side, side)
            box.center = at = self.place((int(row), int(column)))
            pygame.draw.rect(surface, blend((150, 172, 180), (0, 92, 150), share**0.5), box, border_radius=side // 6)
            covered = any(each.point == (row, column) for each in scene.candidates)
            if share > 0.06 and self.cell >= 18 and not covered:
                words = f"{100 * float(heat[row, column]):.0f}"
                self.theme.text(surface, words, at, self._points(0.34), (255, 255, 255), "centre", bold=share > 0.5)

    def _draw_ownership(self, surface: pygame.Surface, ownership: np.ndarray) -> None:
        """Draw who will own each point: small squares, as large as the estimate is sure."""
        for row in range(len(ownership)):
            for column in range(len(ownership)):
                value = float(ownership[row, column])
                side = round(self.cell * 0.5 * abs(value)) | 1
                if side < 3:
                    continue
                box = pygame.Rect(0, 0, side, side)
                box.center = self.place((row, column))
                pygame.draw.rect(surface, STONE[BLACK if value > 0 else WHITE], box)
                if side > 6:
                    pygame.draw.rect(surface, RIM[WHITE] if value > 0 else RIM[BLACK], box, 1)

    def _draw_variation(self, surface: pygame.Surface, scene: GoScene) -> None:
        stone = self._stone_size()
        for row, column, colour, number in scene.variation:
            at = self.place((row, column))
            self.theme.disc(surface, at, stone, STONE[colour], RIM[colour], shade=stone > 12, alpha=215)
            ink = TEXT if colour == BLACK else (20, 20, 24)
            points = self._points(0.46 if number < 10 else 0.38)
            self.theme.text(surface, str(number), at, points, ink, "centre", bold=True)

    def _draw_candidate(self, surface: pygame.Surface, candidate: CandidateMark) -> None:
        """Draw a move with its value and visits; it fades while the visits are few."""
        at, size = self.place(candidate.point), self._stone_size()
        colour = blend(BOARD_WOOD, blend((178, 196, 196), ACCENT, candidate.share), 0.35 + 0.65 * candidate.solid)
        rim = (12, 60, 92) if candidate.share >= 1 else None
        self.theme.disc(surface, at, size, colour, rim, alpha=240)
        if self.cell < 20:
            return
        ink = blend((96, 104, 108), (10, 18, 24), candidate.solid)
        upper, lower = (at[0], at[1] - self.cell * 0.13), (at[0], at[1] + self.cell * 0.2)
        self.theme.text(surface, candidate.upper, upper, self._points(0.34), ink, "centre", bold=True)
        self.theme.text(surface, candidate.lower, lower, self._points(0.24), ink, "centre")

    def _draw_marks(self, surface: pygame.Surface, scene: GoScene) -> None:
        for row, column, letter in scene.marks:
            at, colour = self.place((row, column)), int(scene.stones[row, column])
            if colour == EMPTY:
                self.theme.disc(surface, at, max(5, round(self.cell * 0.6)), BOARD_WOOD)
            ink = TEXT if colour == BLACK else BOARD_INK
            self.theme.text(surface, letter, at, self._points(0.44), ink, "centre", bold=True)


def draw_shapes(view: GoView, surface: pygame.Surface, scene: GoScene) -> None:
    """Draw the marks of a record in an ink that is seen on stone and on wood."""
    reach, thick = round(view.cell * 0.24), max(1, view.cell // 16)
    for row, column, kind, label in scene.shapes:
        (x, y), colour = view.place((row, column)), int(scene.stones[row, column])
        ink = TEXT if colour == BLACK else (20, 20, 24)
        if kind == "circle":
            pygame.draw.circle(surface, ink, (x, y), reach, thick)
        elif kind == "square":
            pygame.draw.rect(surface, ink, pygame.Rect(x - reach, y - reach, 2 * reach, 2 * reach), thick)
        elif kind == "triangle":
            points = [(x, y - reach), (x + reach, y + round(reach * 0.75)), (x - reach, y + round(reach * 0.75))]
            pygame.draw.polygon(surface, ink, points, thick)
        elif kind == "cross":
            for sign in (-1, 1):
                pygame.draw.line(surface, ink, (x - reach, y - sign * reach), (x + reach, y + sign * reach), thick)
        else:
            if colour == EMPTY:
                view.theme.disc(surface, (x, y), max(5, round(view.cell * 0.6)), BOARD_WOOD)
            view.theme.text(surface, label, (x, y), view._points(0.44), ink, "centre", bold=True)


def stars(size: int) -> list[Point]:
    """List the marked crossings of a board."""
    if size < 5:
        return []
    near = 2 if size < 13 else 3
    lines = [near, size - 1 - near]
    centre = [size // 2] if size % 2 else []
    corners = [(row, column) for row in lines for column in lines]
    if not centre or size < 7:
        return [(size // 2, size // 2)] if centre else corners
    middle = size // 2
    sides = [(near, middle), (size - 1 - near, middle), (middle, near), (middle, size - 1 - near)]
    return corners + [(middle, middle)] + (sides if size >= 15 else [])


def grain(size: tuple[int, int]) -> pygame.Surface:
    """Return a piece of quiet wood: a few slow waves of colour, the same in every row but for a drift."""
    width, height = size
    x = np.linspace(0, 1, width)[:, None]
    y = np.linspace(0, 1, height)[None]
    waves = np.sin(60 * x + 3 * np.sin(2.2 * y + 4 * x)) + 0.6 * np.sin(171 * x + 5 * np.sin(1.3 * y))
    fine = np.random.default_rng(5).normal(0, 0.5, (width, 1))
    shade = (1 + 0.014 * waves + 0.012 * fine)[..., None] * np.array(BOARD_WOOD)
    board = pygame.Surface(size)
    pygame.surfarray.blit_array(board, np.clip(shade, 0, 255).astype(np.uint8))
    return board
