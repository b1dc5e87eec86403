"""The search tree of any game as a picture: a reading of it in, lines, bars and dice out. It knows no rules.

    visits        a bar: the share of the parent's visits
    Q             a place on a scale from one side's colour to the other's, and the number
    P, U          thin bars, among the siblings
    dice          a fan: as wide as they are likely, as coloured as they are good

Which lines are unfolded, which one is selected and how far the list is scrolled is kept here; the reader wants to
know what is unfolded (`opened`) and how many children to list (`width`).
"""

import pygame

from engine.reading import Path, Reading
from engine.stepping import Event
from gui.tabs.tree_details import Details
from gui.tabs.tree_painter import ROW, TreePainter, TreeScene
from gui.tabs.tree_rows import Folding, TreeRow, rows
from gui.widgets.theme import LINE, QUIET, Theme

WIDE = 640
"""Points from which details lie beside the lines, not below."""

MORE = 12
"""How many more children are listed by a click on "others"."""


class TreeView:
    """Draws trees at one scale, and understands the mouse and the keys over them."""

    def __init__(self, theme: Theme):
        self.selected: Path = ()
        self.opened: set[Path] = set()
        self.closed: set[Path] = set()
        self.width, self.scrolled = 6, 0
        self.rect = pygame.Rect(0, 0, 0, 0)
        self.hovered: Path | None = None
        self.mouse = (-1, -1)
        self.lines: list[TreeRow] = []
        self.height, self.reveal = 0, False
        self.last_event: Event | None = None
        self.phases: dict[str, Event] = {}  # of the simulation that is stepped through, as far as it has come
        self.scene: TreeScene | None = None  # as it was drawn last
        self.resize(theme)

    def resize(self, theme: Theme) -> None:
        """Draw at another scale from now on."""
        self.theme, self.painter, self.details = theme, TreePainter(theme), Details(theme)

    @property
    def listed(self) -> pygame.Rect:
        """Where the lines were drawn last."""
        return self.painter.list

    @property
    def stops(self) -> list[tuple[pygame.Rect, Path, bool]]:
        """What can be selected, as it was drawn last, and whether it is a line of its own."""
        return self.painter.stops

    @property
    def carets(self) -> list[tuple[pygame.Rect, TreeRow]]:
        """The signs that fold and unfold, as they were drawn last."""
        return self.painter.carets

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
        self.rect, self.lines, self.scene = pygame.Rect(rect), [], scene
        self._note_phase(scene.event)
        self.reveal, self.last_event = self.reveal or scene.event is not self.last_event, scene.event
        before = surface.get_clip()
        surface.set_clip(rect.clip(before))
        if scene.stepping:
            top = self.details.draw_phases(surface, rect, scene.event, scene.words)
            rect = pygame.Rect(rect.left, top, rect.width, rect.bottom - top)
        if scene.reading is None or not scene.reading.root.children:
            self._draw_note(surface, rect, scene)
        else:
            listed, detail = self._split(rect, scene, scene.reading)
            self._draw_list(surface, listed, scene, scene.reading)
            if scene.question:
                self._draw_question(surface, detail, scene.question)
            else:
                self.details.draw(surface, detail, scene.reading, self._lit(scene), scene.event, scene.words)
        surface.set_clip(before)

    def _note_phase(self, event: Event | None) -> None:
        if event is None or event.phase == "select":
            self.phases = {}
        if event is not None:
            self.phases[event.phase] = event

    def _lit(self, scene: TreeScene) -> Path:
        return scene.event.path if scene.event else self.selected

    def _split(self, rect: pygame.Rect, scene: TreeScene, reading: Reading) -> tuple[pygame.Rect, pygame.Rect]:
        gap = self.theme.px(10)
        if rect.width >= self.theme.px(WIDE):
            left = round(rect.width * 0.6)
            return (
                pygame.Rect(rect.left, rect.top, left - gap, rect.height),
                pygame.Rect(rect.left + left, rect.top, rect.width - left, rect.height),
            )
        below = min(round(rect.height * 0.45), self.details.height_wanted(reading, self._lit(scene), scene.event))
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

    def _draw_question(self, surface: pygame.Surface, rect: pygame.Rect, question: str) -> None:
        self.details.stops = []
        for k, line in enumerate(self.theme.wrapped(question, rect.width)):
            at = (rect.left, rect.top + self.theme.px(10 + 20 * k))
            self.theme.text(surface, line, at, colour=QUIET, width=rect.width)

    def _draw_list(self, surface: pygame.Surface, rect: pygame.Rect, scene: TreeScene, reading: Reading) -> None:
        lit = self._lit(scene)
        self.painter.begin(rect, scene, reading, lit, self.hovered)
        self.painter.draw_header(surface, rect)
        self.lines = rows(reading, Folding(self.opened, self.closed, lit, reading.best))
        self._scroll_to(lit)
        before = surface.get_clip()
        surface.set_clip(self.listed.clip(before))
        y = self.listed.top - self.scrolled
        for row in self.lines:
            height = self.painter.height(row)
            if y + height >= self.listed.top and y < self.listed.bottom:
                wide = pygame.Rect(rect.left, y, rect.width - self.theme.px(8), height)
                self.painter.draw_row(surface, wide, row)
            y += height
        surface.set_clip(before)
        self._draw_bar(surface)

    # --- scrolling ---

    def _scroll_to(self, lit: Path) -> None:
        """Keep the list within its ends; after a key or a step, keep what is lit in sight."""
        tops, y = [], 0
        for row in self.lines:
            tops.append((y, y + self.painter.height(row)))
            y = tops[-1][1]
        self.height = y
        if self.reveal:
            holding = [span for row, span in zip(self.lines, tops, strict=True) if _shows(row, lit)]
            if holding:
                top, bottom = holding[0]
                self.scrolled = min(max(self.scrolled, bottom - self.listed.height), top)
            self.reveal = False
        self.scrolled = max(0, min(self.scrolled, self.height - self.listed.height))

    def _draw_bar(self, surface) -> None:
        if self.height <= self.listed.height:
            return
        theme, share = self.theme, self.listed.height / self.height
        bar = pygame.Rect(
            self.listed.right - theme.px(5), 0, theme.px(4), max(theme.px(20), self.listed.height * share)
        )
        free = self.listed.height - bar.height
        bar.top = self.listed.top + round(free * self.scrolled / max(1, self.height - self.listed.height))
        theme.panel(surface, bar, LINE, 2)

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
            if rect.collidepoint(pos) and self.listed.collidepoint(pos):
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
            self.scrolled += self.listed.height * (1 if key == pygame.K_PAGEDOWN else -1)
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


def _paths(row: TreeRow) -> list[Path]:
    return [(*row.path, node.move) for node in row.fan] if row.fan else [row.path] * bool(row.nodes)


def _shows(row: TreeRow, path: Path) -> bool:
    return row.holds(path) or (bool(row.fan) and len(path) == len(row.path) + 1 and path[:-1] == row.path)
