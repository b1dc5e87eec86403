"""The loop of every stage: what it asks for and when, models along the way, and what damage costs."""

import errno
import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.settings import resolve, setting
from training import disk
from training.learning_settings import LearningSettings, RunSettings
from training.run import Run, open_run, read_metrics
from training.stage import Stage, carry_out, rungs


@dataclass(frozen=True)
class Settings(RunSettings):
    steps: int = setting(64, "steps", least=1)
    log_every: int = setting(1, "steps between two lines of the log", least=1)
    checkpoint_minutes: float = setting(0.0, "minutes of work that a kill may cost", least=0)


class Counting(Stage):
    """A stage that adds up numbers: its sum after n steps is n (n + 1) / 2."""

    batch = 10

    def __init__(self, settings, bad=0):
        self.steps, self.bad, self.sum, self.closed = settings.steps, bad, 0, False

    def data(self, done):
        try:
            yield from range(done + 1, self.steps + 1)
        finally:
            self.closed = True

    def learn(self, step, data):
        if step == self.bad:
            raise ValueError("the loss is not finite")
        self.sum += data

    def means(self):
        return {"loss": self.sum}

    def measure(self):
        return {"sum": self.sum}

    def resume(self, checkpoint):
        self.sum = json.loads((checkpoint / "sum").read_text())
        return int(checkpoint.name)

    def write(self, folder):
        (folder / "sum").write_text(json.dumps(self.sum))

    def export(self, run, step, folder):
        (folder / "model").write_text(f"{step} {run.latest('loss').get('loss')}")


def learn(folder: Path, resume: bool = False, bad: int = 0, **words) -> Counting:
    run = open_run(folder, Settings, [], words, resume)
    stage = Counting(run.settings, bad)
    with run:
        carry_out(run, stage)
    return stage


def names(folder: Path) -> list[int]:
    return sorted(int(path.name) for path in folder.iterdir())


def test_a_handful_of_models_is_exported_along_the_way(tmp_path):
    stage = learn(tmp_path / "run")
    assert stage.sum == 64 * 65 // 2
    assert stage.closed
    assert names(tmp_path / "run" / "models") == [2, 4, 8, 16, 32, 64]
    assert (tmp_path / "run" / "models" / "000000008" / "model").read_text() == "8 36.0"
    assert names(tmp_path / "run" / "checkpoints") == [63, 64]
    assert [line["step"] for line in read_metrics(tmp_path / "run") if "sum" in line] == [64]


@pytest.mark.parametrize(
    ("steps", "every", "expected"),
    [(64, 0, [2, 4, 8, 16, 32]), (3, 0, [1]), (1, 0, []), (20, 5, [5, 10, 15]), (20, 100, [])],
)
def test_rungs_are_spread_over_the_steps(steps, every, expected):
    assert sorted(rungs(steps, every)) == expected


def test_models_of_the_user_stay(tmp_path):
    learn(tmp_path / "run", steps="3")
    mine = tmp_path / "run" / "models" / "000000005"
    mine.mkdir()
    (mine / "model").write_text("mine")
    learn(tmp_path / "run", resume=True, steps="10")
    assert (mine / "model").read_text() == "mine"
    assert names(tmp_path / "run" / "models") == [1, 3, 5, 10]


def test_a_step_that_is_not_finite_ends_the_run_with_what_was_before(tmp_path):
    with pytest.raises(ValueError, match="the loss is not finite"):
        learn(tmp_path / "run", bad=20)
    assert names(tmp_path / "run" / "checkpoints") == [18, 19]
    assert learn(tmp_path / "run", resume=True).sum == 64 * 65 // 2
    learn(tmp_path / "whole")
    ours, theirs = (
        [line["loss"] for line in read_metrics(tmp_path / name) if "loss" in line] for name in ("run", "whole")
    )
    assert ours == theirs


def test_a_first_step_that_is_not_finite_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="the loss is not finite"):
        learn(tmp_path / "run", bad=1)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("writes", [1, 2, 3, 4, 8, 13, 16, 23])
def test_a_full_disk_costs_no_more_than_the_step(tmp_path, monkeypatch, writes):
    """The disk is full from file number n on: whatever it is, the checkpoints before it stay whole."""
    learn(tmp_path / "run", steps="4")
    before = {path: path.read_bytes() for path in (tmp_path / "run" / "models").rglob("*") if path.is_file()}
    left, sync = [writes], disk._sync

    def full(path):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(path)

    monkeypatch.setattr(disk, "_sync", full)
    with pytest.raises(OSError, match="No space left on device") as error:
        learn(tmp_path / "run", resume=True, steps="40")
    assert str(tmp_path) in str(error.value)
    monkeypatch.undo()
    assert not list((tmp_path / "run").rglob("*.aside"))
    assert {path: path.read_bytes() for path in before} == before
    assert len(names(tmp_path / "run" / "checkpoints")) >= 2  # a third stays where the disk was full before it went
    assert learn(tmp_path / "run", resume=True, steps="40").sum == 40 * 41 // 2


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"seed": "4294967296"}, "seed = 4294967296 is more than 4294967295"),
        ({"seed": "-1"}, "seed = -1 is less than 0"),
        ({"minutes": "inf"}, "minutes = 'inf' should be a finite number"),
        ({"rate": "nan"}, "rate = 'nan' should be a finite number"),
        ({"average": "1.5"}, "average = 1.5 is more than 1"),
        ({"warm_up": float("inf")}, "warm_up = inf should be a whole number"),
        ({"threads": 2**40}, "is more than 1024"),
        ({"optimiser": "magic"}, "is none of 'adamw', 'muon', 'sgd', 'adam'"),
    ],
)
def test_every_number_has_bounds(words, told):
    with pytest.raises(ValueError, match=told):
        resolve(LearningSettings, words)
    assert resolve(LearningSettings, {"seed": 20261129}).seed == 20261129


def test_silent_runs_of_helping_processes_export_nothing(tmp_path):
    run = Run(tmp_path / "run", Settings(steps=4), silent=True)
    with run:
        carry_out(run, Counting(run.settings))
    assert not (tmp_path / "run").exists()
