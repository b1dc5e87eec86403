"""Who writes: the search that plays every game, on tokens; it keeps every text that it has finished."""

from collections.abc import Callable
from dataclasses import replace
from heapq import nlargest
from time import perf_counter

import numpy as np

from engine.clock import Limit
from engine.players import Analysis, Player, SearchPlayer
from engine.resources import Resources
from engine.search import SearchSettings
from engine.searching import RANDOM, settings_of
from engine.spec import Kind, PlayerSpec
from engine.text.evaluator import Judge, TokenEvaluator
from engine.text.models import open_model
from engine.text.tasks import WritingTask
from engine.text.tree_decoder import PUCT, fitted
from engine.tree import Tree
from games.game import Game, Position
from games.text.rewarded import Score, TextGame
from games.text.rows import tokens


class FinishedTexts:
    """A score that remembers the texts it was asked about."""

    def __init__(self, score: Score, most: int = 100_000):
        self.score, self.most = score, most
        self.texts: list[tuple[float, np.ndarray, bytes]] = []  # rewards, states, tokens, in the order of finishing

    def __call__(self, states: np.ndarray) -> np.ndarray:
        rewards = self.score(states)
        pairs = zip(rewards, states, strict=True)
        self.texts += [(float(reward), state.copy(), tokens(state).tobytes()) for reward, state in pairs]
        del self.texts[: -self.most]
        return rewards

    def best(self, state: np.ndarray) -> tuple[float, np.ndarray] | None:
        """Return the reward and the state of the best text that goes on from a state, None where there is none."""
        so_far = tokens(state).tobytes()
        found = ((reward, text) for reward, text, key in self.texts if key.startswith(so_far))
        return max(found, key=lambda each: each[0], default=None)

    def ranking(self, state: np.ndarray, most: int) -> list[tuple[float, np.ndarray]]:
        """Return the best different texts that go on from a state, at most so many, the best first."""
        so_far = tokens(state).tobytes()
        found = {key: (reward, text) for reward, text, key in self.texts.copy() if key.startswith(so_far)}
        return nlargest(most, found.values(), key=lambda each: each[0])


class TextPlayer(SearchPlayer):
    """Writes token by token by search; a token of the best text that was finished comes before the most visited one."""

    game: TextGame
    """The game that the player searches in: that of its task, which remembers finished texts."""

    def __init__(self, task: WritingTask, critic: Judge | None, settings: SearchSettings, limit: Limit, nodes: int):
        self.evaluator: TokenEvaluator
        super().__init__("search", TokenEvaluator(task.model, critic=critic), settings, limit, nodes=nodes)
        self.seconds = 0.0  # spent on thinking so far
        plain = task.game()
        self.finished = FinishedTexts(plain.score)
        self.game = TextGame(self.finished, plain.ends, plain.allowed, plain.piece)

    def choose(
        self, position: Position, clock=None, report: Callable[[Analysis], None] | None = None, every: float = 0.5
    ) -> int:
        """Search, and return the next token of the best text that was finished, else the most visited one.

        A text that is paid no more than all others is no reason to write it.
        """
        move = super().choose(position, clock, report, every)
        best = self.finished.best(position.state)
        if best is None or best[0] == min(reward for reward, *_ in self.finished.texts):
            return move
        return int(tokens(best[1])[len(tokens(position.state))])

    def think(
        self,
        position: Position,
        limit: Limit,
        report: Callable[[Analysis], None] | None = None,
        every: float = 0.5,
        until_decided: bool = False,
    ) -> Analysis:
        """Search as every player does, and count the seconds."""
        began = perf_counter()
        try:
            return super().think(position, limit, report, every, until_decided)
        finally:
            self.seconds += perf_counter() - began

    def take_position(self, position: Position) -> tuple[Tree, np.ndarray]:
        """Re-root the tree, and free the key-value memory of what does not follow."""
        tree, root = super().take_position(position)
        self.evaluator.memory.keep([tokens(root)])
        return tree, root


def text_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Return the player that searches for likely texts, or for those that a game with a reward pays for."""
    evaluator = TokenEvaluator(resources.shared(("language model", spec.model), lambda: open_model(spec.model)))
    settings = replace(settings_of(spec, fitted(PUCT, game.ends), seed), threads=1)
    return SearchPlayer(spec.name or spec.model, evaluator, settings, spec.limit, nodes=resources.nodes(spec))


KINDS = {"search": Kind(text_player, needs=("model",)), "random": RANDOM}
