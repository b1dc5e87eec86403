"""The network that ships beside rollouts: what each thinks of the position on the board, side by side.

It is a ladder of two: the slider goes from rollouts to the network, and rollouts stand beside it.
"""

from typing import Any

import numpy as np

from engine.networks import model as models
from engine.rollouts import policy_priors, shipped_policy
from engine.search import Evaluator
from engine.searching import NO_NETWORK
from games import wings
from games.game import Game
from gui.tabs.ghost_ladder import Ladder

PLAYED_OUT = 200
"""Rollouts from a position: the share of won games is then right to about 7 in 100."""


class RolloutOpinion:
    """The evaluator without a network: the rollout policy's priors, and the mean result of games played out."""

    def __init__(self, policy: Any, count: int = PLAYED_OUT):
        self.policy, self.count = policy, count
        self._priors = policy_priors(policy)

    def __call__(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        rows = np.repeat(states, self.count, 0)
        ends = game.rollout(rows, np.arange(len(rows), dtype=np.uint64), self.policy)
        return self._priors(game, states)[0], ends.reshape(len(states), -1).mean(1).astype(np.float32)


class TwoOpinions(Ladder):
    """Rollouts first, then the network that ships with a game."""

    beside = 0
    names = ("Rollouts", "Network")

    def __init__(self, game: str):
        """Raise `ValueError` where no network ships with the game."""
        super().__init__(models.find(game).folder)

    def _found(self) -> list[models.Model]:
        return [models.read(self.run)] * 2

    @property
    def steps(self) -> tuple[int, ...]:
        return 0, 1

    @property
    def title(self) -> str:
        """What is compared."""
        return f"network and {PLAYED_OUT} rollouts"

    def player(self, k: int) -> str:
        """Return the model that plays as one of both."""
        return str(self.run) if k else NO_NETWORK

    def named(self, k: int) -> str:
        """Return what one of both is called."""
        return self.names[k]

    def _open(self, k: int) -> Evaluator:
        return super()._open(k) if k else RolloutOpinion(shipped_policy(wings.game(self.game)))


def can_compare(game: str) -> bool:
    """Tell whether a game has both: a network that ships, and rollouts whose moves are turns."""
    return game in models.shipped() and not wings.has("gui", game, "ladder")
