"""Which explanation belongs to a place of the inspector: to a number of a line, a bar of a choice, or a phase."""

import pygame

from engine.reading import Reading, find
from engine.stepping import Choice
from gui.tabs.explaining import N, P, Q, U, explain, explain_phase
from gui.tabs.tree_details import term_of
from gui.tabs.tree_painter import Columns, TreeScene
from gui.tabs.tree_rows import TreeRow
from gui.tabs.tree_view import TreeView

Tip = tuple[pygame.Rect, str]
"""A place, and the words about what is there."""


def tip_at(view: TreeView, pos: tuple[int, int]) -> Tip | None:
    """Return what is explained at a pixel, as it was drawn last; None where there is nothing."""
    scene = view.scene
    if scene is None or not view.rect.collidepoint(pos):
        return None
    for pill, phase in view.details.pills if scene.stepping else ():
        if pill.collidepoint(pos):
            return pill, explain_phase(phase, view.phases, scene.words)
    if scene.reading is None:
        return None
    for rect, choice, term in view.details.stops:
        if rect.collidepoint(pos):
            return rect, explain(U, term, choice, None, scene.reading.formula, scene.words)
    return _tip_of_line(view, scene, scene.reading, pos)


def _tip_of_line(view: TreeView, scene: TreeScene, reading: Reading, pos: tuple[int, int]) -> Tip | None:
    found = next(((rect, path) for rect, path, own in view.stops if own and rect.collidepoint(pos)), None)
    row = next((row for row in view.lines if found and row.nodes and row.path == found[1]), None)
    number = number_at(view.painter.columns, pos[0]) if row else ""
    if found is None or row is None or not number:
        return None
    both = number == P and view.painter.columns.bonus is None  # U lies below P
    words = _explained(row, (P, U) if both else (number,), scene, reading)
    left, width = _column(view.painter.columns, number)
    return (pygame.Rect(left, found[0].top, width, found[0].height), words) if words else None


def _explained(row: TreeRow, numbers: tuple[str, ...], scene: TreeScene, reading: Reading) -> str:
    parent = find(reading.root, row.path[: len(row.path) - len(row.nodes)])
    if parent is None:
        return ""
    planned = reading.formula.planned and parent is reading.root
    choice = Choice(parent.turn, (), -1, planned, parent.visits + 1, parent.value)
    mean = row.node.value if row.node.visits else None
    explained = (explain(each, term_of(row.node), choice, mean, reading.formula, scene.words) for each in numbers)
    return "\n".join(explained)


def number_at(columns: Columns, x: int) -> str:
    """Return which number stands at a column of pixels, "" where none does."""
    places = {N: columns.visits, Q: columns.value, P: columns.prior, U: columns.bonus}
    return next((number for number, at in places.items() if at and at[0] <= x < at[0] + at[1]), "")


def _column(columns: Columns, number: str) -> tuple[int, int]:
    return {N: columns.visits, Q: columns.value, P: columns.prior, U: columns.bonus or columns.prior}[number]
