"""The settings that stages have in common, with their help and bounds. Nothing here needs torch.

RunSettings        when a run logs, measures, saves, exports and ends
  LearningSettings   how a network learns by gradient, and where
"""

from dataclasses import dataclass

from engine.settings import setting

LARGEST_SEED = 2**32 - 1
MOST_STEPS = 999_999_999


@dataclass(frozen=True)
class RunSettings:
    """When a run logs, measures, saves, exports and ends."""

    seed: int = setting(1, "seed of every random choice", least=0, most=LARGEST_SEED)
    minutes: float = setting(
        0.0, "stop after so many minutes, with a checkpoint to resume from; 0: never", least=0, most=1e7
    )
    log_every: int = setting(100, "steps between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(2000, "steps between two measurements", least=1, most=MOST_STEPS)
    checkpoint_minutes: float = setting(5.0, "minutes of work that a kill may cost", least=0, most=1e7)
    export_every: int = setting(
        0,
        "steps between two models to play with; 0: a handful, after 1/32, 1/16, ... 1/2 of the steps",
        least=0,
        most=MOST_STEPS,
    )


@dataclass(frozen=True)
class LearningSettings(RunSettings):
    """How a network learns by gradient, and where."""

    optimiser: str = setting("adamw", "how gradients become steps", choices=("adamw", "muon", "sgd", "adam"))
    rate: float = setting(2e-3, "learning rate at its height", least=0, most=1e6)
    warm_up: int = setting(500, "steps in which the rate climbs to its height", least=0, most=MOST_STEPS)
    decay: float = setting(1.0, "share of the last steps, in which the rate falls as a cosine", least=0, most=1)
    last_rate: float = setting(0.01, "the rate at the end, as a share of its height", least=0, most=1)
    momentum: float = setting(0.9, "momentum of sgd", least=0, most=1)
    weight_decay: float = setting(
        0.01, "pull of the convolutions' and matrices' weights towards 0 (not of adam's)", least=0, most=1e3
    )
    clip: float = setting(1.0, "longest gradient; 0: any", least=0, most=1e9)
    average: float = setting(
        0.999, "how much of the running average of the weights stays at each step", least=0, most=1
    )
    precision: str = setting(
        "auto", "of convolutions and products; auto: bfloat16 where it is fast", choices=("auto", "float32", "bfloat16")
    )
    device: str = setting("auto", "cpu, cuda, ...; auto: a GPU if there is one")
    compile: str = setting(
        "auto", "compile the network; auto: on a GPU, or where a C++ compiler is found", choices=("auto", "yes", "no")
    )
    threads: int = setting(0, "threads of a CPU that learns; 0: as many as there are cores", least=0, most=1024)
