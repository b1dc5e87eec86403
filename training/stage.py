"""The loop that every stage of training runs in: steps -> data -> learn -> log -> measure -> export -> checkpoint.

A stage is a module with a dataclass `Settings` (beside it, in STAGE_settings.py, where the module imports torch) and a
function `train(run)`, which gives a `Stage` to `carry_out`. Nothing here knows what is learned, nor imports torch.
"""

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from training.report import Curve
from training.run import Run

RUNGS = 5
"""Models along the way beside the last one: after 1/32, 1/16, 1/8, 1/4 and 1/2 of the steps."""


class Stage(ABC):
    """What the loop asks of a stage: data, a step of learning, numbers, and what to write."""

    steps: int
    """The number of the last step."""
    batch: int
    """Positions of one step, or what else is counted."""
    counted = "positions"
    gathering = "data"
    """The name of the share of time that getting data takes."""
    curves: Mapping[str, Curve] = {}
    """What the stage's own numbers mean, for the report."""

    @abstractmethod
    def data(self, done: int) -> Generator[Any]:
        """Yield what each step after the first `done` ones learns from; a generator, which is closed at the end."""

    @abstractmethod
    def learn(self, step: int, data: Any) -> None:
        """Take a step; raise `ValueError` where a loss or a gradient is not finite."""

    @abstractmethod
    def means(self) -> dict[str, float]:
        """Return the means of what was learned since this was last asked."""

    @abstractmethod
    def measure(self) -> dict[str, float]:
        """Return how good what was learned is, {} in a helping process."""

    @abstractmethod
    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step. Raise `ValueError` for one of another stage or network."""

    @abstractmethod
    def write(self, folder: Path) -> None:
        """Fill a checkpoint with all that learning goes on from."""

    @abstractmethod
    def export(self, run: Run, step: int, folder: Path) -> None:
        """Fill a folder with a model to play with."""

    def agree(self, stop: bool) -> bool:
        """Return whether all processes stop, where one or more of them wish to."""
        return stop


def carry_out(run: Run, stage: Stage) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    settings, checkpoint = run.settings, run.checkpoint()
    done = step = stage.resume(checkpoint) if checkpoint else 0
    exported = rungs(stage.steps, settings.export_every)

    def export() -> None:
        run.export(step, lambda folder: stage.export(run, step, folder))

    with closing(stage.data(done)) as data:
        for step in run.steps(done, stage.steps, stage.batch, settings.minutes, stage.agree, stage.counted):
            with run.spending(stage.gathering):
                batch = next(data)
            with run.spending("learning"):
                stage.learn(step, batch)
            if step % settings.log_every == 0:
                run.log(step, **stage.means(), **run.rates())
            if step % settings.measure_every == 0 or step == stage.steps:
                with run.pausing("measuring"):
                    run.log(step, **stage.measure())
                    if step < stage.steps:  # the last report is drawn below
                        run.report(stage.curves)
            if step in exported:
                export()
            if run.checkpoint_due(settings.checkpoint_minutes):
                run.save(step, stage.write)
    run.save(step, stage.write)
    export()
    run.report(stage.curves)


def rungs(steps: int, every: int = 0) -> range | set[int]:
    """Return the steps before the last one at which models are exported."""
    if every:
        return range(every, steps, every)
    return {steps >> number for number in range(1, RUNGS + 1)} - {0}
