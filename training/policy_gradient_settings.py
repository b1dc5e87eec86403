"""The settings of policy gradients; they need no torch, so that they can be listed and checked without it."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.learning_settings import MOST_STEPS, LearningSettings


@dataclass(frozen=True)
class Settings(LearningSettings):
    """How a policy learns from the results of its games; AlphaGo's own choices are named where they differ."""

    game: str = setting("", "the game")
    parent: str = setting("", "the model or run whose policy to begin with, and to compare with")
    boards: tuple[str, ...] = setting(("",), "boards to play on in turn, in the game's own words: 9,19")
    iterations: int = setting(
        2000, "iterations: games against an earlier self, then learning (AlphaGo: 10,000)", 1, most=MOST_STEPS
    )
    games: int = setting(128, "games of an iteration, half of them with each side", least=2, most=1_000_000)
    longest: int = setting(1000, "moves after which a game is scored as it stands", least=1, most=100_000)
    pool_every: int = setting(50, "iterations after which the policy joins the pool (AlphaGo: 500)", 1, most=MOST_STEPS)

    positions: int = setting(
        8, "own moves of a game that are learned from; 0: all (AlphaGo): they resemble each other", 0, most=100_000
    )
    batch: int = setting(256, "positions of an update", least=1, most=1 << 20)
    passes: int = setting(1, "times that the positions of an iteration are learned from", least=1, most=1000)
    ratio_clip: float = setting(
        0.0, "PPO: how far the ratio of new and old probability may move a move; 0: REINFORCE", 0, most=1
    )
    baseline: bool = setting(True, "subtract the value head's prediction from the result (AlphaGo's second pass)")
    value_weight: float = setting(0.5, "weight of the value's squared error beside the policy's loss", 0, most=1e6)
    entropy_weight: float = setting(0.0, "weight of the policy's entropy, which is kept up", least=0, most=1e6)
    kl_weight: float = setting(0.0, "weight of the divergence from the parent's policy", least=0, most=1e6)

    rate: float = again(LearningSettings, "rate", 1e-4)
    warm_up: int = setting(10, "iterations in which the rate climbs to its height", least=0, most=MOST_STEPS)
    decay: float = setting(0.3, "share of the last iterations, in which the rate falls as a cosine", least=0, most=1)
    weight_decay: float = setting(0.0, "pull of the weights towards 0", least=0, most=1e3)
    average: float = setting(0.99, "how much of the running average of the weights stays at each update", 0, most=1)
    log_every: int = setting(1, "iterations between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(50, "iterations between two measurements", least=1, most=MOST_STEPS)
    measured: int = setting(400, "games against the parent's policy in a measurement", least=2, most=1_000_000)
    engine: str = setting("auto", "what runs the networks that play: auto, cuda, openvino, onnxruntime")
