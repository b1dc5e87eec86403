"""The settings of PPO; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.text.rewarded_settings import RewardedSettings


@dataclass(frozen=True)
class Settings(RewardedSettings):
    """How to learn from rewards by proximal policy optimisation."""

    critic: str = setting("", "a reward model that the critic begins as; none: the policy with a head of zeros")
    clip_ratio: float = setting(0.2, "how far a ratio of likelihoods may move", least=0.001, most=10)
    clip_value: float = setting(0.2, "how far a value may move at a step; 0: any way", least=0, most=1e6)
    value_weight: float = setting(0.5, "weight of the critic's loss", least=0, most=1e6)
    entropy_weight: float = setting(0.0, "weight of the next token's entropy", least=0, most=1e6)
    discount: float = setting(1.0, "gamma: what a reward one token later is worth", least=0, most=1)
    trace: float = setting(0.95, "lambda of the advantages: 0 trusts the critic, 1 the rewards", least=0, most=1)
    passes: int = setting(2, "times that the answers of a step are learned", least=1, most=100)
    parts: int = setting(2, "parts that each pass is learned in", least=1, most=1 << 20)
