"""The settings of temporal difference learning, which can be listed and checked without torch."""

import math
from dataclasses import dataclass

from engine.backgammon.afterstates import MOST_SECOND
from engine.backgammon.outputs import MONEY, WINS_ONLY
from engine.settings import again, setting
from training.learning_settings import MOST_STEPS, LearningSettings

STAKES = {"money": MONEY, "wins": WINS_ONLY}

AIMED_PLIES = 16
"""Plies of a game that begins in the middle: longer ones leave the kind of position that they are for."""

MOST_GAMES = 2**32 - 1
"""The seed of a game has 32 bits for its number."""


@dataclass(frozen=True)
class Settings(LearningSettings):
    """How to learn backgammon; TD-Gammon's own choices are named where they differ."""

    hidden: int = setting(80, "hidden units (TD-Gammon: 40, later 80)", least=1, most=65_536)
    second: int = setting(
        0,
        "units of a second hidden layer, with which both rectify; 0: none, or the parent's",
        least=0,
        most=MOST_SECOND,
    )
    counted: bool = setting(False, "more inputs, of what players count: shots, blockades, timing")
    parent: str = setting("", "a model or a run whose weights to begin with, widened if it has fewer hidden units")
    taught: int = setting(
        0, "batches that the parent plays and values, whatever its shape, before the network does so itself", least=0
    )
    inherit: bool = setting(False, "begin with the positions that `parent`, a run, remembers, as long as they are kept")
    games: int = setting(1_500_000, "games to play (TD-Gammon 2.1: 1,500,000)", least=1, most=MOST_GAMES)
    batch: int = setting(
        256,
        "games of a step, played before they are learned from (TD-Gammon: 1)",
        least=1,
        most=1 << 20,
    )
    passes: int = setting(1, "times that each position is learned, on average", least=1, most=10_000)
    memory: int = setting(
        0, "latest positions among which those to learn are drawn; 0: those of the batch", least=0, most=10**9
    )
    minibatch: int = setting(512, "positions an update of the weights", least=1, most=1 << 24)
    stakes: str = setting("money", "what a game is played for; wins: gammons do not count", choices=tuple(STAKES))
    trace: float = setting(0.7, "lambda: 0 learns from the next value only, 1 from the outcome only", least=0, most=1)
    exact: bool = setting(False, "expect the average over all 21 rolls, not the one that fell: slow, and free of luck")
    aimed: float = setting(
        0.0,
        "share of the games that begin amid primes, anchors and bear-offs with contact, drawn from `memory`, and last "
        f"{AIMED_PLIES} plies",
        least=0,
        most=0.9,
    )
    steady: bool = setting(False, "the averaged weights play the games: for many games a step, learned again and again")
    bearoff: bool = setting(True, "ask the bear-off databases where both players bear off, and end games there")
    measured: int = setting(1000, "games of each match against a baseline", least=2, most=10**9)

    optimiser: str = again(LearningSettings, "optimiser", "adam")
    warm_up: int = setting(0, "batches in which the rate climbs to its height", least=0, most=MOST_STEPS)
    decay: float = setting(
        0.7, "share of the games, the last ones, in which the rate falls as a cosine", least=0, most=1
    )
    last_rate: float = again(LearningSettings, "last_rate", 0.02)
    clip: float = again(LearningSettings, "clip", 0.0)
    precision: str = setting(
        "float32", "of products; auto: bfloat16 where it is fast", choices=("auto", "float32", "bfloat16")
    )
    compile: str = again(LearningSettings, "compile", "no")
    threads: int = setting(0, "threads that play; 0: as many as there are cores", least=0, most=1024)
    log_every: int = setting(20, "batches between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(500, "batches between two matches against the baselines", least=1, most=MOST_STEPS)
    checkpoint_minutes: float = again(LearningSettings, "checkpoint_minutes", 2.0)

    @property
    def batches(self) -> int:
        """Batches of games, the steps of the run."""
        return math.ceil(self.games / self.batch)
