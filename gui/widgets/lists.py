"""Lists to choose from: one that scrolls, and one that opens."""

from collections.abc import Callable, Sequence

import pygame

from gui.messages import Message
from gui.widgets.basic import PRESS, Widget, is_key, pressed
from gui.widgets.theme import ACCENT, LINE, PANEL, QUIET, RAISED, SHADOW, SMALL, TEXT, Theme, blend

ROW = 24
"""Points that a line of a list takes."""


class ListBox(Widget):
    """Rows of columns that scroll; sends `choose(index)` for a click or Enter and `over(index)` under the mouse.

    `columns` are (share of the width, alignment). A row marked in `faded` is drawn quietly.
    """

    def __init__(self, columns=((1.0, "left"),), choose: Callable | None = None, over: Callable | None = None):
        super().__init__()
        self.columns, self.choose, self.over = columns, choose, over
        self.header: tuple[str, ...] = ()
        self.rows: Sequence[Sequence[str]] = ()
        self.faded: set[int] = set()
        self.selected = -1
        self.top = 0
        self.under = -1
        self.held = False

    # --- state ---

    def show(self, rows: Sequence[Sequence[str]], selected: int = -1, faded: set[int] | None = None) -> None:
        """Replace the rows; where the selection moves, scroll to it."""
        moved = selected != self.selected
        self.rows, self.selected, self.faded = rows, selected, faded or set()
        if moved and selected >= 0:
            self.reveal(selected)

    def reveal(self, index: int) -> None:
        """Scroll so that a row is seen."""
        self._wanted = index

    _wanted: int | None = None
    _fitted = 0

    def _fit(self, theme: Theme) -> int:
        return max(1, (self.rect.height - (theme.px(ROW) if self.header else 0)) // theme.px(ROW))

    def _settle(self, theme: Theme) -> None:
        fit = self._fit(theme)
        if fit < self._fitted and self.top <= self.selected < self.top + self._fitted:
            self.reveal(self.selected)  # what was seen is seen in a smaller list, too
        self._fitted = fit
        if self._wanted is not None:
            self.top = min(max(self.top, self._wanted - fit + 1), self._wanted)
            self._wanted = None
        self.top = max(0, min(self.top, len(self.rows) - fit))

    # --- drawing ---

    def draw(self, surface, theme):
        """Draw the rows that fit, and a bar where there are more."""
        self._settle(theme)
        fit, row, y = self._fit(theme), theme.px(ROW), self.rect.top
        if self.header:
            self._draw_row(surface, theme, self.header, y, QUIET, SMALL)
            y += row
        for index in range(self.top, min(len(self.rows), self.top + fit)):
            line = pygame.Rect(self.rect.left, y, self.rect.width, row)
            if index == self.selected:
                theme.panel(surface, line, blend(RAISED, ACCENT, 0.35), 4)
            elif index == self.under:
                theme.panel(surface, line, RAISED, 4)
            self._draw_row(surface, theme, self.rows[index], y, QUIET if index in self.faded else TEXT, 13)
            y += row
        if len(self.rows) > fit:
            self._draw_bar(surface, theme, fit)
        self.draw_focus(surface, theme)

    def _draw_row(self, surface, theme, cells, y, colour, points) -> None:
        inner = self.rect.inflate(-theme.px(16), 0)
        left, middle = inner.left, y + theme.px(ROW) // 2
        for cell, (share, align) in zip(cells, self.columns, strict=False):
            width = round(inner.width * share)
            x = {"left": left, "right": left + width - theme.px(6), "centre": left + width // 2}[align]
            theme.text(surface, cell, (x, middle), points, colour, align, width=width - theme.px(4))
            left += width

    def _bar(self, theme: Theme) -> pygame.Rect:
        top = self.rect.top + (theme.px(ROW) if self.header else 0)
        return pygame.Rect(self.rect.right - theme.px(6), top, theme.px(5), self.rect.bottom - top)

    def _draw_bar(self, surface, theme, fit: int) -> None:
        bar = self._bar(theme)
        height = max(theme.px(18), round(bar.height * fit / len(self.rows)))
        spare = bar.height - height
        y = bar.top + round(spare * self.top / max(1, len(self.rows) - fit))
        theme.panel(surface, pygame.Rect(bar.left, y, bar.width, height), QUIET if self.held else LINE, 3)

    # --- events ---

    def at(self, pos: tuple[int, int], theme: Theme) -> int:
        """Return the row at a place, -1 where there is none."""
        top = self.rect.top + (theme.px(ROW) if self.header else 0)
        if not self.rect.collidepoint(pos) or pos[1] < top:
            return -1
        index = self.top + (pos[1] - top) // theme.px(ROW)
        return index if index < min(len(self.rows), self.top + self._fit(theme)) else -1

    def handle(self, event, theme):
        """Scroll, choose, or say what is under the mouse."""
        if event.type == pygame.MOUSEMOTION:
            return self._moved(event, theme)
        if event.type == pygame.MOUSEWHEEL and self.hovered:
            self.top -= 3 * event.y
            self._settle(theme)
        elif event.type == pygame.MOUSEBUTTONUP:
            self.held = False
        elif pressed(event) and self.rect.collidepoint(event.pos):
            return self._pressed(event.pos, theme)
        elif self.focused and event.type == pygame.KEYDOWN:
            return self._key(event.key, theme)
        return None

    def _moved(self, event, theme) -> Message | None:
        if self.held:
            self._drag(event.pos[1], theme)
            return None
        under = self.at(event.pos, theme)
        if under == self.under:
            return None
        self.under = under
        return self.over(under) if self.over else None

    def _pressed(self, pos, theme) -> Message | None:
        if len(self.rows) > self._fit(theme) and pos[0] >= self._bar(theme).left - theme.px(4):
            self.held = True
            self._drag(pos[1], theme)
            return None
        index = self.at(pos, theme)
        return self.choose(index) if self.choose and index >= 0 else None

    def _drag(self, y: int, theme: Theme) -> None:
        bar = self._bar(theme)
        self.top = round((y - bar.top) / max(1, bar.height) * len(self.rows) - self._fit(theme) / 2)
        self._settle(theme)

    def _key(self, key: int, theme: Theme) -> Message | None:
        page, last = self._fit(theme), len(self.rows) - 1
        steps = {pygame.K_UP: -1, pygame.K_DOWN: 1, pygame.K_PAGEUP: -page, pygame.K_PAGEDOWN: page}
        ends = {pygame.K_HOME: 0, pygame.K_END: last}
        if last < 0 or key not in {*steps, *ends}:
            return None
        index = ends.get(key, self.selected + steps.get(key, 0))
        self.selected = min(last, max(0, index))
        self.reveal(self.selected)
        return self.choose(self.selected) if self.choose else None


class DropDown(Widget):
    """Shows one of several choices and a list of all when it is pressed; sends `change(value)`."""

    LONGEST = 10

    def __init__(self, choices: Sequence[tuple[object, str]], value: object, change: Callable, hint: str = ""):
        super().__init__(hint)
        self.choices, self.value, self.change = list(choices), value, change
        self.list = ListBox(choose=lambda index: index)
        self.open = False

    @property
    def index(self) -> int:
        return next((k for k, (value, _) in enumerate(self.choices) if value == self.value), 0)

    def draw(self, surface, theme):
        """Draw the choice; the ring draws the list above everything else."""
        theme.panel(surface, self.rect, self.ground())
        inner = self.rect.inflate(-theme.px(16), 0)
        words = self.choices[self.index][1] if self.choices else ""
        theme.text(surface, words, (inner.left, inner.centery), colour=self.ink(), width=inner.width - theme.px(18))
        theme.text(surface, "▼", (inner.right, inner.centery), 9, QUIET, "right")
        self.draw_focus(surface, theme)

    def draw_popup(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the open list."""
        self._place(surface.get_rect(), theme)
        theme.panel(surface, self.list.rect.inflate(theme.px(4), theme.px(4)), SHADOW)
        theme.panel(surface, self.list.rect, PANEL)
        pygame.draw.rect(surface, LINE, self.list.rect, 1, border_radius=theme.px(6))
        self.list.draw(surface, theme)

    def _place(self, whole: pygame.Rect, theme: Theme) -> None:
        height = min(len(self.choices), self.LONGEST) * theme.px(ROW)
        widest = max((theme.text_width(words, 13) for _, words in self.choices), default=0) + theme.px(34)
        self.list.rect = pygame.Rect(
            self.rect.left, self.rect.bottom + theme.px(2), max(self.rect.width, widest), height
        )
        if self.list.rect.bottom > whole.bottom:
            self.list.rect.bottom = self.rect.top - theme.px(2)
        self.list.rect.clamp_ip(whole)

    def handle(self, event, theme):
        """Open the list, choose from it, or close it."""
        if self.open:
            return self._handle_open(event, theme)
        if (pressed(event) and self.rect.collidepoint(event.pos)) or (
            self.focused and is_key(event, *PRESS, pygame.K_UP, pygame.K_DOWN)
        ):
            self.open = self.enabled
            self.list.show([(words,) for _, words in self.choices], self.index)
            self.list.reveal(self.index)
        return None

    def _handle_open(self, event, theme) -> Message | None:
        self.list.hovered = True
        if is_key(event, pygame.K_ESCAPE, pygame.K_TAB):
            self.open = False
        elif is_key(event, *PRESS):
            return self._chosen(self.list.selected)
        elif event.type == pygame.KEYDOWN:
            self.list._key(event.key, theme)
        elif pressed(event) and not self.list.rect.collidepoint(event.pos):
            self.open = False
        elif event.type in (pygame.MOUSEMOTION, pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEWHEEL):
            chosen = self.list.handle(event, theme)
            return self._chosen(chosen) if isinstance(chosen, int) else None
        return None

    def _chosen(self, index: int) -> Message | None:
        self.open = False
        if not 0 <= index < len(self.choices):
            return None
        self.value = self.choices[index][0]
        return self.change(self.value)
