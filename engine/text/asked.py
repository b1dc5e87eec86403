"""Opening the model that a prompt and its conditions ask for."""

from collections.abc import Callable

from engine.text import models
from engine.text.asking import Conditions
from engine.text.language_model import LanguageModel
from engine.text.tasks import WritingTask, puzzle_task, rewarded_task
from games.text import twenty_four

PROSE = "smollm2"
"""The model that writes where none is named."""


def opened(
    model: str,
    prompt: str,
    conditions: Conditions,
    more: int,
    open_one: Callable[[str], LanguageModel] | None = None,
) -> WritingTask:
    """Return the task of a prompt with its model; four numbers without conditions are a puzzle of the Game of 24.

    `open_one` opens the model of a name in place of `models.open_model`.
    """
    open_one = open_one or models.open_model
    rewards = conditions.rewards()
    if not rewards and is_puzzle(prompt):
        return puzzle_task(open_one(model or "twenty_four"))
    if not prompt.strip():
        raise ValueError("the prompt is empty: give the model a beginning, or a question")
    if not model and PROSE not in models.names():
        raise ValueError(
            f"there is no model that writes prose yet: `yomi get {PROSE}` fetches one, `--model dialogue` opens a "
            "small one for conversations; without either the prompt has to be four numbers from 1 to 13, the Game of 24"
        )
    return rewarded_task(open_one(model or PROSE), rewards, more)


def is_puzzle(prompt: str) -> bool:
    """Tell whether a prompt is a puzzle of the Game of 24."""
    try:
        return bool(twenty_four.read(prompt))
    except ValueError:
        return False
