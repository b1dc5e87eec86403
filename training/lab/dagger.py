"""Behaviour cloning against DAgger (Ross, Gordon and Bagnell 2011): whose states does the expert label?

    cloning   the expert's own: a pupil that strays comes to states without a label, and strays further
    DAgger    the pupil's: the expert labels where the pupil itself has come to

The pupil walks through a field from the corner opposite to the one that earns. Where it has a label it does what the
expert does, but for a blunder now and then, as no pupil is perfect; elsewhere it does anything. Both get equally many
labels. The odds of being in each state at each step follow from the tables, so that all numbers are exact.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.settings import setting
from games.lab import grid
from games.lab.finite_world import action_values, greedy, optimal_values, policy_values, steps_of
from training.lab.table_stage import TableStage
from training.learning_settings import MOST_STEPS, RunSettings
from training.report import Curve
from training.run import Run
from training.stage import carry_out


@dataclass(frozen=True)
class Settings(RunSettings):
    """The field, and whose states are labelled."""

    aggregate: bool = setting(True, "label states of the pupil (DAgger); false: of the expert (cloning)")
    side: int = setting(10, "side of the field", least=2, most=32)
    blunder: float = setting(0.1, "odds that the pupil does anything though it has a label", least=0, most=1)
    slip: float = setting(0.0, "odds that a step goes in a direction of chance", least=0, most=1)
    discount: float = setting(0.95, "what a reward is worth a step later", least=0, most=0.999)
    length: int = setting(40, "steps of a walk, each of which gives a label", least=1, most=100_000)
    steps: int = setting(30, "walks", least=1, most=MOST_STEPS)
    log_every: int = setting(5, "walks between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(15, "walks between two measurements", least=1, most=MOST_STEPS)


def train(run: Run) -> None:
    """Walk and label until the last walk, going on from the newest checkpoint."""
    carry_out(run, GridImitation(run.settings))


class GridImitation(TableStage):
    """A pupil on the field, which knows what the expert does in the states that were labelled."""

    counted, gathering = "walks", "walking"
    curves = {
        "mistakes": Curve("of the steps", "How often the pupil does what the expert would not, over a whole walk."),
        "mistakes_early": Curve("of the steps", "The same in the first quarter of a walk."),
        "mistakes_late": Curve("of the steps", "The same in the last quarter; above the early ones: mistakes add up."),
        "loss": Curve("of the expert's value", "What the pupil earns less than the expert, from the first corner."),
    }

    def __init__(self, settings: Settings):
        self.settings, self.steps, self.batch = settings, settings.steps, 1
        self.world = grid.field(settings.side, settings.slip, settings.discount)
        self.expert = greedy(action_values(self.world, optimal_values(self.world)))
        self.start = settings.side * (settings.side - 1)
        self.tables = {"labelled": np.zeros(len(self.expert), bool)}

    def pupil(self) -> np.ndarray:
        """Return the pupil's policy [S, A]."""
        anything = np.where(self.tables["labelled"], self.settings.blunder, 1.0)[:, None]
        return (1 - anything) * self.expert + anything / len(grid.MOVES)

    def data(self, done: int) -> Generator[np.ndarray]:
        """Yield the states of each walk; the first one is the expert's, as there is no pupil yet."""
        for step in range(done + 1, self.steps + 1):
            random = np.random.default_rng([self.settings.seed, step])
            steps = steps_of(self.world, self.pupil() if self.settings.aggregate and step > 1 else self.expert)
            path = [self.start]
            while len(path) < self.settings.length:
                path.append(int(random.choice(len(steps), p=steps[path[-1]])))
            yield np.array(path)

    def learn(self, step: int, data: np.ndarray) -> None:
        """Label the states of a walk."""
        self.tables["labelled"][data] = True

    def mistakes(self) -> np.ndarray:
        """Return the odds of a mistake at each step of a walk of the pupil."""
        pupil, found = self.pupil(), []
        wrong, steps = 1 - (pupil * self.expert).sum(1), steps_of(self.world, pupil)
        where = np.eye(len(pupil))[self.start]
        for _ in range(self.settings.length):
            found.append(float(where @ wrong))
            where = where @ steps
        return np.array(found)

    def measure(self) -> dict[str, float]:
        """Return how often the pupil errs, when, and what that costs."""
        each, quarter = self.mistakes(), max(1, self.settings.length // 4)
        best, found = (policy_values(self.world, policy)[self.start] for policy in (self.expert, self.pupil()))
        return {
            "mistakes": float(each.mean()),
            "mistakes_early": float(each[:quarter].mean()),
            "mistakes_late": float(each[-quarter:].mean()),
            "loss": float(1 - found / best),
        }
