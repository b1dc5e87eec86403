"""A run folder: what a stage of training leaves on disk, so that it can be watched, stopped and resumed.

    settings.toml    every setting, resolved
    metrics.jsonl    one line of numbers at each logged step; on resuming, cut back to the checkpoint
    events...        the same for TensorBoard
    checkpoints/     the newest two, a folder each, named by step; whole or absent (write aside, fsync, rename)
    models/          networks to play with, likewise
    report.html      the curves

A stage is a module with a dataclass `Settings` and `train(run)`. It asks the run for steps, tells it numbers, and
gives it a function that writes a checkpoint. Nothing here knows what is learned, nor imports torch.
"""

import json
import shutil
import signal
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from engine.settings import resolve, to_toml
from training.disk import clear_aside, locked, write_file, write_folder

RUNS = Path("runs")
KEPT = 2
"""Checkpoints that stay: the newest, and one more in case a disk lies."""


class Run:
    """One run of one stage, new or resumed.

    A `silent` run writes nothing: it is what the helping processes of data-parallel training hold.
    """

    def __init__(self, folder: Path, settings: Any, silent: bool = False):
        self.folder, self.settings, self.silent = Path(folder), settings, silent
        self.stopping = ""
        self.spent: dict[str, float] = defaultdict(float)  # seconds since the last log, by activity
        self.trained_seconds = 0.0  # of earlier sessions too
        self._logged = self._saved = self._began = time.perf_counter()
        self._positions = self._first = self._last = 0
        self._counted = "positions"
        self._bar: Any = None
        self._fresh = False
        self._lock: IO | None = None
        self._events: Any = None

    # --- begin and end ------------------------------------------------------------------------------------

    def __enter__(self) -> "Run":
        if not self.silent:
            self._open()
        return self

    def _open(self) -> None:
        self._fresh = not (self.folder / "settings.toml").exists()
        for name in ("checkpoints", "models"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            clear_aside(self.folder / name)
        self._lock = locked(self.folder, "is training")
        write_file(self.folder / "settings.toml", to_toml(self.settings).encode())
        checkpoint = self.checkpoint()
        first = int(checkpoint.name) if checkpoint else 0
        write_file(self.folder / "metrics.jsonl", _cut(read_metrics(self.folder), first))
        if checkpoint:
            self.trained_seconds = json.loads((checkpoint / "run.json").read_text())["trained_seconds"]
            self.say(f"resuming {self.folder} at step {first}")
        self._events = _event_writer(self.folder, first)

    def __exit__(self, kind: type | None, *_: object) -> None:
        if self._events:
            self._events.close()
        if self._lock:
            self._lock.close()
        if kind and self._fresh and not self.checkpoint() and not self.silent:
            shutil.rmtree(self.folder, ignore_errors=True)  # it failed before it learned anything

    def say(self, sentence: str) -> None:
        """Tell the user something, beside the progress bar."""
        if not self.silent:
            (self._bar.console.print if self._bar else _print_line)(sentence)

    # --- steps --------------------------------------------------------------------------------------------

    def steps(
        self,
        done: int,
        total: int,
        positions: int = 1,
        minutes: float = 0,
        agree: Callable[[bool], bool] = bool,
        counted: str = "positions",
    ) -> Iterator[int]:
        """Yield done + 1, ..., total with a progress bar; end early on an interrupt or after so many minutes.

        `positions` is what one step learns from, or how many of what else is `counted`. `agree` makes several processes
        stop at the same step. When this ended early, `stopping` says why; the stage saves a checkpoint then.
        """
        self._logged = self._saved = self._began = time.perf_counter()
        self._first, self._last, self._counted = done, total, counted
        with heeding_signals(self._heed), self._progress(done, total, positions):
            for step in range(done + 1, total + 1):
                yield step
                self._positions += positions
                if self._bar:
                    self._bar.advance(0, positions)
                if minutes and self.session_seconds > 60 * minutes:
                    self.stopping = self.stopping or f"after {minutes:g} minutes"
                if agree(bool(self.stopping)):
                    self.stopping = self.stopping or "with the others"
                    return

    @property
    def session_seconds(self) -> float:
        """Seconds since this process took up training."""
        return time.perf_counter() - self._began

    @contextmanager
    def spending(self, activity: str) -> Iterator[None]:
        """Count the time spent inside as an activity: `log` tells the share of each."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[activity] += time.perf_counter() - began

    def _heed(self, why: str) -> None:
        self.stopping = why

    @contextmanager
    def _progress(self, done: int, total: int, positions: int) -> Iterator[None]:
        if self.silent or not sys.stderr.isatty():
            yield
            return
        with _bar() as self._bar:
            self._bar.add_task(self.folder.name, completed=done * positions, total=total * positions, note="")
            yield
        self._bar = None

    # --- numbers ------------------------------------------------------------------------------------------

    def log(self, step: int, **numbers: float) -> None:
        """Keep numbers that were measured at a step, in metrics.jsonl and for TensorBoard."""
        if self.silent:
            return
        line = {"step": step} | {name: _rounded(value) for name, value in numbers.items()}
        with (self.folder / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        _add_events(self._events, step, numbers)
        told = "  ".join(f"{name} {_short(value)}" for name, value in numbers.items())
        if self._bar:
            self._bar.update(0, note=told)
        else:
            self.say(f"step {step} of {self._last}, {_duration(self._seconds_left(step))} to go  {told}")

    def _seconds_left(self, step: int) -> float:
        return self.session_seconds / max(1, step - self._first) * (self._last - step)

    def rates(self) -> dict[str, float]:
        """Return positions (or what is counted) a second and the share of each activity since this was last asked."""
        now = time.perf_counter()
        seconds = max(now - self._logged, 1e-9)
        rates = {f"{self._counted}_per_s": self._positions / seconds}
        rates |= {f"{name}_share": spent / seconds for name, spent in self.spent.items()}
        self.spent.clear()
        self._logged, self._positions = now, 0
        return rates

    def report(self) -> None:
        """Draw report.html anew."""
        if not self.silent:
            from training.report import page

            text = page(self.folder.name, read_metrics(self.folder), to_toml(self.settings))
            write_file(self.folder / "report.html", text.encode())

    # --- checkpoints and models ---------------------------------------------------------------------------

    def checkpoint(self) -> Path | None:
        """Return the newest checkpoint's folder, or None."""
        return newest(self.folder / "checkpoints")

    def checkpoint_due(self, minutes: float) -> bool:
        """Tell whether so many minutes of work would be lost by now."""
        return not self.silent and time.perf_counter() - self._saved > 60 * minutes

    def save(self, step: int, write: Callable[[Path], None]) -> None:
        """Keep a checkpoint of a step: `write` fills the folder that it is given."""
        if self.silent:
            return

        def write_all(folder: Path) -> None:
            write(folder)
            state = {"step": step, "trained_seconds": self.trained_seconds + self.session_seconds}
            (folder / "run.json").write_text(json.dumps(state))

        with self.spending("saving"):
            write_folder(self.folder / "checkpoints" / f"{step:09}", write_all)
            for old in _steps(self.folder / "checkpoints")[:-KEPT]:
                shutil.rmtree(old)
        self._saved = time.perf_counter()

    def model(self, step: int) -> Path:
        """Return where the model of a step belongs; fill it with `write_folder`."""
        return self.folder / "models" / f"{step:09}"


@contextmanager
def heeding_signals(heed: Callable[[str], None]) -> Iterator[None]:
    """Tell `heed` why, on an interrupt or a polite kill, so that work in progress can end; the second one kills."""

    def take_note(number, frame):
        heed(f"by {signal.Signals(number).name}")
        for each in before:
            signal.signal(each, signal.SIG_DFL)

    before = {}
    with suppress(ValueError):  # not the main thread: signals are somebody else's business
        before = {each: signal.signal(each, take_note) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def open_run(folder: Path, kind: type, layers: list[dict], words: dict, resume: bool, silent: bool = False) -> Run:
    """Return the run of a folder: a new one, or, to `resume`, the one that is there with its own settings.

    `layers` are the recipe's settings, `words` the user's, which may also change those of a resumed run.
    """
    folder, there = Path(folder), (Path(folder) / "settings.toml").exists()
    if there and not resume and not silent:
        raise ValueError(f"{folder} holds a run already: go on with --resume, or name another with --name")
    if there and resume:
        layers = [tomllib.loads((folder / "settings.toml").read_text("utf-8"))]
    return Run(folder, resolve(kind, *layers, words), silent)


# --- folders ----------------------------------------------------------------------------------------------


def newest(folder: Path) -> Path | None:
    """Return the subfolder of the highest step, or None."""
    return (_steps(folder) or [None])[-1]


def _steps(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.name.isdigit()) if folder.is_dir() else []


# --- numbers ----------------------------------------------------------------------------------------------


def read_metrics(folder: Path) -> list[dict[str, float]]:
    """Return the logged lines of a run; a last line that a kill cut short is left out."""
    path, lines = folder / "metrics.jsonl", []
    for line in path.read_text().splitlines() if path.exists() else []:
        with suppress(json.JSONDecodeError):
            lines.append(json.loads(line))
    return lines


def _cut(metrics: list[dict[str, float]], last: int) -> bytes:
    """Write the lines up to a step: what came after it is done again."""
    return "".join(json.dumps(line) + "\n" for line in metrics if line["step"] <= last).encode()


def _rounded(value: float) -> float:
    return float(f"{value:.6g}")


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


def _event_writer(folder: Path, first: int) -> Any:
    """Return TensorBoard's writer (None where it is not installed); what it knew of later steps is forgotten."""
    try:
        from tensorboard.compat.proto.event_pb2 import Event, SessionLog
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        return None
    writer = EventFileWriter(str(folder))
    start = SessionLog(status=SessionLog.SessionStatus.START)
    writer.add_event(Event(wall_time=time.time(), step=first + 1, session_log=start))
    return writer


def _add_events(writer: Any, step: int, numbers: dict[str, float]) -> None:
    if writer is None:
        return
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    values = [Summary.Value(tag=name, simple_value=float(value)) for name, value in numbers.items()]
    writer.add_event(Event(wall_time=time.time(), step=step, summary=Summary(value=values)))


# --- the terminal -----------------------------------------------------------------------------------------


@contextmanager
def share_bar(what: str, counted: str) -> Iterator[Callable[[float, int], None]]:
    """Show how far something is: give a function that takes the share that is done and a count."""
    if not sys.stderr.isatty():
        yield lambda share, count: None
        return
    with _bar() as bar:
        task = bar.add_task(what, total=1.0, note="")
        yield lambda share, count: bar.update(task, completed=share, note=f"{count:,} {counted}")


def _bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TaskProgressColumn("{task.percentage:>3.1f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    return Progress(*columns, console=Console(stderr=True), speed_estimate_period=120)


def _print_line(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
