"""The worlds of the lab as pictures: a grid with values and arrows, a cart with its pole, boards of tic-tac-toe."""

import math

import numpy as np
import pygame

from games.lab import cart_pole, grid
from gui.lab.learning import SIDE, WALKS, GridLearner, NoughtsProof, PoleLearner
from gui.widgets.theme import ACCENT, GOOD, GROUND, LINE, PANEL, QUIET, RAISED, SMALL, TEXT, Theme, blend

Place = tuple[pygame.Rect, int]
"""Where something was drawn that can be pointed at, and its number."""


def square_in(rect: pygame.Rect) -> pygame.Rect:
    """Return the largest square in the middle of a rectangle."""
    side = max(9, min(rect.size))
    found = pygame.Rect(0, 0, side, side)
    found.center = rect.center
    return found


# --- the grid ---------------------------------------------------------------------------------------------


def draw_grid(surface: pygame.Surface, theme: Theme, rect: pygame.Rect, learner: GridLearner) -> list[Place]:
    """Draw every cell with its value, and arrows along its best actions; return where the cells lie."""
    whole, places = square_in(rect), []
    low, high = float(learner.truth.min()), float(learner.truth.max())
    for cell in range(SIDE * SIDE):
        row, column = divmod(cell, SIDE)
        edges = [whole.left + whole.width * k // SIDE for k in (column, column + 1)]
        tops = [whole.top + whole.height * k // SIDE for k in (row, row + 1)]
        box = pygame.Rect(edges[0], tops[0], edges[1] - edges[0], tops[1] - tops[0]).inflate(-3, -3)
        _draw_cell(surface, theme, box, learner, cell, (low, high))
        places.append((box, cell))
    if learner.method == WALKS:
        box = places[learner.agent][0]
        theme.disc(surface, (box.right - box.width // 6, box.top + box.height // 6), max(4, box.width // 8), theme.warm)
    return places


def _draw_cell(surface, theme: Theme, box: pygame.Rect, learner: GridLearner, cell: int, reach) -> None:
    low, high = reach
    value, ends = float(learner.values[cell]), not learner.world.legal[cell].any()
    share = (value - low) / max(1e-9, high - low)
    theme.panel(surface, box, blend(PANEL, ACCENT, 0.55 * share) if not ends else RAISED, 6)
    points = max(7.0, min(20.0, box.width / theme.scale / 5))
    words = (
        "end" if ends else f"{value:.0f}" if learner.world.discount == 1 and learner.method != WALKS else f"{value:.1f}"
    )
    theme.text(surface, words, box.center, points, QUIET if ends else TEXT, "centre", bold=not ends, width=box.width)
    for action in learner.best(cell):
        _draw_arrow(surface, box, grid.MOVES[action].tolist())


def _draw_arrow(surface, box: pygame.Rect, move: list[int]) -> None:
    """Draw a triangle near the edge of a cell to which a move (down, right) leads."""
    down, right = move
    size, far = box.width * 0.09, box.width * 0.38
    x, y = box.centerx + right * far, box.centery + down * far
    tip = (x + right * size, y + down * size)
    sides = [(x - down * size * s - right * size * 0.4, y - right * size * s - down * size * 0.4) for s in (-1, 1)]
    pygame.draw.polygon(surface, TEXT, [tip, *sides])


# --- the pole ---------------------------------------------------------------------------------------------


def draw_pole(surface: pygame.Surface, theme: Theme, rect: pygame.Rect, learner: PoleLearner) -> list[Place]:
    """Draw the cart and its pole above, and below how long the policies of each generation stood."""
    theme.panel(surface, rect, GROUND, 8)
    track = rect.top + round(rect.height * 0.52)
    unit = rect.width / (2 * cart_pole.FARTHEST + 1)
    place, _, angle, _ = learner.state[0]
    x = rect.centerx + place * unit
    pygame.draw.line(surface, LINE, (rect.left + 8, track), (rect.right - 8, track), theme.px(2))
    for edge in (-cart_pole.FARTHEST, cart_pole.FARTHEST):
        at = rect.centerx + round(edge * unit)
        pygame.draw.line(surface, theme.warm, (at, track - theme.px(8)), (at, track + theme.px(8)), theme.px(2))
    long = min(rect.height * 0.38, 2.2 * unit)
    cart = pygame.Rect(0, 0, round(unit * 0.6), round(unit * 0.3))
    cart.center = round(x), track - cart.height // 2
    tip = x + long * math.sin(angle), cart.top - long * math.cos(angle)
    fell = bool(cart_pole.fallen(learner.state)[0])
    pygame.draw.line(surface, theme.warm if fell else ACCENT, (x, cart.top), tip, max(2, round(unit * 0.09)))
    theme.panel(surface, cart, RAISED if not fell else blend(RAISED, theme.warm, 0.3), 4)
    theme.disc(surface, (x, cart.top), max(3, round(unit * 0.1)), TEXT)
    foot = pygame.Rect(rect.left, track + theme.px(24), rect.width, rect.bottom - track - theme.px(32))
    _draw_curve(surface, theme, foot.inflate(-theme.px(32), 0), learner.curve)
    return []


def _draw_curve(surface, theme: Theme, rect: pygame.Rect, curve: list[float]) -> None:
    theme.text(
        surface, "steps stood, by generation", (rect.left, rect.top + theme.px(8)), SMALL, QUIET, width=rect.width
    )
    chart = pygame.Rect(rect.left, rect.top + theme.px(22), rect.width, max(4, rect.height - theme.px(26)))
    pygame.draw.line(surface, LINE, chart.bottomleft, chart.bottomright)
    pygame.draw.line(surface, blend(GROUND, LINE, 0.5), chart.topleft, chart.topright)
    shown = curve[-30:]
    wide = chart.width / 30
    for k, steps in enumerate(shown):
        tall = round(chart.height * steps / cart_pole.LONGEST)
        bar = pygame.Rect(round(chart.left + k * wide), chart.bottom - tall, max(2, round(wide) - 2), tall)
        pygame.draw.rect(surface, ACCENT, bar)


# --- tic-tac-toe ------------------------------------------------------------------------------------------


def draw_noughts(surface: pygame.Surface, theme: Theme, rect: pygame.Rect, proof: NoughtsProof) -> list[Place]:
    """Draw the position with what each move is worth, and the positions after each move below it."""
    moves = proof.moves()
    upper = pygame.Rect(rect.left, rect.top, rect.width, round(rect.height * 0.68))
    whole = square_in(upper)
    places = []
    for cell in range(9):
        box = _cell_of(whole, cell).inflate(-4, -4)
        theme.panel(surface, box, PANEL, 6)
        if proof.board[cell]:
            _draw_mark(surface, theme, box, int(proof.board[cell]))
        elif cell in moves:
            _draw_worth(surface, theme, box, moves[cell][1])
            places.append((box, cell))
    gap = theme.px(8)
    wide = min((rect.width - 8 * gap) // 9, rect.bottom - upper.bottom - theme.px(28))
    for k, (cell, (board, worth)) in enumerate(moves.items()):
        left = rect.centerx - (len(moves) * (wide + gap) - gap) // 2 + k * (wide + gap)
        small = pygame.Rect(left, upper.bottom + theme.px(14), wide, wide)
        pygame.draw.line(surface, LINE, whole.midbottom, small.midtop)
        theme.panel(surface, small.inflate(4, 4), blend(PANEL, colour_of(theme, worth), 0.5), 4)
        for each in range(9):
            box = _cell_of(small, each)
            if board[each]:
                _draw_mark(surface, theme, box, int(board[each]))
        places.append((small, cell))
    return places


def _cell_of(whole: pygame.Rect, cell: int) -> pygame.Rect:
    row, column = divmod(cell, 3)
    return pygame.Rect(
        whole.left + whole.width * column // 3, whole.top + whole.height * row // 3, whole.width // 3, whole.height // 3
    )


def colour_of(theme: Theme, worth: float):
    """Return the colour of what a move is worth to the side that makes it."""
    return GOOD if worth > 0 else theme.warm if worth < 0 else LINE


def _draw_worth(surface, theme: Theme, box: pygame.Rect, worth: float) -> None:
    theme.disc(surface, box.center, max(4, box.width // 3), blend(PANEL, colour_of(theme, worth), 0.8))
    points = max(7.0, box.width / theme.scale / 7)
    theme.text(surface, f"{worth + 0.0:+.0f}" if worth else "0", box.center, points, TEXT, "centre", bold=True)


def _draw_mark(surface, theme: Theme, box: pygame.Rect, mark: int) -> None:
    thick, inner = max(2, box.width // 12), box.inflate(-box.width * 0.45, -box.height * 0.45)
    if mark > 0:
        pygame.draw.line(surface, ACCENT, inner.topleft, inner.bottomright, thick)
        pygame.draw.line(surface, ACCENT, inner.topright, inner.bottomleft, thick)
    else:
        pygame.draw.circle(surface, theme.warm, box.center, max(2, inner.width // 2 + thick // 2), thick)


def words_of_cell(learner: GridLearner, cell: int) -> str:
    """Return what the actions of a cell are worth, in a line."""
    row, legal = learner.actions[cell], learner.world.legal[cell]
    if not legal.any():
        return "an end: nothing more is paid"
    return "  ".join(
        f"{arrow} {value:.2f}" for arrow, value in zip(("up", "right", "down", "left"), np.asarray(row), strict=True)
    )
