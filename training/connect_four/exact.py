"""How many moves are right: 2,500 positions of Connect Four whose every move was scored by the perfect solver.

A position comes of 8 to 30 uniformly random moves, and stays where its moves differ in result (win, draw, loss); a move
is right if it keeps the best result. The set ships as `positions.npz`; `make` makes it again from its seed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from games import connect_four
from games.connect_four.solver import FULL, Solver
from games.game import NOBODY

SHIPPED = Path(__file__).with_name("positions.npz")
SIZE, SEED = 2500, 20160127
FEWEST, MOST = 8, 30
"""Random moves before a position."""


@dataclass(frozen=True)
class Positions:
    """Positions [N, 3], and for the side to play the result of each move, int8 [N, 7]: 1, 0, -1, or FULL."""

    states: np.ndarray
    results: np.ndarray

    @property
    def right(self) -> np.ndarray:
        """Which moves keep the best result, bool [N, 7]."""
        return self.results == self.results.max(1, keepdims=True)

    @property
    def random_floor(self) -> float:
        """Share of right moves that a random legal move has."""
        return float((self.right.sum(1) / (self.results != FULL).sum(1)).mean())

    def accuracy(self, moves: np.ndarray) -> float:
        """Return the share of right ones among moves, one a position, int [N]."""
        return float(self.right[np.arange(len(moves)), moves].mean())


# --- making them ------------------------------------------------------------------------------------------


def random_position(seed: int, number: int) -> np.ndarray:
    """Play so many random moves as the seed and the number of a position decide."""
    random, state = np.random.default_rng((seed, number)), connect_four.start()[None]
    for _ in range(random.integers(FEWEST, MOST + 1)):
        moves, _, counts = connect_four.legal(state)
        if counts[0] == 0:
            break
        connect_four.play(state, random.choice(moves[0, : counts[0]], 1))
    return state[0]


def draw(
    seed: int = SEED, first: int = 0, step: int = 1, most: int = MOST
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield the number, state and results of positions worth keeping, of every `step`-th number from `first` on."""
    solver = Solver(24)
    for number in count(first, step):
        state = random_position(seed, number)
        if connect_four.turn(state[None])[0] == NOBODY:
            continue
        results = solver.results(state)
        if len(set(results[results != FULL].tolist())) > 1:
            yield number, state, results
