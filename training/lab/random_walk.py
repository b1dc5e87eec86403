"""The random walk of Sutton and Barto (examples 6.2 and 7.1): from the middle to the left end, or to the right one.

-1 <- o - o - o - o - o -> +1     each step goes left or right with equal odds; only the last one earns
"""

import numpy as np


def true_values(states: int) -> np.ndarray:
    """Return what each state is worth: the odds of ending at the right less those of ending at the left."""
    return np.arange(1, states + 1) / (states + 1) * 2 - 1


def walk(states: int, random: np.random.Generator) -> tuple[np.ndarray, float]:
    """Return the states of a walk, from the middle one on, and what its last step earns."""
    path = [states // 2]
    while 0 <= path[-1] < states:
        steps = 2 * random.integers(2, size=64) - 1
        path.extend((path[-1] + np.cumsum(steps)).tolist())
        out = next((number for number, state in enumerate(path) if not 0 <= state < states), None)
        path = path[: out if out is None else out + 1]
    return np.array(path[:-1]), 1.0 if path[-1] == states else -1.0
