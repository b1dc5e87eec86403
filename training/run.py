"""A run folder: what a stage of training leaves on disk, so that it can be watched, stopped and resumed.

    settings.toml    every setting, resolved
    metrics.jsonl    one line of numbers at each logged step; on resuming, cut back to the checkpoint
    events...        the same for TensorBoard
    checkpoints/     the newest two, a folder each, named by step; whole or absent (write aside, fsync, rename)
    models/          networks to play with, likewise: a handful along the way, and the last
    report.html      the curves

A run removes only what it made itself. Nothing here knows what is learned, nor imports torch.
"""

import signal
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.settings import read_toml, resolve, to_toml
from training.checkpoints import Checkpoints, steps
from training.disk import clear_aside, locked, write_file, write_folder
from training.events import Events
from training.metrics import METRICS, log_line, read_metrics, up_to

if TYPE_CHECKING:
    from training.report import Curve

__all__ = ["RUNS", "Run", "heeding_signals", "open_run", "read_metrics", "share_bar"]

RUNS = Path("runs")
SETTINGS, REPORT, LOCK = "settings.toml", "report.html", ".lock"
FOLDERS = ("checkpoints", "models")


class Run:
    """One run of one stage, new or resumed.

    A `silent` run writes nothing: it is what the helping processes of data-parallel training hold.
    """

    def __init__(self, folder: Path, settings: Any, silent: bool = False):
        self.folder, self.settings, self.silent = Path(folder), settings, silent
        self.checkpoints = Checkpoints(self.folder / "checkpoints", self.say)
        self.stopping = ""
        self.spent: dict[str, float] = defaultdict(float)  # seconds since the last log, by activity
        self.trained_seconds = 0.0  # of earlier sessions too
        self._logged = self._saved = self._began = time.perf_counter()
        self._paused = self._paused_at_log = 0.0  # seconds of this session in which nothing was learned
        self._prepared: float | None = None  # seconds of the first step, which compiles
        self._positions = self._first = self._last = 0
        self._counted, self._saved_step = "positions", -1
        self._bar: Any = None
        self._made: list[Path] = []  # what this process made of a run that is new
        self._lock: IO | None = None
        self._events: Events | None = None

    # --- begin and end ------------------------------------------------------------------------------------

    def __enter__(self) -> "Run":
        if not self.silent:
            try:
                self._open()
            except BaseException:
                self._close(failed=True)
                raise
        return self

    def _open(self) -> None:
        refuse_foreign(self.folder)
        there = self.folder.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = locked(self.folder, "is training")
        fresh = not (self.folder / SETTINGS).exists()
        if fresh:
            names = (SETTINGS, METRICS, REPORT, LOCK, *FOLDERS)
            self._made = [self.folder / name for name in names] + ([] if there else [self.folder])
        write_file(self.folder / SETTINGS, to_toml(self.settings).encode())
        for name in FOLDERS:
            (self.folder / name).mkdir(exist_ok=True)
            clear_aside(self.folder / name)
        state = self.checkpoints.open()
        first = state.get("step", 0)
        write_file(self.folder / METRICS, up_to(read_metrics(self.folder), first))
        if state:
            self.trained_seconds, self._saved_step = state["trained_seconds"], first
            self.say(f"resuming {self.folder} at step {first}")
        self._events = Events.open(self.folder, first)
        if fresh and self._events:
            self._made.insert(0, self._events.path)

    def __exit__(self, kind: type | None, *_: object) -> None:
        self._close(failed=kind is not None)

    def _close(self, failed: bool) -> None:
        if self._events:
            with suppress(OSError):  # what a full disk did not take was told when it was written
                self._events.close()
        if failed and self._made and not any(steps(self.folder / name) for name in FOLDERS):
            self._remove_what_it_made()
        if self._lock:
            self._lock.close()

    def _remove_what_it_made(self) -> None:
        """Remove what a run that failed before it learned anything has made, and nothing else."""
        for path in self._made:
            with suppress(OSError):  # a folder that holds anything stays
                path.rmdir() if path.is_dir() else path.unlink()

    def say(self, sentence: str) -> None:
        """Tell the user something, beside the progress bar."""
        if self.silent:
            return
        if self._bar:
            self._bar.console.print(sentence, markup=False, highlight=False, soft_wrap=True)
        else:
            print(sentence, file=sys.stderr, flush=True)

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
        self._paused, self._paused_at_log, self._prepared = 0.0, 0.0, None
        with heeding_signals(self._heed), self._progress(done, total, positions):
            for step in range(done + 1, total + 1):
                self._positions += positions
                yield step
                if step == done + 1:
                    self._count_anew()
                if self._bar:
                    self._bar.update(0, advance=positions, left=_duration(self._seconds_left(step)))
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

    @contextmanager
    def pausing(self, activity: str) -> Iterator[None]:
        """Count the time spent inside as an activity in which nothing is learned: rates and estimates leave it out."""
        began = time.perf_counter()
        try:
            with self.spending(activity):
                yield
        finally:
            self._paused += time.perf_counter() - began

    def _count_anew(self) -> None:
        """Leave the first step, in which code is compiled, out of rates and estimates."""
        self._prepared = self.session_seconds - self._paused
        if self._positions:  # what was logged is not counted anyway
            self.rates()

    def _heed(self, why: str) -> None:
        self.stopping = why

    @contextmanager
    def _progress(self, done: int, total: int, positions: int) -> Iterator[None]:
        if self.silent or not sys.stderr.isatty():
            yield
            return
        with _bar("{task.fields[left]}") as self._bar:
            size = {"completed": done * positions, "total": total * positions}
            self._bar.add_task(self.folder.name, note="", left="", **size)
            yield
        self._bar = None

    # --- numbers ------------------------------------------------------------------------------------------

    def log(self, step: int, **numbers: float) -> None:
        """Keep numbers that were measured at a step, in metrics.jsonl and for TensorBoard.

        Raise `ValueError` for a number that is not finite.
        """
        if self.silent or not numbers:
            return
        log_line(self.folder, step, numbers)
        if self._events:
            self._events.add(step, numbers)
        told = "  ".join(f"{name} {_short(value)}" for name, value in numbers.items())
        if self._bar:
            self._bar.update(0, note=told)
        else:
            self.say(f"step {step} of {self._last}, {_duration(self._seconds_left(step))} to go  {told}")

    def _seconds_left(self, step: int) -> float:
        """Estimate the seconds of learning that are left, without compiling, measuring and saving."""
        learned, steps = self.session_seconds - self._paused, step - self._first
        if self._prepared is not None and steps > 1:
            learned, steps = learned - self._prepared, steps - 1
        return learned / max(1, steps) * (self._last - step)

    def rates(self) -> dict[str, float]:
        """Return positions (or what is counted) a second of learning since this was last asked, and shares of time."""
        now = time.perf_counter()
        seconds = max(now - self._logged, 1e-9)
        learned = max(seconds - (self._paused - self._paused_at_log), 1e-9)
        rates = {f"{self._counted}_per_s": self._positions / learned}
        rates |= {f"{name}_share": spent / seconds for name, spent in self.spent.items()}
        self.spent.clear()
        self._logged, self._positions, self._paused_at_log = now, 0, self._paused
        return rates

    def latest(self, name: str) -> dict[str, float]:
        """Return the newest line of the log that has a number of this name, {} where there is none."""
        return next((line for line in reversed(read_metrics(self.folder)) if name in line), {})

    def report(self, curves: Mapping[str, "Curve"] = {}) -> None:
        """Draw report.html anew; `curves` says what the stage's own numbers mean."""
        if not self.silent:
            from training.report import page

            text = page(self.folder.name, read_metrics(self.folder), to_toml(self.settings), curves)
            write_file(self.folder / REPORT, text.encode())

    # --- checkpoints and models ---------------------------------------------------------------------------

    def checkpoint(self) -> Path | None:
        """Return the newest checkpoint's folder, or None."""
        return self.checkpoints.newest()

    def checkpoint_due(self, minutes: float) -> bool:
        """Tell whether so many minutes of work would be lost by now."""
        return not self.silent and time.perf_counter() - self._saved > 60 * minutes

    def save(self, step: int, write: Callable[[Path], None]) -> None:
        """Keep a checkpoint of a step, unless that is done: `write` fills the folder that it is given."""
        if self.silent or step == self._saved_step:
            return
        with self.pausing("saving"):
            self.checkpoints.save(step, write, self.trained_seconds + self.session_seconds)
        self._saved, self._saved_step = time.perf_counter(), step

    def model(self, step: int) -> Path:
        """Return where the model of a step belongs."""
        return self.folder / "models" / f"{step:09}"

    def export(self, step: int, write: Callable[[Path], None]) -> None:
        """Keep a model of a step to play with, unless there is one: `write` fills the folder that it is given."""
        path = self.model(step)
        if self.silent or path.exists():
            return
        with self.pausing("exporting"):
            write_folder(path, write)
        self.say(f"wrote the model {path}")


