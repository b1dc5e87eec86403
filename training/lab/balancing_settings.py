"""The settings that every way to balance poles has in common; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.learning_settings import MOST_STEPS, LearningSettings


@dataclass(frozen=True)
class BalancingSettings(LearningSettings):
    """Poles that are pushed by a network of two small layers, which learns from whole episodes."""

    steps: int = setting(150, "batches of episodes", least=1, most=MOST_STEPS)
    episodes: int = setting(8, "episodes of a batch, played side by side", least=2, most=1 << 16)
    turns: int = setting(
        500, "steps after which poles that stand are learned from, too; 500: whole episodes only", least=1, most=500
    )
    hidden: int = setting(64, "units of either layer", least=1, most=65_536)
    discount: float = setting(0.99, "what a reward is worth a step later", least=0, most=1)
    measured: int = setting(100, "episodes of a measurement", least=1, most=1 << 16)

    optimiser: str = setting("adam", "how gradients become steps", choices=("adam", "adamw", "muon", "sgd"))
    rate: float = setting(5e-3, "learning rate at its height", least=0, most=1e6)
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
    log_every: int = setting(10, "batches between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(10, "batches between two measurements", least=1, most=MOST_STEPS)
