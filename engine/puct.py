"""The two terms that `select` compares, for a reader of the tree: Q and U of the children of many nodes at once."""

import numpy as np

from engine.search import SearchSettings
from engine.tree import PRIOR, TOTAL, TURN, VISITS, Tree
from games.game import CHANCE, SECOND


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
