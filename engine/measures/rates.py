"""How rates are measured: per second of processor time, which other programs' load hardly changes.

Only the speed-up of threads is measured by the wall clock, less the time that other programs took. Everything is
compiled before the clock starts, and each rate is the median of several.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from engine.machine import usable_cores

REPETITIONS = 5

Work = Callable[[], int]
"""Do a bit of work; return how many of the counted things it did."""


@dataclass(frozen=True)
class Row:
    """One measured rate and the raw limit, or the figure to beat, beside it."""

    name: str
    rate: float
    unit: str
    limit: float

    @property
    def ratio(self) -> float:
        return self.rate / self.limit


def steady_rate(work: Work, seconds: float) -> float:
    """Return the median of several rates per second of processor time, after one unmeasured turn."""
    work()
    return median(rate(work, seconds / REPETITIONS, time.process_time) for _ in range(REPETITIONS))


def rate(work: Work, seconds: float, clock: Callable[[], float]) -> float:
    """Repeat the work for about so many seconds of a clock; return how much was done a second."""
    started, done, elapsed = clock(), 0, 0.0
    while not done or elapsed < seconds:
        done += work()
        elapsed = clock() - started
    return done / elapsed


def speed_up(make: Callable[[int, int], Work], size: int, seconds: float, threads: int = 2) -> float:
    """Return how many times as much several threads do as one in the same time, from the best of several runs."""
    works = [make(size, seed) for seed in range(1, threads + 1)]
    for work in works:
        work()
    part = seconds / REPETITIONS / 2
    clock = unhindered if usable_cores() >= threads else time.perf_counter
    with ThreadPoolExecutor(threads) as pool:

        def together(count: int) -> float:
            return sum(pool.map(lambda work: rate(work, part, clock), works[:count]))

        pairs = [(together(1), together(threads)) for _ in range(REPETITIONS)]
    one, several = (max(rates) for rates in zip(*pairs, strict=True))
    return several / one


def unhindered() -> float:
    """Return the wall clock less the time for which other programs kept this thread off the processors (Linux only).

    Time in which threads wait for each other, for a lock say, is in it.
    """
    try:
        queued = int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        queued = 0.0
    return time.perf_counter() - queued
