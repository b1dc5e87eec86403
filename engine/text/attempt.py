"""One attempt at a prompt: what a decoder may spend, and the texts that it has finished; many attempts share each call.

A decoder is a generator: it yields texts to look at and receives what may come next. It knows one attempt only.
"""

from collections.abc import Callable, Generator, Sequence

import numpy as np

from engine.text.evaluator import NextTokens, TokenEvaluator
from games.game import NOBODY
from games.text.rewarded import TextGame
from games.text.rows import LENGTH, LIMIT, TURN, tokens

Writing = Generator[np.ndarray, NextTokens, None]
"""Yields unfinished texts [B, W], at most `attempt.left` of them, and receives what may come next."""

Decoder = Callable[["Attempt"], Writing]


class Attempt:
    """A prompt, a budget of token evaluations, and what came of it."""

    def __init__(self, game: TextGame, root: np.ndarray, budget: int, seed: int = 1, usual: int = 0, lanes: int = 1):
        """`usual` is how long a text of this kind is (0: as long as there is room); `lanes` texts grow side by side."""
        self.game, self.root, self.budget, self.lanes = game, root, budget, lanes
        self.random = np.random.default_rng(seed)
        room = int(root[LIMIT] - root[LENGTH])
        self.usual = min(usual or room, room)
        self.floor = game.ends[0] if np.isfinite(game.ends[0]) else 0.0
        self.spent = 0
        self.best: np.ndarray | None = None  # the finished text with the greatest reward
        self.reward = -np.inf  # of `best`
        self.best_at = 0  # what had been spent when it was finished
        self.texts, self.different = 0, set[bytes]()
        self._rank = (-np.inf, -np.inf)

    @property
    def left(self) -> int:
        """Return how many token evaluations may still be spent; none where no better text can be found."""
        return 0 if self.reward >= self.game.ends[1] else self.budget - self.spent

    def hopeless(self, value: float, root: float, share: float) -> bool:
        """Tell whether a value is less than a share of the root's, both above the least reward."""
        return value - self.floor < share * (root - self.floor)

    @property
    def distinct(self) -> int:
        """Return how many different texts were finished."""
        return len(self.different)

    def finish(self, states: np.ndarray, ranks: np.ndarray | None = None) -> None:
        """Score finished texts [B, W]; remember the best, of equals that with the greatest rank [B], then the first."""
        if len(states):
            self.remember(states, self.game.score(states), ranks)

    def remember(self, states: np.ndarray, rewards: np.ndarray, ranks: np.ndarray | None = None) -> None:
        """Remember the best of finished texts [B, W] that were scored."""
        self.texts += len(states)
        self.different.update(tokens(state).tobytes() for state in states)
        for state, reward, rank in zip(states, rewards, np.zeros(len(states)) if ranks is None else ranks, strict=True):
            if (reward, rank) > self._rank:
                self._rank, self.best, self.reward = (float(reward), float(rank)), state.copy(), float(reward)
                self.best_at = self.spent


def over(states: np.ndarray) -> np.ndarray:
    """Tell which texts are finished, bool [B]."""
    return states[:, TURN] == NOBODY


def carry_out(decoder: Decoder, attempts: Sequence[Attempt], evaluator: TokenEvaluator, most: int = 512) -> None:
    """Carry attempts out side by side: what they want to look at goes to the evaluator together, `most` rows a call."""
    carry_out_each([decoder] * len(attempts), attempts, evaluator, most)


def carry_out_each(
    decoders: Sequence[Decoder], attempts: Sequence[Attempt], evaluator: TokenEvaluator, most: int = 512
) -> None:
    """Carry attempts out side by side, each by a decoder of its own."""
    writings = [decoder(attempt) for decoder, attempt in zip(decoders, attempts, strict=True)]
    wanted = {k: states for k, writing in enumerate(writings) if (states := next(writing, None)) is not None}
    while wanted:
        group = _group(wanted, most)
        seen, start = evaluator.look(attempts[0].game, np.concatenate([wanted[k] for k in group])), 0
        for k in group:
            rows = slice(start, start + len(wanted[k]))
            attempts[k].spent, start = attempts[k].spent + len(wanted[k]), rows.stop
            try:
                wanted[k] = writings[k].send(seen.part(rows))
            except StopIteration:
                del wanted[k]


def _group(wanted: dict[int, np.ndarray], most: int) -> list[int]:
    """Return those whose texts are looked at next: the first ones, as many as there is room for."""
    group: list[int] = []
    rows = 0
    for k, states in wanted.items():
        rows += len(states)
        if group and rows > most:
            break
        group.append(k)
    return group
