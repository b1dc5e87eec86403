"""What can be opened below the backgammon board: the hints as a table, and the dice with their histogram."""

from collections.abc import Callable, Collection, Mapping

import numpy as np
import pygame

from engine.backgammon.cube import CubeDecision
from games.backgammon.dice import Dice
from games.backgammon.rules import ROLL_ODDS, ROLLS
from gui.backgammon import hints
from gui.backgammon.hints import CHANCES, Hint
from gui.messages import Message, SwapDice
from gui.widgets.basic import Button
from gui.widgets.lists import ListBox
from gui.widgets.theme import ACCENT, QUIET, SMALL, TEXT, Theme, blend

Log = Mapping[tuple[int, int], tuple[int, int]]

LINE = 20
"""Points that a line of text takes."""

LATEST = 60
"""Throws that are listed."""


WIDE_COLUMNS = ((0.29, "left"), (0.13, "right"), (0.13, "right"), *((0.09, "right"),) * len(CHANCES))
NARROW_COLUMNS = ((0.4, "left"), (0.2, "right"), (0.2, "right"), (0.2, "right"))
NARROW = 460
"""Points of width below which only the chance to win is listed."""


class HintSheet:
    """Lists plays with equities and chances; a click enters one, the mouse over one shows it on the board."""

    def __init__(self, choose: Callable[[int], Message], over: Callable[[int], Message]):
        self.plays = ListBox(WIDE_COLUMNS, choose, over)
        self.plays.header = ("play", "equity", "loses", *CHANCES)
        self.shown: Hint | None = None

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, theme: Theme, hint: Hint | None, waiting: str) -> None:
        """Draw the hint, or what is awaited instead."""
        theme.panel(surface, rect)
        inner = rect.inflate(-theme.px(12), -theme.px(8))
        self.plays.rect = inner if hint and hint.plays else pygame.Rect(0, 0, 0, 0)
        if hint is None:
            theme.text(surface, waiting, inner.center, colour=QUIET, align="centre", width=inner.width)
        elif hint.plays:
            self._draw_plays(surface, theme, hint)
        elif hint.decision is not None and hint.outputs is not None:
            self._draw_cube(surface, inner, theme, hint.decision, hint.outputs)

    def _draw_plays(self, surface: pygame.Surface, theme: Theme, hint: Hint) -> None:
        self.plays.columns = NARROW_COLUMNS if self.plays.rect.width < theme.px(NARROW) else WIDE_COLUMNS
        if hint is not self.shown:
            self.shown, self.plays.under = hint, -1
            rows = hints.play_rows(hint, most=40)
            best = hint.plays[0].plies
            faded = {k for k, play in enumerate(hint.plays[:40]) if play.plies < best}
            self.plays.show(rows, faded=faded)
        self.plays.draw(surface, theme)

    def _draw_cube(
        self, surface: pygame.Surface, inner: pygame.Rect, theme: Theme, decision: CubeDecision, outputs: np.ndarray
    ) -> None:
        lines = theme.wrapped(decision.sentence, inner.width)
        for k, line in enumerate(lines):
            theme.text(
                surface, line, (inner.left, inner.top + theme.px(LINE) * (k + 0.5)), bold=True, width=inner.width
            )
        rows = hints.cube_rows(decision, outputs)
        top = inner.top + theme.px(LINE) * len(lines) + theme.px(4)
        for k, (name, figure) in enumerate(rows):
            column, row = divmod(k, 3)
            width = inner.width // 3
            middle = top + theme.px(LINE) * (row + 0.5)
            if middle + theme.px(LINE) / 2 > inner.bottom:
                continue
            left = inner.left + column * width
            theme.text(surface, name, (left, middle), SMALL, QUIET, width=width // 2)
            theme.text(surface, figure, (left + round(width * 0.85), middle), SMALL, TEXT, "right", width=width // 2)

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Answer the mouse."""
        if event.type == pygame.KEYDOWN or not self.plays.rect.width:
            return None
        if event.type == pygame.MOUSEMOTION:
            self.plays.hovered = self.plays.rect.collidepoint(event.pos)
        return self.plays.handle(event, theme)


# --- dice -------------------------------------------------------------------------------------------------


class DiceSheet:
    """Shows where the dice come from, what fell, luck, and how often each roll fell; lets the sides exchange them."""

    def __init__(self):
        hint = "The match again with the same dice: each side gets those that the other had."
        self.swap = Button("Swap the dice", SwapDice(), hint)

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, theme: Theme, dice: Dice, game: int, luck: str) -> None:
        """Draw the sheet about the dice of a match, in its game of this number."""
        theme.panel(surface, rect)
        inner, line = rect.inflate(-theme.px(16), -theme.px(10)), theme.px(LINE)
        counts = counts_of(dice.log)
        total = int(counts.sum())
        about = f"{dice.describe()}: {total} throw{'s' * (total != 1)}" + (f", {doubles(counts)}" if total else "")
        lines = [luck] * bool(luck) + theme.wrapped(latest(dice.log, game), inner.width, SMALL)[-2:]
        self._draw_head(surface, pygame.Rect(inner.left, inner.top, inner.width, line), theme, about)
        for k, words in enumerate(lines):
            middle = inner.top + round(line * (k + 1.5))
            theme.text(surface, words, (inner.left, middle), SMALL, QUIET, width=inner.width)
        top = inner.top + line * (1 + len(lines)) + theme.px(8)
        draw_histogram(surface, pygame.Rect(inner.left, top, inner.width, inner.bottom - top), theme, counts)

    def _draw_head(self, surface: pygame.Surface, rect: pygame.Rect, theme: Theme, about: str) -> None:
        wide = min(theme.px(110), rect.width // 3)
        self.swap.rect = pygame.Rect(rect.right - wide, rect.top, wide, rect.height)
        self.swap.draw(surface, theme)
        at, left = (rect.left, rect.centery), rect.width - wide - theme.px(8)
        theme.text(surface, about, at, SMALL, TEXT, bold=True, width=left, least=9)

    def handle(self, event: pygame.event.Event, theme: Theme) -> Message | None:
        """Answer the mouse."""
        if event.type == pygame.MOUSEMOTION:
            self.swap.hovered = self.swap.rect.collidepoint(event.pos)
        return self.swap.handle(event, theme)


def counts_of(log: Log) -> np.ndarray:
    """Return how often each of the 21 rolls fell, int [21]."""
    counts = np.zeros(len(ROLLS), int)
    for one, other in log.values():
        high, low = max(one, other), min(one, other)
        counts[high * (high - 1) // 2 + low - 1] += 1
    return counts


def doubles(counts: np.ndarray) -> str:
    """Return how often the rarer kind of roll fell, against what is expected."""
    total, fallen = counts.sum(), counts[ROLLS[:, 0] == ROLLS[:, 1]].sum()
    return f"doubles {fallen} (1 in 6: {total / 6:.1f})"


def latest(log: Log, game: int) -> str:
    """Write the last throws of a game, in the order in which they fell."""
    throws = [f"{one}{other}" for (number, _), (one, other) in sorted(log.items()) if number == game]
    return " ".join(throws[-LATEST:])


def draw_histogram(surface: pygame.Surface, rect: pygame.Rect, theme: Theme, counts: np.ndarray) -> None:
    """Draw a bar a roll, and a line at what is expected; opening throws have no doubles, which is not accounted for."""
    foot = theme.px(16)
    if rect.height < 2 * foot:
        return
    expected = ROLL_ODDS * counts.sum()
    most = max(1.0, float(counts.max()), float(expected.max()))
    wide = rect.width / len(counts)
    for k, (high, low) in enumerate(ROLLS):
        left, width = rect.left + round(k * wide), max(2, round(wide * 0.7))
        bar = pygame.Rect(left, 0, width, round((rect.height - foot) * counts[k] / most))
        bar.bottom = rect.bottom - foot
        pygame.draw.rect(surface, ACCENT if high != low else blend(ACCENT, theme.warm, 0.5), bar)
        level = rect.bottom - foot - round((rect.height - foot) * float(expected[k]) / most)
        pygame.draw.rect(surface, TEXT, pygame.Rect(left - 1, level - 1, width + 2, max(1, theme.px(1.5))))
        size = max(6.0, min(10.0, wide * 0.5 / theme.scale))
        theme.text(surface, f"{high}{low}", (left + width // 2, rect.bottom - foot // 2), size, QUIET, "centre")


def split(rect: pygame.Rect, theme: Theme, opened: Collection[str]) -> tuple[pygame.Rect, pygame.Rect]:
    """Return where the board goes, and the sheet below it if there is one."""
    if not opened:
        return rect, pygame.Rect(rect.left, rect.bottom, rect.width, 0)
    tall = min(theme.px(168), round(rect.height * 0.36))
    board = pygame.Rect(rect.left, rect.top, rect.width, rect.height - tall - theme.px(6))
    return board, pygame.Rect(rect.left, rect.bottom - tall, rect.width, tall)
