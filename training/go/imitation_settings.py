"""The settings of imitation; they need no torch, so that they can be listed and checked without it."""

from dataclasses import dataclass

from engine.settings import setting
from training.go.sources import GamesSettings
from training.learning_settings import MOST_STEPS, LearningSettings


@dataclass(frozen=True)
class Settings(LearningSettings, GamesSettings):
    """How to imitate; AlphaGo's own choices are named where they differ."""

    side: int = setting(19, "side of the planes: the largest board", least=2, most=25)
    any_rules: bool = setting(False, "show each position under a random ruleset, for records that do not name theirs")

    kind: str = setting("residual", "the tower", choices=("residual", "plain"))
    blocks: int = setting(6, "residual blocks, or plain layers (AlphaGo: 12 plain)", least=1, most=1000)
    channels: int = setting(96, "filters of each convolution (AlphaGo: 192)", least=1, most=16_384)
    pool_every: int = setting(3, "every so many blocks one sees the whole board; 0: none", least=0, most=1000)
    head_channels: int = setting(32, "filters of the heads", least=1, most=16_384)
    heads: tuple[str, ...] = setting(("policy", "value"), "policy, value or both")
    parent: str = setting("", "a model folder whose weights to begin with")

    steps: int = setting(100_000, "steps of learning", least=1, most=MOST_STEPS)
    batch: int = setting(256, "positions a step, of all processes together (AlphaGo: 16)", least=1, most=1 << 20)
    optimiser: str = setting(
        "adamw", "how gradients become steps (AlphaGo: sgd)", choices=("adamw", "muon", "sgd", "adam")
    )
    value_weight: float = setting(
        1.0, "weight of the outcome's squared error beside the move's cross entropy", least=0, most=1e6
    )
    workers: int = setting(0, "threads that encode positions; 0: as many as there are cores", least=0, most=1024)
    measured: int = setting(10_000, "positions of a measurement", least=1, most=MOST_STEPS)
    int8: bool = setting(False, "write models in eight-bit numbers, too: for CPUs without AMX, and less exact")
