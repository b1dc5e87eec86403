"""The settings of learning a reward from comparisons; they need no torch."""

from dataclasses import dataclass

from engine.settings import setting
from training.learning_settings import MOST_STEPS
from training.text.model_settings import ModelSettings


@dataclass(frozen=True)
class Settings(ModelSettings):
    """How to learn from pairs of answers of which one was preferred."""

    data: tuple[str, ...] = setting(
        ("game-of-24",), "JSONL of {prompt, chosen, rejected}; game-of-24: right and spoilt solutions, made here"
    )
    validation: tuple[str, ...] = setting((), "files of the same kind to measure on; none: a part of the prompts")
    held_out: float = setting(
        0.1, "the part of the prompts to measure on, where there is no validation", least=0, most=1
    )
    pairs: int = setting(20_000, "pairs of solutions of the Game of 24 to make", least=1, most=MOST_STEPS)
    pooling: str = setting(
        "last",
        "what is scored: the state of the end token, the mean of the answer's, or their sum by the root of its length",
        choices=("last", "mean", "root"),
    )
    frozen: bool = setting(False, "learn the head alone; what the model says of each text is then computed once")
    steps: int = setting(1000, "steps of learning", least=1, most=MOST_STEPS)
    batch: int = setting(32, "pairs of a step", least=1, most=1 << 20)
    longest: int = setting(512, "tokens of a text, prompt included; what is beyond is not read", least=4, most=1 << 20)
    measured: int = setting(1000, "pairs of a measurement, at most", least=1, most=MOST_STEPS)
