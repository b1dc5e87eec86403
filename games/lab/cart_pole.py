"""Cart and pole (Barto, Sutton and Anderson 1983), as in gymnasium's CartPole-v1, many of them at once.

A cart is pushed left (0) or right (1) every fiftieth of a second. A pole has fallen when it leans 12 degrees or its
cart is 2.4 m away. A state is place, speed, angle and angular speed.
"""

import math

import numpy as np

GRAVITY, POLE, WEIGHT, HALF, FORCE, SECONDS = 9.8, 0.1, 1.1, 0.5, 10.0, 0.02
"""The pole's mass, that of pole and cart, half the pole's length, the push, the time of a step."""

FARTHEST, STEEPEST = 2.4, math.radians(12)
LONGEST = 500
"""Steps after which an episode ends though the pole stands."""


def start(count: int, random: np.random.Generator) -> np.ndarray:
    """Return poles that stand nearly upright, float64 [count, 4]."""
    return random.uniform(-0.05, 0.05, (count, 4))


def push(states: np.ndarray, pushes: np.ndarray) -> np.ndarray:
    """Return the states [B, 4] a step after pushes [B] of 0 or 1."""
    speed, angle, turning = states[:, 1], states[:, 2], states[:, 3]
    cos, sin = np.cos(angle), np.sin(angle)
    forced = (np.where(pushes == 1, FORCE, -FORCE) + POLE * HALF * turning**2 * sin) / WEIGHT
    turns = (GRAVITY * sin - cos * forced) / (HALF * (4 / 3 - POLE * cos**2 / WEIGHT))
    moves = forced - POLE * HALF * turns * cos / WEIGHT
    return states + SECONDS * np.stack([speed, moves, turning, turns], 1)


def fallen(states: np.ndarray) -> np.ndarray:
    """Tell of each state [B, 4] whether the pole has fallen."""
    return (np.abs(states[:, 0]) > FARTHEST) | (np.abs(states[:, 2]) > STEEPEST)
