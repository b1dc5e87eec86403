"""How Connect Four learns from its own games: how they begin, and how what was learned is measured."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.search import Evaluator
from engine.searching import NETWORK
from games import connect_four
from games.connect_four.planes import PLANES
from games.connect_four.writing import write_moves
from training.connect_four import exact
from training.report import Curve

VISITS = 200
LANDING = next(first for name, first, _ in PLANES if name == "landing")

SUFFIX = ".c4"
"""The ending of the name of a record."""

BOARD = ""
"""The board on which progress is measured: there is one only."""

CURVES = {
    "policy_right": Curve("of 2,500 positions", "How often the likeliest move keeps the best result; random: 0.335."),
    "search_right": Curve("of 2,500 positions", "How often the move of 200 visits does; by rollouts: 0.903."),
}


def start(board: str, random: np.random.Generator) -> np.ndarray:
    """Return the empty board; raise `ValueError` where another one is named."""
    if board:
        raise ValueError(f"boards = {board!r}: there is only the usual board of 7 by 6, which has no name")
    return connect_four.start()


def record(board: np.ndarray, moves: Sequence[int]) -> bytes:
    """Write a game as its moves."""
    return f"{write_moves(list(moves))}\n".encode()


def playable(states: np.ndarray, planes: np.ndarray) -> np.ndarray:
    """Return which columns a raw policy may choose among, bool [B, 7]: those that are not full."""
    return planes[:, LANDING].max(1) > 0


def measure(evaluator: Evaluator) -> dict[str, float]:
    """Return the share of right moves in positions whose results are known: of the policy, and of 200 visits."""
    positions = exact.shipped()
    settings = replace(NETWORK, rollout_weight=0.0, wave=exact.AT_ONCE)
    return {
        "policy_right": exact.of_policy(evaluator, positions),
        "search_right": exact.of_search(evaluator, settings, VISITS, positions),
    }
