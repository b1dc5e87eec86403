"""How quick self-play is beside the network that it asks: evaluations a second of both, in one run.

What the cache answers does not count. The two take turns, so that what else the machine does slows both; on a CPU the
seconds are those of one thread's processor time.
"""

import time
from statistics import median
from typing import Any

import numpy as np

from engine.measures.rates import REPETITIONS, rate
from engine.networks.evaluator import Cached, NetworkEvaluator
from engine.networks.runtimes import BATCHES
from training.expert_iteration_settings import Settings
from training.playing import Snapshot, opened
from training.self_play import GamesUnderWay, tasks_of

ENDLESS = 1 << 30
"""More games than are played in a measurement."""


def measure(settings: Settings, snapshot: Snapshot, seconds: float) -> dict[str, Any]:
    """Return "rate", of self-play, and "limit", of the network alone with full batches."""
    found = opened(snapshot, settings.engine)
    clock = time.perf_counter if found.name == "cuda" else time.process_time
    asked = 0

    def counting(planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        nonlocal asked
        asked += len(planes)
        return found.network(planes)

    evaluator = NetworkEvaluator(Cached(counting, settings.cache))
    games = GamesUnderWay(tasks_of(settings.game, settings.boards, settings.seed, 0, ENDLESS, ENDLESS)[0], settings)
    planes = games.game.features(games.states)

    def playing() -> int:
        before = asked
        games.move(evaluator)
        return asked - before

    def alone() -> int:
        found.network(planes)
        return len(planes)

    for batch in BATCHES:
        found.network(planes[:batch])  # compiles
    playing()
    slice_ = seconds / (2 * REPETITIONS)
    rates = [(rate(playing, slice_, clock), rate(alone, slice_, clock)) for _ in range(REPETITIONS)]
    played, raw = (median(each) for each in zip(*rates, strict=True))
    return {"rate": played, "limit": raw, "unit": "evaluations/s"}
