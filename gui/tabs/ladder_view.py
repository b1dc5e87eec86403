"""The ladder of a run, drawn: what the chosen checkpoint says, values over training, and a slider under them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log1p

import pygame

from gui.messages import Message
from gui.widgets.basic import Widget, is_key, pressed
from gui.widgets.theme import ACCENT, BAD, GROUND, LINE, PANEL, QUIET, SMALL, TEXT, Theme, blend

CROWDED = 8
"""So many times nearer to each other than on an average the first checkpoints are drawn farther apart."""

ROW = 19
"""Points from one play to the next."""


def share_of(steps: Sequence[int], k: int) -> float:
    """Return where a checkpoint lies from first (0) to last (1): as far apart as training took, unless crowded."""
    whole, part = steps[-1] - steps[0], steps[k] - steps[0]
    if whole <= 0:
        return 0.5
    crowded = whole > CROWDED * (len(steps) - 1) * (steps[1] - steps[0])
    return log1p(part) / log1p(whole) if crowded else part / whole


@dataclass(frozen=True)
class LadderScene:
    """Values by checkpoint (None: not known), the steps, which is chosen, and what to say of it."""

    steps: tuple[int, ...]
    values: tuple[float | None, ...]
    chosen: int
    ends: tuple[str, str] = ("", "")  # the values at the upper and the lower end of the scale, in words
    reach: float = 1.0  # the value at its upper end
    worth: str = "…"  # the chosen one's value, in words
    plays: tuple[tuple[str, float], ...] = ()  # its likeliest plays and their chances
    alarm: str = ""  # why it has nothing to say
    names: tuple[str, ...] = ()  # what each is called; without names, by its step
    pinned: int | None = None  # another checkpoint, which stands beside it
    pinned_worth: str = ""
    pinned_plays: tuple[tuple[str, float], ...] = ()

    def name(self, k: int) -> str:
        """Return what a checkpoint is called."""
        return self.names[k] if self.names else f"Step {self.steps[k]:,}"


class LadderView(Widget):
    """Shows a scene; a click, a drag or an arrow key says `choose(checkpoint)`.

    Arrow keys are taken with the keyboard, and also where only the mouse is here.
    """

    def __init__(self, choose: Callable[[int], Message]):
        super().__init__(
            "Who is ahead here, as the network saw it after so many steps: drag the knob through training."
        )
        self.choose = choose
        self.scene = LadderScene((0,), (None,), 0)
        self.frame = self.inner = pygame.Rect(0, 0, 0, 0)
        self.held = False

    # --- drawing ---

    def draw(self, surface, theme):
        """Draw what the chosen one says, the curve over training, and the slider under it."""
        scene, rect = self.scene, self.rect
        top = self._draw_head(surface, theme)
        self.frame = pygame.Rect(rect.left, top, rect.width, max(0, rect.bottom - top - theme.px(44)))
        self.inner = self.frame.inflate(-theme.px(28), -theme.px(40))
        theme.panel(surface, self.frame, GROUND)
        middle = self._place(scene.chosen, 0.0)[1]
        pygame.draw.line(surface, LINE, (self.inner.left, middle), (self.inner.right, middle))
        heights = self.frame.top + theme.px(11), self.frame.bottom - theme.px(11)
        for words, y, colour in zip(scene.ends, heights, (ACCENT, theme.warm), strict=True):
            theme.text(surface, words, (self.frame.left + theme.px(10), y), SMALL, colour)
        self._draw_curve(surface, theme)
        self._draw_slider(surface, theme)
        self.draw_focus(surface, theme)

    def _draw_head(self, surface: pygame.Surface, theme: Theme) -> int:
        """Draw the step, the value and the plays; return where that ends."""
        scene, rect = self.scene, self.rect
        rows = min(5, max(1, (rect.height - theme.px(200)) // theme.px(ROW)))  # as the curve leaves room for
        top, gap = rect.top + theme.px(26), theme.px(12)
        wide = rect.width if scene.pinned is None else (rect.width - gap) // 2
        self._draw_column(surface, theme, pygame.Rect(rect.left, rect.top, wide, top - rect.top), rows)
        if scene.pinned is not None:
            column = pygame.Rect(rect.right - wide, rect.top, wide, top - rect.top)
            other = replace(scene, chosen=scene.pinned, worth=scene.pinned_worth, plays=scene.pinned_plays, alarm="")
            self._draw_column(surface, theme, column, rows, other)
        return top + theme.px(ROW * rows + 6)

    def _draw_column(
        self, surface: pygame.Surface, theme: Theme, rect: pygame.Rect, rows: int, other: LadderScene | None = None
    ) -> None:
        """Draw a checkpoint's step and value, and its plays below; `other` is the pinned one."""
        scene = other or self.scene
        y = rect.top + theme.px(11)
        worth = theme.text(surface, scene.worth, (rect.right - theme.px(4), y), align="right", bold=True)
        words, room = scene.name(scene.chosen), worth.left - rect.left - theme.px(12)
        colour = theme.warm if other else TEXT
        theme.text(surface, words, (rect.left + theme.px(4), y), colour=colour, bold=True, width=room, least=9)
        lines = theme.wrapped(scene.alarm, rect.width - theme.px(8), SMALL)[:rows]
        for k, line in enumerate(lines):
            at = (rect.left + theme.px(4), rect.bottom + theme.px(ROW * (k + 0.5)))
            theme.text(surface, line, at, SMALL, BAD, width=rect.width)
        for k, (play, chance) in enumerate(scene.plays[:rows]):
            row = pygame.Rect(rect.left, rect.bottom + theme.px(ROW * k), rect.width, theme.px(ROW - 2))
            self._draw_play(surface, theme, row, play, chance)

    def _draw_play(self, surface, theme: Theme, row: pygame.Rect, play: str, chance: float) -> None:
        bar = row.copy()
        bar.width = round(row.width * chance)
        if bar.width > theme.px(3):
            theme.panel(surface, bar, blend(PANEL, ACCENT, 0.3), 3)
        words = f"{100 * chance:.1f} %" if chance < 0.0995 else f"{100 * chance:.0f} %"
        right = theme.text(surface, words, (row.right - theme.px(4), row.centery), SMALL, align="right").left
        left = row.left + theme.px(4)
        theme.text(surface, play, (left, row.centery), SMALL, width=right - left - theme.px(8))

    def _place(self, k: int, value: float) -> tuple[float, float]:
        """Return where a checkpoint's value lies."""
        share = share_of(self.scene.steps, k)
        height = min(1.0, max(-1.0, value / self.scene.reach))
        return self.inner.left + share * self.inner.width, self.inner.centery - height * self.inner.height / 2

    def _draw_curve(self, surface: pygame.Surface, theme: Theme) -> None:
        scene, before = self.scene, None
        for k, value in enumerate(scene.values):
            here = None if value is None else self._place(k, value)
            if here and before:
                for shift in (-0.5, 0.5):
                    pygame.draw.aaline(surface, ACCENT, (before[0], before[1] + shift), (here[0], here[1] + shift))
            before = here
        chosen = round(self._place(scene.chosen, 0)[0])
        pygame.draw.line(surface, blend(GROUND, TEXT, 0.3), (chosen, self.inner.top), (chosen, self.inner.bottom))
        for k, value in enumerate(scene.values):
            if value is not None and k != scene.chosen:
                theme.disc(surface, self._place(k, value), theme.px(7), ACCENT)
        pinned = scene.values[scene.pinned] if scene.pinned is not None else None
        if scene.pinned is not None and pinned is not None:
            theme.disc(surface, self._place(scene.pinned, pinned), theme.px(11), theme.warm)
        value = scene.values[scene.chosen]
        if value is not None:
            theme.disc(surface, self._place(scene.chosen, value), theme.px(12), TEXT, ACCENT)

    def _draw_slider(self, surface: pygame.Surface, theme: Theme) -> None:
        scene, y = self.scene, self.frame.bottom + theme.px(14)
        track = pygame.Rect(self.inner.left, 0, self.inner.width, theme.px(4))
        track.centery = y
        theme.panel(surface, track, LINE, 2)
        for k, value in enumerate(scene.values):
            theme.disc(surface, (self._place(k, 0)[0], y), theme.px(6), LINE if value is None else QUIET)
        theme.disc(surface, (self._place(scene.chosen, 0)[0], y), theme.px(16), ACCENT if self.lit else TEXT)
        below = self.rect.bottom - theme.px(9)
        first = theme.text(surface, scene.name(0), (self.rect.left + theme.px(4), below), SMALL, QUIET)
        words, right = scene.name(-1), self.rect.right - theme.px(4)
        if len(scene.steps) > 1 and right - theme.text_width(words, SMALL) > first.right + theme.px(8):
            theme.text(surface, words, (right, below), SMALL, QUIET, "right")

    # --- mouse and keys ---

    @property
    def lit(self) -> bool:
        return self.hovered or self.held

    def at(self, x: int) -> int:
        """Return the checkpoint nearest to a pixel's column."""
        return min(range(len(self.scene.steps)), key=lambda k: abs(self._place(k, 0)[0] - x))

    def handle(self, event, theme):
        """Follow a click, a drag or the arrow keys."""
        if pressed(event) and self.rect.collidepoint(event.pos) and event.pos[1] >= self.frame.top:
            self.held = True
            return self.choose(self.at(event.pos[0]))
        if event.type == pygame.MOUSEMOTION and self.held:
            return self.choose(self.at(event.pos[0]))
        if event.type == pygame.MOUSEBUTTONUP:
            self.held = False
        if (self.focused or self.hovered) and is_key(event, pygame.K_LEFT, pygame.K_RIGHT):
            by = 1 if event.key == pygame.K_RIGHT else -1
            return self.choose(min(max(0, self.scene.chosen + by), len(self.scene.steps) - 1))
        return None
