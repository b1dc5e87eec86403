"""The settings of deep Q-learning; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.lab.balancing_settings import BalancingSettings
from training.learning_settings import MOST_STEPS


@dataclass(frozen=True)
class Settings(BalancingSettings):
    """Poles that are pushed by action values, learned from a memory of transitions."""

    steps: int = setting(3000, "steps of all poles, each followed by an update", least=1, most=MOST_STEPS)
    poles: int = setting(16, "poles that are pushed at once", least=1, most=1 << 16)
    replay: int = setting(
        20_000, "transitions that are kept to learn from; 0: only those of the step", least=0, most=10**8
    )
    hidden: int = setting(128, "units of either layer", least=1, most=65_536)
    minibatch: int = setting(256, "transitions an update", least=1, most=1 << 24)
    target_every: int = setting(
        20,
        "steps after which the target network is made equal to the one that learns; 0: there is none",
        least=0,
        most=10**9,
    )
    explore: float = setting(0.1, "odds of a push of chance at the end: epsilon", least=0, most=1)
    exploring: float = setting(0.15, "share of the steps in which epsilon falls from 1", least=0, most=1)
    rate: float = setting(2e-3, "learning rate at its height", least=0, most=1e6)
    clip: float = setting(10.0, "longest gradient; 0: any", least=0, most=1e9)
    log_every: int = setting(250, "steps between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(250, "steps between two measurements", least=1, most=MOST_STEPS)
