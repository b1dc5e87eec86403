"""A review written into a record of Go: comments, marks, and the better moves as variations."""

from collections.abc import Sequence

import numpy as np
from sgfmill.sgf import Tree_node

from games import go
from games.game import FIRST
from games.go import sgf
from gui.history import History, Node
from gui.lesson import Lesson, lesson_at
from gui.review import Mistake

VARIATION = 6
"""Moves of the better line that are written."""


def annotate(history: History, sources: dict[Node, Tree_node], found: Sequence[Mistake], start: np.ndarray) -> int:
    """Write the mistakes of the line into the record's nodes; return how many are there now.

    What was written before, by a person or by an earlier review, stays. `start` is the position before the first move.
    """
    kept = 0
    for mistake in found:
        lesson = lesson_at(history.line, mistake.ply - 1)
        if lesson is None:
            continue
        kept += 1
        after, source = history.line[mistake.ply], sources[history.line[mistake.ply]]
        words = sentence(lesson, mistake, start)
        if words not in after.comment:
            after.comment = f"{after.comment}\n{words}".strip()
            sgf.set_comment(source, after.comment)
        add_variation(lesson.node, lesson.better[:VARIATION], lesson.mover, f"Yomi: better, {percent(lesson)}")
    return kept


def percent(lesson: Lesson) -> str:
    """Write what the better move leads to for who played."""
    value = lesson.better_value if lesson.mover == FIRST else -lesson.better_value
    return f"{50 * (1 + value):.0f} % to win"


def sentence(lesson: Lesson, mistake: Mistake, start: np.ndarray) -> str:
    """Return what is written beside a mistake."""
    better = go.notation(start, lesson.better[0])
    line = " ".join(go.notation(start, move) for move in lesson.better[:VARIATION])
    return f"Yomi: {go.notation(start, lesson.played[0])} loses {mistake.words}; better is {better} ({line})."


def add_variation(node: Node, moves: Sequence[int], mover: int, words: str) -> None:
    """Add moves below a node where they are not there yet; the first of them is commented."""
    for number, move in enumerate(moves):
        child = next((each for each in node.children if each.move == move and each.setup is None), None)
        if child is None:
            child = Node(move, mover, node, comment=words if not number else "")
            node.children.append(child)
        node, mover = child, 1 - mover
