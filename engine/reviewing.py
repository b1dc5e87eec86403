"""What the reviews of all games share: the request, the report, a bar, and Ctrl-C, which keeps what is done."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from engine.players import Analysis
from games.game import FIRST

Stop = Callable[[], bool]
"""Tells whether the work is to end."""

Progress = Callable[[int, int], None]
"""Takes how much of a review is done, and of how much."""


@dataclass(frozen=True)
class ReviewRequest:
    """What is to be reviewed and how; None and "" leave the choice to Yomi."""

    path: str
    model: str = ""
    visits: int | None = None
    seconds: float | None = None
    plies: int | None = None
    number: int | None = None  # of the game in the file, from 1
    sgf: str = ""
    text: str = ""
    json: str = ""
    seed: int = 1
    threads: int | None = None
    rollout: bool = False
    trials: int | None = None  # games of a rollout, at most


@dataclass(frozen=True)
class ReviewReport:
    """A review in every form in which it can be written."""

    summary: str
    text: str
    found: dict[str, Any]
    write_sgf: Callable[[], None] | None = None


def lost(before: Analysis, after: Analysis, mover: int, move: int) -> float:
    """Return what a move lost by the searches before and after it: nothing where the first has no better one."""
    best = before.lines[0]
    loss = (best.value - after.lines[0].value) * (1 if mover == FIRST else -1)
    return 0.0 if move == best.move else max(loss, 0.0)


def say(sentence: str) -> None:
    """Tell the user something beside the result."""
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def bar(task: str = "reviewing", unit: str = "moves") -> Iterator[Progress]:
    """Show how much of a task is done and how long the rest will take."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), speed_estimate_period=120) as bar:
        shown = bar.add_task(task, total=None)
        yield lambda done, total: bar.update(shown, completed=done, total=total)


@contextmanager
def heeding_interrupts(end: Callable[[], None] = lambda: None) -> Iterator[Stop]:
    """Let the first Ctrl-C end the work in order, calling `end`; give a function that tells whether it came."""
    asked = False

    def heed(number, frame):
        nonlocal asked
        asked = True
        signal.signal(signal.SIGINT, before)  # the second ends at once
        end()

    before = signal.getsignal(signal.SIGINT)
    with suppress(ValueError):  # not the main thread: signals are somebody else's business
        signal.signal(signal.SIGINT, heed)
    try:
        yield lambda: asked
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGINT, before)


def tell_if_stopped(done: int, total: int) -> None:
    """Say how far a review came that was stopped."""
    if done < total:
        say(f"stopped after {done} of {total} moves; what was done is kept")
