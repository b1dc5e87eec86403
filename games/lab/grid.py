"""Square grids: the 4 x 4 grid of Sutton and Barto (example 4.1), and the field of Ng and Russell (2000).

T 1 2 3     From each cell the actions lead up, right, down and left; a step into the wall stays. In the first
1 2 3 2     world a step costs 1 and the corners T are ends; the numbers are the steps that the best policy needs.
2 3 2 1     In the second one nothing ends, and whoever is in the corner at the top right earns 1.
3 2 1 T     With odds `slip` a step goes in a direction of chance.
"""

import numpy as np

from games.lab.finite_world import FiniteWorld

MOVES = np.array([[-1, 0], [0, 1], [1, 0], [0, -1]])
ARROWS = "↑→↓←"


def corners(side: int = 4, slip: float = 0.0, discount: float = 1.0) -> FiniteWorld:
    """Return the grid where each step costs 1 until one of two corners is reached."""
    nexts, odds = _steps(side, slip)
    legal = np.ones((side * side, len(MOVES)), bool)
    legal[[0, -1]] = False
    return FiniteWorld(nexts, odds, np.where(legal, -1.0, 0.0), legal, discount)


def field(side: int = 4, slip: float = 0.3, discount: float = 0.9) -> FiniteWorld:
    """Return the grid where each step in the corner at the top right earns 1."""
    nexts, odds = _steps(side, slip)
    rewards = np.zeros((side * side, len(MOVES)))
    rewards[side - 1] = 1.0
    return FiniteWorld(nexts, odds, rewards, np.ones_like(rewards, bool), discount)


def _steps(side: int, slip: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the next states and their odds, [S, 4, 4]: the outcomes of an action are the four directions."""
    cells = np.stack(np.divmod(np.arange(side * side), side), 1)
    reached = np.clip(cells[:, None] + MOVES, 0, side - 1) @ [side, 1]  # [S, 4]
    odds = (1 - slip) * np.eye(len(MOVES)) + slip / len(MOVES)
    shape = (side * side, len(MOVES), len(MOVES))
    return np.broadcast_to(reached[:, None], shape), np.broadcast_to(odds, shape)
