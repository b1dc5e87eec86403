"""The weights of the fast rollout policy that ship with Yomi: rollouts for any search, priors where no network is."""

from functools import cache
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np

from engine.search import Evaluator, uniform
from games import wings
from games.game import Game


class PolicyGame(Game, Protocol):
    """A game whose rollouts and priors can follow a policy with learned weights."""

    def unpack(self, parameters: np.ndarray) -> Any:
        """Return the policy that has these weights, float32; raise `ValueError` where they do not fit."""

    def priors(self, states: np.ndarray, policy: Any) -> np.ndarray:
        """Return the policy's probability of every move, float32 [B, moves]."""


def shipped_policy(game: Game) -> Any:
    """Load the rollout policy in the game's own folder; None, for random rollouts, if there is none."""
    return _shipped(game.name)


@cache
def _shipped(name: str) -> Any:
    if name not in wings.NAMES:
        return None
    game = wings.game(name)
    weights = Path(str(game.__file__)).with_name("rollouts.npy")
    return load_policy(cast(PolicyGame, game), weights) if weights.is_file() else None


def load_policy(game: PolicyGame, path: Path) -> Any:
    """Load a rollout policy's weights; raise `ValueError` for a file that does not hold them."""
    try:
        parameters = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} holds no rollout weights: {error}") from error
    if not np.isfinite(parameters.astype(np.float32)).all():
        raise ValueError(f"{path} holds weights that are not finite numbers")
    return game.unpack(parameters.astype(np.float32))


def policy_priors(policy: Any) -> Evaluator:
    """Return the evaluator whose priors are the policy's probabilities; it values every position at 0.

    Without a policy every move is as likely.
    """
    if policy is None:
        return uniform

    def evaluate(game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return cast(PolicyGame, game).priors(states, policy), np.zeros(len(states), np.float32)

    return evaluate
