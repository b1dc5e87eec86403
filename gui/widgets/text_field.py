"""A line of text to type into."""

from collections.abc import Callable

import pygame

from gui.messages import Message
from gui.widgets.basic import Widget, pressed
from gui.widgets.theme import ACCENT, GROUND, LINE, RAISED, Theme, blend


class TextField(Widget):
    """A line to type into; sends `change(text)` at every change and `enter(text)` at Enter."""

    def __init__(self, value: str = "", change: Callable | None = None, enter: Callable | None = None, hint: str = ""):
        super().__init__(hint)
        self.value, self.change, self.enter = value, change, enter
        self.cursor = len(value)
        self.all_marked = False  # by Ctrl A: what is typed next replaces everything

    def draw(self, surface, theme):
        """Draw the text, scrolled so that the cursor is seen."""
        theme.panel(surface, self.rect, blend(GROUND, RAISED, 0.3 if self.hovered else 0))
        pygame.draw.rect(surface, LINE, self.rect, 1, border_radius=theme.px(6))
        inner = self.rect.inflate(-theme.px(14), 0)
        before = theme.text_width(self.value[: self.cursor])
        shift = max(0, before - inner.width + theme.px(2))
        old = surface.get_clip()
        surface.set_clip(inner.clip(old))
        if self.all_marked and self.focused and self.value:
            width = theme.text_width(self.value)
            box = pygame.Rect(inner.left - shift, 0, width, theme.px(20))
            box.centery = inner.centery
            pygame.draw.rect(surface, blend(GROUND, ACCENT, 0.45), box)
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
            self.cursor, self.all_marked = self._nearest(event.pos[0], theme), False
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
        control = event.mod & (pygame.KMOD_CTRL | pygame.KMOD_META)
        if event.key == pygame.K_a and control:
            self.all_marked, self.cursor = True, len(self.value)
        elif event.key in moves:
            self.all_marked = False
            self.cursor = min(len(self.value), max(0, moves[event.key]))
        elif self.all_marked and event.key in (pygame.K_BACKSPACE, pygame.K_DELETE):
            return self.insert("")
        elif event.key == pygame.K_BACKSPACE and self.cursor:
            return self._replace(self.cursor - 1, self.cursor, "")
        elif event.key == pygame.K_DELETE:
            return self._replace(self.cursor, self.cursor + 1, "")
        elif event.unicode.isprintable() and event.unicode and not control:
            return self.insert(event.unicode)
        return None

    def insert(self, text: str) -> Message | None:
        """Put text where the cursor is, or instead of everything that is marked."""
        start, end = (0, len(self.value)) if self.all_marked else (self.cursor, self.cursor)
        return self._replace(start, end, "".join(c for c in text if c.isprintable()))

    def put(self, text: str) -> Message | None:
        """Replace everything."""
        return self._replace(0, len(self.value), text)

    def _replace(self, start: int, end: int, text: str) -> Message | None:
        self.all_marked = False
        self.value = (self.value[:start] + text + self.value[end:])[:2000]
        self.cursor = min(len(self.value), start + len(text))
        return self.change(self.value) if self.change else None
