"""The backgammon board as a picture: a function of what lies where. It knows no rules.

The board is seen by one player, the viewer. Cells 1 to 24 are the points as he counts them, his home below; `OFF` and
`BAR` are his, `THEIR_OFF` and `THEIR_BAR` the other's. `mirrored` tells what the other player calls a cell.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import pygame

from gui.dice_view import DicePictures, tumble
from gui.theme import (
    ACCENT,
    BAD,
    BLACK_STONE,
    FELT,
    POINT_DARK,
    POINT_LIGHT,
    QUIET,
    RAIL,
    SHADOW,
    SMALL,
    SMOOTH,
    TEXT,
    WARM,
    WHITE_STONE,
    Colour,
    Theme,
    blend,
)

OFF, BAR, THEIR_BAR, THEIR_OFF = 0, 25, 26, 27
CELLS = 28

MINE, NOBODYS, THEIRS = 1, 0, -1
"""Whose something is, as the viewer says it."""

TALLEST = 5
"""Men drawn on a point; where there are more, the outermost bears their number."""

ArrowKind = Literal["last", "best", "second", "blunder"]
ARROWS: dict[str, Colour] = {"last": QUIET, "best": ACCENT, "second": WARM, "blunder": BAD}

# --- what is seen -----------------------------------------------------------------------------------------


class Die(NamedTuple):
    """One die that lies on the board."""

    face: int
    used: bool = False


class Side(NamedTuple):
    """What is written beside the board about a player."""

    name: str
    pips: int
    score: str = ""


class Arrow(NamedTuple):
    """A man's way: of the last play or of one that is advised."""

    source: int
    target: int
    kind: ArrowKind = "last"


class Flight(NamedTuple):
    """A man on his way by himself, `phase` 0 at his source and 1 at his target; he stands on neither."""

    source: int
    target: int
    whose: int
    phase: float


class Carried(NamedTuple):
    """A man that hangs on the mouse, at a place in pixels; he stands nowhere."""

    at: tuple[float, float]
    whose: int


@dataclass(frozen=True)
class BackgammonScene:
    """Everything that is drawn. `men` has an entry for each cell: the viewer's men above 0, the other's below."""

    men: tuple[int, ...]
    sides: tuple[Side, Side] = (Side("", 0), Side("", 0))  # the viewer, the other
    dark: bool = True  # the viewer's men
    dice: tuple[Die, ...] = ()
    thrower: int = MINE  # NOBODYS: the opening, the viewer's die first
    roll: float = 1.0  # phase of the last throw
    cube: int = 1  # 0: there is none
    cube_owner: int = NOBODYS
    offered: int = NOBODYS  # who has doubled and waits
    home_left: bool = False
    numbers: int = MINE  # who counts the points
    to_move: int = NOBODYS
    note: str = ""  # match to 7, Crawford
    sources: frozenset[int] = frozenset()  # men that may move
    source: int | None = None  # the chosen one
    targets: frozenset[int] = frozenset()
    cursor: int | None = None  # where the keyboard is
    carried: Carried | None = None
    flight: Flight | None = None
    arrows: tuple[Arrow, ...] = ()


def mirrored(cell: int) -> int:
    """Return the same cell as the other player calls it."""
    return {OFF: THEIR_OFF, THEIR_OFF: OFF, BAR: THEIR_BAR, THEIR_BAR: BAR}.get(cell, 25 - cell)


# --- where it lies ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """Sizes and places in pixels: columns are `col` wide, men are `man`, the board lies between two side strips."""

    board: pygame.Rect
    col: int
    strip: int
    home_left: bool

    @property
    def man(self) -> int:
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

    def man_at(self, cell: int, height: int) -> tuple[int, int]:
        """Return the middle of the man at a height (from 0) of a cell's stack."""
        place, step = self.cell(cell), min(height, TALLEST - 1) * self.man + self.man // 2 + 1
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


# --- the view ---------------------------------------------------------------------------------------------


