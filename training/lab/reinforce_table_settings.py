"""The settings of REINFORCE at tic-tac-toe; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.lab.small_settings import SmallSettings
from training.learning_settings import MOST_STEPS


@dataclass(frozen=True)
class Settings(SmallSettings):
    """A table of odds that plays against random moves, and one of values as its baseline."""

    steps: int = setting(300, "batches of games", least=1, most=MOST_STEPS)
    episodes: int = setting(512, "games of a batch, played side by side", least=2, most=1 << 16)
    baseline: bool = setting(True, "subtract the learned value of the position from the result")
    rate: float = again(SmallSettings, "rate", 0.1)
    clip: float = again(SmallSettings, "clip", 0.0)
    log_every: int = setting(50, "batches between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(50, "batches between two measurements", least=1, most=MOST_STEPS)
