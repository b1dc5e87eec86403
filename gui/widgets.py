"""The widgets: what a person presses, slides, types into and reads. They know no game and no session.

A widget has a `rect`, draws itself and answers events with messages. A `Ring` holds those that share a surface: it
hands events to the right one and moves the keyboard from one to the next.
"""

import math
from collections.abc import Callable, Sequence

import pygame

from gui.messages import Close, Message
from gui.theme import ACCENT, BAD, GROUND, LINE, PANEL, QUIET, RAISED, SHADOW, SMALL, TEXT, WARM, Theme, blend

ROW = 24
"""Points that a line of a list takes."""

PRESS = (pygame.K_RETURN, pygame.K_SPACE, pygame.K_KP_ENTER)
TIP_AFTER = 600
"""Milliseconds for which the mouse rests before a tooltip shows."""


def pressed(event: pygame.event.Event) -> bool:
    """Tell whether this is the left mouse button going down."""
    return event.type == pygame.MOUSEBUTTONDOWN and event.button == 1


def is_key(event: pygame.event.Event, *keys: int) -> bool:
    """Tell whether one of these keys goes down."""
    return event.type == pygame.KEYDOWN and event.key in keys


class Widget:
    """What all widgets share. `takes_keys` says whether Tab stops here; `hint` is shown where the mouse rests."""

    takes_keys = True

    def __init__(self, hint: str = ""):
        self.rect = pygame.Rect(0, 0, 0, 0)
        self.hint = hint
        self.enabled = self.visible = True
        self.focused = self.hovered = False

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the widget as it is now."""

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Do what an event means here; say what the rest of the program should know."""

    def ground(self, chosen: bool = False) -> tuple[int, int, int]:
        """Return the colour of a raised surface: lighter under the mouse, blue where it is chosen."""
        colour = blend(RAISED, ACCENT, 0.35) if chosen else RAISED if self.enabled else PANEL
        return blend(colour, TEXT, 0.12) if self.hovered and self.enabled else colour

    def ink(self) -> tuple[int, int, int]:
        return TEXT if self.enabled else blend(QUIET, PANEL, 0.45)

    def draw_focus(self, surface: pygame.Surface, theme: Theme) -> None:
        if self.focused:
            theme.outline(surface, self.rect)


class Label(Widget):
    """A line of text."""

    takes_keys = False

    def __init__(self, words: str, points: float = SMALL, colour=QUIET, bold: bool = False):
        super().__init__()
        self.words, self.points, self.colour, self.bold = words, points, colour, bold

    def draw(self, surface, theme):
        """Draw the text, cut short where it does not fit."""
        at = (self.rect.left, self.rect.centery)
        theme.text(surface, self.words, at, self.points, self.colour, bold=self.bold, width=self.rect.width)


class Button(Widget):
    """Says its message when it is pressed."""

    def __init__(self, label: str, message: Message, hint: str = "", strong: bool = False):
        super().__init__(hint)
        self.label, self.message, self.strong = label, message, strong

    def draw(self, surface, theme):
        """Draw a raised surface with the label."""
        theme.panel(surface, self.rect, self.ground(self.strong and self.enabled))
        width = self.rect.width - theme.px(4)
        theme.text(surface, self.label, self.rect.center, 13, self.ink(), "centre", width=width)
        self.draw_focus(surface, theme)

    def handle(self, event, theme):
        """Answer a click inside, or Enter and Space with the keyboard."""
        if not self.enabled:
            return None
        if pressed(event) and self.rect.collidepoint(event.pos):
            return self.message
        return self.message if self.focused and is_key(event, *PRESS) else None


