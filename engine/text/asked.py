"""Opening the model that a prompt and its conditions ask for."""

from engine.text import models
from engine.text.asking import Conditions
from engine.text.tasks import WritingTask, puzzle_task, rewarded_task
from games.text import twenty_four

PREFERRED = ("smollm2", "dialogue")
"""Which model writes where none is named, the best first of those that are there."""


def opened(model: str, prompt: str, conditions: Conditions, more: int) -> WritingTask:
    """Return the task of a prompt with its model; four numbers without conditions are a puzzle of the Game of 24."""
    rewards = conditions.rewards()
    if not rewards and is_puzzle(prompt):
        return puzzle_task(models.open_model(model or "twenty_four"))
    known = models.names()
    usual = next((name for name in PREFERRED if name in known), PREFERRED[-1])
    return rewarded_task(models.open_model(model or usual), rewards, more)


def is_puzzle(prompt: str) -> bool:
    """Tell whether a prompt is a puzzle of the Game of 24."""
    try:
        return bool(twenty_four.read(prompt))
    except ValueError:
        return False
