"""Why the search goes where it goes: the five phases, what one of them did, and Q + U of every choice on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from engine.reading import Path, Reading, TreeNode, find
from engine.stepping import PHASES, BackedUp, Choice, Evaluated, Event, Expanded, RolledOut, Selected, Term
from games.game import CHANCE
from gui.tabs.tree_rows import Words, count, number, plural
from gui.widgets.theme import (
    ACCENT,
    BODY,
    GOOD,
    LINE,
    PANEL,
    QUIET,
    RAISED,
    SHADOW,
    SMALL,
    TEXT,
    Align,
    Colour,
    Theme,
    blend,
)

TITLE_ROW, BAR_ROW, LINE_ROW = 20, 17, 19
"""Heights in points: of a title, of a bar with its name, of a line of a sentence."""

SENTENCE_LINES = 3
FEWEST, MOST = 3, 8
"""Bars of one choice."""


@dataclass(frozen=True)
class Bars:
    """One choice as a picture: a title, and for each child its name, its terms and whether it was taken."""

    title: str
    choice: Choice
    terms: tuple[tuple[str, Term, bool], ...]  # the greatest sums first

    @property
    def chance(self) -> bool:
        return self.choice.turn == CHANCE


def bars_of_way(event: Selected, words: Words) -> list[Bars]:
    """Return the choices that a simulation made on its way down."""
    return [_bars(choice, words) for choice in event.choices]


def bars_of_line(reading: Reading, path: Path, words: Words) -> list[Bars]:
    """Return the choices along a line of the tree as they stand now, and the one at its end."""
    found = []
    for k in range(len(path) + 1):
        node = find(reading.root, path[:k])
        if node is None or not node.children:
            break
        terms = tuple(term_of(child) for child in node.children)
        moves = [child.move for child in node.children]
        taken = moves.index(path[k]) if k < len(path) and path[k] in moves else -1
        planned = reading.formula.planned and k == 0
        found.append(_bars(Choice(node.turn, terms, taken, planned, node.visits + 1, node.value), words))
    return found


def term_of(node: TreeNode) -> Term:
    """Return a node of a reading as select compares it."""
    return Term(node.move, node.visits, node.prior, node.q, node.u, node.closed)


def _bars(choice: Choice, words: Words) -> Bars:
    terms = [(words.name(term.move), term, k == choice.taken) for k, term in enumerate(choice.terms)]
    terms.sort(key=lambda each: (each[1].closed, -(each[1].q + each[1].u)))
    if choice.planned:
        terms.sort(key=lambda each: not each[2])
    return Bars(_title(choice, words), choice, tuple(terms))


def _title(choice: Choice, words: Words) -> str:
    title, whose = words.title(choice.turn), words.chooser(choice.turn)
    if choice.planned:
        return f"{title} by the plan of visits"
    return f"{title}, Q as {whose} sees it" if whose and choice.turn != CHANCE else title


class Details:
    """Draws them at one scale."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.pills: list[tuple[pygame.Rect, str]] = []  # where the names of the phases were drawn
        self.stops: list[tuple[pygame.Rect, Choice, Term]] = []  # where the bars of choices were drawn

    # --- the phases ---

    def draw_phases(self, surface: pygame.Surface, rect: pygame.Rect, event: Event | None, words: Words) -> int:
        """Draw the five names, the present one lit, and what it did; return where the rest may begin."""
        theme, gap = self.theme, self.theme.px(4)
        now = PHASES.index(event.phase) if event else -1
        widths = [theme.text_width(name, SMALL, True) for name in PHASES]
        edge, left = (rect.width - 4 * gap - sum(widths)) / 5, float(rect.left)  # as wide as its name asks for
        self.pills = []
        for k, name in enumerate(PHASES):
            pill = pygame.Rect(round(left), rect.top, int(widths[k] + edge), theme.px(26))
            left += widths[k] + edge + gap
            ground = ACCENT if k == now else blend(PANEL, ACCENT, 0.3) if k < now else RAISED
            theme.panel(surface, pill, ground, 13)
            self.pills.append((pill, name))
            ink = SHADOW if k == now else TEXT if k < now else QUIET
            theme.text(surface, name, pill.center, SMALL, ink, "centre", bold=k == now, width=pill.width)
        y = rect.top + theme.px(26 + 8)
        sentence = words.tell(event) if event else "One simulation, phase by phase: the next step selects a leaf."
        lines = theme.wrapped(sentence, rect.width - gap)[:SENTENCE_LINES]
        for line in lines:
            theme.text(
                surface, line, (rect.left + theme.px(2), y + theme.px(LINE_ROW) // 2), BODY, TEXT, width=rect.width
            )
            y += theme.px(LINE_ROW)
        kept = SENTENCE_LINES if rect.width < theme.px(560) else max(2, len(lines))  # what is below stays in its place
        return rect.top + theme.px(26 + 8 + 6 + LINE_ROW * kept)

    # --- what a phase did ---

    def height_wanted(self, reading: Reading, lit: Path, event: Event | None) -> int:
        """Return how many pixels the details would like to have."""
        if isinstance(event, (Evaluated, RolledOut)):
            return self.theme.px(110)
        if isinstance(event, BackedUp):
            return self.theme.px(TITLE_ROW + 8 + 22 * len(event.changes))
        if isinstance(event, Expanded):
            return self.theme.px(TITLE_ROW + 8 + BAR_ROW * min(10, len(event.children)))
        choices = len(event.choices) if event else len(bars_of_line(reading, lit, Words()))
        return self.theme.px((TITLE_ROW + 5 * BAR_ROW + 6) * max(1, choices))

    def draw(
        self, surface: pygame.Surface, rect: pygame.Rect, reading: Reading, lit: Path, event: Event | None, words: Words
    ) -> None:
        """Draw what the phase did, or without one the choices along the selected line."""
        self.stops = []
        before = surface.get_clip()
        surface.set_clip(rect.clip(before))
        if isinstance(event, Expanded):
            self._draw_children(surface, rect, event, words)
        elif isinstance(event, (Evaluated, RolledOut)):
            self._draw_scale(surface, rect, reading, event, words)
        elif isinstance(event, BackedUp):
            self._draw_changes(surface, rect, reading, event, words)
        else:
            bars = bars_of_way(event, words) if event else bars_of_line(reading, lit, words)
            self._draw_choices(surface, rect, bars)
        surface.set_clip(before)

    def _title(self, surface, rect, words: str) -> int:
        theme, y = self.theme, rect.top + self.theme.px(TITLE_ROW) // 2
        theme.text(surface, words, (rect.left, y), SMALL, QUIET, width=rect.width - theme.px(44))
        return rect.top + theme.px(TITLE_ROW)

    # --- choices ---

    def _draw_choices(self, surface, rect, bars: list[Bars]) -> None:
        """Draw as many of the last choices as there is room for."""
        theme = self.theme
        title, row, gap = theme.px(TITLE_ROW), theme.px(BAR_ROW), theme.px(6)
        fit = max(1, (rect.height + gap) // (title + FEWEST * row + gap))
        shown = bars[-fit:]
        if not shown:
            return
        each = min(MOST, max(1, ((rect.height + gap) // len(shown) - title - gap) // row))
        y, axis = rect.top, axis_of(shown)
        for k, choice in enumerate(shown):
            left_out = f" (after {plural(len(bars) - fit, 'choice')})" if k == 0 and len(bars) > fit else ""
            area = pygame.Rect(rect.left, y, rect.width, 0)
            self._draw_legend(surface, area, choice)
            y = self._title(surface, area, choice.title + left_out)
            y = self._draw_bars(surface, area, y, choice, each, axis) + gap

    def _draw_legend(self, surface, rect, choice: Bars) -> None:
        if choice.chance:
            return
        theme, y = self.theme, rect.top + self.theme.px(TITLE_ROW) // 2
        right = theme.text(surface, "U", (rect.right, y), SMALL, GOOD, "right", bold=True).left
        right = theme.text(surface, "+", (right - theme.px(4), y), SMALL, QUIET, "right").left
        theme.text(surface, "Q", (right - theme.px(4), y), SMALL, ACCENT, "right", bold=True)

    def _draw_bars(self, surface, rect, y: int, choice: Bars, each: int, axis: tuple[float, float]) -> int:
        """Draw the bars of one choice from a height on; the taken one is among them. Return where they end."""
        row, terms = self.theme.px(BAR_ROW), list(choice.terms[:each])
        taken = [term for term in choice.terms if term[2]]
        if taken and taken[0] not in terms:
            terms[-1] = taken[0]
        low, high = (0.0, max(term.prior for _, term, _ in terms)) if choice.chance else axis
        for name, term, is_taken in terms:
            line = pygame.Rect(rect.left, y, rect.width, row)
            self._draw_term(surface, line, choice, (name, term, is_taken), low, high)
            self.stops.append((line, choice.choice, term))
            y += row
        return y

    def _draw_term(self, surface, line, choice: Bars, term, low: float, high: float) -> None:
        theme, (name, term, taken) = self.theme, term
        named, numbers = theme.px(54), theme.px(108 if choice.chance else 88)
        ink = TEXT if taken else blend(PANEL, TEXT, 0.7)
        if taken:
            theme.panel(surface, line, blend(PANEL, ACCENT, 0.25), 4)
        theme.text(
            surface, name, (line.left + theme.px(4), line.centery), SMALL, ink, bold=taken, width=named - theme.px(8)
        )
        bar = pygame.Rect(line.left + named, 0, line.width - named - numbers, theme.px(9))
        bar.centery = line.centery

        def x(value: float) -> int:
            return bar.left + round(bar.width * (value - low) / max(1e-9, high - low))

        pieces: tuple[tuple[float, float, Colour, int], ...]  # from, to, colour, and in which half of the row
        if choice.chance:
            lag = f", lags {term.u:+.1f}" if term.u else f", N {count(term.visits)}"
            pieces, words = ((low, term.prior, QUIET, 0),), f"{term.prior:.1%}{lag}"
        else:
            pieces = (0.0, term.q, ACCENT, -1), (term.q, term.q + term.u, GOOD, 1)
            words = "closed" if term.closed else f"{number(term.q)} + {term.u:.2f}"
            zero = x(0.0)
            pygame.draw.line(surface, blend(PANEL, QUIET, 0.6), (zero, line.top), (zero, line.bottom - 1))
        for start, end, colour, half in pieces:
            left, right = sorted((x(start), x(end)))
            height = bar.height if not half else bar.height // 2
            top = bar.top if half <= 0 else bar.bottom - height
            piece = pygame.Rect(left, top, max(1, right - left), height)
            pygame.draw.rect(surface, colour if taken else blend(PANEL, colour, 0.7), piece)
        theme.text(surface, words, (line.right - theme.px(4), line.centery), SMALL, ink, "right")

    # --- the other phases ---

    def _draw_children(self, surface, rect, event: Expanded, words: Words) -> None:
        theme, children = self.theme, sorted(event.children, key=lambda child: -child[1])
        chance = event.turn == CHANCE
        y = self._title(surface, rect, "New children, and their " + ("odds" if chance else "priors"))
        most = max((prior for _, prior in children), default=1.0)
        for move, prior in children[: max(1, (rect.bottom - y) // theme.px(BAR_ROW))]:
            line = pygame.Rect(rect.left, y, rect.width, theme.px(BAR_ROW))
            theme.text(surface, words.name(move), (line.left + theme.px(4), line.centery), SMALL, width=theme.px(48))
            bar = pygame.Rect(line.left + theme.px(54), 0, line.width - theme.px(54 + 50), theme.px(9))
            bar.width, bar.centery = max(1, round(bar.width * prior / max(most, 1e-9))), line.centery
            pygame.draw.rect(surface, QUIET, bar)
            percent = f"{prior:.1%}" if prior >= 0.001 else "<0.1%"
            theme.text(surface, percent, (line.right - theme.px(4), line.centery), SMALL, TEXT, "right")
            y += theme.px(BAR_ROW)

    def _draw_scale(self, surface, rect, reading: Reading, event: Evaluated | RolledOut, words: Words) -> None:
        """Draw the scale of values with the network's value, the result of the rollout, and what goes up."""
        theme = self.theme
        track = pygame.Rect(rect.left + theme.px(12), rect.top + theme.px(44), rect.width - theme.px(24), theme.px(8))
        self._draw_track(surface, track)
        y = track.bottom + theme.px(16)
        ends: tuple[tuple[float, int, Align], ...]
        ends = (reading.low, track.left, "left"), (reading.high, track.right, "right")
        for value, at, align in ends:
            theme.text(surface, words.number(value), (at, y), SMALL, QUIET, align)
        if words.sides[0]:
            theme.text(surface, words.sides[1], (track.left, y + theme.px(16)), SMALL, theme.warm)
            theme.text(surface, words.sides[0], (track.right, y + theme.px(16)), SMALL, ACCENT, "right")
        if isinstance(event, RolledOut) and event.result is not None:
            self._mark(surface, track, reading, event.result, "", 12, QUIET)
        if event.value is not None:
            self._mark(surface, track, reading, event.value, words.number(event.value), 18, TEXT)

    def _draw_track(self, surface, track) -> None:
        for x in range(track.width):
            share = x / max(1, track.width - 1)
            grey = blend(LINE, TEXT, 0.25)
            colour = blend(grey, ACCENT if share > 0.5 else self.theme.warm, abs(2 * share - 1))
            pygame.draw.line(surface, colour, (track.left + x, track.top), (track.left + x, track.bottom - 1))

    def _mark(self, surface, track, reading: Reading, value: float, words: str, size: float, colour) -> None:
        theme = self.theme
        share = (value - reading.low) / max(1e-9, reading.high - reading.low)
        x = track.left + min(1.0, max(0.0, share)) * track.width
        theme.disc(surface, (x, track.centery), theme.px(size), colour, SHADOW)
        if words:
            half = theme.text_width(words, BODY, True) / 2
            x = min(max(x, track.left + half), track.right - half)
            theme.text(surface, words, (x, track.top - theme.px(18)), BODY, TEXT, "centre", bold=True)

    def _draw_changes(self, surface, rect, reading: Reading, event: BackedUp, words: Words) -> None:
        """Draw a line for each node from the root to the leaf: visits and Q, before and after."""
        theme, names = self.theme, ["root", *(words.name(move) for move in event.path)]
        y = self._title(surface, rect, "N and Q on the way up, before and after")
        fit = max(1, (rect.bottom - y) // theme.px(22))
        for name, change in list(zip(names, event.changes, strict=True))[-fit:]:
            middle = y + theme.px(11)
            theme.text(surface, name, (rect.left + theme.px(4), middle), SMALL, TEXT, width=theme.px(48))
            visits = f"{count(change.visits[0])} → {count(change.visits[1])}"
            theme.text(surface, visits, (rect.left + theme.px(54), middle), SMALL, QUIET, width=theme.px(96))
            before, after = change.value
            shown = words.number(before, 1) if change.visits[0] else "new"
            values = f"{shown} → {words.number(after, 1)}"
            theme.text(surface, values, (rect.right - theme.px(4), middle), SMALL, TEXT, "right")
            track = pygame.Rect(rect.left + theme.px(156), 0, rect.width - theme.px(156 + 118), theme.px(4))
            track.centery = middle
            if track.width > theme.px(20):
                self._draw_track(surface, track)
                if change.visits[0]:
                    self._mark(surface, track, reading, before, "", 7, QUIET)
                self._mark(surface, track, reading, after, "", 10, TEXT)
            y += theme.px(22)


def axis_of(bars: Sequence[Bars]) -> tuple[float, float]:
    """Return between what values the bars of all choices are drawn: one scale for Q, -1 to 1, and room for Q + U."""
    terms = [term for choice in bars if not choice.chance for _, term, _ in choice.terms if not term.closed]
    return min([-1.0, *(term.q for term in terms)]), max([1.0, *(term.q + term.u for term in terms)])