class Toggle(Widget):
    """Is on or off; says its message when it is pressed, and shows what it is told in `on`."""

    def __init__(self, label: str, message: Message, on: bool = False, hint: str = ""):
        super().__init__(hint)
        self.label, self.message, self.on = label, message, on

    def draw(self, surface, theme):
        """Draw a switch and the label on its right."""
        knob, wide = theme.px(14), theme.px(26)
        track = pygame.Rect(self.rect.left + theme.px(2), 0, wide, knob)
        track.centery = self.rect.centery
        theme.panel(surface, track, ACCENT if self.on and self.enabled else LINE, 7)
        centre = track.right - knob / 2 if self.on else track.left + knob / 2
        theme.disc(surface, (centre, track.centery), knob - theme.px(3), TEXT if self.hovered or self.on else QUIET)
        at = (track.right + theme.px(7), self.rect.centery)
        theme.text(surface, self.label, at, colour=self.ink(), width=self.rect.right - round(at[0]))
        self.draw_focus(surface, theme)

    def handle(self, event, theme):
        """Answer a click inside, or Enter and Space with the keyboard."""
        hit = pressed(event) and self.rect.collidepoint(event.pos)
        return self.message if self.enabled and (hit or self.focused and is_key(event, *PRESS)) else None


class Slider(Widget):
    """Chooses one of several values by a knob on a line; says `change(value)`."""

    def __init__(self, label: str, values: Sequence, value: object, change: Callable[[object], Message], hint=""):
        super().__init__(hint)
        self.label, self.values, self.change = label, list(values), change
        self.at = self.values.index(value) if value in self.values else 0
        self.held = False

    @property
    def value(self) -> object:
        return self.values[self.at]

    def _track(self, theme: Theme) -> pygame.Rect:
        left = self.rect.left + round(self.rect.width * 0.5) + theme.px(8)
        track = pygame.Rect(left, 0, self.rect.right - theme.px(8) - left, theme.px(4))
        track.centery = self.rect.centery
        return track

    def draw(self, surface, theme):
        """Draw label and value on the left, the line and its knob on the right."""
        half = round(self.rect.width * 0.5) - theme.px(4)
        words = f"{self.label} {self.value:,}" if isinstance(self.value, int) else f"{self.label} {self.value}"
        theme.text(surface, words, (self.rect.left + theme.px(2), self.rect.centery), colour=self.ink(), width=half)
        track = self._track(theme)
        theme.panel(surface, track, LINE, 2)
        x = track.left + track.width * self.at / max(1, len(self.values) - 1)
        theme.disc(surface, (x, track.centery), theme.px(14), ACCENT if self.hovered or self.held else TEXT)
        self.draw_focus(surface, theme)

    def handle(self, event, theme):
        """Follow a drag, or the arrow keys."""
        if pressed(event) and self.rect.collidepoint(event.pos):
            self.held = True
            return self._move_to(event.pos[0], theme)
        if event.type == pygame.MOUSEMOTION and self.held:
            return self._move_to(event.pos[0], theme)
        if event.type == pygame.MOUSEBUTTONUP:
            self.held = False
        if self.focused and is_key(event, pygame.K_LEFT, pygame.K_RIGHT):
            return self._choose(self.at + (1 if event.key == pygame.K_RIGHT else -1))
        return None

    def _move_to(self, x: int, theme: Theme) -> Message | None:
        track = self._track(theme)
        return self._choose(round((x - track.left) / max(1, track.width) * (len(self.values) - 1)))

    def _choose(self, at: int) -> Message | None:
        at = min(len(self.values) - 1, max(0, at))
        if at == self.at:
            return None
        self.at = at
        return self.change(self.value)


