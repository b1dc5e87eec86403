"""The lines of a search tree as a picture: names, bars, dots on a scale, fans of dice. It knows no rules."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import pygame

from engine.reading import Others, Path, Reading, TreeNode
from engine.stepping import Event
from games.game import FIRST, SECOND
from gui.tabs.tree_rows import SOLID, TreeRow, Words, count, faces, fan_lines, openings, plural
from gui.widgets.dice_view import DicePictures
from gui.widgets.theme import (
    ACCENT,
    BLACK_STONE,
    GOOD,
    LINE,
    PANEL,
    QUIET,
    RAISED,
    SMALL,
    SMOOTH,
    TEXT,
    WHITE_STONE,
    Colour,
    Theme,
    blend,
)

ROW, HEADER, FAN, INDENT = 22, 20, 40, 12
"""Heights of a line, of the names of the columns, of a line of dice; and how much deeper nodes are moved in: points."""

NAME = 82
"""Points that are left for the name of a node, however deep it lies."""

NUMBERS_FROM = 461
"""Points of width from which P and U have columns and numbers of their own."""

NARROWEST_DIE = 25
"""Points that the least likely roll is wide."""


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
    question: str = ""  # shown instead of the reasons: what a person is to guess


@dataclass(frozen=True)
class Columns:
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
    def of(cls, rect: pygame.Rect, theme: Theme) -> "Columns":
        wide = rect.width >= theme.px(NUMBERS_FROM)
        shares = (0.35, 0.2, 0.2, 0.125, 0.125) if wide else (0.4, 0.2, 0.27, 0.13)
        places, left = [], rect.left
        for share in shares:
            width = int(rect.width * share)
            places.append((left, width))
            left += width
        name, visits, value, prior, *bonus = places
        return cls(name, visits, value, prior, bonus[0] if bonus else None)


class TreePainter:
    """Draws lines of a tree at one scale, and notes where each lies."""

    def __init__(self, theme: Theme):
        self.theme, self.dice = theme, DicePictures(theme)
        self.list = pygame.Rect(0, 0, 0, 0)
        self.stops: list[tuple[pygame.Rect, Path, bool]] = []  # what can be selected; whether it is a line of its own
        self.carets: list[tuple[pygame.Rect, TreeRow]] = []
        self._caret_image = lru_cache(maxsize=8)(self._make_caret)

    def begin(self, rect: pygame.Rect, scene: TreeScene, reading: Reading, lit: Path, hovered: Path | None) -> None:
        """Begin to draw into a rectangle: a header, and lines below it."""
        theme = self.theme
        self.scene, self.reading, self.lit, self.hovered = scene, reading, lit, hovered
        self.stops, self.carets, self.openings = [], [], openings(reading.root)
        self.columns = Columns.of(pygame.Rect(rect.left, rect.top, rect.width - theme.px(8), rect.height), theme)
        self.list = pygame.Rect(rect.left, rect.top + theme.px(HEADER), rect.width, rect.height - theme.px(HEADER))

    def draw_header(self, surface, rect) -> None:
        theme, columns, root = self.theme, self.columns, self.reading.root
        y = rect.top + theme.px(HEADER) // 2
        theme.text(
            surface, self.scene.words.title(root.turn), (columns.name[0], y), SMALL, QUIET, width=columns.name[1]
        )
        theme.text(surface, f"N {count(root.visits)}", (columns.visits[0], y), SMALL, QUIET, width=columns.visits[1])
        value = f"Q {self.scene.words.number(root.value)}"
        theme.text(surface, value, (columns.value[0] + theme.px(40), y), SMALL, QUIET, "right")
        prior = columns.prior[0] + theme.px(34 if columns.bonus else 10)
        bonus = columns.bonus[0] + theme.px(34) if columns.bonus else columns.prior[0] + theme.px(26)
        theme.text(surface, "P", (prior, y), SMALL, QUIET, "right", bold=True)
        theme.text(surface, "U", (bonus, y), SMALL, GOOD, "right", bold=True)
        line = rect.top + theme.px(HEADER) - 1
        pygame.draw.line(surface, LINE, (rect.left, line), (rect.right, line))

    def draw_row(self, surface, rect, row: TreeRow) -> None:
        if row.fan:
            self._draw_fan(surface, rect, row)
        elif row.others:
            self._draw_others(surface, rect, row, row.others)
        else:
            self._draw_node(surface, rect, row)

    def _draw_node(self, surface, rect, row: TreeRow) -> None:
        theme, node = self.theme, row.node
        lit, best = self.lit, row.on(self.reading.best)
        if row.holds(lit):
            theme.panel(surface, rect, blend(RAISED, ACCENT, 0.25), 4)
        elif row.path == self.hovered or row.on(lit):
            theme.panel(surface, rect, RAISED if row.path == self.hovered else blend(PANEL, RAISED, 0.6), 4)
        firm = (0.65 if row.holds(lit) else 0.35) + 0.65 * min(1.0, (node.visits / SOLID) ** 0.5)
        ink = blend(PANEL, TEXT, firm)
        self.stops.append((rect.clip(self.list), row.path, True))
        self._draw_name(surface, rect, row, ACCENT if best else ink, best)
        self._draw_visits(surface, rect, self.columns.visits, row.share, count(node.visits), ink, best)
        if node.visits:
            self._draw_value(surface, rect, self.columns.value, node.value, ink)
        self._draw_thin(surface, rect, (node.prior, node.u), row.most, firm)

    def _draw_name(self, surface, rect, row: TreeRow, ink: Colour, best: bool) -> None:
        theme, columns = self.theme, self.columns
        left, middle = columns.indent(row.depth, theme.px(INDENT), theme.px(NAME)), rect.centery
        if row.unfolded is not None:
            caret = self._caret_image(row.unfolded, QUIET if row.path != self.hovered else TEXT)
            surface.blit(caret, caret.get_rect(center=(left + theme.px(6), middle)))
            self.carets.append((pygame.Rect(rect.left, rect.top, left + theme.px(14) - rect.left, rect.height), row))
        left += theme.px(14)
        if row.mover in (FIRST, SECOND) and self.scene.words.sides[row.mover]:
            self.scene.badge(theme, surface, (left + theme.px(5), middle), theme.px(11), row.mover)
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

    def _draw_value(self, surface, rect, column, value: float, ink: Colour) -> None:
        theme = self.theme
        words = self.scene.words.number(value)
        theme.text(surface, words, (column[0] + theme.px(40), rect.centery), SMALL, ink, "right")
        track = pygame.Rect(column[0] + theme.px(46), 0, max(theme.px(20), column[1] - theme.px(56)), theme.px(9))
        track.centery = rect.centery
        self._draw_bar_from_zero(surface, track, value, ink)

    def _draw_bar_from_zero(self, surface, track: pygame.Rect, value: float, ink: Colour) -> None:
        """Draw a value as a bar from 0, in the colour of the side that it favours; all of a tree on one scale."""
        reading, theme = self.reading, self.theme

        def x(value: float) -> int:
            share = (value - reading.low) / max(1e-9, reading.high - reading.low)
            return track.left + round(min(1.0, max(0.0, share)) * track.width)

        pygame.draw.rect(surface, blend(PANEL, LINE, 0.55), track, border_radius=theme.px(2))
        left, right = sorted((x(0.0), x(value)))
        bar = pygame.Rect(left, track.top, max(theme.px(1), right - left), track.height)
        firm = sum(ink) / sum(TEXT)
        pygame.draw.rect(surface, blend(PANEL, ACCENT if value >= 0 else self.theme.warm, firm), bar)
        pygame.draw.line(surface, QUIET, (x(0.0), track.top - theme.px(2)), (x(0.0), track.bottom + theme.px(1)))

    def _draw_thin(self, surface, rect, values, most, firm: float) -> None:
        """Draw P and U: beside each other with numbers, or one above the other without."""
        theme, both = self.theme, (self.columns.prior, self.columns.bonus or self.columns.prior)
        for k, (column, value, greatest) in enumerate(zip(both, values, most, strict=True)):
            colour = blend(PANEL, (QUIET, GOOD)[k], firm)
            apart = theme.px(40) if self.columns.bonus else 0
            length = (column[1] - apart - theme.px(4)) * min(1.0, value / greatest if greatest > 0 else 0)
            y = rect.centery if self.columns.bonus else rect.centery + (-1, 1)[k] * theme.px(3)
            bar = pygame.Rect(column[0] + apart, 0, max(1, round(length)), theme.px(4))
            bar.centery = y
            pygame.draw.rect(surface, colour, bar, border_radius=theme.px(2))
            if self.columns.bonus:
                words = f"{value:.0%}" if k == 0 else f"{value:.2f}"
                theme.text(surface, words, (column[0] + theme.px(34), y), SMALL, blend(PANEL, TEXT, firm), "right")

    def _draw_others(self, surface, rect, row: TreeRow, others: Others) -> None:
        theme = self.theme
        left = self.columns.indent(row.depth, theme.px(INDENT), theme.px(NAME)) + theme.px(14)
        if (*row.path, -1) == self.hovered:
            theme.panel(surface, rect, RAISED, 4)
        self.stops.append((rect.clip(self.list), (*row.path, -1), False))
        width = self.columns.visits[0] - left - theme.px(4)
        theme.text(surface, plural(others.moves, "other"), (left, rect.centery), SMALL, QUIET, width=width)
        self._draw_visits(surface, rect, self.columns.visits, row.share, count(others.visits), QUIET, False)
        if self.columns.bonus:
            at = (self.columns.prior[0] + theme.px(34), rect.centery)
            theme.text(surface, f"{others.prior:.0%}", at, SMALL, QUIET, "right")

    # --- dice ---

    def _fan(self, row: TreeRow) -> tuple[list, float, int]:
        """Return the lines of a fan, how many pixels a certain outcome would be wide, and the left edge."""
        theme = self.theme
        left = self.list.left + theme.px(14)  # however deep it lies: dice need the width
        width = max(1, self.list.right - theme.px(10) - left)
        lines = fan_lines(row.fan, width / theme.px(NARROWEST_DIE))
        return lines, width / max(sum(node.prior for node in line) for line in lines), left

    def _draw_fan(self, surface, rect, row: TreeRow) -> None:
        theme, y = self.theme, rect.top + self.theme.px(2)
        lines, unit, left = self._fan(row)
        for line in lines:
            x = float(left)
            for node in line:
                tile = pygame.Rect(round(x), y, round(x + node.prior * unit) - round(x), theme.px(FAN - 2))
                self._draw_tile(surface, tile.inflate(-theme.px(1.5), 0), node, (*row.path, node.move))
                x += node.prior * unit
            y += theme.px(FAN)

    def _draw_tile(self, surface, tile, node, path: Path) -> None:
        theme, reading, lit = self.theme, self.reading, self.lit
        share = (node.value - reading.low) / max(1e-9, reading.high - reading.low)
        firm = min(1.0, (node.visits / SOLID) ** 0.5) if node.visits else 0.0
        strip = (
            blend(PANEL, side_colour(self.theme, share), 0.15 + 0.5 * firm) if node.visits else blend(PANEL, LINE, 0.55)
        )
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
            words, points = self._fitting(self.scene.words.number(node.value), room)
            theme.text(surface, words, (tile.centerx, tile.bottom - theme.px(9)), points, ink, "centre")

    def _fitting(self, words: str, width: int) -> tuple[str, int]:
        """Return a number as it fits into a tile, and its size: smaller, then without the zero, then shorter."""
        tries = (words, SMALL), (words, 10), (words.replace("0.", "."), 10), (words[:-1].rstrip("."), 10)
        return next((each for each in tries if self.theme.text_width(*each) <= width), ("", 10))

    def _draw_dice(self, surface, at, roll: TreeNode, size: int) -> None:
        """Draw two small dice from a left edge on: dark where the first player begins the game with them."""
        if size < 4:
            return  # there is no room for pips
        dark = roll.name in self.openings
        for k, face in enumerate(faces(roll.name) or ()):
            self.dice.draw_die(surface, (at[0] + size / 2 + k * (size + 1), at[1]), size, face, dark)

    def height(self, row: TreeRow) -> int:
        if not row.fan:
            return self.theme.px(ROW)
        return len(self._fan(row)[0]) * self.theme.px(FAN) + self.theme.px(4)

    # --- pictures made once ---

    def _make_caret(self, unfolded: bool, colour: Colour) -> pygame.Surface:
        size = self.theme.px(9) * SMOOTH
        big = pygame.Surface((size, size), pygame.SRCALPHA)
        low, middle, high = 0.2 * size, 0.5 * size, 0.8 * size
        corners = ((low, 0.32 * size), (high, 0.32 * size), (middle, high))
        pygame.draw.polygon(big, colour, corners if unfolded else [(y, x) for x, y in corners])
        return pygame.transform.smoothscale(big, (size // SMOOTH, size // SMOOTH))


def side_colour(theme: Theme, share: float) -> Colour:
    """Return a colour between the second player's (0), grey (0.5) and the first player's (1)."""
    return blend(blend(LINE, TEXT, 0.25), ACCENT if share > 0.5 else theme.warm, abs(2 * share - 1))
