"""Where deep Q-learning acts: poles, or both sides of a board game; many of them at once.

`sign` is -1 where two sides take turns: what the next state is worth to the other side counts negative.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from games import wings
from games.game import FIRST, NOBODY
from games.lab import cart_pole
from training.lab.episodes import REWARD, SOLVED, play_anew, seen
from training.lab.transitions import Transition
from training.report import Curve

Values = Callable[[np.ndarray], np.ndarray]
"""What each action is worth [B, A], of what a network sees of states [B, F]."""


class QWorld(ABC):
    """Agents that act at once, each in a state [W] of its own."""

    sign: float
    actions: int
    solved = np.inf  # the measurement from which the problem counts as solved
    curve: Curve
    worth: str  # what values mean here

    def __init__(self, agents: int, random: np.random.Generator):
        self.tables = {"states": self.begin(agents, random), "ages": np.zeros(agents, np.int64)}

    @abstractmethod
    def begin(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Return states to begin with [count, W]."""

    @abstractmethod
    def seen(self, states: np.ndarray) -> np.ndarray:
        """Return what a network sees of states, float32 [B, F]."""

    @abstractmethod
    def legal(self, states: np.ndarray) -> np.ndarray:
        """Return which actions are legal, bool [B, A]."""

    @abstractmethod
    def step(self, states: np.ndarray, actions: np.ndarray) -> Transition:
        """Return what follows actions."""

    @abstractmethod
    def measure(self, values: Values, count: int, random: np.random.Generator) -> float:
        """Return how good the best actions are."""

    def timed_out(self) -> np.ndarray:
        """Return which agents have acted for as long as they may, bool [B]."""
        return np.zeros(len(self.tables["ages"]), bool)

    def walk(self, values: Values, epsilon: float, random: np.random.Generator) -> Transition:
        """Let every agent take its best action, or with odds of epsilon any; one at an end begins anew."""
        states = self.tables["states"]
        legal, chance = self.legal(states), random.random(len(states)) < epsilon
        liked = np.where(chance[:, None], random.random(legal.shape), values(self.seen(states)))
        found = self.step(states, np.where(legal, liked, -np.inf).argmax(1))
        self.tables["ages"] += 1
        ends = found.over | self.timed_out()
        self.tables["states"] = np.where(ends[:, None], self.begin(len(states), random), found.nexts)
        self.tables["ages"][ends] = 0
        return found


class Poles(QWorld):
    """Cart and pole: each step earns REWARD until the pole falls. A pole whose time is up has not fallen."""

    sign, actions, solved = 1.0, 2, SOLVED
    worth = "1 is the most that standing can be worth: the best of noisy values is always too high."
    curve = Curve("steps", "How long poles stand under the best push; 475: solved.")

    def begin(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Return poles that stand nearly upright."""
        return cart_pole.start(count, random)

    def seen(self, states: np.ndarray) -> np.ndarray:
        """Return place, speed, angle and angular speed."""
        return seen(states)

    def legal(self, states: np.ndarray) -> np.ndarray:
        """Return both pushes."""
        return np.ones((len(states), self.actions), bool)

    def step(self, states: np.ndarray, actions: np.ndarray) -> Transition:
        """Push each pole once."""
        after = cart_pole.push(states, actions)
        return Transition(states, actions, np.full(len(states), REWARD, np.float32), after, cart_pole.fallen(after))

    def timed_out(self) -> np.ndarray:
        """Return which poles have stood for 500 steps."""
        return self.tables["ages"] >= cart_pole.LONGEST

    def measure(self, values: Values, count: int, random: np.random.Generator) -> float:
        """Return how many steps poles stand."""
        return float(play_anew(lambda states: values(self.seen(states)).argmax(1), count, random).lengths.mean())


class Games(QWorld):
    """Games of two sides that play themselves, of which a perfect player has judged some positions."""

    sign = -1.0
    worth = "1 wins and -1 loses for the side to move."
    curve = Curve("of the positions", "How often the best move is a right one, as a perfect player has found.")

    def __init__(self, agents: int, random: np.random.Generator, game: str):
        judged = list(wings.having("training", "exact"))
        if game not in judged:
            raise ValueError(f"no perfect player has judged positions of {game!r}, but of: {', '.join(judged)}")
        self.game = wings.game(game)
        self.judged = wings.part("training", game, "exact")
        super().__init__(agents, random)
        self.actions = self.game.move_count(self.tables["states"][0])

    def begin(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Return empty boards."""
        return np.repeat(self.game.start()[None], count, 0)

    def seen(self, states: np.ndarray) -> np.ndarray:
        """Return the planes that the game's networks see, as one row."""
        return self.game.features(states).reshape(len(states), -1).astype(np.float32)

    def legal(self, states: np.ndarray) -> np.ndarray:
        """Return the legal moves."""
        moves, _, counts = self.game.legal(states)
        listed = np.arange(moves.shape[1]) < counts[:, None]
        found = np.zeros((len(states), self.actions), bool)
        found[np.nonzero(listed)[0], moves[listed]] = True
        return found

    def step(self, states: np.ndarray, actions: np.ndarray) -> Transition:
        """Play a move in each game; one that wins earns 1."""
        after = states.copy()
        self.game.play(after, actions.astype(np.int32))
        over = self.game.turn(after) == NOBODY
        won = np.where(self.game.turn(states) == FIRST, 1.0, -1.0) * self.game.score(after)
        return Transition(states, actions, np.where(over, won, 0.0).astype(np.float32), after, over)

    def measure(self, values: Values, count: int, random: np.random.Generator) -> float:
        """Return the share of judged positions in which the best move is right."""
        positions = self.judged.shipped()
        liked = np.where(self.legal(positions.states), values(self.seen(positions.states)), -np.inf)
        return positions.accuracy(liked.argmax(1))
