"""TD(lambda) on the random walk, and the error curves of Sutton and Barto (2018), figures 12.6 and 12.8.

    error  <- reward + V(s') - V(s)
    traces <- lambda * traces, and 1 more at s
    V      <- V + rate * error * traces

A step of the run is one repetition: for each lambda and each rate a learner of its own sees the same ten walks. The
number that counts is the root mean square error of all states, averaged over the walks and the repetitions.
`exact` replaces the traces by those of true online TD(lambda) (van Seijen and Sutton 2014), which equals its forward
view exactly.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.settings import setting
from training.lab import random_walk
from training.lab.table_stage import TableStage
from training.learning_settings import MOST_STEPS, RunSettings
from training.report import Curve
from training.run import Run
from training.stage import carry_out

LAMBDAS = (0.0, 0.4, 0.8, 0.9, 0.95, 0.975, 0.99, 1.0)
RATES = tuple((np.arange(0, 21) / 20) ** 2)

DIVERGED = 10.0
"""No error counts as more."""

Walks = list[tuple[np.ndarray, float]]


@dataclass(frozen=True)
class Settings(RunSettings):
    """How long the walk is, and how many there are."""

    states: int = setting(19, "states of the walk (the book: 19)", least=3, most=9999)
    walks: int = setting(10, "walks that a learner sees (the book: 10)", least=1, most=100_000)
    steps: int = setting(100, "repetitions (the book: 100)", least=1, most=MOST_STEPS)
    exact: bool = setting(False, "true online TD(lambda) instead of accumulating traces")
    log_every: int = setting(10, "repetitions between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(50, "repetitions between two measurements", least=1, most=MOST_STEPS)


def train(run: Run) -> None:
    """Repeat until the last step, going on from the newest checkpoint."""
    carry_out(run, TDLambda(run.settings))


class TDLambda(TableStage):
    """Learners of all lambdas and rates side by side: their values are [lambdas, rates, states]."""

    counted, gathering = "walks", "walking"
    curves = {
        f"error_{trace:g}": Curve("", f"Root mean square error of lambda = {trace:g} at its best rate; always 0: 0.55.")
        for trace in LAMBDAS
    }

    def __init__(self, settings: Settings):
        self.settings, self.steps, self.batch = settings, settings.steps, settings.walks
        self.truth = random_walk.true_values(settings.states)
        self.tables = {"errors": np.zeros((len(LAMBDAS), len(RATES))), "repetitions": np.zeros((), np.int64)}

    def data(self, done: int) -> Generator[Walks]:
        """Yield the walks of each repetition."""
        for step in range(done + 1, self.steps + 1):
            random = np.random.default_rng([self.settings.seed, step])
            yield [random_walk.walk(self.settings.states, random) for _ in range(self.batch)]

    def learn(self, step: int, data: Walks) -> None:
        """Let new learners see the walks, and add up their errors."""
        traces, rates = np.array(LAMBDAS)[:, None], np.array(RATES)
        values, update = np.zeros((len(LAMBDAS), len(RATES), self.settings.states)), UPDATES[self.settings.exact]
        with np.errstate(over="ignore", invalid="ignore"):  # large rates diverge
            for path, reward in data:
                update(values, path, reward, traces, rates)
                errors = np.sqrt(((values - self.truth) ** 2).mean(-1))
                self.tables["errors"] += np.fmin(errors, DIVERGED) / self.batch
        self.tables["repetitions"] += 1

    def errors(self) -> np.ndarray:
        """Return the error of each lambda at each rate."""
        return self.tables["errors"] / max(1, int(self.tables["repetitions"]))

    def measure(self) -> dict[str, float]:
        """Return the error of each lambda at its best rate."""
        best = self.errors().min(1)
        return {f"error_{trace:g}": float(error) for trace, error in zip(LAMBDAS, best, strict=True)}


# --- the two updates: `values` [..., states] are changed in place -----------------------------------------


def accumulating(values: np.ndarray, path: np.ndarray, reward: float, trace: np.ndarray, rate: np.ndarray) -> None:
    """Learn from a walk with accumulating traces."""
    traces = np.zeros_like(values)
    for state, after in zip(path, [*path[1:], None], strict=True):
        error = (reward if after is None else values[..., after]) - values[..., state]
        traces *= trace[..., None]
        traces[..., state] += 1
        values += (rate * error)[..., None] * traces


def true_online(values: np.ndarray, path: np.ndarray, reward: float, trace: np.ndarray, rate: np.ndarray) -> None:
    """Learn from a walk with dutch traces, and with what the last update changed in the state itself."""
    traces, before = np.zeros_like(values), values[..., path[0]].copy()
    for state, after in zip(path, [*path[1:], None], strict=True):
        now, then = values[..., state].copy(), np.zeros_like(before) if after is None else values[..., after].copy()
        error = (reward if after is None else 0.0) + then - now
        dutch = 1 - rate * trace * traces[..., state]
        traces *= trace[..., None]
        traces[..., state] += dutch
        values += (rate * (error + now - before))[..., None] * traces
        values[..., state] -= rate * (now - before)
        before = then


UPDATES = {False: accumulating, True: true_online}
