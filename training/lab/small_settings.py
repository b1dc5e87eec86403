"""The settings of networks and tables so small that one core learns them best; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.learning_settings import LearningSettings


@dataclass(frozen=True)
class SmallSettings(LearningSettings):
    """Learning on one core: Adam, no warm-up, no average, whole precision."""

    optimiser: str = again(LearningSettings, "optimiser", "adam")
    warm_up: int = again(LearningSettings, "warm_up", 0)
    last_rate: float = again(LearningSettings, "last_rate", 0.1)
    average: float = again(LearningSettings, "average", 0.0)
    precision: str = setting(
        "float32", "of products; auto: bfloat16 where it is fast", choices=("auto", "float32", "bfloat16")
    )
    device: str = again(LearningSettings, "device", "cpu")
    compile: str = again(LearningSettings, "compile", "no")
    threads: int = again(LearningSettings, "threads", 1)
