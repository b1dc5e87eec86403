"""The settings of proximal policy optimisation; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.lab.balancing_settings import BalancingSettings


@dataclass(frozen=True)
class Settings(BalancingSettings):
    """PPO, which learns from each batch several times."""

    steps: int = setting(60, "batches of episodes", least=1, most=999_999_999)
    trace: float = setting(0.95, "lambda of the advantage", least=0, most=1)
    passes: int = setting(6, "times that each push is learned", least=1, most=1000)
    minibatch: int = setting(128, "pushes an update of the weights", least=1, most=1 << 24)
    ratio: float = setting(0.2, "how far a push's odds may move by a batch before they gain nothing", least=0, most=1)
    entropy: float = setting(0.01, "worth of a nat of entropy", least=0, most=1e3)
    rate: float = setting(4e-3, "learning rate at its height", least=0, most=1e6)
    clip: float = setting(0.5, "longest gradient; 0: any", least=0, most=1e9)
    measure_every: int = setting(5, "batches between two measurements", least=1, most=999_999_999)
