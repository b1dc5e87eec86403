"""A text as a function of a scene: tokens, what may come next, branches; a picture out. It knows no language model."""

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from gui.widgets.theme import (
    ACCENT,
    BODY,
    GOOD,
    GROUND,
    LARGE,
    LINE,
    PANEL,
    QUIET,
    RAISED,
    SMALL,
    TEXT,
    Theme,
    blend,
)

LINE_ROW, CANDIDATE, BRANCH, HEAD = 32, 26, 24, 22
"""Heights in points: of a line of the text, of a candidate, of a branch, of a heading."""

HEADS = ("next token", "likely (P)", "visits (N)", "value (Q)", "then")

THEN, THEN_FROM = 170, 620
"""Points that the continuations of candidates take, and points of a row from which they are shown."""

PROMPT, WRITTEN, AHEAD, GHOST = range(4)
"""What a token is: of the prompt, written, taken back, or shown as a possible continuation."""


@dataclass(frozen=True)
class TokenPiece:
    """One token of the text. `target` is where a click leads, None where nowhere."""

    words: str
    kind: int
    target: tuple[int, ...] | None = None
    likely: float | None = None  # its prior, where it is known
    forks: bool = False  # other tokens were written at its place


@dataclass(frozen=True)
class CandidateRow:
    """A token that may come next. `visits` is its share of the most visited one's, `value` its share of the scale."""

    move: int
    words: str
    prior: float
    likely: str
    visits: float
    count: str
    value: float | None
    worth: str
    picked: bool = False
    then: tuple[str, ...] = ()  # the tokens by which the search would go on


@dataclass(frozen=True)
class BranchRow:
    """Another text that was written: what it shares with the text on the board, what differs, what it is worth."""

    target: tuple[int, ...]
    shared: str
    rest: str
    worth: str


@dataclass(frozen=True)
class TextScene:
    """Everything that the board shows."""

    pieces: tuple[TokenPiece, ...]
    candidates: tuple[CandidateRow, ...] = ()
    note: str = ""  # shown where there are no candidates
    branches: tuple[BranchRow, ...] = ()
    zero: float = 0.0  # where a value of 0 lies on the scale, 0 its left end
    best: str = ""  # the best text that was finished
    best_worth: str = ""
    end: str = ""  # what the text is paid, where it is at its end
    good: bool = False  # it is paid all that can be paid