class Tabs(Widget):
    """Chooses one of a few names in a row; says `change(name)`."""

    def __init__(self, names: Sequence[str], chosen: str, change: Callable[[str], Message], hint: str = ""):
        super().__init__(hint)
        self.names, self.chosen, self.change = list(names), chosen, change
        self.mouse = (-1, -1)

    def _cells(self) -> list[pygame.Rect]:
        edges = [self.rect.left + round(self.rect.width * k / len(self.names)) for k in range(len(self.names) + 1)]
        return [pygame.Rect(a, self.rect.top, b - a, self.rect.height) for a, b in zip(edges, edges[1:], strict=False)]

    def draw(self, surface, theme):
        """Draw the names; a line lies under the chosen one."""
        for name, cell in zip(self.names, self._cells(), strict=True):
            chosen = name == self.chosen
            lit = chosen or (self.hovered and cell.collidepoint(self.mouse))
            inner = cell.inflate(-theme.px(6), 0)
            theme.text(surface, name, cell.center, 13, TEXT if lit else QUIET, "centre", chosen, width=inner.width)
            line = pygame.Rect(inner.left, cell.bottom - theme.px(2), inner.width, theme.px(2))
            pygame.draw.rect(surface, ACCENT if chosen else LINE, line)
        self.draw_focus(surface, theme)

    def handle(self, event, theme):
        """Answer a click on a name, or the arrow keys."""
        if event.type == pygame.MOUSEMOTION:
            self.mouse = event.pos
        if pressed(event) and self.rect.collidepoint(event.pos):
            cells = self._cells()
            return self.change(next(n for n, c in zip(self.names, cells, strict=True) if c.collidepoint(event.pos)))
        if self.focused and is_key(event, pygame.K_LEFT, pygame.K_RIGHT):
            step = 1 if event.key == pygame.K_RIGHT else -1
            return self.change(self.names[(self.names.index(self.chosen) + step) % len(self.names)])
        return None


class TextField(Widget):
    """A line to type into; says `change(text)` at every change and `enter(text)` at Enter."""

    def __init__(self, value: str = "", change: Callable | None = None, enter: Callable | None = None, hint: str = ""):
        super().__init__(hint)
        self.value, self.change, self.enter = value, change, enter
        self.cursor = len(value)
        self.right = True

    def draw(self, surface, theme):
        """Draw the text, scrolled so that the cursor is seen."""
        theme.panel(surface, self.rect, blend(GROUND, RAISED, 0.3 if self.hovered else 0))
        pygame.draw.rect(surface, LINE, self.rect, 1, border_radius=theme.px(6))
        inner = self.rect.inflate(-theme.px(14), 0)
        before = theme.text_width(self.value[: self.cursor])
        shift = max(0, before - inner.width + theme.px(2))
        old = surface.get_clip()
        surface.set_clip(inner.clip(old))
        theme.text(surface, self.value, (inner.left - shift, inner.centery), colour=self.ink())
        if self.focused:
            x = inner.left + before - shift
            half = theme.px(8)
            pygame.draw.line(surface, ACCENT, (x, inner.centery - half), (x, inner.centery + half), theme.px(1.5))
        surface.set_clip(old)
        self.draw_focus(surface, theme)

    def handle(self, event, theme):
        """Edit with the keyboard while this has it."""
        if pressed(event) and self.rect.collidepoint(event.pos):
            self.cursor = self._nearest(event.pos[0], theme)
        if not self.focused or event.type != pygame.KEYDOWN:
            return None
        if event.key in (pygame.K_RETURN, pygame.K_KP_ENTER):
            return self.enter(self.value) if self.enter else None
        return self._edit(event)

    def _nearest(self, x: int, theme: Theme) -> int:
        inside = x - self.rect.left - theme.px(7)
        widths = [abs(theme.text_width(self.value[:k]) - inside) for k in range(len(self.value) + 1)]
        return widths.index(min(widths))

    def _edit(self, event: pygame.event.Event) -> Message | None:
        moves = {pygame.K_LEFT: self.cursor - 1, pygame.K_RIGHT: self.cursor + 1}
        moves |= {pygame.K_HOME: 0, pygame.K_END: len(self.value)}
        if event.key in moves:
            self.cursor = min(len(self.value), max(0, moves[event.key]))
        elif event.key == pygame.K_BACKSPACE and self.cursor:
            return self._replace(self.cursor - 1, self.cursor, "")
        elif event.key == pygame.K_DELETE:
            return self._replace(self.cursor, self.cursor + 1, "")
        elif event.unicode.isprintable() and event.unicode and not event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META):
            return self._replace(self.cursor, self.cursor, event.unicode)
        return None

    def insert(self, text: str) -> Message | None:
        """Put text where the cursor is: a paste."""
        return self._replace(self.cursor, self.cursor, "".join(c for c in text if c.isprintable()))

    def _replace(self, start: int, end: int, text: str) -> Message | None:
        self.value = (self.value[:start] + text + self.value[end:])[:2000]
        self.cursor = min(len(self.value), start + len(text))
        return self.change(self.value) if self.change else None


