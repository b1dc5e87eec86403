"""Rates on this machine, beside the figure to beat: `yomi bench`.

Rates are per second of processor time, which other programs' load hardly changes; only the speed-up of threads is
measured by the wall clock, less the time that other programs took. Everything is compiled before the clock starts,
and each rate is the median of several.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from engine.clock import Limit
from engine.machine import cpu_name, usable_cores
from engine.rollouts import shipped_policy
from engine.search import Settings, uniform
from engine.search import search as search_tree
from engine.tree import allocate, reset
from games import go
from games.go.rules import BLACK, EMPTIES, LOST, WHITE

REPETITIONS = 5

PLAYOUT_LIMITS = {9: 113_000, 19: 26_000}
"""The same playouts (uniformly random, no own eyes filled, simple ko, area count) written in C++ and run on one
thread of a 2-core AVX-512 machine: the least of several runs."""

SEARCH_LIMITS = {9: 1_100_000, 19: 290_000}
"""PUCT with a free evaluator, 800 simulations a search, as one compiled loop that knows its game; same machine."""

POLICY_LIMIT = 500_000
"""AlphaGo's rollout policy took 2 microseconds a move (Nature 2016)."""

SIMULATIONS, WAVE = 800, 64

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


def measure(suite: str = "all", seconds: float = 2.0) -> Iterator[Row]:
    """Run a suite, giving each row about so many seconds; raise `ValueError` if there is no such suite."""
    if suite != "all" and suite not in SUITES:
        raise ValueError(f"there is no benchmark {suite!r}; choose one of {', '.join(SUITES)}")
    for rows in SUITES.values() if suite == "all" else [SUITES[suite]]:
        yield from rows(seconds)


def rules(seconds: float) -> Iterator[Row]:
    """Rates of light playouts and of the rollout policy's, and how much faster two threads are."""
    for size in (9, 19):
        rate = steady_rate(playouts(size), seconds)
        yield Row(f"go{size}-light-playouts", rate, "playouts/CPU-s", PLAYOUT_LIMITS[size])
    for size in (9, 19):
        yield Row(f"go{size}-policy-moves", steady_rate(policy_moves(size), seconds), "moves/CPU-s", POLICY_LIMIT)
    yield Row("go9-rollouts-two-threads", speed_up(playouts, 9, seconds), "x one thread", 2)
    from engine.backgammon import bench as bench_backgammon  # only now: it needs this file

    yield from bench_backgammon.rows(seconds)


def search(seconds: float) -> Iterator[Row]:
    """Rates of simulations with an evaluator that costs nothing: what the tree itself costs."""
    for size in (9, 19):
        rate = steady_rate(searches(size), seconds)
        yield Row(f"go{size}-search-uniform", rate, "simulations/CPU-s", SEARCH_LIMITS[size])


def network(seconds: float) -> Iterator[Row]:
    """Rates of networks, by themselves and inside a search."""
    from engine.measures.bench_network import rows  # only now: it brings every engine that is installed

    return rows(seconds)


SUITES: dict[str, Callable[[float], Iterator[Row]]] = {"rules": rules, "search": search, "network": network}


# --- the work ---------------------------------------------------------------------------------------------


def playouts(size: int, seed: int = 1) -> Work:
    """Return work that plays empty boards out."""
    empty = np.repeat(go.start(size, komi=7)[None], 20_000 // size**2, axis=0)
    seeds = np.random.default_rng(seed)

    def work() -> int:
        go.rollout(empty.copy(), seeds.integers(0, 2**63, len(empty), np.uint64))
        return len(empty)

    return work


def policy_moves(size: int) -> Work:
    """Return work that plays empty boards out by the shipped rollout policy, counted in moves."""
    empty, policy = np.repeat(go.start(size, komi=7)[None], 4_000 // size**2, axis=0), shipped_policy(go)
    seeds = np.random.default_rng(1)

    def work() -> int:
        states = empty.copy()
        go.rollout(states, seeds.integers(0, 2**63, len(states), np.uint64), policy)
        stones = size**2 - states[:, EMPTIES].astype(int)
        return int((stones + states[:, LOST + BLACK] + states[:, LOST + WHITE]).sum())

    return work


def searches(size: int) -> Work:
    """Return work that searches the empty board, from an empty tree, with an evaluator that costs nothing."""
    roots, limit = go.start(size, komi=7)[None], Limit(visits=SIMULATIONS)
    settings = Settings(wave=WAVE, first_play=0.0)
    tree = allocate(nodes=SIMULATIONS * (size**2 + 2))

    def work() -> int:
        reset(tree, 0)
        search_tree(go, roots, tree, uniform, settings, limit)
        return SIMULATIONS

    return work


# --- the clock --------------------------------------------------------------------------------------------


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


# --- the report -------------------------------------------------------------------------------------------


def report_json(rows: list[Row]) -> dict:
    """Return what programs read: {"machine": ..., "rows": [{name, rate, unit, limit, ratio}]}."""
    return {"machine": machine(), "rows": [vars(row) | {"ratio": row.ratio} for row in rows]}


def machine() -> str:
    """Describe the machine in one line."""
    return f"{cpu_name()}, {usable_cores()} cores"


def report_table(rows: list[Row]):
    """Return the rates as a table for the terminal."""
    from rich.table import Table

    table = Table(title=machine(), caption="limit: the figure to beat, or the raw rate")
    table.add_column("what")
    for heading in ("rate", "unit", "limit", "of it"):
        table.add_column(heading, justify="left" if heading == "unit" else "right")
    for row in rows:
        figures = f"{row.rate:,.2f}" if row.rate < 100 else f"{row.rate:,.0f}"
        colour = "green" if row.ratio >= 0.5 else "yellow"
        table.add_row(row.name, figures, row.unit, f"{row.limit:,}", f"[{colour}]{row.ratio:.0%}")
    return table
