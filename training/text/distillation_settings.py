"""The settings of learning from a search's own texts; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.learning_settings import MOST_STEPS
from training.text.model_settings import ModelSettings


@dataclass(frozen=True)
class Settings(ModelSettings):
    """How a model learns to write at once what a search finds with it."""

    prompts: tuple[str, ...] = setting(
        ("game-of-24",), "JSONL of {prompt} or {turns}; game-of-24: its puzzles, but those held out"
    )
    reward: str = setting("game-of-24", "what texts are paid: game-of-24, dialogue, file.py:function, a reward model")
    decoder: str = setting("gumbel", "what searches: a decoder of `yomi generate --compare` that needs no critic")
    budget: int = setting(256, "token evaluations of a search", least=1, most=1 << 20)
    rounds: int = setting(3, "rounds: in each the model of the last one searches", least=1, most=1000)
    searched: int = setting(256, "prompts of a round", least=1, most=1 << 20)
    least: float = setting(1.0, "least reward of a text that is learned", least=-1e9, most=1e9)
    longest_answer: int = setting(64, "tokens of a text", least=1, most=1 << 20)
    steps: int = setting(300, "steps of learning, of all rounds together", least=1, most=MOST_STEPS)
    batch: int = setting(16, "rows of a step", least=1, most=1 << 20)
    row: int = setting(64, "tokens of a row, which holds several short texts", least=2, most=1 << 20)
    rate: float = again(ModelSettings, "rate", 3e-4)
    warm_up: int = again(ModelSettings, "warm_up", 10)
    measured: int = setting(64, "held-out prompts of a measurement, with four answers each", least=1, most=1 << 20)
