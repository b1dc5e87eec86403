"""The settings that every way to balance poles has in common; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.lab.small_settings import SmallSettings
from training.learning_settings import MOST_STEPS


@dataclass(frozen=True)
class BalancingSettings(SmallSettings):
    """Poles that are pushed by a network of two small layers, which learns from whole episodes."""

    steps: int = setting(150, "batches of episodes", least=1, most=MOST_STEPS)
    episodes: int = setting(8, "episodes of a batch, played side by side", least=2, most=1 << 16)
    turns: int = setting(
        500, "steps after which poles that stand are learned from, too; 500: whole episodes only", least=1, most=500
    )
    hidden: int = setting(64, "units of either layer", least=1, most=65_536)
    discount: float = setting(0.99, "what a reward is worth a step later", least=0, most=1)
    measured: int = setting(100, "episodes of a measurement", least=1, most=1 << 16)

    rate: float = again(SmallSettings, "rate", 5e-3)
    log_every: int = setting(10, "batches between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(10, "batches between two measurements", least=1, most=MOST_STEPS)
