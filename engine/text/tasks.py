"""What is asked of a model: how a prompt becomes tokens, what is paid, which tokens may be written, and how many."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.text.critic import SMALL, Counters
from engine.text.language_model import LanguageModel
from engine.text.pieces import Pieces
from engine.text.rewards import Average, Reward, Without, prompt_of, scorer, text_of
from engine.text.solving import Solves
from games.text import twenty_four
from games.text.rewarded import TextGame
from games.text.rows import HEAD, PROMPT, starts

TWENTY_FOUR = "twenty_four"
"""The task whose prompts are puzzles of the Game of 24."""

MOST_LANES = 16

USUAL_SOLUTION = 30
"""Tokens of a solution of the Game of 24, about, where each character is a token."""


@dataclass(frozen=True)
class WritingTask:
    """A reward, and what its texts may be made of."""

    name: str
    model: LanguageModel
    reward: Reward
    more: int  # tokens that a text may have
    usual: int  # tokens that a text has, about
    end: int  # the token that ends a text
    allowed: np.ndarray | None  # bool [vocabulary]

    @cached_property
    def pieces(self) -> Pieces:
        """Return what the model's tokens are as text."""
        return Pieces(self.model.tokenizer)

    def game(self) -> TextGame:
        """Return the game of text under this task's reward and mask."""
        return TextGame(scorer(self.reward, self.model.tokenizer), self.reward.ends, self.allowed, self.piece)

    def piece(self, token: int) -> str:
        """Write a token for people: blanks and line ends can be seen, and every token has a name."""
        text = self.model.tokenizer.decode([token])
        return text.replace(" ", "␣").replace("\n", "⏎") if text and "\ufffd" not in text else f"<{token}>"

    def roots(self, prompts: Sequence[str]) -> np.ndarray:
        """Return the states that prompts begin with, [T, W]; raise `ValueError` for one that the model cannot read."""
        return starts([self._encode(prompt) for prompt in prompts], self.more, self.model.vocabulary, self.end)

    def _encode(self, prompt: str) -> list[int]:
        if self.name == TWENTY_FOUR:
            return self.model.tokenizer.encode(twenty_four.write(twenty_four.read(prompt)), special=False)
        if not prompt.strip():
            raise ValueError("the prompt is empty: give the model a beginning, or a question")
        after = str(self.model.about.get("after_prompt", ""))  # a model of dialogues: the end of a line
        plain = prompt if prompt.endswith(after) else prompt + after
        tokens = self._chat(prompt) or self.model.tokenizer.encode(plain, special=False)
        if len(tokens) + self.more > self.model.context:
            raise ValueError(
                f"the prompt has {len(tokens)} tokens; with {self.more} more that is too long for the model, "
                f"which reads {self.model.context}"
            )
        return tokens

    def _chat(self, prompt: str) -> list[int]:
        if self.model.tokenizer.number("<|im_start|>") is None:
            return []
        return self.model.chat([{"role": "user", "content": prompt}])

    def text(self, state: np.ndarray) -> str:
        """Return what was written behind the prompt."""
        return text_of(self.model.tokenizer, state)

    def prompt(self, state: np.ndarray) -> str:
        """Return the prompt of a state as its tokens spell it."""
        return prompt_of(self.model.tokenizer, state)

    def counters(self) -> Counters | None:
        """Return what the reward counts after each of some tokens; None where it counts nothing."""
        if not self.reward.counters:
            return None
        return _Counted(self.reward, self.pieces, self.end)

    def lanes(self, budget: int) -> int:
        """Return how many texts of one prompt grow side by side, each to its end within a budget.

        A large model reads sixteen texts in twice the time of one. A small one does not gain, and one text at a time
        spends a budget best.
        """
        return 1 if self.model.vocabulary <= SMALL else max(1, min(MOST_LANES, budget // self.usual))

    def relabelled(self, state: np.ndarray) -> list[tuple[Counters, float]]:
        """Return counters of other rewards under which a finished text teaches a critic, and what it learns: all or
        nothing, as the chance of the full reward is to be known."""
        prompt, text = self.prompt(state), self.text(state)
        low, high = self.reward.ends
        return [
            (_Counted(reward, self.pieces, self.end), high if reward.pay([prompt], [text])[0] >= high else low)
            for reward in self.reward.relabelled(text)
        ]


class _Counted:
    """Counts in the texts after next tokens."""

    def __init__(self, reward: Reward, pieces: Pieces, end: int):
        self.reward, self.pieces, self.end = reward, pieces, end
        self.prompts: dict[bytes, str] = {}  # many texts have one

    def __call__(self, states: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Return the counters of the texts after the tokens, and whether they end there, float32 [B, K, F + 1]."""
        prompts = [self._prompt(state) for state in states]
        texts = [text_of(self.pieces.tokenizer, state) for state in states]
        counted = self.reward.count_after(prompts, texts, moves, self.pieces)
        return np.concatenate([counted, (moves == self.end)[:, :, None]], 2, dtype=np.float32)

    def _prompt(self, state: np.ndarray) -> str:
        key = state[HEAD : HEAD + state[PROMPT]].tobytes()
        if key not in self.prompts:
            self.prompts[key] = prompt_of(self.pieces.tokenizer, state)
        return self.prompts[key]


def puzzle_task(model: LanguageModel) -> WritingTask:
    """Return the task of solving puzzles of the Game of 24; a solution ends with its full stop."""
    numbers = {letter: model.tokenizer.encode(letter, special=False) for letter in twenty_four.ALPHABET}
    if any(len(tokens) != 1 for tokens in numbers.values()):
        raise ValueError(f"{model.folder} does not write the Game of 24: its tokens are not single characters")
    allowed = np.zeros(model.vocabulary, bool)
    allowed[[tokens[0] for tokens in numbers.values()]] = True
    return WritingTask(TWENTY_FOUR, model, Solves(), 56, USUAL_SOLUTION, numbers["."][0], allowed)


def rewarded_task(model: LanguageModel, rewards: Sequence[Reward], more: int = 64) -> WritingTask:
    """Return the task of writing what some rewards pay for."""
    reward = rewards[0] if len(rewards) == 1 else Average(rewards) if rewards else Reward()
    masks = [each for each in rewards if isinstance(each, Without)]
    allowed = np.ones(model.vocabulary, bool) if masks else None
    for each in masks:
        allowed &= each.mask([model.tokenizer.decode([token]) for token in range(model.vocabulary)])
    return WritingTask(reward.name or "free", model, reward, more, more, model.end, allowed)
