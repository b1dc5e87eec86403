"""The reward of the Game of 24: the checker's verdict, and what it counts for a critic on the way."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from engine.text.pieces import Pieces
from engine.text.rewards import Reward
from games.text import twenty_four


class Solves(Reward):
    """The Game of 24: 1 for a solution of the puzzle that the prompt is, every step of it right, else 0."""

    name = "solves"
    counters = 2

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return 1 for solutions, else 0."""
        pairs = zip(prompts, texts, strict=True)
        return [float(twenty_four.solves(_puzzle(prompt), text)) for prompt, text in pairs]

    def verdict(self, prompt: str, text: str) -> str:
        """Name the first step that is wrong."""
        return twenty_four.why_wrong(_puzzle(prompt), text)

    def count(self, prompt: str, text: str) -> list[float]:
        """Return whether a number or a result is wrong, and whether this is a solution; not whether there is one."""
        possible = twenty_four.possible(_puzzle(prompt), text)
        return [float(not possible), float(possible and text.endswith("."))]

    def count_after(
        self, prompts: Sequence[str], texts: Sequence[str], tokens: np.ndarray, pieces: Pieces
    ) -> np.ndarray:
        """Return the same for many at once: what may come next is found once for each text."""
        found = np.empty((*tokens.shape, self.counters), np.float32)
        for k, (prompt, text, row) in enumerate(zip(prompts, texts, tokens.tolist(), strict=True)):
            after = [pieces[token] for token in row]
            possible = twenty_four.possible_after(_puzzle(prompt), text, after)
            found[k] = [(not can, can and piece[-1:] == ".") for can, piece in zip(possible, after, strict=True)]
        return found


@lru_cache(4096)
def _puzzle(prompt: str) -> twenty_four.Numbers:
    # a task refuses what is none; values are learned from greater ones, too
    return twenty_four.read(prompt, greatest=99)
