"""How Go learns from its own games: boards of any size, komi about the fair one, every stone counts at the end."""

from collections.abc import Sequence

import numpy as np

from engine.search import Evaluator
from games import go
from games.game import Position
from games.go import sgf
from games.go.planes import PLANES
from games.go.rules import BLACK, EMPTY, WHITE
from training.report import Curve

SENSIBLE = next(first for name, first, _ in PLANES if name == "sensibleness")

FAIR_KOMI, SPREAD = 7.0, 4.0
"""Komi are drawn about the fair one (of area counting on 9x9) with this standard deviation ..."""

FAR_SHARE, FAR = 0.2, 20.0
"""... but for this share of the games, whose komi is anything up to so many points away."""

CURVES: dict[str, Curve] = {}

BOARD = "9"
"""The board on which progress is measured."""

SUFFIX = ".sgf"
"""The ending of the name of a record."""


def start(board: str, random: np.random.Generator) -> np.ndarray:
    """Return the empty board of a size, "9" say, with a komi that is drawn; raise `ValueError` for another text."""
    if not board.isdecimal() or len(board) > 2:
        raise ValueError(f"boards = {board!r} names no size of a board: 9, say, or 9,13 for two sizes")
    away = random.uniform(-FAR, FAR) if random.random() < FAR_SHARE else random.normal(0, SPREAD)
    return go.start(int(board), komi=round(2 * (FAIR_KOMI + away)) / 2)


def record(board: np.ndarray, moves: Sequence[int]) -> bytes:
    """Write a game as SGF."""
    position = Position(go, board)
    for move in moves:
        position.play(move, recorded=True)
    return sgf.write(sgf.from_position(position))


def playable(states: np.ndarray, planes: np.ndarray) -> np.ndarray:
    """Return which moves a raw policy may choose among, bool [B, points + 1]: what fills no eye, else the pass.

    So games are played to their very end, and counting takes no judgement.
    """
    points = planes[:, SENSIBLE].reshape(len(states), -1) > 0
    return np.concatenate([points, ~points.any(1, keepdims=True)], 1)


def owners(ends: np.ndarray) -> np.ndarray:
    """Return who owns each point of boards [B, W] that are played to the end: 1 Black, -1 White, 0 both or nobody.

    A region of empty points is whose stones alone reach it: int8 [B, points].
    """
    boards = np.stack([go.colours(state) for state in ends])
    reached = [_spread(boards == colour, boards == EMPTY).reshape(len(ends), -1) for colour in (BLACK, WHITE)]
    return reached[0].astype(np.int8) - reached[1]


def _spread(points: np.ndarray, free: np.ndarray) -> np.ndarray:
    """Return points, and all free ones that are joined with them, bool [B, rows, columns]."""
    while True:
        grown = points.copy()
        grown[:, 1:] |= points[:, :-1]
        grown[:, :-1] |= points[:, 1:]
        grown[:, :, 1:] |= points[:, :, :-1]
        grown[:, :, :-1] |= points[:, :, 1:]
        grown &= points | free
        if np.array_equal(grown, points):
            return points
        points = grown


def measure(evaluator: Evaluator) -> dict[str, float]:
    """Return nothing: games against other players measure Go, in a tournament."""
    return {}
