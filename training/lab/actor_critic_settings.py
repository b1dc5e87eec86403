"""The settings of actor-critic; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.lab.balancing_settings import BalancingSettings


@dataclass(frozen=True)
class Settings(BalancingSettings):
    """An actor that believes its critic, by as much as the trace says."""

    trace: float = setting(
        0.95, "lambda of the advantage; 0: the TD error alone, 1: all that followed", least=0, most=1
    )
    critic_passes: int = setting(4, "steps of the critic for each of the actor", least=1, most=1000)
    critic_batches: int = setting(1, "newest batches that the critic learns from", least=1, most=1000)
    clip: float = again(BalancingSettings, "clip", 0.0)
