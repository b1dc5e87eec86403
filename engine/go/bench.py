"""Rates of Go: playouts, the rollout policy, the search itself, and networks."""

from collections.abc import Iterator

import numpy as np

from engine.clock import Limit
from engine.measures.rates import Row, Work, speed_up, steady_rate
from engine.rollouts import shipped_policy
from engine.search import SearchSettings, uniform
from engine.search import search as search_tree
from engine.tree import allocate, reset
from games import go
from games.go.rules import BLACK, EMPTIES, LOST, WHITE

PLAYOUT_LIMITS = {9: 113_000, 19: 26_000}
"""The same playouts (uniformly random, no own eyes filled, simple ko, area count) written in C++ and run on one
thread of a 2-core AVX-512 machine: the least of several runs."""

SEARCH_LIMITS = {9: 1_100_000, 19: 290_000}
"""PUCT with a free evaluator, 800 simulations a search, as one compiled loop that knows its game; same machine."""

POLICY_LIMIT = 500_000
"""AlphaGo's rollout policy took 2 microseconds a move (Nature 2016)."""

SIMULATIONS, WAVE = 800, 64


def rules(seconds: float) -> Iterator[Row]:
    """Rates of light playouts and of the rollout policy's, and how much faster two threads are."""
    for size in (9, 19):
        rate = steady_rate(playouts(size), seconds)
        yield Row(f"go{size}-light-playouts", rate, "playouts/CPU-s", PLAYOUT_LIMITS[size])
    for size in (9, 19):
        yield Row(f"go{size}-policy-moves", steady_rate(policy_moves(size), seconds), "moves/CPU-s", POLICY_LIMIT)
    yield Row("go9-rollouts-two-threads", speed_up(playouts, 9, seconds), "x one thread", 2)


def search(seconds: float) -> Iterator[Row]:
    """Rates of simulations with an evaluator that costs nothing: what the tree itself costs."""
    for size in (9, 19):
        rate = steady_rate(searches(size), seconds)
        yield Row(f"go{size}-search-uniform", rate, "simulations/CPU-s", SEARCH_LIMITS[size])


def network(seconds: float) -> Iterator[Row]:
    """Rates of networks, by themselves and inside a search."""
    from engine.go.bench_network import rows  # only now: it brings every engine that is installed

    return rows(seconds)


SUITES = {"rules": rules, "search": search, "network": network}


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
    settings = SearchSettings(wave=WAVE, first_play=0.0)
    tree = allocate(nodes=SIMULATIONS * (size**2 + 2))

    def work() -> int:
        reset(tree, 0)
        search_tree(go, roots, tree, uniform, settings, limit)
        return SIMULATIONS

    return work
