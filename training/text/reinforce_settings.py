"""The settings of REINFORCE; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.text.rewarded_settings import RewardedSettings


@dataclass(frozen=True)
class Settings(RewardedSettings):
    """How to learn from rewards by REINFORCE."""

    baseline: bool = setting(True, "compare an answer with the mean of the prompt's other answers")
