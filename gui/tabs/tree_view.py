"""The search tree of any game as a picture: a reading of it in, lines, bars and dice out. It knows no rules.

    visits        a bar: the share of the parent's visits
    Q             a place on a scale from one side's colour to the other's, and the number
    P, U          thin bars, among the siblings
    dice          a fan: as wide as they are likely, as coloured as they are good

Which lines are unfolded, which one is selected and how far the list is scrolled is kept here; the reader wants to
know what is unfolded (`opened`) and how many children to list (`width`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import pygame

from engine.reading import Node, Path, Reading
from engine.stepping import Event
from games.game import FIRST, SECOND
from gui.backgammon.dice_view import DicePictures
from gui.tabs.tree_details import Details
from gui.tabs.tree_rows import SOLID, Folding, Row, Words, count, faces, fan_lines, openings, plural, rows
from gui.widgets.theme import (
    ACCENT,
    BLACK_STONE,
    GOOD,
    LINE,
    PANEL,
    QUIET,
    RAISED,
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

ROW, HEADER, FAN, INDENT = 22, 20, 40, 12
"""Heights of a line, of the names of the columns, of a line of dice; and how much deeper nodes are moved in: points."""

NAME = 82
"""Points that are left for the name of a node, however deep it lies."""

NARROWEST_DIE = 25
"""Points that the least likely roll is wide."""

WIDE = 640
"""Points from which details lie beside the lines, not below."""

MORE = 12
"""How many more children are listed by a click on "others"."""


def stone(theme: Theme, surface: pygame.Surface, centre: tuple[int, int], diameter: int, side: int) -> None:
    """Draw what stands for a side: the first player's stone is black."""
    theme.disc(surface, centre, diameter, BLACK_STONE if side == FIRST else WHITE_STONE, QUIET)


@dataclass(frozen=True)
class TreeScene:
    """Everything that the inspector shows."""

    reading: Reading | None
    words: Words = field(default_factory=Words)
    event: Event | None = None  # the phase that a step has just carried out
    stepping: bool = False  # show the five phases, also before the first step
    badge: Callable[[Theme, pygame.Surface, tuple[int, int], int, int], object] = stone  # draws what stands for a side
    note: str = "The engine is not searching this position."  # shown where there is no reading


@dataclass(frozen=True)
class _Columns:
    """Where the columns of the list lie: left edges and widths in pixels."""

    name: tuple[int, int]
    visits: tuple[int, int]
    value: tuple[int, int]
    prior: tuple[int, int]
    bonus: tuple[int, int] | None  # None: under the prior, without numbers

    def indent(self, depth: int, step: int, room: int) -> int:
        """Return the left edge of a name: deeper ones lie farther right, but `room` pixels are left for the name."""
        most = max(0, self.name[1] - room)
        return self.name[0] + min(step * depth, round(most * (1 - 0.8**depth)))

    @classmethod
    def of(cls, rect: pygame.Rect, theme: Theme) -> "_Columns":
        wide = rect.width >= theme.px(WIDE * 0.72)
        shares = (0.35, 0.2, 0.2, 0.125, 0.125) if wide else (0.4, 0.2, 0.27, 0.13)
        places, left = [], rect.left
        for share in shares:
            width = int(rect.width * share)
            places.append((left, width))
            left += width
        return cls(*places[:4], places[4] if wide else None)