class BackgammonView:
    """Draws scenes, and tells what lies under the mouse in the one that it drew last."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.dice = DicePictures(theme)
        self.layout = lay_out(theme, pygame.Rect(0, 0, 400, 300))
        self.dice_rect = pygame.Rect(0, 0, 0, 0)
        self.cube_rect = pygame.Rect(0, 0, 0, 0)
        self._empty = lru_cache(maxsize=4)(self._draw_empty)
        self._man = lru_cache(maxsize=60)(_make_man)

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, scene: BackgammonScene) -> None:
        """Draw a scene as large as fits into a rectangle."""
        self.layout = layout = lay_out(self.theme, rect, scene.home_left)
        surface.blit(self._empty(layout.col, scene.home_left, scene.numbers, self.theme.scale), layout.board)
        self._draw_sides(surface, scene)
        self._draw_lights(surface, scene)
        for cell in range(1, THEIR_OFF):
            self._draw_stack(surface, scene, cell)
        self._draw_off(surface, scene)
        self._draw_rings(surface, scene)
        self._draw_arrows(surface, scene)
        self._draw_cube(surface, scene)
        self._draw_dice(surface, scene)
        self._draw_moving(surface, scene)

    def at(self, pos: tuple[int, int]) -> int | Literal["dice", "cube"] | None:
        """Return what lies at a place: a cell, the dice, the cube or nothing."""
        if self.dice_rect.collidepoint(pos):
            return "dice"
        if self.cube_rect.collidepoint(pos):
            return "cube"
        return next((cell for cell in range(CELLS) if self.layout.cell(cell).collidepoint(pos)), None)

    def middle_of(self, cell: int, height: int = 0) -> tuple[int, int]:
        """Return where to click for a man of a cell."""
        return self.layout.man_at(cell, height)

    # --- the board ---

    def _draw_empty(self, col: int, home_left: bool, numbers: int, scale: float) -> pygame.Surface:
        layout = self.layout
        here = Layout(layout.board.move(-layout.board.left, -layout.board.top), col, layout.strip, home_left)
        surface = pygame.Surface(here.board.size)
        surface.fill(RAIL)
        self._draw_wells(surface, here)
        for point in range(1, 25):
            self._draw_point(surface, here, point)
        self._draw_bar(surface, here)
        self._draw_numbers(surface, here, numbers)
        pygame.draw.rect(surface, blend(RAIL, SHADOW, 0.5), here.board, max(1, col // 16))
        return surface

    def _draw_wells(self, surface: pygame.Surface, layout: Layout) -> None:
        for which in (0, 1):
            pygame.draw.rect(surface, FELT, layout.half(which))
        for whose in (MINE, THEIRS):
            pygame.draw.rect(surface, blend(FELT, SHADOW, 0.35), layout.off_tray(whose))
        place = layout.cube_place(NOBODYS)
        well = pygame.Rect(0, 0, layout.tray, layout.half(0).height)
        well.center = place
        pygame.draw.rect(surface, blend(RAIL, SHADOW, 0.3), well)

    def _draw_point(self, surface: pygame.Surface, layout: Layout, point: int) -> None:
        place = layout.column(point)
        colour = POINT_LIGHT if point % 2 else POINT_DARK
        tall = round(layout.col * 4.7)
        image = _make_point(layout.col, tall, colour, point <= 12)
        surface.blit(image, (place.left, place.bottom - tall if point <= 12 else place.top))

    def _draw_bar(self, surface: pygame.Surface, layout: Layout) -> None:
        bar, middle = layout.bar, layout.bar.centerx
        pygame.draw.rect(surface, RAIL, bar)
        pygame.draw.line(surface, blend(RAIL, SHADOW, 0.6), (middle, bar.top), (middle, bar.bottom - 1))

    def _draw_numbers(self, surface: pygame.Surface, layout: Layout, numbers: int) -> None:
        size = fitted_size(self.theme, layout.col * 0.42)
        for point in range(1, 25):
            middle = layout.board.bottom - layout.rail // 2 if point <= 12 else layout.board.top + layout.rail // 2
            shown = point if numbers == MINE else 25 - point
            colour = blend(TEXT, RAIL, 0.25)
            self.theme.text(surface, str(shown), (layout.column(point).centerx, middle), size, colour, "centre")

    # --- what is known of both sides ---

    def _draw_sides(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        layout = self.layout
        half = layout.strip // 2
        self._draw_side(surface, scene, MINE, layout.board.bottom + half)
        self._draw_side(surface, scene, THEIRS, layout.board.top - half)

    def _draw_side(self, surface: pygame.Surface, scene: BackgammonScene, whose: int, y: int) -> None:
        theme, board, side = self.theme, self.layout.board, scene.sides[0 if whose == MINE else 1]
        size = fitted_size(theme, self.layout.strip * 0.5, 14)
        disc = round(size * theme.scale)
        x = board.left + disc
        theme.disc(surface, (x, y), disc, self._colour(scene, whose), rim=QUIET)
        figures = f"pips {side.pips}" + f"   {side.score}" * bool(side.score)
        room = board.width - theme.text_width(figures, size) - 3 * disc - theme.px(12)
        bold = scene.to_move == whose
        colour = TEXT if bold else QUIET
        note = f"   {scene.note}" if scene.note and whose == THEIRS else ""
        theme.text(surface, side.name + note, (x + disc, y), size, colour, bold=bold, width=max(10, room))
        theme.text(surface, figures, (board.right, y), size, colour, "right", width=board.width // 2)

    # --- men ---

    def _colour(self, scene: BackgammonScene, whose: int) -> Colour:
        return BLACK_STONE if scene.dark == (whose == MINE) else WHITE_STONE

    def _put_man(self, surface: pygame.Surface, scene: BackgammonScene, whose: int, middle, alpha: int = 255) -> None:
        image = self._man(self.layout.man, scene.dark == (whose == MINE))
        if alpha < 255:
            image = image.copy()
            image.set_alpha(alpha)
        surface.blit(image, image.get_rect(center=(round(middle[0]), round(middle[1]))))

    def _draw_stack(self, surface: pygame.Surface, scene: BackgammonScene, cell: int) -> None:
        count, whose = abs(scene.men[cell]), MINE if scene.men[cell] > 0 else THEIRS
        for height in range(min(count, TALLEST)):
            self._put_man(surface, scene, whose, self.layout.man_at(cell, height))
        if count > TALLEST:
            self._write_count(surface, scene, whose, self.layout.man_at(cell, TALLEST - 1), count)

    def _write_count(self, surface: pygame.Surface, scene: BackgammonScene, whose: int, middle, count: int) -> None:
        ink = WHITE_STONE if self._colour(scene, whose) == BLACK_STONE else BLACK_STONE
        size = round(self.layout.man * 0.46 / self.theme.scale, 1)
        self.theme.text(surface, str(count), middle, size, ink, "centre", bold=True)

    def _draw_off(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        """Draw the men borne off lying on their sides, in groups of five."""
        for cell, whose in ((OFF, MINE), (THEIR_OFF, THEIRS)):
            tray = self.layout.cell(cell)
            colour = self._colour(scene, whose)
            for k in range(abs(scene.men[cell])):
                slab = _slab(tray, k, from_below=whose == MINE)
                surface.blit(_make_slab(*slab.size, colour), slab)

    # --- lights ---

    def _draw_lights(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        """Light the targets: a wash over their place."""
        for cell in scene.targets:
            place = self.layout.cell(cell)
            wash = pygame.Surface(place.size, pygame.SRCALPHA)
            wash.fill((*ACCENT, 34))
            surface.blit(wash, place)
            edge = pygame.Rect(place.left, 0, place.width, max(2, self.layout.col // 14))
            edge.top = place.bottom - edge.height if cell <= 12 else place.top
            pygame.draw.rect(surface, ACCENT, edge)

    def _draw_rings(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        """Ring the men that may move, thinly, and the chosen one; show where he may land."""
        for cell in scene.sources:
            if cell != scene.source:
                self._ring(surface, self._top(scene, cell), blend(ACCENT, FELT, 0.25), 22)
        if scene.source is not None and scene.carried is None:
            self._ring(surface, self._top(scene, scene.source), ACCENT, 10)
        whose = MINE if scene.to_move == MINE else THEIRS
        for cell in scene.targets:
            self.theme.disc(surface, self._landing(scene, cell, whose), self.layout.man // 3, ACCENT, rim=FELT)
        if scene.cursor is not None:
            place = self.layout.cell(scene.cursor)
            self.theme.outline(surface, place, ACCENT, 3)

    def _ring(self, surface: pygame.Surface, middle, colour: Colour, thin: int) -> None:
        image = _make_ring(self.layout.man, colour, max(SMOOTH, self.layout.man * SMOOTH // thin))
        surface.blit(image, image.get_rect(center=middle))

    def _top(self, scene: BackgammonScene, cell: int) -> tuple[int, int]:
        """Return the middle of a cell's outermost man, or of where the first would stand."""
        return self.layout.man_at(cell, max(0, min(abs(scene.men[cell]), TALLEST) - 1))

    def _landing(self, scene: BackgammonScene, cell: int, whose: int) -> tuple[int, int]:
        """Return where one more man would stand; a lone man of the other side gives way."""
        own = max(0, scene.men[cell] * whose)
        return self.layout.man_at(cell, min(own, TALLEST - 1))

    # --- dice and cube ---

    def _draw_cube(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        self.cube_rect = pygame.Rect(0, 0, 0, 0)
        if not scene.cube:
            return
        size = round(self.layout.col * (1.15 if scene.offered else 0.98))
        middle = self.layout.cube_place(scene.cube_owner)
        if scene.offered:
            middle = self.layout.dice_middle(-scene.offered)
        self.cube_rect = self.dice.draw_cube(surface, middle, size, scene.cube)

    def _draw_dice(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        self.dice_rect = pygame.Rect(0, 0, 0, 0)
        for which, die in enumerate(scene.dice):
            rect = self._draw_die(surface, scene, which, die)
            self.dice_rect = rect if which == 0 else self.dice_rect.union(rect)

    def _draw_die(self, surface: pygame.Surface, scene: BackgammonScene, which: int, die: Die) -> pygame.Rect:
        size = round(self.layout.col * 0.95)
        whose = scene.thrower or (THEIRS if which else MINE)
        x, y = self.layout.dice_middle(whose)
        if scene.thrower:
            x += round((which - (len(scene.dice) - 1) / 2) * size * 1.3)
        lies = tumble(die.face, which, scene.roll)
        x, y = x + whose * lies.away[0] * size, y + lies.away[1] * size
        dark = scene.dark == (whose == MINE)
        return self.dice.draw_die(surface, (x, y), size, lies.face, dark, lies.angle, 84 if die.used else 255)

    # --- what moves, and what has moved ---

    def _draw_moving(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        if scene.flight:
            source, target, whose, phase = scene.flight
            (x, y), (to_x, to_y) = self._landing(scene, source, whose), self._landing(scene, target, whose)
            share = phase * phase * (3 - 2 * phase)  # starts and ends slowly
            self._put_man(surface, scene, whose, (x + (to_x - x) * share, y + (to_y - y) * share))
        if scene.carried:
            self._put_man(surface, scene, scene.carried.whose, scene.carried.at, 230)

    def _draw_arrows(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        for arrow in scene.arrows:
            (x, y), (to_x, to_y) = self._top(scene, arrow.source), self._top(scene, arrow.target)
            if (x, y) != (to_x, to_y):
                thick = max(2, self.layout.col // 10)
                image = _make_arrow(to_x - x, to_y - y, thick, ARROWS[arrow.kind])
                surface.blit(image, (min(x, to_x) - 2 * thick, min(y, to_y) - 2 * thick))


# --- pictures ---------------------------------------------------------------------------------------------


def fitted_size(theme: Theme, pixels: float, most: float = SMALL) -> float:
    """Return the size of text, in points, that is no higher than so many pixels, and no larger than the usual."""
    return max(1.0, round(min(most, pixels / theme.scale), 1))


def _slab(tray: pygame.Rect, k: int, from_below: bool) -> pygame.Rect:
    """Return where the k-th man borne off lies in his tray."""
    height = tray.height / 15.9
    start = round(k * height + k // 5 * height * 0.3 + 1)
    slab = pygame.Rect(tray.left + tray.width // 8, 0, tray.width - tray.width // 4, max(2, round(height - 1)))
    slab.top = tray.bottom - start - slab.height if from_below else tray.top + start
    return slab


@lru_cache(maxsize=24)
def _make_point(width: int, tall: int, colour: Colour, upwards: bool) -> pygame.Surface:
    big = pygame.Surface((width * SMOOTH, tall * SMOOTH), pygame.SRCALPHA)
    base, tip = (tall * SMOOTH, 0) if upwards else (0, tall * SMOOTH)
    inset = SMOOTH
    corners = [(inset, base), (width * SMOOTH - inset, base), (width * SMOOTH // 2, tip)]
    big.fill((*colour, 0))
    pygame.draw.polygon(big, colour, corners)
    return pygame.transform.smoothscale(big, (width, tall))


def _make_man(diameter: int, dark: bool) -> pygame.Surface:
    """Return a man seen from above: a rim, a groove, a slightly hollow middle, and his shadow."""
    colour, other = (BLACK_STONE, WHITE_STONE) if dark else (WHITE_STONE, BLACK_STONE)
    rim, groove = blend(colour, other, 0.42), blend(colour, other, 0.22 if dark else 0.16)
    ground = (diameter + 4) * SMOOTH
    big, middle, radius = pygame.Surface((ground, ground), pygame.SRCALPHA), ground // 2, diameter * SMOOTH // 2
    big.fill((*SHADOW, 0))
    pygame.draw.circle(big, (*SHADOW, 90), (middle, middle + SMOOTH), radius)
    rings = ((1.0, rim), (0.95, blend(colour, other, 0.07)), (0.68, groove), (0.63, blend(colour, other, 0.03)))
    for share, shade in rings:
        pygame.draw.circle(big, shade, (middle, middle), round(radius * share) - 1)
    return pygame.transform.smoothscale(big, (diameter + 4, diameter + 4))


@lru_cache(maxsize=24)
def _make_ring(diameter: int, colour: Colour, thick: int) -> pygame.Surface:
    side = (diameter + 4) * SMOOTH
    big = pygame.Surface((side, side), pygame.SRCALPHA)
    big.fill((*colour, 0))
    pygame.draw.circle(big, colour, (side // 2, side // 2), diameter * SMOOTH // 2 + SMOOTH, thick)
    return pygame.transform.smoothscale(big, (diameter + 4, diameter + 4))


@lru_cache(maxsize=60)
def _make_arrow(across: int, down: int, thick: int, colour: Colour) -> pygame.Surface:
    """Return an arrow from the middle of a picture that far to the right and down (or left, up), with smooth edges."""
    way = pygame.Vector2(across, down) * SMOOTH
    room = thick * 2 * SMOOTH
    big = pygame.Surface((abs(way.x) + 2 * room, abs(way.y) + 2 * room), pygame.SRCALPHA)
    big.fill((*colour, 0))
    source = pygame.Vector2(room + max(0, -way.x), room + max(0, -way.y))
    for grow, shade in ((SMOOTH, blend(colour, SHADOW, 0.55)), (0, colour)):
        pygame.draw.polygon(big, shade, _arrow_corners(source, way, thick * SMOOTH, grow))
    return pygame.transform.smoothscale(big, (big.get_width() // SMOOTH, big.get_height() // SMOOTH))


def _arrow_corners(source: pygame.Vector2, way: pygame.Vector2, thick: int, grow: int) -> list[pygame.Vector2]:
    ahead = way.normalize()
    side, tip = pygame.Vector2(-ahead.y, ahead.x), source + way + ahead * grow * 2
    neck, half, wide = source + way - ahead * (thick * 3 + grow), thick / 2 + grow, thick * 1.5 + grow * 2
    back = source - ahead * grow
    return [
        back + side * half,
        neck + side * half,
        neck + side * wide,
        tip,
        neck - side * wide,
        neck - side * half,
        back - side * half,
    ]


@lru_cache(maxsize=12)
def _make_slab(width: int, height: int, colour: Colour) -> pygame.Surface:
    """Return a man lying on his side."""
    big = pygame.Surface((width * SMOOTH, height * SMOOTH), pygame.SRCALPHA)
    rim = blend(colour, BLACK_STONE if colour == WHITE_STONE else WHITE_STONE, 0.4)
    big.fill((*rim, 0))
    whole, round_by = big.get_rect(), max(SMOOTH, height * SMOOTH // 4)
    pygame.draw.rect(big, rim, whole, border_radius=round_by)
    pygame.draw.rect(big, colour, whole.inflate(-2 * SMOOTH, -2 * SMOOTH), border_radius=round_by - SMOOTH // 2)
    return pygame.transform.smoothscale(big, (width, height))
