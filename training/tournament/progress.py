"""What a tournament shows while it is played: how much is done, how fast, and how long the rest takes."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from training.tournament.folder import about, finished

EVERY = 10
"""Seconds between two lines where there is no terminal to draw a bar on."""


@contextmanager
def bar(director: Any) -> Iterator[Callable[[Any], None]]:
    """Show how many games are done, how many an hour, and how long the rest will take."""
    began, before = time.perf_counter(), director.total - len(director.pending)

    def state() -> tuple[int, str]:
        done = len(finished(director.folder.lines))
        hours = (time.perf_counter() - began) / 3600
        rate = (done - before) / max(hours, 1e-9)
        left = duration(3600 * (director.total - done) / rate) if rate else "?"
        return done, f"{done} of {director.total} games, {rate:,.0f} an hour, {left} to go"

    if sys.stderr.isatty():
        with _drawn_bar() as drawn:
            task = drawn.add_task(director.folder.path.name, completed=before, total=director.total, note="")

            def draw(director: Any) -> None:
                done, note = state()
                drawn.update(task, completed=done, note=f"{note}; {about(director.folder.lines[-1])}")

            yield draw
        return
    last = began

    def report(director: Any) -> None:
        nonlocal last
        if time.perf_counter() > last + EVERY:
            last = time.perf_counter()
            say(state()[1])

    yield report


def _drawn_bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    texts = [TextColumn(field, markup=False) for field in ("{task.description}", "{task.fields[note]}")]
    columns = texts[0], BarColumn(bar_width=20), texts[1]
    return Progress(*columns, console=Console(stderr=True))


def say(sentence: str) -> None:
    """Tell the user something."""
    print(sentence, file=sys.stderr, flush=True)


def duration(seconds: float) -> str:
    """Write seconds as a person would."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
