"""The settings of proximal policy optimisation; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.lab.balancing_settings import BalancingSettings


@dataclass(frozen=True)
class Settings(BalancingSettings):
    """PPO, which learns from each batch several times."""

    steps: int = again(BalancingSettings, "steps", 60)
    trace: float = setting(0.95, "lambda of the advantage", least=0, most=1)
    passes: int = setting(6, "times that each push is learned", least=1, most=1000)
    minibatch: int = setting(128, "pushes an update of the weights", least=1, most=1 << 24)
    ratio: float = setting(0.2, "how far a push's odds may move by a batch before they gain nothing", least=0, most=1)
    entropy: float = setting(0.01, "worth of a nat of entropy", least=0, most=1e3)
    rate: float = again(BalancingSettings, "rate", 4e-3)
    clip: float = again(BalancingSettings, "clip", 0.5)
    measure_every: int = again(BalancingSettings, "measure_every", 5)