class ListBox(Widget):
    """Rows of columns that scroll; says `choose(index)` for a click or Enter and `over(index)` under the mouse.

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

    def _fit(self, theme: Theme) -> int:
        return max(1, (self.rect.height - (theme.px(ROW) if self.header else 0)) // theme.px(ROW))

    def _settle(self, theme: Theme) -> None:
        fit = self._fit(theme)
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
    """Shows one of several choices and a list of all when it is pressed; says `change(value)`."""

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


class Graph(Widget):
    """A curve of values over plies, with gaps where there are none; a click says `jump(ply)`."""

    def __init__(self, jump: Callable[[int], Message], reach: float = 1.0):
        super().__init__()
        self.jump, self.reach = jump, reach
        self.values: Sequence[float | None] = ()
        self.now = 0
        self.marks: Sequence[int] = ()
        self.label: Callable[[float], str] = lambda value: f"{value:+.2f}"
        self.under: int | None = None
        self.held = False

    def _inner(self, theme: Theme) -> pygame.Rect:
        return self.rect.inflate(-theme.px(12), -theme.px(12))

    def _place(self, theme: Theme, ply: int, value: float) -> tuple[float, float]:
        inner = self._inner(theme)
        x = inner.left + inner.width * ply / max(1, len(self.values) - 1, 20)
        return x, inner.centery - max(-1.0, min(1.0, value / self.reach)) * inner.height / 2

    def draw(self, surface, theme):
        """Draw the curve, the even line, marks, and where the game stands."""
        theme.panel(surface, self.rect, GROUND)
        inner = self._inner(theme)
        pygame.draw.line(surface, LINE, (inner.left, inner.centery), (inner.right, inner.centery))
        x = round(self._place(theme, self.now, 0)[0])
        pygame.draw.line(surface, QUIET, (x, inner.top), (x, inner.bottom))
        for piece in self._pieces(theme):
            for one, other in zip(piece, piece[1:], strict=False):
                for shift in (-0.5, 0.5):
                    pygame.draw.aaline(surface, ACCENT, (one[0], one[1] + shift), (other[0], other[1] + shift))
            if len(piece) == 1:
                theme.disc(surface, piece[0], theme.px(4), ACCENT)
        for ply in self.marks:
            if ply < len(self.values) and self.values[ply] is not None:
                theme.disc(surface, self._place(theme, ply, self.values[ply]), theme.px(7), BAD)
        self._draw_reading(surface, theme, inner)
        self.draw_focus(surface, theme)

    def _pieces(self, theme: Theme) -> list[list[tuple[float, float]]]:
        pieces, piece = [], []
        for ply, value in enumerate([*self.values, None]):
            if value is not None and math.isfinite(value):
                piece.append(self._place(theme, ply, value))
            elif piece:
                pieces.append(piece)
                piece = []
        return pieces

    def _draw_reading(self, surface, theme, inner) -> None:
        ply = self.now if self.under is None else self.under
        value = self.values[ply] if 0 <= ply < len(self.values) else None
        words = f"move {ply}" + ("" if value is None else f"  {self.label(value)}")
        colour = WARM if self.under is not None else QUIET
        theme.text(surface, words, (inner.right, inner.top + theme.px(5)), SMALL, colour, "right")
        if self.under is not None and value is not None:
            theme.disc(surface, self._place(theme, ply, value), theme.px(6), WARM)

    def _ply(self, x: int, theme: Theme) -> int:
        inner = self._inner(theme)
        ply = round((x - inner.left) / max(1, inner.width) * max(1, len(self.values) - 1, 20))
        return min(max(0, len(self.values) - 1), max(0, ply))

    def handle(self, event, theme):
        """Jump to where the curve is clicked or dragged, or by the arrow keys."""
        if event.type == pygame.MOUSEMOTION:
            self.under = self._ply(event.pos[0], theme) if self.rect.collidepoint(event.pos) else None
            if self.held and self.under is not None and self.under != self.now:
                return self.jump(self.under)
        elif event.type == pygame.MOUSEBUTTONUP:
            self.held = False
        elif pressed(event) and self.rect.collidepoint(event.pos):
            self.held = True
            return self.jump(self._ply(event.pos[0], theme))
        elif self.focused and is_key(event, pygame.K_LEFT, pygame.K_RIGHT):
            ply = self.now + (1 if event.key == pygame.K_RIGHT else -1)
            return self.jump(min(max(0, len(self.values) - 1), max(0, ply)))
        return None


class Tooltip:
    """The words that show where the mouse rests on a widget with a hint."""

    def __init__(self):
        self.owner: Widget | None = None
        self.since = 0
        self.shown = False

    def follow(self, owner: Widget | None) -> None:
        """Remember what the mouse is over, and since when."""
        if owner is not self.owner:
            self.owner, self.since, self.shown = owner, pygame.time.get_ticks(), False

    @property
    def due(self) -> bool:
        """Whether it is time to draw a tooltip that is not drawn yet."""
        ready = self.owner and self.owner.hint and pygame.time.get_ticks() - self.since >= TIP_AFTER
        return bool(ready) and not self.shown

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the words beside the widget, inside the window."""
        if not (self.shown or self.due) or not self.owner.hint:
            return
        self.shown = True
        lines = theme.wrapped(self.owner.hint, theme.px(260), SMALL)
        width = max(theme.text_width(line, SMALL) for line in lines) + theme.px(16)
        box = pygame.Rect(0, 0, width, theme.px(17) * len(lines) + theme.px(10))
        box.midtop = self.owner.rect.centerx, self.owner.rect.bottom + theme.px(6)
        if box.bottom > surface.get_height():
            box.bottom = self.owner.rect.top - theme.px(6)
        box.clamp_ip(surface.get_rect())
        theme.panel(surface, box, SHADOW, 4)
        pygame.draw.rect(surface, LINE, box, 1, border_radius=theme.px(4))
        for k, line in enumerate(lines):
            theme.text(surface, line, (box.left + theme.px(8), box.top + theme.px(5 + 8.5 + 17 * k)), SMALL)


