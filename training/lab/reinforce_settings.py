"""The settings of REINFORCE; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.lab.balancing_settings import BalancingSettings


@dataclass(frozen=True)
class Settings(BalancingSettings):
    """REINFORCE, with or without a baseline."""

    baseline: bool = setting(True, "subtract the learned value of the state from what followed")
    clip: float = setting(0.0, "longest gradient; 0: any", least=0, most=1e9)
