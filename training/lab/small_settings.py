"""The settings of networks and tables so small that one core learns them best; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.learning_settings import MOST_STEPS, LearningSettings


@dataclass(frozen=True)
class SmallSettings(LearningSettings):
    """Learning on one core: Adam, no warm-up, no average, whole precision."""

    optimiser: str = setting("adam", "how gradients become steps", choices=("adam", "adamw", "muon", "sgd"))
    warm_up: int = setting(0, "steps in which the rate climbs to its height", least=0, most=MOST_STEPS)
    last_rate: float = setting(0.1, "the rate at the end, as a share of its height", least=0, most=1)
    average: float = setting(0.0, "how much of the running average of the weights stays at each step", least=0, most=1)
    precision: str = setting(
        "float32", "of products; auto: bfloat16 where it is fast", choices=("auto", "float32", "bfloat16")
    )
    device: str = setting("cpu", "cpu, cuda, ...; auto: a GPU if there is one")
    compile: str = setting(
        "no", "compile the network; auto: on a GPU, or where a C++ compiler is found", choices=("auto", "yes", "no")
    )
    threads: int = setting(1, "threads of a CPU that learns; 0: as many as there are cores", least=0, most=1024)
