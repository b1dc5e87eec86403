"""The settings of learning to write; they need no torch, so that they can be listed and checked without it."""

from dataclasses import dataclass

from engine.settings import setting
from training.learning_settings import MOST_STEPS
from training.text.model_settings import ModelSettings


@dataclass(frozen=True)
class Settings(ModelSettings):
    """How to learn from texts, or from prompts and their answers."""

    data: tuple[str, ...] = setting(
        ("game-of-24",),
        "text files, JSONL of {text}, {prompt, completion}, {messages} or {turns}; game-of-24: solutions, made here",
    )
    validation: tuple[str, ...] = setting((), "files of the same kinds to measure on; none: a part of the data")
    held_out: float = setting(0.05, "the part of the data to measure on, where there is no validation", least=0, most=1)
    traces: int = setting(100_000, "solutions of the Game of 24 to make", least=1, most=MOST_STEPS)
    greatest: int = setting(13, "numbers of the puzzles that are solved; those over 13 less often", least=13, most=99)
    only_answers: bool = setting(True, "learn only the answer where there is a prompt")
    steps: int = setting(2000, "steps of learning", least=1, most=MOST_STEPS)
    batch: int = setting(16, "rows of a step, each as long as `row`", least=1, most=1 << 20)
    row: int = setting(
        0, "tokens of a row, which holds several short texts; 0: the model's context", least=0, most=1 << 20
    )
    measured: int = setting(20_000, "tokens of a measurement, at least", least=1, most=MOST_STEPS)