class TreeView:
    """Draws trees at one scale, and understands the mouse and the keys over them."""

    def __init__(self, theme: Theme):
        self.selected: Path = ()
        self.opened: set[Path] = set()
        self.closed: set[Path] = set()
        self.width, self.scrolled = 6, 0
        self.rect = self.list = pygame.Rect(0, 0, 0, 0)
        self.hovered: Path | None = None
        self.mouse = (-1, -1)
        self.lines: list[Row] = []
        self.stops: list[tuple[pygame.Rect, Path, bool]] = []  # what can be selected; whether it is a line of its own
        self.carets: list[tuple[pygame.Rect, Row]] = []
        self.height, self.reveal = 0, False
        self.told: Event | None = None
        self.openings: set[str] = set()
        self.resize(theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme, self.dice, self.details = theme, DicePictures(theme), Details(theme)
        self._scale_image = lru_cache(maxsize=8)(self._make_scale)
        self._caret_image = lru_cache(maxsize=8)(self._make_caret)

    def forget(self) -> None:
        """Begin afresh: the position is another."""
        self.selected, self.scrolled, self.hovered = (), 0, None
        self.opened, self.closed = set(), set()

    @property
    def wanted(self) -> tuple[Path, ...]:
        """What a reading must hold: everything unfolded by hand, and the selected line."""
        return (*self.opened, *([self.selected] if self.selected else []))

    # --- drawing ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, scene: TreeScene) -> None:
        """Draw the tree, and beside it or below why the search goes where it goes."""
        self.rect, self.lines, self.stops, self.carets = pygame.Rect(rect), [], [], []
        self.reveal, self.told = self.reveal or scene.event is not self.told, scene.event
        before = surface.get_clip()
        surface.set_clip(rect.clip(before))
        if scene.stepping:
            top = self.details.draw_phases(surface, rect, scene.event, scene.words)
            rect = pygame.Rect(rect.left, top, rect.width, rect.bottom - top)
        if scene.reading is None or not scene.reading.root.children:
            self._draw_note(surface, rect, scene)
        else:
            listed, detail = self._split(rect, scene)
            self._draw_list(surface, listed, scene)
            self.details.draw(surface, detail, scene.reading, self._lit(scene), scene.event, scene.words)
        surface.set_clip(before)

    def _lit(self, scene: TreeScene) -> Path:
        return scene.event.path if scene.event else self.selected

    def _split(self, rect: pygame.Rect, scene: TreeScene) -> tuple[pygame.Rect, pygame.Rect]:
        gap = self.theme.px(10)
        if rect.width >= self.theme.px(WIDE):
            left = round(rect.width * 0.6)
            return (
                pygame.Rect(rect.left, rect.top, left - gap, rect.height),
                pygame.Rect(rect.left + left, rect.top, rect.width - left, rect.height),
            )
        below = min(round(rect.height * 0.45), self.details.height_wanted(scene.reading, self._lit(scene), scene.event))
        upper = rect.height - below - gap
        return (
            pygame.Rect(rect.left, rect.top, rect.width, upper),
            pygame.Rect(rect.left, rect.top + upper + gap, rect.width, below),
        )

    def _draw_note(self, surface: pygame.Surface, rect: pygame.Rect, scene: TreeScene) -> None:
        theme, y = self.theme, rect.centery
        for line in theme.wrapped(scene.note, rect.width - theme.px(24)):
            theme.text(surface, line, (rect.centerx, y), colour=QUIET, align="centre")
            y += theme.px(20)

    def _draw_list(self, surface: pygame.Surface, rect: pygame.Rect, scene: TreeScene) -> None:
        theme, lit = self.theme, self._lit(scene)
        columns = _Columns.of(pygame.Rect(rect.left, rect.top, rect.width - theme.px(8), rect.height), theme)
        self._draw_header(surface, rect, columns, scene)
        self.list = pygame.Rect(rect.left, rect.top + theme.px(HEADER), rect.width, rect.height - theme.px(HEADER))
        folding = Folding(self.opened, self.closed, lit, scene.reading.best)
        self.lines = rows(scene.reading, folding)
        self.openings = openings(scene.reading.root)
        self._scroll_to(lit)
        before = surface.get_clip()
        surface.set_clip(self.list.clip(before))
        y = self.list.top - self.scrolled
        for row in self.lines:
            height = self._height(row)
            if y + height >= self.list.top and y < self.list.bottom:
                self._draw_row(
                    surface, pygame.Rect(rect.left, y, rect.width - theme.px(8), height), row, columns, scene
                )
            y += height
        surface.set_clip(before)
        self._draw_bar(surface)

    def _draw_header(self, surface, rect, columns: _Columns, scene: TreeScene) -> None:
        theme, root = self.theme, scene.reading.root
        y = rect.top + theme.px(HEADER) // 2
        theme.text(surface, scene.words.title(root.turn), (columns.name[0], y), SMALL, QUIET, width=columns.name[1])
        theme.text(surface, f"N {count(root.visits)}", (columns.visits[0], y), SMALL, QUIET, width=columns.visits[1])
        value = f"Q {scene.words.number(root.value)}"
        theme.text(surface, value, (columns.value[0] + theme.px(40), y), SMALL, QUIET, "right")
        prior = columns.prior[0] + theme.px(34 if columns.bonus else 10)
        bonus = columns.bonus[0] + theme.px(34) if columns.bonus else columns.prior[0] + theme.px(26)
        theme.text(surface, "P", (prior, y), SMALL, QUIET, "right", bold=True)
        theme.text(surface, "U", (bonus, y), SMALL, GOOD, "right", bold=True)
        line = rect.top + theme.px(HEADER) - 1
        pygame.draw.line(surface, LINE, (rect.left, line), (rect.right, line))

    def _draw_row(self, surface, rect, row: Row, columns: _Columns, scene: TreeScene) -> None:
        if row.fan:
            self._draw_fan(surface, rect, row, scene)
        elif row.others:
            self._draw_others(surface, rect, row, columns)
        else:
            self._draw_node(surface, rect, row, columns, scene)

    def _draw_node(self, surface, rect, row: Row, columns: _Columns, scene: TreeScene) -> None:
        theme, node = self.theme, row.node
        lit, best = self._lit(scene), row.on(scene.reading.best)
        if row.holds(lit):
            theme.panel(surface, rect, blend(RAISED, ACCENT, 0.25), 4)
        elif row.path == self.hovered or row.on(lit):
            theme.panel(surface, rect, RAISED if row.path == self.hovered else blend(PANEL, RAISED, 0.6), 4)
        firm = (0.65 if row.holds(lit) else 0.35) + 0.65 * min(1.0, (node.visits / SOLID) ** 0.5)
        ink = blend(PANEL, TEXT, firm)
        self.stops.append((rect.clip(self.list), row.path, True))
        self._draw_name(surface, rect, row, columns, scene, ACCENT if best else ink, best)
        self._draw_visits(surface, rect, columns.visits, row.share, count(node.visits), ink, best)
        if node.visits:
            self._draw_value(surface, rect, columns.value, node.value, scene, ink)
        self._draw_thin(surface, rect, columns, (node.prior, node.u), row.most, firm)

    def _draw_name(self, surface, rect, row: Row, columns, scene, ink: Colour, best: bool) -> None:
        theme = self.theme
        left, middle = columns.indent(row.depth, theme.px(INDENT), theme.px(NAME)), rect.centery
        if row.unfolded is not None:
            caret = self._caret_image(row.unfolded, QUIET if row.path != self.hovered else TEXT)
            surface.blit(caret, caret.get_rect(center=(left + theme.px(6), middle)))
            self.carets.append((pygame.Rect(rect.left, rect.top, left + theme.px(14) - rect.left, rect.height), row))
        left += theme.px(14)
        if row.mover in (FIRST, SECOND) and scene.words.sides[row.mover]:
            scene.badge(theme, surface, (left + theme.px(5), middle), theme.px(11), row.mover)
            left += theme.px(14)
        elif faces(row.name):
            self._draw_dice(surface, (left, middle), row.node, theme.px(13))
            return
        theme.text(surface, row.name, (left, middle), 13, ink, bold=best, width=columns.visits[0] - left - theme.px(6))

    def _draw_visits(self, surface, rect, column, share: float, words: str, ink: Colour, best: bool) -> None:
        theme = self.theme
        whole = pygame.Rect(column[0], 0, column[1] - theme.px(10), theme.px(15))
        whole.centery = rect.centery
        bar = pygame.Rect(whole.left, whole.top, max(1, round(whole.width * min(1.0, share))), whole.height)
        pygame.draw.rect(surface, blend(PANEL, LINE, 0.55), whole, border_radius=theme.px(3))
        pygame.draw.rect(surface, blend(PANEL, ACCENT, 0.55 if best else 0.32), bar, border_radius=theme.px(3))
        theme.text(surface, words, (whole.left + theme.px(4), rect.centery), SMALL, ink, width=whole.width)

    def _draw_value(self, surface, rect, column, value: float, scene: TreeScene, ink: Colour) -> None:
        theme, reading = self.theme, scene.reading
        words = scene.words.number(value)
        theme.text(surface, words, (column[0] + theme.px(40), rect.centery), SMALL, ink, "right")
        track = self._scale_image(max(theme.px(20), column[1] - theme.px(56)))
        place = track.get_rect(left=column[0] + theme.px(46), centery=rect.centery)
        surface.blit(track, place)
        share = (value - reading.low) / max(1e-9, reading.high - reading.low)
        x = place.left + min(1.0, max(0.0, share)) * place.width
        theme.disc(surface, (x, rect.centery), theme.px(9), ink, SHADOW)

    def _draw_thin(self, surface, rect, columns: _Columns, values, most, firm: float) -> None:
        """Draw P and U: beside each other with numbers, or one above the other without."""
        theme, both = self.theme, (columns.prior, columns.bonus or columns.prior)
        for k, (column, value, greatest) in enumerate(zip(both, values, most, strict=True)):
            colour = blend(PANEL, (QUIET, GOOD)[k], firm)
            apart = theme.px(40) if columns.bonus else 0
            length = (column[1] - apart - theme.px(4)) * min(1.0, value / greatest if greatest > 0 else 0)
            y = rect.centery if columns.bonus else rect.centery + (-1, 1)[k] * theme.px(3)
            bar = pygame.Rect(column[0] + apart, 0, max(1, round(length)), theme.px(4))
            bar.centery = y
            pygame.draw.rect(surface, colour, bar, border_radius=theme.px(2))
            if columns.bonus:
                words = f"{value:.0%}" if k == 0 else f"{value:.2f}"
                theme.text(surface, words, (column[0] + theme.px(34), y), SMALL, blend(PANEL, TEXT, firm), "right")

    def _draw_others(self, surface, rect, row: Row, columns: _Columns) -> None:
        theme = self.theme
        left = columns.indent(row.depth, theme.px(INDENT), theme.px(NAME)) + theme.px(14)
        if (*row.path, -1) == self.hovered:
            theme.panel(surface, rect, RAISED, 4)
        self.stops.append((rect.clip(self.list), (*row.path, -1), False))
        width = columns.visits[0] - left - theme.px(4)
        theme.text(surface, plural(row.others.moves, "other"), (left, rect.centery), SMALL, QUIET, width=width)
        self._draw_visits(surface, rect, columns.visits, row.share, count(row.others.visits), QUIET, False)
        if columns.bonus:
            at = (columns.prior[0] + theme.px(34), rect.centery)
            theme.text(surface, f"{row.others.prior:.0%}", at, SMALL, QUIET, "right")

    # --- dice ---

    def _fan(self, row: Row) -> tuple[list, float, int]:
        """Return the lines of a fan, how many pixels a certain outcome would be wide, and the left edge."""
        theme = self.theme
        left = self.list.left + theme.px(14)  # however deep it lies: dice need the width
        width = max(1, self.list.right - theme.px(10) - left)
        lines = fan_lines(row.fan, width / theme.px(NARROWEST_DIE))
        return lines, width / max(sum(node.prior for node in line) for line in lines), left

    def _draw_fan(self, surface, rect, row: Row, scene: TreeScene) -> None:
        theme, y = self.theme, rect.top + self.theme.px(2)
        lines, unit, left = self._fan(row)
        for line in lines:
            x = float(left)
            for node in line:
                tile = pygame.Rect(round(x), y, round(x + node.prior * unit) - round(x), theme.px(FAN - 2))
                self._draw_tile(surface, tile.inflate(-theme.px(1.5), 0), node, (*row.path, node.move), scene)
                x += node.prior * unit
            y += theme.px(FAN)

    def _draw_tile(self, surface, tile, node, path: Path, scene: TreeScene) -> None:
        theme, reading, lit = self.theme, scene.reading, self._lit(scene)
        share = (node.value - reading.low) / max(1e-9, reading.high - reading.low)
        firm = min(1.0, (node.visits / SOLID) ** 0.5) if node.visits else 0.0
        strip = blend(PANEL, side_colour(share), 0.15 + 0.5 * firm) if node.visits else blend(PANEL, LINE, 0.55)
        theme.panel(surface, tile, strip, 4)
        self.stops.append((tile.clip(self.list), path, False))
        if lit[: len(path)] == path or path == self.hovered:
            theme.outline(surface, tile, ACCENT if path != self.hovered else TEXT, 4)
        size = min(theme.px(15), (tile.width - theme.px(3)) // 2)
        top = tile.top + theme.px(12)
        if faces(node.name):
            self._draw_dice(surface, (tile.centerx - size - theme.px(0.5), top), node, size)
        else:
            theme.text(surface, node.name, (tile.centerx, top), SMALL, TEXT, "centre", width=tile.width)
        if node.visits:
            ink, room = blend(strip, TEXT, 0.45 + 0.55 * firm), tile.width - theme.px(3)
            words, points = self._fitting(scene.words.number(node.value), room)
            theme.text(surface, words, (tile.centerx, tile.bottom - theme.px(9)), points, ink, "centre")

    def _fitting(self, words: str, width: int) -> tuple[str, int]:
        """Return a number as it fits into a tile, and its size: smaller, then without the zero, then shorter."""
        tries = (words, SMALL), (words, 10), (words.replace("0.", "."), 10), (words[:-1].rstrip("."), 10)
        return next((each for each in tries if self.theme.text_width(*each) <= width), ("", 10))

    def _draw_dice(self, surface, at, roll: Node, size: int) -> None:
        """Draw two small dice from a left edge on: dark where the first player begins the game with them."""
        if size < 4:
            return  # there is no room for pips
        dark = roll.name in self.openings
        for k, face in enumerate(faces(roll.name)):
            self.dice.draw_die(surface, (at[0] + size / 2 + k * (size + 1), at[1]), size, face, dark)

    # --- scrolling ---

    def _height(self, row: Row) -> int:
        if not row.fan:
            return self.theme.px(ROW)
        return len(self._fan(row)[0]) * self.theme.px(FAN) + self.theme.px(4)

    def _scroll_to(self, lit: Path) -> None:
        """Keep the list within its ends; after a key or a step, keep what is lit in sight."""
        tops, y = [], 0
        for row in self.lines:
            tops.append((y, y + self._height(row)))
            y = tops[-1][1]
        self.height = y
        if self.reveal:
            holding = [span for row, span in zip(self.lines, tops, strict=True) if _shows(row, lit)]
            if holding:
                top, bottom = holding[0]
                self.scrolled = min(max(self.scrolled, bottom - self.list.height), top)
            self.reveal = False
        self.scrolled = max(0, min(self.scrolled, self.height - self.list.height))

    def _draw_bar(self, surface) -> None:
        if self.height <= self.list.height:
            return
        theme, share = self.theme, self.list.height / self.height
        bar = pygame.Rect(self.list.right - theme.px(5), 0, theme.px(4), max(theme.px(20), self.list.height * share))
        free = self.list.height - bar.height
        bar.top = self.list.top + round(free * self.scrolled / max(1, self.height - self.list.height))
        theme.panel(surface, bar, LINE, 2)

    # --- pictures made once ---

    def _make_scale(self, width: int) -> pygame.Surface:
        """Draw the line from one side's colour over grey to the other's."""
        height = self.theme.px(4)
        image = pygame.Surface((width, height), pygame.SRCALPHA)
        for x in range(width):
            pygame.draw.line(image, side_colour(x / max(1, width - 1)), (x, 0), (x, height))
        return image

    def _make_caret(self, unfolded: bool, colour: Colour) -> pygame.Surface:
        size = self.theme.px(9) * SMOOTH
        big = pygame.Surface((size, size), pygame.SRCALPHA)
        low, middle, high = 0.2 * size, 0.5 * size, 0.8 * size
        corners = ((low, 0.32 * size), (high, 0.32 * size), (middle, high))
        pygame.draw.polygon(big, colour, corners if unfolded else [(y, x) for x, y in corners])
        return pygame.transform.smoothscale(big, (size // SMOOTH, size // SMOOTH))

    # --- mouse and keys ---

    def at(self, pos: tuple[int, int]) -> Path | None:
        """Return the node under a pixel as it was drawn last, None where there is none."""
        path = self._under(pos)
        return None if path is None or path[-1:] == (-1,) else path

    def _under(self, pos: tuple[int, int]) -> Path | None:
        return next((path for rect, path, _ in self.stops if rect.collidepoint(pos)), None)

    def handle(self, event: pygame.event.Event) -> Path | None:
        """Scroll, unfold, or select; return the path of a node that was selected now."""
        if event.type == pygame.MOUSEMOTION:
            self.hovered, self.mouse = self._under(event.pos), event.pos
        elif event.type == pygame.MOUSEWHEEL and self.rect.collidepoint(self.mouse):
            self.scrolled -= event.y * 3 * self.theme.px(ROW)
        elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
            return self._press(event.pos)
        elif event.type == pygame.KEYDOWN:
            return self._key(event.key)
        return None

    def _press(self, pos: tuple[int, int]) -> Path | None:
        for rect, row in self.carets:
            if rect.collidepoint(pos) and self.list.collidepoint(pos):
                self._fold(row.path, not row.unfolded)
                return None
        path = self._under(pos)
        if path is None:
            return None
        if path[-1] == -1:
            self.width += MORE
            return None
        if any(path == stop and not own for _, stop, own in self.stops):  # dice: their line appears below the fan
            self._fold(path, path != self.selected or path not in self.opened)
        self.selected = path
        return path

    def _fold(self, path: Path, unfold: bool) -> None:
        (self.opened if unfold else self.closed).add(path)
        (self.closed if unfold else self.opened).discard(path)

    def _key(self, key: int) -> Path | None:
        if key in (pygame.K_RIGHT, pygame.K_LEFT) and self.selected:
            if key == pygame.K_LEFT and not self._is_unfolded() and len(self.selected) > 1:
                return self._select(self.selected[:-1])
            self._fold(self.selected, key == pygame.K_RIGHT)
        elif key in (pygame.K_PAGEUP, pygame.K_PAGEDOWN):
            self.scrolled += self.list.height * (1 if key == pygame.K_PAGEDOWN else -1)
        elif key in (pygame.K_UP, pygame.K_DOWN, pygame.K_HOME, pygame.K_END):
            return self._walk(key)
        return None

    def _is_unfolded(self) -> bool:
        return any(row.unfolded for row in self.lines if row.holds(self.selected))

    def _walk(self, key: int) -> Path | None:
        """Move the selection along the lines, also those out of sight."""
        paths = [path for row in self.lines for path in _paths(row)]
        if not paths:
            return None
        here = next((k for k, path in enumerate(paths) if path[: len(self.selected)] == self.selected != ()), -1)
        step = {pygame.K_UP: max(0, here - 1), pygame.K_DOWN: min(len(paths) - 1, here + 1), pygame.K_HOME: 0}
        return self._select(paths[step.get(key, len(paths) - 1)])

    def _select(self, path: Path) -> Path:
        self.selected, self.reveal = path, True
        return path


def _paths(row: Row) -> list[Path]:
    return [(*row.path, node.move) for node in row.fan] if row.fan else [row.path] * bool(row.nodes)


def _shows(row: Row, path: Path) -> bool:
    return row.holds(path) or (bool(row.fan) and len(path) == len(row.path) + 1 and path[:-1] == row.path)


def side_colour(share: float) -> Colour:
    """Return a colour between the second player's (0), grey (0.5) and the first player's (1)."""
    return blend(blend(LINE, TEXT, 0.25), ACCENT if share > 0.5 else WARM, abs(2 * share - 1))
