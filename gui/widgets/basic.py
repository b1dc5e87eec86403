"""The plain widgets: labels, buttons, switches, sliders, tabs. They know no game and no session.

A widget has a `rect`, draws itself and answers events with messages.
"""

from collections.abc import Callable, Sequence
from typing import Any

import pygame

from gui.messages import Message
from gui.widgets.theme import ACCENT, LINE, PANEL, QUIET, RAISED, SMALL, TEXT, Theme, blend

PRESS = (pygame.K_RETURN, pygame.K_SPACE, pygame.K_KP_ENTER)


def pressed(event: pygame.event.Event) -> bool:
    """Tell whether this is the left mouse button going down."""
    return event.type == pygame.MOUSEBUTTONDOWN and event.button == 1


def is_key(event: pygame.event.Event, *keys: int) -> bool:
    """Tell whether one of these keys goes down."""
    return event.type == pygame.KEYDOWN and event.key in keys


class Widget:
    """What all widgets share. `takes_keys`: Tab stops here; `hint` is shown where the mouse rests."""

    takes_keys = True
    label = ""

    def __init__(self, hint: str = ""):
        self.rect = pygame.Rect(0, 0, 0, 0)
        self.hint = hint
        self.enabled = self.visible = True
        self.focused = self.hovered = False

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the widget as it is now."""

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Handle an event; return the message that it means for the rest of the program."""

    def place_of(self, label: str) -> tuple[int, int] | None:
        """Return where to press what is called by a label, in small letters; None where nothing is."""
        return self.rect.center if self.visible and self.label.lower() == label else None

    def point_at(self, pos: tuple[int, int]) -> None:
        """Note where the mouse is inside."""

    @property
    def hint_rect(self) -> pygame.Rect:
        """Where that lies which the hint is about."""
        return self.rect

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
    """Sends its message when it is pressed."""

    def __init__(self, label: str, message: Message, hint: str = "", strong: bool = False):
        super().__init__(hint)
        self.label, self.message, self.strong = label, message, strong

    def draw(self, surface, theme):
        """Draw a raised surface with the label."""
        theme.panel(surface, self.rect, self.ground(self.strong and self.enabled))
        width = self.rect.width - theme.px(4)
        theme.text(surface, self.label, self.rect.center, 13, self.ink(), "centre", width=width, least=10)
        self.draw_focus(surface, theme)

    def handle(self, event, theme):
        """Answer a click inside, or Enter and Space with the keyboard."""
        if not self.enabled:
            return None
        if pressed(event) and self.rect.collidepoint(event.pos):
            return self.message
        return self.message if self.focused and is_key(event, *PRESS) else None


class Toggle(Widget):
    """Shows whether `on` is true; sends its message when it is pressed."""

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
    """Chooses one of several values by a knob on a line; sends `change(value)`."""

    def __init__(self, label: str, values: Sequence, value: object, change: Callable[[Any], Message], hint=""):
        super().__init__(hint)
        self.label, self.values, self.change = label, list(values), change
        self.at = self.values.index(value) if value in self.values else 0
        self.held = False

    @property
    def value(self) -> Any:
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
    """Chooses one of a few names in a row; sends `change(name)`."""

    def __init__(self, names: Sequence[str], chosen: str, change: Callable[[str], Message], hint: str = ""):
        super().__init__(hint)
        self.names, self.chosen, self.change = list(names), chosen, change
        self.mouse = (-1, -1)

    def _cells(self) -> list[pygame.Rect]:
        edges = [self.rect.left + round(self.rect.width * k / len(self.names)) for k in range(len(self.names) + 1)]
        return [pygame.Rect(a, self.rect.top, b - a, self.rect.height) for a, b in zip(edges, edges[1:], strict=False)]

    def place_of(self, label: str) -> tuple[int, int] | None:
        """Return where to press a name."""
        pairs = zip(self.names, self._cells(), strict=True)
        return next((cell.center for name, cell in pairs if name.lower() == label), None)

    def draw(self, surface, theme):
        """Draw the names, all in one size; a line lies under the chosen one."""
        cells, points = self._cells(), 13.0
        room = min((cell.width for cell in cells), default=0) - theme.px(8)
        while points > 10 and max(theme.text_width(name, points, True) for name in self.names) > room:
            points -= 0.5
        for name, cell in zip(self.names, cells, strict=True):
            chosen = name == self.chosen
            lit = chosen or (self.hovered and cell.collidepoint(self.mouse))
            inner = cell.inflate(-theme.px(6), 0)
            colour = TEXT if lit else QUIET
            theme.text(surface, name, cell.center, points, colour, "centre", chosen, cell.width - theme.px(8), 9)
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
