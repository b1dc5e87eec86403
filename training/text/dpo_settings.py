"""The settings of learning from preferences without a reward model; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from training.learning_settings import MOST_STEPS
from training.text.model_settings import ModelSettings


@dataclass(frozen=True)
class Settings(ModelSettings):
    """How to learn from pairs of answers of which one was preferred; `parent` is the reference, too."""

    data: tuple[str, ...] = setting(
        ("game-of-24",), "JSONL of {prompt, chosen, rejected}; game-of-24: right and spoilt solutions, made here"
    )
    validation: tuple[str, ...] = setting((), "files of the same kind to measure on; none: a part of the prompts")
    held_out: float = setting(
        0.1, "the part of the prompts to measure on, where there is no validation", least=0, most=1
    )
    pairs: int = setting(20_000, "pairs of solutions of the Game of 24 to make", least=1, most=MOST_STEPS)
    loss: str = setting(
        "dpo",
        "positive: a chosen answer that grows less likely costs more (inside the sigmoid, as its paper, or outside)",
        choices=("dpo", "positive", "positive-outside"),
    )
    beta: float = setting(0.1, "pull towards the reference", least=1e-6, most=1e3)
    weight: float = setting(5.0, "weight of the penalty of DPO-Positive", least=0, most=1e6)
    smoothing: float = setting(0.0, "share of labels that are assumed to be wrong; dpo only", least=0, most=0.5)
    reward: str = setting(
        "",
        "iterative: pairs are drawn from the model itself and judged by this: as in reinforce",
    )
    rounds: int = setting(
        1, "rounds of an iterative run: in each the model of the last is reference", least=1, most=1000
    )
    prompts: int = setting(256, "prompts of a round", least=1, most=1 << 20)
    answers: int = setting(8, "answers to each prompt, of which the best and the worst make a pair", least=2, most=1024)
    temperature: float = setting(1.0, "temperature at which answers are drawn", least=0.01, most=100)
    longest_answer: int = setting(64, "tokens of a drawn answer", least=1, most=1 << 20)
    longest: int = setting(512, "tokens of a text, prompt included; what is beyond is not read", least=4, most=1 << 20)
    steps: int = setting(500, "steps of learning, of all rounds together", least=1, most=MOST_STEPS)
    batch: int = setting(32, "pairs of a step", least=1, most=1 << 20)
    rate: float = again(ModelSettings, "rate", 1e-4)
    measured: int = setting(1000, "pairs of a measurement, at most", least=1, most=MOST_STEPS)
