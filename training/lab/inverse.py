"""Inverse reinforcement learning (Ng and Russell 2000): which reward makes an expert's actions the best ones?

    maximise   sum over s of  min over a of (P_expert(s) - P_a(s)) (I - discount * P_expert)^-1 R   -  penalty * |R|
    where      no such difference is negative,  |R(s)| <= 1

The expert's policy is read off walks of its own; states that no walk came by say nothing. Each step of the run sees
one walk more. What counts is what the greedy policy of the recovered reward loses under the true one.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.settings import setting
from games.lab import finite_world, grid
from training.lab.simplex import maximise
from training.lab.table_stage import TableStage
from training.learning_settings import MOST_STEPS, RunSettings
from training.report import Curve
from training.run import Run
from training.stage import carry_out


@dataclass(frozen=True)
class Settings(RunSettings):
    """The field, the expert's walks, and the penalty for rewards that explain nothing."""

    side: int = setting(4, "side of the field", least=2, most=16)
    slip: float = setting(0.3, "odds that a step goes in a direction of chance (Ng and Russell: 0.3)", least=0, most=1)
    discount: float = setting(0.9, "what a reward is worth a step later", least=0, most=0.999)
    penalty: float = setting(2.0, "what a reward of 1 has to explain; more: simpler rewards", least=0, most=1e6)
    length: int = setting(10, "steps of a walk of the expert", least=1, most=100_000)
    steps: int = setting(32, "walks of the expert", least=1, most=MOST_STEPS)
    log_every: int = setting(4, "walks between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(16, "walks between two measurements", least=1, most=MOST_STEPS)


def train(run: Run) -> None:
    """Watch the expert until the last walk, going on from the newest checkpoint."""
    carry_out(run, InverseLearning(run.settings))


class InverseLearning(TableStage):
    """An expert on the field, and the reward that explains what it does."""

    counted, gathering = "walks", "walking"
    curves = {
        "loss": Curve("of the expert's value", "What the greedy policy of the recovered reward loses; less is better."),
        "seen": Curve("of the states", "Where the expert was seen to act."),
        "agreement": Curve("of the states", "Where that policy does what the expert does."),
    }

    def __init__(self, settings: Settings):
        self.settings, self.steps, self.batch = settings, settings.steps, 1
        self.world = grid.field(settings.side, settings.slip, settings.discount)
        self.expert = finite_world.greedy(
            finite_world.action_values(self.world, finite_world.optimal_values(self.world))
        )
        states, actions = self.world.legal.shape
        self.tables = {"counts": np.zeros((states, actions), np.int64), "reward": np.zeros(states)}

    def data(self, done: int) -> Generator[np.ndarray]:
        """Yield the states in which each walk of the expert acts; it begins anywhere."""
        for step in range(done + 1, self.steps + 1):
            random = np.random.default_rng([self.settings.seed, step])
            path = [int(random.integers(len(self.expert)))]
            steps = finite_world.steps_of(self.world, self.expert)
            while len(path) < self.settings.length:
                path.append(int(random.choice(len(steps), p=steps[path[-1]])))
            yield np.array(path)

    def learn(self, step: int, data: np.ndarray) -> None:
        """Note what the expert did, and explain it."""
        np.add.at(self.tables["counts"], (data, self.expert[data].argmax(1)), 1)
        counts = self.tables["counts"]
        self.tables["reward"] = explain(
            self.world, finite_world.greedy(counts), counts.sum(1) > 0, self.settings.penalty
        )

    def measure(self) -> dict[str, float]:
        """Return what the greedy policy of the recovered reward loses under the true one."""
        explained = self.world._replace(rewards=np.repeat(self.tables["reward"][:, None], 4, 1))
        policy = finite_world.greedy(finite_world.action_values(explained, finite_world.optimal_values(explained)))
        best, found = (finite_world.policy_values(self.world, each).mean() for each in (self.expert, policy))
        return {
            "loss": float(1 - found / best),
            "seen": float(self.tables["counts"].any(1).mean()),
            "agreement": float((policy == self.expert).all(1).mean()),
        }


def explain(world: finite_world.FiniteWorld, policy: np.ndarray, seen: np.ndarray, penalty: float) -> np.ndarray:
    """Return the reward [S] under which a policy [S, A] is best in the states `seen` [S], by as much as possible."""
    states, actions = policy.shape
    every = [finite_world.steps_of(world, np.eye(actions)[np.full(states, action)]) for action in range(actions)]
    later = np.linalg.inv(np.eye(states) - world.discount * finite_world.steps_of(world, policy))
    better = np.stack([(finite_world.steps_of(world, policy) - each) @ later for each in every], 1)  # [S, A, S]
    rows = better[(policy == 0) & seen[:, None]]
    whose = np.nonzero((policy == 0) & seen[:, None])[0]
    # unknowns: the reward's positive part, its negative part, and of each state by how much its action is better
    least = np.hstack([-rows, rows, np.eye(states)[whose]])
    bounds = np.hstack([np.eye(2 * states), np.zeros((2 * states, states))])
    gains = np.concatenate([np.full(2 * states, -penalty), seen])
    limits = np.concatenate([np.zeros(len(rows)), np.ones(2 * states)])
    found = maximise(gains, np.vstack([least, bounds]), limits)
    return found[:states] - found[states : 2 * states]