class TextView:
    """Draws scenes at one scale, and remembers where, for the mouse."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self.tokens: list[tuple[pygame.Rect, TokenPiece]] = []
        self.rows: list[tuple[pygame.Rect, CandidateRow]] = []
        self.lines: list[tuple[pygame.Rect, BranchRow]] = []
        self.mouse = (-1, -1)

    def piece_at(self, pos: tuple[int, int]) -> TokenPiece | None:
        """Return the token under a pixel."""
        return next((piece for rect, piece in self.tokens if rect.collidepoint(pos)), None)

    def candidate_at(self, pos: tuple[int, int]) -> CandidateRow | None:
        """Return the candidate under a pixel."""
        return next((row for rect, row in self.rows if rect.collidepoint(pos)), None)

    def branch_at(self, pos: tuple[int, int]) -> BranchRow | None:
        """Return the branch under a pixel."""
        return next((row for rect, row in self.lines if rect.collidepoint(pos)), None)

    # --- drawing ---

    def draw(self, surface: pygame.Surface, rect: pygame.Rect, scene: TextScene) -> None:
        """Draw the text at the top, what may come next under it, and the branches at the foot."""
        theme, gap = self.theme, self.theme.px(12)
        self.tokens, self.rows, self.lines = [], [], []
        before = surface.get_clip()
        surface.set_clip(rect.clip(before))
        below = theme.px(CANDIDATE * 3 + HEAD)
        text = pygame.Rect(rect.left, rect.top, rect.width, max(theme.px(LINE_ROW + 24), rect.height - below))
        y = self._draw_text(surface, text, scene) + gap
        foot = self._foot(rect, scene)
        body = pygame.Rect(rect.left, y, rect.width, max(0, rect.bottom - foot - gap - y))
        y = self._draw_next(surface, body, scene) + gap
        self._draw_foot(surface, pygame.Rect(rect.left, rect.bottom - foot, rect.width, foot), scene)
        surface.set_clip(before)

    def _foot(self, rect: pygame.Rect, scene: TextScene) -> int:
        """Return how many pixels the branches and the best text take."""
        theme = self.theme
        fit = max(0, int(rect.height / theme.scale - 300) // BRANCH)
        rows = min(len(scene.branches), fit, 6)
        return theme.px((HEAD + BRANCH * rows if rows else 0) + (HEAD + BRANCH if scene.best else 0))

    # --- the text ---

    def _draw_text(self, surface, rect: pygame.Rect, scene: TextScene) -> int:
        """Draw the tokens line by line; what does not fit above goes out of sight. Return where they end."""
        theme, inset, row = self.theme, self.theme.px(16), self.theme.px(LINE_ROW)
        lines = self._broken(scene.pieces, rect.width - 2 * inset)
        end = theme.px(26) if scene.end else 0
        fit = max(1, (rect.height - inset - end) // row)
        caret = max(
            (k for k, line in enumerate(lines) if any(p.kind != AHEAD and p.kind != GHOST for p, _ in line)), default=0
        )
        first = max(0, min(caret - fit + 2, len(lines) - fit))
        shown = lines[first : first + fit]
        box = pygame.Rect(rect.left, rect.top, rect.width, len(shown) * row + inset + end)
        theme.panel(surface, box, PANEL, 8)
        y = box.top + inset // 2
        for line in shown:
            self._draw_line(surface, (box.left + inset, y), line, row)
            y += row
        if scene.end:
            at = (box.left + inset, y + end // 2 - theme.px(2))
            colour = GOOD if scene.good else theme.warm
            theme.disc(surface, (at[0] + theme.px(4), at[1]), theme.px(9), colour)
            theme.text(
                surface, scene.end, (at[0] + theme.px(16), at[1]), BODY, TEXT, bold=True, width=box.width - 3 * inset
            )
        return box.bottom

    def _broken(self, pieces: Sequence[TokenPiece], width: int) -> list[list[tuple[TokenPiece, int]]]:
        """Break the tokens into lines, before a word where there is one; with each the width of its words."""
        lines: list[list[tuple[TokenPiece, int]]] = [[]]
        used = 0
        for piece in pieces:
            size = max(self.theme.px(6), self.theme.text_width(piece.words.replace("\n", "⏎"), LARGE))
            if used + size > width and lines[-1]:
                lines.append([])
                used = 0
            lines[-1].append((piece, size))
            used += size + self.theme.px(1)
            if "\n" in piece.words:
                lines.append([])
                used = 0
        return lines

    def _draw_line(self, surface, at: tuple[int, int], line: list[tuple[TokenPiece, int]], row: int) -> None:
        theme, (x, top) = self.theme, at
        middle = top + row // 2 - theme.px(2)
        for piece, size in line:
            place = pygame.Rect(x, top, size, row)
            self._draw_piece(surface, place, middle, piece)
            self.tokens.append((place.clip(surface.get_clip()), piece))
            x += size + theme.px(1)

    def _draw_piece(self, surface, place: pygame.Rect, middle: int, piece: TokenPiece) -> None:
        theme = self.theme
        ink = {PROMPT: QUIET, WRITTEN: TEXT, AHEAD: blend(PANEL, QUIET, 0.6), GHOST: blend(PANEL, ACCENT, 0.8)}[
            piece.kind
        ]
        lit = piece.target is not None and place.collidepoint(self.mouse)
        if lit:
            theme.panel(surface, place.inflate(0, -theme.px(4)), RAISED, 4)
        words = piece.words.replace("\n", "⏎")
        theme.text(surface, words, (place.left, middle), LARGE, ink)
        if piece.kind == WRITTEN and piece.likely is not None:
            line = pygame.Rect(place.left, place.bottom - theme.px(5), max(1, place.width - theme.px(1)), theme.px(3))
            pygame.draw.rect(surface, blend(theme.warm, ACCENT, piece.likely), line)
        if piece.forks:
            theme.disc(surface, (place.left + theme.px(2), place.top + theme.px(3)), theme.px(6), theme.warm)

    # --- what may come next ---

    def _draw_next(self, surface, rect: pygame.Rect, scene: TextScene) -> int:
        """Draw a row for each candidate that there is room for; return where they end."""
        theme = self.theme
        if not scene.candidates:
            if rect.height > theme.px(20):
                for k, line in enumerate(theme.wrapped(scene.note, rect.width - theme.px(32))):
                    at = (rect.left + theme.px(16), rect.top + theme.px(14 + 20 * k))
                    theme.text(surface, line, at, BODY, QUIET, width=rect.width - theme.px(32))
            return rect.top + theme.px(40)
        self._draw_heads(surface, rect)
        y, row = rect.top + theme.px(HEAD), theme.px(CANDIDATE)
        fit = max(0, (rect.bottom - y) // row)
        for candidate in scene.candidates[:fit]:
            self._draw_candidate(surface, pygame.Rect(rect.left, y, rect.width, row), candidate, scene.zero)
            y += row
        return y

    def _columns(self, rect: pygame.Rect) -> list[pygame.Rect]:
        """Return the places of token, likelihood, visits, value, and, where there is room, of what follows."""
        theme, left = self.theme, rect.left + self.theme.px(16)
        token, whole = theme.px(96), rect.width - theme.px(32)
        then = theme.px(THEN) if whole >= theme.px(THEN_FROM) else 0
        wide = (whole - token - then) // 3
        places = [(left, token), *((left + token + k * wide, wide) for k in range(3))]
        places += [(left + token + 3 * wide, then)] if then else []
        return [pygame.Rect(x, rect.top, width, rect.height) for x, width in places]

    def _draw_heads(self, surface, rect: pygame.Rect) -> None:
        theme = self.theme
        row = pygame.Rect(rect.left, rect.top, rect.width, theme.px(HEAD))
        for words, place in zip(HEADS, self._columns(row), strict=False):
            theme.text(surface, words, (place.left, place.centery), SMALL, QUIET, width=place.width - theme.px(4))

    def _draw_candidate(self, surface, row: pygame.Rect, candidate: CandidateRow, zero: float) -> None:
        theme = self.theme
        token, likely, visits, value, *then = self._columns(row)
        if row.collidepoint(self.mouse):
            theme.panel(surface, row.inflate(-theme.px(12), 0), RAISED, 4)
        elif candidate.picked:
            theme.panel(surface, row.inflate(-theme.px(12), 0), blend(GROUND, ACCENT, 0.18), 4)
        at = (token.left, row.centery)
        theme.text(
            surface,
            candidate.words,
            at,
            16,
            ACCENT if candidate.picked else TEXT,
            bold=candidate.picked,
            width=token.width - theme.px(8),
        )
        self._bar(surface, likely, candidate.prior, 0.0, QUIET, candidate.likely)
        self._bar(surface, visits, candidate.visits, 0.0, ACCENT, candidate.count)
        if candidate.value is not None:
            self._bar(surface, value, candidate.value, zero, GOOD, candidate.worth)
        for place in then:
            theme.text(surface, self._fitting(candidate.then, place.width), (place.left, row.centery), 13, QUIET)
        self.rows.append((row.clip(surface.get_clip()), candidate))

    def _fitting(self, pieces: Sequence[str], width: int) -> str:
        """Return as many tokens as fit into a width."""
        words = ""
        for piece in pieces:
            piece = piece.replace("\n", " ")
            if self.theme.text_width(words + piece, 13) > width:
                break
            words += piece
        return words

    def _bar(self, surface, place: pygame.Rect, share: float, zero: float, colour, words: str) -> None:
        """Draw a bar from `zero` to a share of its track, and a number behind the track."""
        theme = self.theme
        number = theme.px(50)
        track = pygame.Rect(place.left, 0, max(theme.px(10), place.width - number - theme.px(8)), theme.px(10))
        track.centery = place.centery
        pygame.draw.rect(surface, blend(GROUND, LINE, 0.5), track, border_radius=theme.px(2))
        low, high = sorted((min(1.0, max(0.0, share)), zero))
        bar = pygame.Rect(
            track.left + round(low * track.width), track.top, max(1, round((high - low) * track.width)), track.height
        )
        pygame.draw.rect(surface, colour if share >= zero else theme.warm, bar, border_radius=theme.px(2))
        if zero > 0:
            x = track.left + round(zero * track.width)
            pygame.draw.line(surface, QUIET, (x, track.top - theme.px(2)), (x, track.bottom + theme.px(1)))
        theme.text(surface, words, (track.right + theme.px(6), place.centery), SMALL, TEXT, width=number)

    # --- the foot ---

    def _draw_foot(self, surface, rect: pygame.Rect, scene: TextScene) -> None:
        theme, y = self.theme, rect.top
        left, right = rect.left + theme.px(16), rect.right - theme.px(16)
        rows = scene.branches[
            : max(0, (rect.height - theme.px((HEAD + BRANCH if scene.best else 0) + HEAD)) // theme.px(BRANCH))
        ]
        if rows:
            theme.text(
                surface,
                "branches: click one to go on there",
                (left, y + theme.px(HEAD) // 2),
                SMALL,
                QUIET,
                width=right - left,
            )
            y += theme.px(HEAD)
        for branch in rows:
            self._draw_branch(surface, pygame.Rect(rect.left, y, rect.width, theme.px(BRANCH)), branch)
            y += theme.px(BRANCH)
        if scene.best:
            theme.text(surface, "best finished text", (left, y + theme.px(HEAD) // 2), SMALL, QUIET, width=right - left)
            y += theme.px(HEAD)
            worth = theme.text(
                surface, scene.best_worth, (right, y + theme.px(BRANCH) // 2), 13, ACCENT, "right", bold=True
            )
            width = worth.left - left - theme.px(8)
            theme.text(surface, scene.best, (left, y + theme.px(BRANCH) // 2), BODY, TEXT, width=width, least=SMALL)

    def _draw_branch(self, surface, row: pygame.Rect, branch: BranchRow) -> None:
        theme = self.theme
        left, right = row.left + theme.px(16), row.right - theme.px(16)
        if row.collidepoint(self.mouse):
            theme.panel(surface, row.inflate(-theme.px(12), 0), RAISED, 4)
        right = theme.text(surface, branch.worth, (right, row.centery), SMALL, QUIET, "right").left - theme.px(8)
        shared = theme.text(surface, branch.shared, (left, row.centery), 13, QUIET, width=(right - left) // 2)
        theme.text(
            surface, branch.rest, (shared.right + theme.px(1), row.centery), 13, TEXT, width=right - shared.right
        )
        self.lines.append((row.clip(surface.get_clip()), branch))
