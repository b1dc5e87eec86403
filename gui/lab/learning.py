"""Learning a step at a time, for people who watch: sweeps and walks on a grid, a pole's policy, tic-tac-toe's proof.

Nothing is drawn here, and no network is needed: everything is a small table.
"""

import numpy as np

from games.lab import cart_pole, grid, tic_tac_toe
from games.lab.finite_world import FiniteWorld, action_values, best_values, optimal_values

SIDE = 5
"""Side of the grid."""

SWEEPS, WALKS = "Value iteration", "Q-learning"
CORNERS, FIELD = "To a corner", "A field"

WORLDS = {CORNERS: lambda: grid.corners(SIDE), FIELD: lambda: grid.field(SIDE)}

EXPLORE, SLOWING = 0.3, 0.8
"""Odds that an agent takes an action of chance; its rate at the n-th visit is n to the power of minus SLOWING."""


class GridLearner:
    """A grid, what its actions are worth as far as it is known, and an agent that walks there."""

    def __init__(self, method: str = SWEEPS, world: str = CORNERS, seed: int = 1):
        self.method, self.name, self.seed = method, world, seed
        self.world: FiniteWorld = WORLDS[world]()
        self.truth = optimal_values(self.world)
        self.begin()

    def begin(self) -> None:
        """Forget everything."""
        self.values = np.zeros(SIDE * SIDE)
        self.actions = np.where(self.world.legal, 0.0, -np.inf)
        self.visits = np.zeros(self.world.legal.shape, int)
        self.random = np.random.default_rng(self.seed)
        self.agent, self.steps, self.change = self._somewhere(), 0, np.inf

    def _somewhere(self) -> int:
        return int(self.random.choice(np.flatnonzero(self.world.legal.any(1))))

    def step(self, walks: int = 1) -> None:
        """Sweep over all cells, or let the agent take some steps."""
        if self.method == SWEEPS:
            self._sweep()
        else:
            for _ in range(walks):
                self._walk()
            self.values = best_values(self.world, self.actions)
            self.change = float(np.abs(self.values - self.truth).max())

    def _sweep(self) -> None:
        found = best_values(self.world, action_values(self.world, self.values))
        self.change = float(np.abs(found - self.values).max())
        self.values, self.steps = found, self.steps + 1
        self.actions = action_values(self.world, found)

    def _walk(self) -> None:
        world, state = self.world, self.agent
        row = self.actions[state]
        best = (
            np.flatnonzero(row == row.max()) if self.random.random() > EXPLORE else np.flatnonzero(world.legal[state])
        )
        action = int(self.random.choice(best))
        after = int(self.random.choice(world.nexts[state, action], p=world.odds[state, action]))
        target = world.rewards[state, action]
        if world.legal[after].any():
            target += world.discount * self.actions[after].max()
        self.visits[state, action] += 1
        self.actions[state, action] += self.visits[state, action] ** -SLOWING * (target - row[action])
        self.agent, self.steps = (after if world.legal[after].any() else self._somewhere()), self.steps + 1

    def best(self, cell: int) -> list[int]:
        """Return the best actions of a cell; none where they are all alike or the cell is an end."""
        row = self.actions[cell]
        legal = row[self.world.legal[cell]]
        if not len(legal) or np.ptp(legal) < 1e-9:
            return []
        return np.flatnonzero(row > row.max() - 1e-9).tolist()

    @property
    def told(self) -> str:
        """How far it has come, in a sentence."""
        if not self.steps:
            return "nothing is known yet"
        if self.method == SWEEPS:
            done = self.change < 1e-9
            return f"sweep {self.steps}: " + (
                "nothing changes any more" if done else f"changed by up to {self.change:.2g}"
            )
        return f"{self.steps:,} steps: values are off by up to {self.change:.2f}"


POLICIES, ELITE = 24, 6
"""Policies of a generation, and how many of them the next one is drawn from."""


