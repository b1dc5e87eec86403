"""Value iteration: each state becomes worth its best action, sweep after sweep, until nothing changes (Bellman 1957).

V(s) <- max over a of  reward(s, a) + discount * mean of V(s')
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.settings import setting
from games.lab.finite_world import action_values, best_values
from training.lab.table_stage import TableStage
from training.lab.worlds import WorldSettings, world_of
from training.learning_settings import MOST_STEPS
from training.report import Curve
from training.run import Run
from training.stage import carry_out


@dataclass(frozen=True)
class Settings(WorldSettings):
    """How long to sweep, and over what."""

    steps: int = setting(10, "sweeps over all states", least=1, most=MOST_STEPS)
    log_every: int = setting(1, "sweeps between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(5, "sweeps between two measurements", least=1, most=MOST_STEPS)


def train(run: Run) -> None:
    """Sweep until the last step, going on from the newest checkpoint."""
    carry_out(run, ValueIteration(run.settings))


class ValueIteration(TableStage):
    """The values of a finite world."""

    counted, gathering = "states", "data"
    curves = {
        "residual": Curve("", "The largest change that another sweep would make; 0 when the values are right."),
        "mean_value": Curve("", "The mean of the values of all states."),
    }

    def __init__(self, settings: Settings):
        self.steps, self.world = settings.steps, world_of(settings)
        self.batch = len(self.world.legal)
        self.tables = {"values": np.zeros(self.batch)}

    def data(self, done: int) -> Generator[None]:
        """Yield nothing: all that there is to know stands in the world's tables."""
        for _ in range(done, self.steps):
            yield None

    def learn(self, step: int, data: None) -> None:
        """Sweep over all states."""
        self.tables = {"values": self._swept()}

    def _swept(self) -> np.ndarray:
        return best_values(self.world, action_values(self.world, self.tables["values"]))

    def measure(self) -> dict[str, float]:
        """Return how far the values are from a solution."""
        values = self.tables["values"]
        return {"residual": float(np.abs(self._swept() - values).max()), "mean_value": float(values.mean())}
