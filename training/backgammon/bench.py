"""Rates of learning, for `yomi bench self-play`: what comes out beside the same work with nothing learned."""

import time
from collections.abc import Iterator
from statistics import median

from engine.measures.rates import REPETITIONS, Row
from training.pipeline import NEEDED


def rows(seconds: float) -> Iterator[Row]:
    """Measure TD self-play with TD-Gammon's 80 hidden units: games a second, learned from, and only played."""
    try:
        from training.backgammon.td import TD, Settings
    except ModuleNotFoundError as error:
        raise ImportError(f"{error.name} is not installed; {NEEDED}") from None
    stage = TD(Settings(hidden=80))
    stage.learn(1, stage.play(1))
    found = [_rates(stage, seconds / REPETITIONS) for _ in range(REPETITIONS)]
    learned, played = (median(rates) for rates in zip(*found, strict=True))
    yield Row("td-self-play", learned, "games/s", round(played))


def _rates(stage, seconds: float) -> tuple[float, float]:
    """Return games a second, learned from and only played, in about so many seconds."""
    games, playing, learning = 0, 0.0, 0.0
    while playing + learning < seconds:
        began = time.perf_counter()
        step = games // stage.batch + 2
        experience = stage.play(step)
        played = time.perf_counter()
        stage.learn(step, experience)
        games += experience.games
        playing, learning = playing + played - began, learning + time.perf_counter() - played
    return games / (playing + learning), games / playing
