"""What is to be written: the model, what texts are paid for, how long they may be; and the sessions that begin so."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache

from engine.text import models
from engine.text.asked import opened
from engine.text.asking import Conditions
from engine.text.critics import critic_of
from engine.text.evaluator import Judge
from engine.text.tasks import WritingTask
from games.game import FIRST
from gui.text.session import TextSession
from gui.thinker import Thinker

open_once = lru_cache(maxsize=2)(models.open_model)
"""Opens a model by its name; the ones used last stay open for the next prompt."""


@dataclass(frozen=True)
class TextRequest:
    """All that is asked for but the prompt."""

    model: str = ""
    conditions: Conditions = field(default_factory=Conditions)
    tokens: int = 64
    learn: int = 10_000  # evaluations that a critic is learned from, where none is there
    budget: int = 200  # token evaluations before each token
    seed: int = 1

    def task(self, prompt: str) -> WritingTask:
        """Return the task of a prompt; raise `ValueError` for one that cannot be used."""
        return opened(self.model, prompt, self.conditions, self.tokens, open_once)

    def critic(self, task: WritingTask, prompt: str, tell: Callable[[str], None]) -> Judge | None:
        """Return the critic that guides the search, where something is paid for."""
        return critic_of(task, [prompt], self.learn, self.seed, tell) if task.reward.name and self.learn else None

    def begin(self, prompt: str, people: Collection[int] = (FIRST,), thinker: Thinker | None = None) -> TextSession:
        """Begin a text; raise `ValueError` for a prompt that cannot be used."""
        return TextSession(prompt, self.task, self.critic, self.budget, self.seed, people, thinker)
