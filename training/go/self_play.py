"""How Go learns from its own games: boards of any size, komi about the fair one, every stone counts at the end."""

import numpy as np

from engine.search import Evaluator
from games import go

FAIR_KOMI, SPREAD = 7.0, 4.0
"""Komi are drawn about the fair one (of area counting on 9x9) with this standard deviation."""


def start(board: str, random: np.random.Generator) -> np.ndarray:
    """Return the empty board of a size, "9" say, with a komi that is drawn; raise `ValueError` for another text."""
    if not board.isdecimal() or len(board) > 2:
        raise ValueError(f"boards = {board!r} names no size of a board: 9, say, or 9,13 for two sizes")
    komi = np.clip(np.round(2 * random.normal(FAIR_KOMI, SPREAD)) / 2, -25, 25)
    return go.start(int(board), komi=float(komi))


def measure(evaluator: Evaluator) -> dict[str, float]:
    """Return nothing: games against other players measure Go, in a tournament."""
    return {}
