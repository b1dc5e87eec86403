"""How many moves are right: 2,500 positions of Connect Four whose every move was scored by a perfect solver.

A position comes of 8 to 30 uniformly random moves, and stays where its moves differ in result (win, draw, loss); a move
is right if it keeps the best result. The set ships as `positions.npz`; `draw` makes it again from its seed, in about
an hour. BitBully scored what ships, since it knows the openings; our own solver has found the same results in
all of the 1,500 positions with 14 discs or more.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count, islice
from pathlib import Path

import numpy as np

from engine.clock import Limit
from engine.search import Evaluator, SearchSettings, search
from engine.tree import MOVE, ROOT, VISITS, allocate, children
from games import connect_four
from games.connect_four.rules import COLUMNS
from games.connect_four.solver import FULL, Solver
from games.game import NOBODY

SHIPPED = Path(__file__).with_name("positions.npz")
SIZE, SEED = 2500, 20160127
FEWEST, MOST = 8, 30
"""Random moves before a position."""

AT_ONCE = 250
"""Positions whose trees grow together."""


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


@cache
def shipped() -> Positions:
    """Return the positions that ship with Yomi."""
    with np.load(SHIPPED) as kept:
        return Positions(kept["states"], kept["results"])


# --- measuring --------------------------------------------------------------------------------------------


def of_policy(evaluator: Evaluator, positions: Positions) -> float:
    """Return how often the likeliest legal move is right, without any search."""
    priors, _ = evaluator(connect_four, positions.states)
    return positions.accuracy(np.where(positions.results == FULL, -1, priors).argmax(1))


def of_search(evaluator: Evaluator, settings: SearchSettings, visits: int, positions: Positions) -> float:
    """Return how often the most visited move of a search is right; each position has its own tree."""
    moves = np.empty(len(positions.states), np.int64)
    for first in range(0, len(moves), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        moves[part] = _searched(
            evaluator, replace(settings, seed=settings.seed + first), visits, positions.states[part]
        )
    return positions.accuracy(moves)


def _searched(evaluator: Evaluator, settings: SearchSettings, visits: int, states: np.ndarray) -> list[int]:
    tree = allocate(len(states), (visits + 2) * COLUMNS)
    search(connect_four, states, tree, evaluator, settings, Limit(visits=visits))
    below = [children(tree, int(root)) for root in tree.regions[ROOT]]
    return [int(tree.ints[MOVE, each[np.argmax(tree.ints[VISITS, each])]]) for each in below]


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


def draw(seed: int = SEED, first: int = 0, step: int = 1) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield number, state and results of the positions worth keeping, of every `step`-th number from `first` on.

    The shipped set is the first 2,500 of step 1. A position of 8 discs takes seconds, one of 12 a tenth of that.
    """
    solver = Solver(24)
    for number in count(first, step):
        state = random_position(seed, number)
        if connect_four.turn(state[None])[0] == NOBODY:
            continue
        results = solver.results(state)
        if len(set(results[results != FULL].tolist())) > 1:
            yield number, state, results


def _write() -> None:
    """Make the set again, in place of the one that ships."""
    numbers, states, results = zip(*islice(draw(), SIZE), strict=True)
    np.savez_compressed(SHIPPED, numbers=np.array(numbers, np.int32), states=states, results=results)


if __name__ == "__main__":
    _write()