@contextmanager
def heeding_signals(heed: Callable[[str], None]) -> Iterator[None]:
    """Call `heed` with the reason on SIGINT or SIGTERM, so that work in progress can end; a second signal kills."""

    def take_note(number, frame):
        heed(f"by {signal.Signals(number).name}")
        for each in before:
            signal.signal(each, signal.SIG_DFL)

    before = {}
    with suppress(ValueError):  # not the main thread: Python handles signals in the main thread only
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
    folder = Path(folder)
    written, there = folder / SETTINGS, (folder / SETTINGS).exists()
    if there and not resume and not silent:
        raise ValueError(f"{folder} holds a run already: go on with --resume, or name another with --name")
    refuse_foreign(folder)
    if not (there and resume):
        return Run(folder, resolve(kind, *layers, words), silent)
    try:
        layer = read_toml(written)
        resolve(kind, layer)
    except ValueError as error:  # of TOML it names line and column
        raise ValueError(f"{written} holds no settings of this stage: {error}") from None
    return Run(folder, resolve(kind, layer, words), silent)


def refuse_foreign(folder: Path) -> None:
    """Raise `ValueError` for a file, or a folder that holds anything but a run."""
    if folder.is_dir():
        begun = {LOCK, f".{SETTINGS}.aside"}  # all that is there when a run is killed at its very beginning
        foreign = sorted(path.name for path in folder.iterdir() if path.name not in begun)
        if foreign and not (folder / SETTINGS).exists():
            raise ValueError(f"{folder} holds {foreign[0]!r} and no run: name another folder with --name")
    elif folder.exists():
        raise ValueError(f"{folder} is a file, and a run is a folder: name another with --name")


# --- numbers ----------------------------------------------------------------------------------------------


def _short(value: float) -> str:
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


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


def _bar(left: str = "") -> Any:
    """Return a progress bar; `left` is the text of the time that is left, which rich estimates otherwise."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TaskProgressColumn("{task.percentage:>3.1f} %"),
        TextColumn(left, markup=False) if left else TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )
    return Progress(*columns, console=Console(stderr=True), speed_estimate_period=120)
