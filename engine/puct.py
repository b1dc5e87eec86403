"""The two terms that `select` compares, for a reader of the tree: Q and U of the children of many nodes at once."""

from typing import NamedTuple

import numpy as np

from engine.search import SearchSettings
from engine.tree import PRIOR, TOTAL, TURN, VISITS, Tree
from games.game import CHANCE, SECOND


class PuctFormula(NamedTuple):
    """What Q and U of a search depend on beside the nodes: two settings, and the values seen, where it normalises."""

    c_puct: float = 1.5
    first_play: float = 0.0
    low: float = -1.0  # the values that count as -1 and 1
    high: float = 1.0
    planned: bool = False  # the root goes by a plan of visits, not by Q + U

    @classmethod
    def of(cls, tree: Tree, t: int, settings: SearchSettings) -> "PuctFormula":
        """Return the formula of tree t."""
        low, high = (float(bound) for bound in tree.bounds[:, t])
        scale = (low, high) if low < high else (-1.0, 1.0)
        return cls(settings.c_puct, settings.first_play, *scale, bool(settings.gumbel))

    @property
    def normalises(self) -> bool:
        """Tell whether values are mapped before they are compared."""
        return (self.low, self.high) != (-1.0, 1.0)

    def seen(self, value: float, turn: int) -> float:
        """Return a value as whoever chooses sees it, mapped to [-1, 1]."""
        mapped = (2 * value - self.high - self.low) / (self.high - self.low)
        return -mapped if turn == SECOND else mapped

    def guess(self, parent: float, turn: int) -> float:
        """Return Q of a move that nobody has visited, by the value of its parent."""
        return self.seen(parent, turn) - self.first_play

    def bonus(self, prior: float, parent: int, visits: int) -> float:
        """Return U of a move, by the visits of its parent, those on their way included, and its own."""
        return self.c_puct * prior * parent**0.5 / (1 + visits)


def puct_terms(
    tree: Tree, t: int, settings: SearchSettings, parents: np.ndarray, below: np.ndarray, coming: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return Q and U of children `below` [F, W] of nodes [F] of tree t, float32 [F, W]; 0 at chance nodes.

    `coming` simulations are on their way through each parent, none through its children.
    """
    ints, floats, one = tree.ints, tree.floats, np.float32(1)
    low, high = tree.bounds[:, t]
    scale, shift = (np.float32(2) / (high - low), -(high + low) / (high - low)) if low < high else (one, one * 0)
    turns = ints[TURN, parents]
    sign = np.where(turns == SECOND, -one, one)
    own = ints[VISITS, parents]
    guess = sign * (floats[TOTAL, parents] / np.maximum(own, 1) * scale + shift) - np.float32(settings.first_play)
    visits = ints[VISITS, below].astype(np.float32)
    mean = sign[:, None] * (floats[TOTAL, below] / np.maximum(visits, one) * scale + shift)
    q = np.where(visits > 0, mean, guess[:, None])
    reach = np.float32(settings.c_puct) * np.sqrt((own + coming).astype(np.float32))
    u = reach[:, None] * floats[PRIOR, below] / (one + visits)
    choice = (turns != CHANCE)[:, None]
    return np.where(choice, q, 0), np.where(choice, u, 0)
