"""The settings of REINFORCE at tic-tac-toe; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.learning_settings import MOST_STEPS, LearningSettings


@dataclass(frozen=True)
class Settings(LearningSettings):
    """A table of odds that plays against random moves, and one of values as its baseline."""

    steps: int = setting(300, "batches of games", least=1, most=MOST_STEPS)
    episodes: int = setting(512, "games of a batch, played side by side", least=2, most=1 << 16)
    baseline: bool = setting(True, "subtract the learned value of the position from the result")
    optimiser: str = setting("adam", "how gradients become steps", choices=("adam", "adamw", "muon", "sgd"))
    rate: float = setting(0.1, "learning rate at its height", least=0, most=1e6)
    warm_up: int = setting(0, "steps in which the rate climbs to its height", least=0, most=MOST_STEPS)
    last_rate: float = setting(0.1, "the rate at the end, as a share of its height", least=0, most=1)
    clip: float = setting(0.0, "longest gradient; 0: any", least=0, most=1e9)
    average: float = setting(0.0, "how much of the running average of the weights stays at each step", least=0, most=1)
    precision: str = setting(
        "float32", "of products; auto: bfloat16 where it is fast", choices=("auto", "float32", "bfloat16")
    )
    device: str = setting("cpu", "cpu, cuda, ...; auto: a GPU if there is one")
    compile: str = setting(
        "no", "compile the network; auto: on a GPU, or where a C++ compiler is found", choices=("auto", "yes", "no")
    )
    threads: int = setting(1, "threads of a CPU that learns; 0: as many as there are cores", least=0, most=1024)
    log_every: int = setting(50, "batches between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(50, "batches between two measurements", least=1, most=MOST_STEPS)