class PoleLearner:
    """A linear policy for cart-pole: of random ones the best are kept, and the next are drawn about them.

    That is the cross-entropy method (Rubinstein 1999): push right where weights x state is above 0.
    """

    def __init__(self, seed: int = 1):
        self.seed = seed
        self.begin()

    def begin(self) -> None:
        """Forget everything."""
        self.random = np.random.default_rng(self.seed)
        self.mean, self.spread = np.zeros(4), np.ones(4)
        self.curve: list[float] = []  # steps that the policies of each generation stood, on average
        self.show()

    def generation(self) -> None:
        """Try policies, and keep what the best have in common."""
        weights = self.mean + self.spread * self.random.normal(size=(POLICIES, 4))
        stood = steps_stood(weights, self.random)
        best = weights[np.argsort(-stood, kind="stable")[:ELITE]]
        self.mean, self.spread = best.mean(0), best.std(0) + 0.05
        self.curve.append(float(stood.mean()))

    def show(self) -> None:
        """Begin an episode of the present policy."""
        self.state, self.stood, self.pushed = cart_pole.start(1, self.random), 0, 0

    @property
    def ended(self) -> bool:
        """Whether the pole has fallen, or stood long enough."""
        return bool(cart_pole.fallen(self.state)[0]) or self.stood >= cart_pole.LONGEST

    def push(self) -> None:
        """Push the cart once."""
        self.pushed = int((self.state @ self.mean)[0] > 0)
        self.state = cart_pole.push(self.state, np.array([self.pushed]))
        self.stood += 1

    @property
    def told(self) -> str:
        """How far it has come, in a sentence."""
        trained = f"generation {len(self.curve)}" if self.curve else "before learning"
        return f"{trained}: the pole has stood {self.stood} of {cart_pole.LONGEST} steps"


def steps_stood(weights: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Return how many steps the pole stands under each of some policies [B, 4], int [B]."""
    states, stood = cart_pole.start(len(weights), random), np.zeros(len(weights), int)
    up = np.ones(len(weights), bool)
    for _ in range(cart_pole.LONGEST):
        states = cart_pole.push(states, ((states * weights).sum(1) > 0).astype(int))
        up &= ~cart_pole.fallen(states)
        if not up.any():
            break
        stood += up
    return stood


class NoughtsProof:
    """Tic-tac-toe as a table: what is known after some sweeps, and a position to look at."""

    def __init__(self):
        self.world, self.boards = tic_tac_toe.world(), tic_tac_toe.positions()
        self.way = [tic_tac_toe.START]
        self.begin()

    def begin(self) -> None:
        """Forget all values."""
        self.values, self.sweeps, self.known = np.zeros(len(self.boards)), 0, 0

    def step(self) -> None:
        """Sweep over all positions."""
        found = best_values(self.world, action_values(self.world, self.values))
        self.known = int((found != self.values).sum())
        self.values, self.sweeps = found, self.sweeps + 1

    @property
    def board(self) -> np.ndarray:
        """The position that is looked at: 1 X, -1 O, int8 [9]."""
        return self.boards[self.way[-1]]

    def moves(self) -> dict[int, tuple[np.ndarray, float]]:
        """Return the board after each move, and what the move is worth to the side that makes it."""
        state = self.way[-1]
        worth = action_values(self.world, self.values)[state]
        cells = np.flatnonzero(self.world.legal[state]).tolist()
        return {cell: (self.boards[self.world.nexts[state, cell, 0]], float(worth[cell])) for cell in cells}

    def play(self, cell: int) -> None:
        """Look at the position after a move; an illegal one changes nothing."""
        if self.world.legal[self.way[-1], cell]:
            self.way.append(int(self.world.nexts[self.way[-1], cell, 0]))

    def back(self) -> None:
        """Look at the position before the last move."""
        self.way = self.way[:-1] or self.way

    @property
    def told(self) -> str:
        """How far it has come, in a sentence."""
        if not self.sweeps:
            return "nothing is known yet"
        proved = self.known == 0
        return f"sweep {self.sweeps}: " + ("all is proved: a draw" if proved else f"{self.known:,} positions changed")
