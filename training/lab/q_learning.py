"""Tabular Q-learning (Watkins 1989): the value of an action is learned from what followed it, without a model.

    Q(s, a) <- Q(s, a) + rate * (reward + discount * max over b of Q(s', b) - Q(s, a))

Many agents walk at once; where some of them took the same action, it learns from the mean of what followed. Where two
sides take turns, the best of the other one counts negative: that learns tic-tac-toe from games against itself.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.settings import setting
from games.lab import tic_tac_toe
from games.lab.finite_world import action_values, best_values, optimal_values
from training.lab.table_stage import TableStage
from training.lab.worlds import WorldSettings, world_of
from training.learning_settings import MOST_STEPS
from training.report import Curve
from training.run import Run
from training.stage import carry_out


@dataclass(frozen=True)
class Settings(WorldSettings):
    """How many agents walk, how bold they are, and how quickly they learn."""

    slip: float = setting(0.2, "odds that a step on the grid goes in a direction of chance", least=0, most=1)
    steps: int = setting(3000, "steps of all agents", least=1, most=MOST_STEPS)
    agents: int = setting(4096, "agents that walk at once", least=1, most=1 << 20)
    explore: float = setting(0.5, "odds of an action of chance: epsilon", least=0, most=1)
    slowing: float = setting(
        0.8, "the rate of an action at its n-th visit is n to the power of minus this; 0: always 1", least=0, most=1
    )
    log_every: int = setting(500, "steps between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(1000, "steps between two measurements", least=1, most=MOST_STEPS)


class Transitions(NamedTuple):
    """What happened to the agents in a step."""

    states: np.ndarray  # int [B]
    actions: np.ndarray  # int [B]
    nexts: np.ndarray  # int [B]


def train(run: Run) -> None:
    """Walk and learn until the last step, going on from the newest checkpoint."""
    carry_out(run, QLearning(run.settings))


class QLearning(TableStage):
    """Agents that walk through a finite world and learn what each action is worth."""

    counted, gathering = "transitions", "walking"
    curves = {
        "error": Curve("", "The largest difference from the true value of an action, which value iteration computes."),
        "lost_games": Curve("games", "How many of all possible games the greedy policy loses, as X and as O."),
    }

    def __init__(self, settings: Settings):
        self.settings, self.steps, self.batch = settings, settings.steps, settings.agents
        self.world = world_of(settings)
        self.truth = action_values(self.world, optimal_values(self.world))
        self.open = np.flatnonzero(self.world.legal.any(1))
        shape = self.world.legal.shape
        self.tables = {
            "actions": np.zeros(shape),
            "visits": np.zeros(shape, np.int64),
            "agents": np.full(self.batch, self.open[0]),
        }

    # --- walking ------------------------------------------------------------------------------------------

    def data(self, done: int) -> Generator[Transitions]:
        """Yield a step of all agents; one at an end begins anew."""
        for step in range(done + 1, self.steps + 1):
            yield self.walk(np.random.default_rng([self.settings.seed, step]))

    def walk(self, random: np.random.Generator) -> Transitions:
        """Let every agent take an action: mostly the best one, now and then one of chance."""
        states, legal = self.tables["agents"], self.world.legal[self.tables["agents"]]
        noise = random.random(legal.shape)
        explores = random.random(len(states)) < self.settings.explore
        liked = np.where(explores[:, None], 0.0, self.tables["actions"][states])
        best = liked == np.where(legal, liked, -np.inf).max(1, keepdims=True)
        actions = np.where(legal & best, noise, -1.0).argmax(1)
        outcomes = self.world.odds[states, actions].cumsum(1) > random.random(len(states))[:, None]
        nexts = self.world.nexts[states, actions, outcomes.argmax(1)]
        ends = ~self.world.legal[nexts].any(1)
        self.tables["agents"] = np.where(ends, self._beginnings(len(states), random), nexts)
        return Transitions(states, actions, nexts)

    def _beginnings(self, count: int, random: np.random.Generator) -> np.ndarray:
        if self.settings.world == "tic_tac_toe":
            return np.full(count, tic_tac_toe.START)
        return random.choice(self.open, count)

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: Transitions) -> None:
        """Move the values of the actions that were taken towards what followed."""
        world, actions, visits = self.world, self.tables["actions"], self.tables["visits"]
        best = best_values(world, np.where(world.legal, actions, -np.inf))
        targets = world.rewards[data.states, data.actions] + world.discount * world.sign * best[data.nexts]
        taken = np.ravel_multi_index((data.states, data.actions), actions.shape)
        counts, sums = np.bincount(taken), np.bincount(taken, targets)
        places = np.flatnonzero(counts)
        means = sums[places] / counts[places]
        visits.flat[places] += 1
        actions.flat[places] += visits.flat[places] ** -self.settings.slowing * (means - actions.flat[places])

    def measure(self) -> dict[str, float]:
        """Return how far the values are from the truth, and in tic-tac-toe how many games they lose."""
        legal, actions = self.world.legal, self.tables["actions"]
        found = {"error": float(np.abs(actions - self.truth)[legal].max())}
        if self.settings.world == "tic_tac_toe":
            found["lost_games"] = tic_tac_toe.lost_games(np.where(legal, actions, -np.inf))
        return found
