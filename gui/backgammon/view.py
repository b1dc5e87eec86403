"""The backgammon board as a picture: a function of what lies where, as the viewer sees it. It knows no rules."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import pygame

from gui.backgammon.checkers import make_arrow, make_checker, make_point, make_ring, make_slab
from gui.backgammon.layout import (
    CELLS,
    MINE,
    NOBODYS,
    OFF,
    TALLEST,
    THEIR_OFF,
    THEIRS,
    Layout,
    fitted_size,
    lay_out,
    slab,
)
from gui.widgets.dice_view import DicePictures, tumble
from gui.widgets.theme import (
    ACCENT,
    BAD,
    BLACK_STONE,
    FELT,
    POINT_LIGHT,
    QUIET,
    RAIL,
    SHADOW,
    SMOOTH,
    TEXT,
    WHITE_STONE,
    Colour,
    Theme,
    blend,
)

ArrowKind = Literal["last", "best", "second", "blunder"]
ARROWS: dict[str, Colour] = {"last": QUIET, "best": ACCENT, "blunder": BAD}
"""Colours of arrows by their kind; all others have the warm colour."""

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
    """A checker's way: of the last play or of one that is advised."""

    source: int
    target: int
    kind: ArrowKind = "last"


class Flight(NamedTuple):
    """A checker in motion, `phase` 0 at its source and 1 at its target; it stands on neither."""

    source: int
    target: int
    whose: int
    phase: float


class Carried(NamedTuple):
    """A checker that hangs on the mouse, at a place in pixels; it stands on no point."""

    at: tuple[float, float]
    whose: int


@dataclass(frozen=True)
class BackgammonScene:
    """Everything that is drawn. `checkers` counts those of each cell: the viewer's above 0, the other's below."""

    checkers: tuple[int, ...]
    sides: tuple[Side, Side] = (Side("", 0), Side("", 0))  # the viewer, the other
    dark: bool = True  # the viewer's checkers
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
    announcement: str = ""  # what no checker shows: an answer to a double, beginning with the name
    sources: frozenset[int] = frozenset()  # checkers that may move
    source: int | None = None  # the chosen one
    targets: frozenset[int] = frozenset()
    cursor: int | None = None  # where the keyboard is
    carried: Carried | None = None
    flight: Flight | None = None
    arrows: tuple[Arrow, ...] = ()


# --- the view ---------------------------------------------------------------------------------------------


