"""The settings that stages which learn from rewards have in common; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.learning_settings import MOST_STEPS
from training.text.model_settings import ModelSettings


@dataclass(frozen=True)
class RewardedSettings(ModelSettings):
    """What is answered, what answers are paid, and how far a policy may go; `parent` is the reference."""

    prompts: tuple[str, ...] = setting(
        ("game-of-24",), "JSONL of {prompt} or {turns}; game-of-24: its puzzles, but those held out"
    )
    reward: str = setting("game-of-24", "what answers are paid: game-of-24, dialogue, file.py:function, a reward model")
    steps: int = setting(200, "steps of learning, in each of which answers are drawn", least=1, most=MOST_STEPS)
    batch: int = setting(16, "prompts of a step", least=1, most=1 << 20)
    answers: int = setting(8, "answers to each prompt", least=1, most=1024)
    temperature: float = setting(1.0, "temperature at which answers are drawn", least=0.01, most=100)
    longest_answer: int = setting(64, "tokens of an answer", least=1, most=1 << 20)
    rate: float = again(ModelSettings, "rate", 1e-4)
    warm_up: int = again(ModelSettings, "warm_up", 10)
    coefficient: float = setting(0.05, "weight of the divergence from the reference (k3)", least=0, most=1e6)
    target: float = setting(
        0.0, "divergence of an answer, in nats, that the coefficient adapts to; 0: it is fixed", least=0, most=1e6
    )
    horizon: float = setting(10_000.0, "answers in which the coefficient adapts", least=1, most=1e12)
    measured: int = setting(64, "prompts of a measurement, with two answers each", least=1, most=1 << 20)
    log_every: int = again(ModelSettings, "log_every", 5)
    measure_every: int = again(ModelSettings, "measure_every", 50)
