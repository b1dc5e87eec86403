"""A curve over the plies of a game."""

import math
from collections.abc import Callable, Sequence

import pygame

from gui.messages import Message
from gui.widgets.basic import Widget, is_key, pressed
from gui.widgets.theme import ACCENT, BAD, GROUND, LINE, QUIET, SMALL, Theme, blend


class Graph(Widget):
    """A curve of values over plies, quieter where values between are unknown; a click sends `jump(ply)`."""

    def __init__(self, jump: Callable[[int], Message], reach: float = 1.0):
        super().__init__()
        self.jump, self.reach = jump, reach
        self.floor = -reach  # the least value that is shown
        self.values: Sequence[float | None] = ()
        self.empty = ""  # what is written while no value is known
        self.now = 0
        self.marks: Sequence[int] = ()
        self.written: Callable[[float], str] = lambda value: f"{value:+.2f}"
        self.number: Callable[[int], int] = lambda ply: ply  # what people call the move that led to a ply
        self.under: int | None = None
        self.held = False

    def _inner(self, theme: Theme) -> pygame.Rect:
        return self.rect.inflate(-theme.px(12), -theme.px(12))

    def _place(self, theme: Theme, ply: int, value: float) -> tuple[float, float]:
        inner = self._inner(theme)
        x = inner.left + inner.width * ply / max(1, len(self.values) - 1, 20)
        share = (value - self.floor) / (self.reach - self.floor)
        return x, inner.bottom - max(0.0, min(1.0, share)) * inner.height

    def draw(self, surface, theme):
        """Draw the curve, the even line, marks, and where the game stands."""
        theme.panel(surface, self.rect, GROUND)
        inner = self._inner(theme)
        zero = round(self._place(theme, 0, 0)[1])
        pygame.draw.line(surface, LINE, (inner.left, zero), (inner.right, zero))
        x = round(self._place(theme, self.now, 0)[0])
        pygame.draw.line(surface, QUIET, (x, inner.top), (x, inner.bottom))
        self._draw_curve(surface, theme)
        if not self._known():
            lines = theme.wrapped(self.empty, inner.width, 11)
            for k, line in enumerate(lines):
                at = (inner.centerx, inner.bottom - theme.px(14 * (len(lines) - k) - 7))
                theme.text(surface, line, at, 11, QUIET, "centre")
        for ply in self.marks:
            value = self.values[ply] if ply < len(self.values) else None
            if value is not None:
                theme.disc(surface, self._place(theme, ply, value), theme.px(7), BAD)
        self._draw_reading(surface, theme, inner)
        self.draw_focus(surface, theme)

    def _known(self) -> dict[int, float]:
        """Return the known values by their plies."""
        return {ply: value for ply, value in enumerate(self.values) if value is not None and math.isfinite(value)}

    def joints(self) -> list[tuple[int, int]]:
        """List the plies that are joined by a line: every known value and the next one."""
        known = list(self._known())
        return list(zip(known, known[1:], strict=False)) or [(ply, ply) for ply in known]

    def _draw_curve(self, surface, theme) -> None:
        """Join the known values; quietly where unknown ones lie between."""
        places = {ply: self._place(theme, ply, value) for ply, value in self._known().items()}
        for ply, after in self.joints():
            (x, y), (to_x, to_y) = places[ply], places[after]
            colour = ACCENT if after <= ply + 1 else blend(GROUND, ACCENT, 0.7)
            for shift in (-0.5, 0.5):
                pygame.draw.aaline(surface, colour, (x, y + shift), (to_x, to_y + shift))
            if ply == after:
                theme.disc(surface, (x, y), theme.px(4), ACCENT)

    def _draw_reading(self, surface, theme, inner) -> None:
        ply = min(self.now if self.under is None else self.under, max(0, len(self.values) - 1))
        value = self.values[ply] if 0 <= ply < len(self.values) else None
        words = f"move {self.number(ply)}" + ("" if value is None else f"  {self.written(value)}")
        colour = theme.warm if self.under is not None else QUIET
        top = inner.top + theme.px(5)
        if self._place(theme, ply, 0)[0] < inner.right - theme.text_width(words, SMALL) - theme.px(6):
            theme.text(surface, words, (inner.right, top), SMALL, colour, "right")
        else:  # away from the line at the present move
            theme.text(surface, words, (inner.left, top), SMALL, colour)
        if self.under is not None and value is not None:
            theme.disc(surface, self._place(theme, ply, value), theme.px(6), theme.warm)

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