class BackgammonView:
    """Draws scenes; finds what lies under the mouse in the one drawn last."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.dice = DicePictures(theme)
        self.layout = lay_out(theme, pygame.Rect(0, 0, 400, 300))
        self.dice_rect = pygame.Rect(0, 0, 0, 0)
        self.cube_rect = pygame.Rect(0, 0, 0, 0)
        self._empty = lru_cache(maxsize=4)(self._draw_empty)
        self._checker = lru_cache(maxsize=60)(make_checker)

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
        """Return where to click for a checker of a cell."""
        return self.layout.checker_at(cell, height)

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
        colour = POINT_LIGHT if point % 2 else self.theme.palette.dark_point
        tall = round(layout.col * 4.7)
        image = make_point(layout.col, tall, colour, point <= 12)
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
        told = scene.announcement.startswith(side.name)
        bold = scene.to_move == whose or told
        colour, least = ACCENT if told else TEXT if bold else QUIET, 0.7 * size
        name = scene.announcement if told else side.name
        words = name + (f"   {scene.note}" if scene.note and whose == THEIRS else "")
        theme.text(surface, words, (x + disc, y), size, colour, bold=bold, width=max(10, room), least=least)
        theme.text(surface, figures, (board.right, y), size, colour, "right", width=board.width // 2)

    # --- checkers ---

    def _colour(self, scene: BackgammonScene, whose: int) -> Colour:
        return BLACK_STONE if scene.dark == (whose == MINE) else WHITE_STONE

    def _put_checker(self, surface, scene: BackgammonScene, whose: int, middle, alpha: int = 255) -> None:
        image = self._checker(self.layout.checker, scene.dark == (whose == MINE))
        if alpha < 255:
            image = image.copy()
            image.set_alpha(alpha)
        surface.blit(image, image.get_rect(center=(round(middle[0]), round(middle[1]))))

    def _draw_stack(self, surface: pygame.Surface, scene: BackgammonScene, cell: int) -> None:
        count, whose = abs(scene.checkers[cell]), MINE if scene.checkers[cell] > 0 else THEIRS
        for height in range(min(count, TALLEST)):
            self._put_checker(surface, scene, whose, self.layout.checker_at(cell, height))
        if count > TALLEST:
            self._write_count(surface, scene, whose, self.layout.checker_at(cell, TALLEST - 1), count)

    def _write_count(self, surface: pygame.Surface, scene: BackgammonScene, whose: int, middle, count: int) -> None:
        ink = WHITE_STONE if self._colour(scene, whose) == BLACK_STONE else BLACK_STONE
        size = round(self.layout.checker * 0.46 / self.theme.scale, 1)
        self.theme.text(surface, str(count), middle, size, ink, "centre", bold=True)

    def _draw_off(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        """Draw the checkers borne off lying on their sides, in groups of five."""
        for cell, whose in ((OFF, MINE), (THEIR_OFF, THEIRS)):
            tray = self.layout.cell(cell)
            colour = self._colour(scene, whose)
            for k in range(abs(scene.checkers[cell])):
                lying = slab(tray, k, from_below=whose == MINE)
                surface.blit(make_slab(*lying.size, colour), lying)

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
        """Ring the checkers that may move, thinly, and the chosen one; show where it can land."""
        for cell in scene.sources:
            if cell != scene.source:
                self._ring(surface, self._top(scene, cell), blend(ACCENT, FELT, 0.25), 22)
        if scene.source is not None and scene.carried is None:
            self._ring(surface, self._top(scene, scene.source), ACCENT, 10)
        whose = MINE if scene.to_move == MINE else THEIRS
        for cell in scene.targets:
            self.theme.disc(surface, self._landing(scene, cell, whose), self.layout.checker // 3, ACCENT, rim=FELT)
        if scene.cursor is not None:
            place = self.layout.cell(scene.cursor)
            self.theme.outline(surface, place, ACCENT, 3)

    def _ring(self, surface: pygame.Surface, middle, colour: Colour, thin: int) -> None:
        image = make_ring(self.layout.checker, colour, max(SMOOTH, self.layout.checker * SMOOTH // thin))
        surface.blit(image, image.get_rect(center=middle))

    def _top(self, scene: BackgammonScene, cell: int) -> tuple[int, int]:
        """Return the middle of a cell's outermost checker, or of where the first would stand."""
        return self.layout.checker_at(cell, max(0, min(abs(scene.checkers[cell]), TALLEST) - 1))

    def _landing(self, scene: BackgammonScene, cell: int, whose: int) -> tuple[int, int]:
        """Return where one more checker would stand; a lone checker of the other side gives way."""
        own = max(0, scene.checkers[cell] * whose)
        return self.layout.checker_at(cell, min(own, TALLEST - 1))

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
        left, top = self.layout.dice_middle(whose)
        if scene.thrower:
            left += round((which - (len(scene.dice) - 1) / 2) * size * 1.3)
        lies = tumble(die.face, which, scene.roll)
        middle = left + whose * lies.away[0] * size, top + lies.away[1] * size
        dark = scene.dark == (whose == MINE)
        return self.dice.draw_die(surface, middle, size, lies.face, dark, lies.angle, 84 if die.used else 255)

    # --- what moves, and what has moved ---

    def _draw_moving(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        if scene.flight:
            source, target, whose, phase = scene.flight
            (x, y), (to_x, to_y) = self._landing(scene, source, whose), self._landing(scene, target, whose)
            share = phase * phase * (3 - 2 * phase)  # starts and ends slowly
            self._put_checker(surface, scene, whose, (x + (to_x - x) * share, y + (to_y - y) * share))
        if scene.carried:
            self._put_checker(surface, scene, scene.carried.whose, scene.carried.at, 230)

    def _draw_arrows(self, surface: pygame.Surface, scene: BackgammonScene) -> None:
        for arrow in scene.arrows:
            (x, y), (to_x, to_y) = self._top(scene, arrow.source), self._top(scene, arrow.target)
            if (x, y) != (to_x, to_y):
                thick = max(2, self.layout.col // 10)
                image = make_arrow(to_x - x, to_y - y, thick, ARROWS.get(arrow.kind, self.theme.warm))
                surface.blit(image, (min(x, to_x) - 2 * thick, min(y, to_y) - 2 * thick))
