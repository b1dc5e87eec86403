"""The settings of deep Q-learning; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.lab.balancing_settings import BalancingSettings
from training.learning_settings import MOST_STEPS


@dataclass(frozen=True)
class Settings(BalancingSettings):
    """Action values of poles or of a game, learned from a memory of transitions."""

    game: str = setting("", "a two-sided game that plays itself, and of which positions were judged; empty: poles")
    steps: int = setting(80, "rounds of acting, each followed by updates", least=1, most=MOST_STEPS)
    episodes: int = setting(8, "poles or games that are played side by side", least=1, most=1 << 16)
    turns: int = setting(32, "times that each of them acts in a round", least=1, most=1 << 16)
    updates: int = setting(64, "updates of the network after a round", least=1, most=1 << 20)
    minibatch: int = setting(64, "transitions an update", least=1, most=1 << 24)
    replay: int = setting(
        50_000,
        "transitions that are kept to learn from; 0: each is learned once, in the order in which it came",
        least=0,
        most=10**8,
    )
    target_every: int = setting(
        10,
        "updates after which the target network is made equal to the one that learns; 0: there is none",
        least=0,
        most=10**9,
    )
    hidden: int = again(BalancingSettings, "hidden", 64)
    explore: float = setting(0.04, "odds of a random action at the end: epsilon", least=0, most=1)
    exploring: float = setting(0.16, "share of the rounds in which epsilon falls from 1", least=0, most=1)
    rate: float = again(BalancingSettings, "rate", 3e-3)
    average: float = setting(
        0.995, "how much of the running average of the weights stays at each update", least=0, most=1
    )
    last_rate: float = again(BalancingSettings, "last_rate", 0.02)
    clip: float = again(BalancingSettings, "clip", 10.0)
    log_every: int = setting(10, "rounds between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(5, "rounds between two measurements", least=1, most=MOST_STEPS)
