"""The settings of REINFORCE; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.lab.balancing_settings import BalancingSettings


@dataclass(frozen=True)
class Settings(BalancingSettings):
    """REINFORCE, with or without a baseline."""

    baseline: bool = setting(True, "subtract the learned value of the state from what followed")
    clip: float = again(BalancingSettings, "clip", 0.0)
