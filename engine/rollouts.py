"""The weights of the fast rollout policy that ship with Yomi: rollouts for any search, priors where no network is."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.search import uniform
from games.game import Game


@lru_cache
def shipped_policy(game: Game) -> object:
    """Load the rollout policy in the game's own folder; None, for random rollouts, if there is none."""
    weights = Path(str(game.__file__)).with_name("rollouts.npy")
    return load_policy(game, weights) if weights.is_file() else None


def load_policy(game: Game, path: Path) -> object:
    """Load a rollout policy's weights; raise `ValueError` for a file that does not hold them."""
    try:
        parameters = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} holds no rollout weights: {error}") from error
    return game.unpack(parameters.astype(np.float32))


def policy_priors(policy: object) -> Callable[[Game, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the evaluator that gives the policy's probabilities as priors, and no opinion of the position.

    Without a policy every move is as likely.
    """
    if policy is None:
        return uniform

    def evaluate(game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return game.priors(states, policy), np.zeros(len(states), np.float32)

    return evaluate
