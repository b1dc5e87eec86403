"""The settings of learning what next tokens are worth; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.learning_settings import MOST_STEPS
from training.text.model_settings import ModelSettings


@dataclass(frozen=True)
class Settings(ModelSettings):
    """How a model of the Game of 24 learns to foresee which of its tokens lead to a solution."""

    rollouts: int = setting(8, "texts that the parent writes for each puzzle", least=1, most=10_000)
    greatest: int = setting(13, "numbers of the puzzles, as the parent learned them", least=13, most=99)
    traces: int = setting(50_000, "solutions that it goes on learning, to write as before", least=1, most=MOST_STEPS)
    judged: int = setting(100_000, "random first steps that the solver judges as well", least=64, most=MOST_STEPS)
    weight: float = setting(1.0, "weight of the values' loss beside that of the next token", least=0, most=1e6)
    steps: int = setting(800, "steps of learning", least=1, most=MOST_STEPS)
    batch: int = setting(64, "rows of a step: of solutions, of rollouts and of first steps", least=16, most=1 << 20)
    row: int = setting(64, "tokens of a row, which holds several short texts", least=2, most=1 << 20)
    rate: float = again(ModelSettings, "rate", 1e-3)
