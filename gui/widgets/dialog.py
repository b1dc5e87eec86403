"""A box above everything that asks for something."""

from collections.abc import Sequence

import pygame

from gui.messages import Close, Message
from gui.widgets.basic import Button, Widget, is_key
from gui.widgets.ring import Ring
from gui.widgets.text_field import TextField
from gui.widgets.theme import LINE, PANEL, QUIET, SHADOW, Theme


class Dialog:
    """A box above everything: a title, lines of text, widgets, buttons in a row. Escape sends `Close`."""

    lively = False
    """Whether frames are drawn without events."""

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        body: Sequence[tuple[Widget | Sequence[Widget], float]] = (),
        buttons: Sequence[Button] = (),
        width: float = 460,
    ):
        """`body` holds widgets, or rows of them side by side, one below the other, and how many points high each is."""
        self.title, self.lines, self.buttons, self.width = title, lines, list(buttons), width
        self.body = [([each] if isinstance(each, Widget) else list(each), points) for each, points in body]
        widgets = [widget for row, _ in self.body for widget in row]
        self.ring = Ring([*widgets, *self.buttons])
        self.rect = pygame.Rect(0, 0, 0, 0)
        first = next((w for w in widgets if isinstance(w, TextField)), None)
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
        for row, points in self.body:
            _side_by_side(row, pygame.Rect(inner.left, y, inner.width, theme.px(points)), theme.px(8))
            y += theme.px(points) + theme.px(8)
        right = inner.right
        for button in reversed(self.buttons):
            wide = max(theme.px(84), theme.text_width(button.label) + theme.px(28))
            button.rect = pygame.Rect(right - wide, inner.bottom - theme.px(32), wide, theme.px(32))
            right -= wide + theme.px(8)

    def advance(self) -> None:
        """Nothing changes with time."""

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


def _side_by_side(row: Sequence[Widget], rect: pygame.Rect, gap: int) -> None:
    wide = (rect.width - gap * (len(row) - 1)) / len(row)
    for k, widget in enumerate(row):
        widget.rect = pygame.Rect(rect.left + round(k * (wide + gap)), rect.top, round(wide), rect.height)


def dim(surface: pygame.Surface) -> None:
    """Darken all that is drawn so far."""
    shade = pygame.Surface(surface.get_size())
    shade.fill(SHADOW)
    shade.set_alpha(150)
    surface.blit(shade, (0, 0))
