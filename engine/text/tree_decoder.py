"""Decoding by tree search: the search that plays every game, on many prompts in one wave, each with its own budget."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.clock import Limit
from engine.search import SearchSettings, search
from engine.text.attempt import Attempt
from engine.text.evaluator import TokenEvaluator
from engine.tree import (
    IN_FLIGHT,
    MOVE,
    NO_PARENT,
    PARENT,
    PRIOR,
    ROOT,
    VISITS,
    Tree,
    allocate,
    children,
    mean_value,
)
from engine.tree_steps import CLOSED
from games.game import Game
from games.text.rewarded import TextGame
from games.text.rows import HEAD, LENGTH, PROMPT

PUCT = SearchSettings(follow=True, give_up=0.1, first_play=0.0, c_puct=2.0, normalise=True, wave=1)
"""How texts are searched: leaves are followed to the end of the text, rewards are compared within the tree."""

GUMBEL = replace(PUCT, gumbel=16)


def fitted(settings: SearchSettings, ends: tuple[float, float]) -> SearchSettings:
    """Return the settings for a reward between two ends: values are stretched only where there is no bound.

    Where most texts are paid nothing, stretching a critic's small differences drowns the priors. Chosen on 205 puzzles
    of the Game of 24 that neither the model nor its critic had learned from.
    """
    return replace(settings, normalise=bool(settings.gumbel) or not np.isfinite(ends).all())


class _Ledger:
    """Stands between a search and its attempts: which attempt a text belongs to, what it costs, what it is worth."""

    def __init__(self, attempts: Sequence[Attempt], evaluator: TokenEvaluator):
        self.attempts = {_prompt(attempt.root): attempt for attempt in attempts}
        self.evaluator, self.score_texts = evaluator, attempts[0].game.score
        assert len(self.attempts) == len(attempts), "two attempts at one prompt cannot share a wave"

    def evaluate(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, ...]:
        for state in states:
            self.attempts[_prompt(state)].spent += 1
        return self.evaluator(game, states)

    def score(self, states: np.ndarray) -> np.ndarray:
        rewards = self.score_texts(states)
        lengths = states[:, LENGTH].astype(float)  # of texts that are paid alike, the longest tried the most
        for k, state in enumerate(states):
            self.attempts[_prompt(state)].remember(states[k : k + 1], rewards[k : k + 1], lengths[k : k + 1])
        return rewards


def _prompt(state: np.ndarray) -> bytes:
    return state[HEAD : HEAD + state[PROMPT]].tobytes()


def tree_search(
    attempts: Sequence[Attempt],
    evaluator: TokenEvaluator,
    settings: SearchSettings = PUCT,
    simulations: int | None = None,
) -> Tree:
    """Search for the best texts of some attempts with equal budgets and different prompts; return their trees.

    Each search ends with its attempt's budget, or after so many simulations.
    """
    first = attempts[0]
    ledger = _Ledger(attempts, evaluator)
    game = TextGame(ledger.score, first.game.ends, first.game.allowed, first.game.piece)
    widest = evaluator.widest or int(game.may_write(first.root).size)
    lanes = settings.wave
    tree = allocate(len(attempts), (first.budget + 2 * lanes) * widest + 1)
    roots = np.stack([attempt.root for attempt in attempts])
    settings = replace(settings, wave=lanes * len(attempts))
    planned = simulations
    if settings.gumbel and not planned:  # halving needs to know its end
        planned = max(2, 2 * first.budget // first.usual)
    limit, randoms = Limit(planned, evaluations=first.budget), [attempt.random for attempt in attempts]
    search(game, roots, tree, ledger.evaluate, settings, limit, randoms=randoms)
    return tree


def picture(tree: Tree, name: Callable[[int], str], t: int = 0) -> dict[str, Any]:
    """Return tree t as nested values for a file: every visited node with its token, prior, visits and mean value."""
    return _picture(tree, name, int(tree.regions[ROOT, t]))


def _picture(tree: Tree, name: Callable[[int], str], node: int) -> dict[str, Any]:
    below = children(tree, node)
    below = below[np.argsort(-tree.ints[VISITS, below], kind="stable")]
    return {
        "token": "" if tree.ints[PARENT, node] == NO_PARENT else name(int(tree.ints[MOVE, node])),
        "prior": round(float(tree.floats[PRIOR, node]), 6),
        "visits": int(tree.ints[VISITS, node]),
        "value": round(float(mean_value(tree, node)), 6),
        "closed": bool(tree.ints[IN_FLIGHT, node] >= CLOSED),
        "children": [_picture(tree, name, int(child)) for child in below if tree.ints[VISITS, child]],
    }
