"""The first start: numba compiles what a game needs, once; how far that is, and how long the rest will take.

What is compiled stands in the game's wing: `STEPS` of `engine/GAME/warm.py` lists, for everything that may be done
("play", ...), the steps with the seconds of one processor core that each was measured to take.
"""

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from games import wings
from games.compiling import is_warm, mark_warm

PLAY = "play"
"""What needs everything: once that is compiled, nothing else of the game has to be."""

ALMOST = 0.95
"""The most of a step that is taken for done while it runs."""


@dataclass(frozen=True)
class Step:
    """Something that makes numba compile, and how many seconds that takes on one core."""

    seconds: float
    work: Callable[[], object]


class Warming:
    """Compiles step by step, in any thread; others may ask how far it is."""

    def __init__(self, game: str, what: str = PLAY):
        self.game, self.what = game, what
        known = wings.part("engine", game, "warm").STEPS
        if what not in known:
            raise ValueError(f"{game} has nothing to compile for {what!r}, only for {', '.join(known)}")
        self.steps: tuple[Step, ...] = known[what]
        self.total = sum(step.seconds for step in self.steps)
        self.done = 0  # steps
        self.failure: BaseException | None = None
        self.ended = False
        self._began = self._step_began = monotonic()

    def run(self) -> None:
        """Compile everything; raise what goes wrong."""
        global _current
        _current, self._began = self, monotonic()
        try:
            for step in self.steps:
                self._step_began = monotonic()
                step.work()
                self.done += 1
        finally:
            _current = None
        mark_warm(mark_of(self.game, self.what))

    def start(self) -> None:
        """Compile in a thread of its own; `ended` tells when, `failure` what went wrong."""
        threading.Thread(target=self._run, name="yomi-warming", daemon=True).start()

    def _run(self) -> None:
        try:
            self.run()
        except BaseException as error:  # whoever waits raises it again
            self.failure = error
        finally:
            self.ended = True

    @property
    def fraction(self) -> float:
        """How much is done, from 0 to 1."""
        return self._progress()[0]

    @property
    def left(self) -> float:
        """About how many seconds the rest takes, as fast as this machine was so far."""
        return self._progress()[1]

    def _progress(self) -> tuple[float, float]:
        done, now = self.done, monotonic()
        finished = sum(step.seconds for step in self.steps[:done])
        if done == len(self.steps):
            return 1.0, 0.0
        speed = finished / max(1e-3, self._step_began - self._began) if finished else 1.0
        step = self.steps[done].seconds
        finished += min(ALMOST * step, speed * (now - self._step_began))
        return finished / self.total, (self.total - finished) / speed


_current: Warming | None = None


def current() -> Warming | None:
    """Return what this process compiles at this moment, for a window that shows it; None where nothing."""
    return _current


def mark_of(game: str, what: str) -> str:
    """Return by which name it is remembered that something is compiled."""
    return game if what == PLAY else f"{game}-{what}"


def is_compiled(game: str, what: str = PLAY) -> bool:
    """Tell whether everything that is needed was compiled before."""
    return is_warm(game) or is_warm(mark_of(game, what))


def first_start(say: Callable[[str], None], game: str, what: str = PLAY) -> None:
    """Compile what is needed, where that was not done since the installation or a change: with a bar in a terminal."""
    if is_compiled(game, what):
        return
    warming = Warming(game, what)
    if sys.stderr.isatty():
        _show(warming)
    else:
        say(f"Yomi compiles its search once, which takes about {warming.total:.0f} s on one core ...")
        warming.run()


def _show(warming: Warming) -> None:
    """Compile, and draw a bar on the terminal meanwhile."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (TextColumn("Yomi compiles its search once"), BarColumn(bar_width=30), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        warming.start()
        while not warming.ended:
            bar.update(task, completed=warming.fraction, description=f"about {warming.left:.0f} s left")
            threading.Event().wait(0.1)
    if warming.failure:
        raise warming.failure
