"""The settings of value regression; they need no torch, so that they can be listed and checked without it."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.kept_settings import KeptSettings
from training.learning_settings import MOST_STEPS, LearningSettings


@dataclass(frozen=True)
class Settings(KeptSettings, LearningSettings):
    """How a value is learned from the results of games; AlphaGo's own choices are named where they differ."""

    game: str = setting("", "the game")
    parent: str = setting("", "the model or run whose network learns on, and whose policy plays")
    early: str = setting(
        "", "the model or run that plays the beginnings (AlphaGo: the supervised policy); none: parent"
    )
    boards: tuple[str, ...] = setting(("",), "boards to play on in turn, in the game's own words: 9,19")
    games: int = setting(20_000, "games to learn from (AlphaGo: 30 million)", least=2, most=1_000_000_000)
    tested: int = setting(
        2000, "more games, which only measure: 16,000 tell a gap of 0.02 from none", least=2, most=100_000_000
    )
    task: int = setting(500, "games that are played side by side, and kept as one file", least=1, most=1_000_000)
    prefix: float = setting(
        0.75, "a position is kept after 1 to so many moves, in points of the board (AlphaGo: 1.25)", 1e-3, most=100
    )
    temperature: float = setting(1.0, "of the policy that plays on from there; 0: its likeliest moves", 0, most=100)
    longest: int = setting(1000, "moves after which a game is scored as it stands", least=1, most=100_000)
    whole: bool = setting(False, "learn from every position of a game, which overfits; the test stays one a game")

    steps: int = setting(1000, "steps of learning", least=1, most=MOST_STEPS)
    batch: int = setting(256, "positions a step", least=1, most=1 << 20)
    blend: float = setting(
        1.0, "share of the learned weights in the model; the rest is the parent's, which keeps other boards", 0, most=1
    )
    policy_weight: float = setting(
        1.0, "weight of staying with the parent's policy, which shares the network; 0: it may go", least=0, most=1e6
    )

    rate: float = again(LearningSettings, "rate", 5e-4)
    warm_up: int = again(LearningSettings, "warm_up", 50)
    average: float = again(LearningSettings, "average", 0.99)
    log_every: int = again(LearningSettings, "log_every", 20)
    measure_every: int = again(LearningSettings, "measure_every", 200)
    playouts: int = setting(
        16, "rollouts of each tested position that the value is compared with; 0: none", 0, most=4096
    )
    engine: str = setting("auto", "what runs the networks that play: auto, cuda, openvino, onnxruntime")