class Ring:
    """Widgets that share a surface: events go to the one concerned, Tab moves the keyboard on."""

    def __init__(self, widgets: Sequence[Widget] = ()):
        self.widgets = list(widgets)
        self.tip = Tooltip()
        self.mouse = (-1, -1)

    @property
    def focus(self) -> Widget | None:
        return next((widget for widget in self.widgets if widget.focused and widget.visible), None)

    @property
    def popup(self) -> DropDown | None:
        """The drop-down list that is open."""
        opened = (widget for widget in self.widgets if isinstance(widget, DropDown) and widget.open and widget.visible)
        return next(opened, None)

    @property
    def typing(self) -> bool:
        """Whether keys are being typed into a field, so that they are no short cuts."""
        return isinstance(self.focus, TextField) or self.popup is not None

    @property
    def due(self) -> bool:
        return self.tip.due

    def show(self, widgets: Sequence[Widget]) -> None:
        """Replace the widgets; the keyboard stays where it is if its widget does."""
        for widget in self.widgets:
            if widget not in widgets:
                widget.focused = widget.hovered = False
        self.widgets = list(widgets)

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw all that is visible, then an open list, then a tooltip."""
        for widget in self.widgets:
            if widget.visible:
                widget.draw(surface, theme)
        if self.popup:
            self.popup.draw_popup(surface, theme)
        else:
            self.tip.draw(surface, theme)

    def give_keyboard(self, widget: Widget | None) -> None:
        """Let one widget have the keyboard, or none."""
        for each in self.widgets:
            each.focused = each is widget

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Hand an event to the widget that it concerns."""
        if event.type == pygame.MOUSEMOTION:
            self._hover(event.pos)
        if self.popup:
            return self.popup.handle(event, theme)
        if is_key(event, pygame.K_TAB):
            self._move_on(-1 if event.mod & pygame.KMOD_SHIFT else 1)
            return None
        if pressed(event):
            self._focus_at(event.pos)
        for widget in self.widgets:
            if widget.visible:
                message = widget.handle(event, theme)
                if message is not None:
                    return message
        return None

    def _hover(self, pos: tuple[int, int]) -> None:
        self.mouse = pos
        over = None if self.popup else next((w for w in self.widgets if w.visible and w.rect.collidepoint(pos)), None)
        for widget in self.widgets:
            widget.hovered = widget is over
        self.tip.follow(over)

    def _focus_at(self, pos: tuple[int, int]) -> None:
        hit = next((w for w in self.widgets if w.visible and w.enabled and w.rect.collidepoint(pos)), None)
        self.give_keyboard(hit if isinstance(hit, TextField | ListBox | DropDown) else None)

    def _move_on(self, step: int) -> None:
        stops = [w for w in self.widgets if w.takes_keys and w.visible and w.enabled]
        if not stops:
            return
        at = stops.index(self.focus) if self.focus in stops else -1 if step > 0 else 0
        self.give_keyboard(stops[(at + step) % len(stops)])


