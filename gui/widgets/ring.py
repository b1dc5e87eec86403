"""Widgets that share a surface: events go to the right one, the keyboard moves from one to the next."""

from collections.abc import Sequence
from time import perf_counter

import pygame

from gui.messages import Message
from gui.widgets.basic import Widget, is_key, pressed
from gui.widgets.lists import DropDown, ListBox
from gui.widgets.text_field import TextField
from gui.widgets.theme import LINE, SHADOW, SMALL, Theme

TIP_AFTER = 0.6
"""Seconds for which the mouse rests before a tooltip shows."""


class Tooltip:
    """The words that show where the mouse rests on a widget with a hint."""

    def __init__(self):
        self.owner: Widget | None = None
        self.place = (0, 0)  # of what the hint is about
        self.since = 0.0
        self.shown = False

    def follow(self, owner: Widget | None) -> None:
        """Remember what the mouse is over, and since when."""
        place = owner.hint_rect.topleft if owner else (0, 0)
        if owner is not self.owner or place != self.place:
            self.owner, self.place, self.since, self.shown = owner, place, perf_counter(), False

    @property
    def due(self) -> bool:
        """Whether it is time to draw a tooltip that is not drawn yet."""
        ready = self.owner and self.owner.hint and perf_counter() - self.since >= TIP_AFTER
        return bool(ready) and not self.shown

    def draw(self, surface: pygame.Surface, theme: Theme) -> None:
        """Draw the words beside the widget, inside the window."""
        owner = self.owner
        if owner is None or not owner.hint or not (self.shown or self.due):
            return
        self.shown = True
        lines = [line for part in owner.hint.split("\n") for line in theme.wrapped(part, theme.px(290), SMALL)]
        width = max(theme.text_width(line, SMALL) for line in lines) + theme.px(16)
        box = pygame.Rect(0, 0, width, theme.px(17) * len(lines) + theme.px(10))
        place = owner.hint_rect
        box.midtop = place.centerx, place.bottom + theme.px(6)
        if box.bottom > surface.get_height():
            box.bottom = place.top - theme.px(6)
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
        if self.tip.owner not in self.widgets:
            self.tip.follow(None)

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
            self.tip.follow(None)  # what was read is known now
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
        if over is not None:
            over.point_at(pos)
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