class Dialog:
    """A box above everything: a title, lines of text, widgets, buttons in a row. Escape says `Close`."""

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        body: Sequence[tuple[Widget, float]] = (),
        buttons: Sequence[Button] = (),
        width: float = 460,
    ):
        """`body` holds widgets, one below the other, and how many points high each is."""
        self.title, self.lines, self.body, self.buttons, self.width = title, lines, body, list(buttons), width
        self.ring = Ring([widget for widget, _ in body] + self.buttons)
        self.rect = pygame.Rect(0, 0, 0, 0)
        first = next((w for w, _ in body if isinstance(w, TextField)), None)
        self.ring.give_keyboard(first)

    def place(self, whole: pygame.Rect, theme: Theme) -> None:
        """Put everything where it belongs in the middle of the window."""
        edge, line = theme.px(18), theme.px(20)
        width = min(theme.px(self.width), whole.width - 2 * edge)
        text = [row for words in self.lines for row in theme.wrapped(words, width - 2 * edge)]
        self._text = text
        heights = sum(theme.px(points) + theme.px(8) for _, points in self.body)
        buttons = theme.px(32) if self.buttons else 0
        height = edge * 2 + theme.px(38) + line * len(text) + heights + buttons
        self.rect = pygame.Rect(0, 0, width, min(height, whole.height))
        self.rect.center = whole.center
        inner = self.rect.inflate(-2 * edge, -2 * edge)
        y = inner.top + theme.px(38) + line * len(text)
        for widget, points in self.body:
            widget.rect = pygame.Rect(inner.left, y, inner.width, theme.px(points))
            y += widget.rect.height + theme.px(8)
        right = inner.right
        for button in reversed(self.buttons):
            wide = max(theme.px(84), theme.text_width(button.label) + theme.px(28))
            button.rect = pygame.Rect(right - wide, inner.bottom - theme.px(32), wide, theme.px(32))
            right -= wide + theme.px(8)

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Dim the window and draw the box."""
        self.place(surface.get_rect(), theme)
        dim(surface)
        theme.panel(surface, self.rect, PANEL, 10)
        pygame.draw.rect(surface, LINE, self.rect, 1, border_radius=theme.px(10))
        inner = self.rect.inflate(-theme.px(36), -theme.px(36))
        theme.text(surface, self.title, (inner.left, inner.top + theme.px(10)), 18, bold=True, width=inner.width)
        for k, words in enumerate(self._text):
            theme.text(surface, words, (inner.left, inner.top + theme.px(34 + 10) + theme.px(20) * k), colour=QUIET)
        self.ring.draw(surface, theme)

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Let the widgets answer; Escape closes."""
        if is_key(event, pygame.K_ESCAPE) and not self.ring.popup:
            return Close()
        return self.ring.handle(event, theme)


def dim(surface: pygame.Surface) -> None:
    """Darken all that is drawn so far."""
    shade = pygame.Surface(surface.get_size())
    shade.fill(SHADOW)
    shade.set_alpha(150)
    surface.blit(shade, (0, 0))
