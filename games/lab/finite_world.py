"""A world of finitely many states and actions, as tables, and what follows from the tables alone."""

from typing import NamedTuple

import numpy as np


class FiniteWorld(NamedTuple):
    """S states with up to A actions each; an action has up to K outcomes. A state without a legal action is an end."""

    nexts: np.ndarray  # int [S, A, K], the states that may follow
    odds: np.ndarray  # float [S, A, K], their probabilities
    rewards: np.ndarray  # float [S, A], expected
    legal: np.ndarray  # bool [S, A]
    discount: float
    sign: float = 1.0  # of the next state's value: -1 where two sides take turns and each wants the other to lose


def action_values(world: FiniteWorld, values: np.ndarray) -> np.ndarray:
    """Return what each action is worth [S, A] if the states after it are worth `values` [S]; -inf if not legal."""
    after = (world.odds * values[world.nexts]).sum(-1)
    return np.where(world.legal, world.rewards + world.discount * world.sign * after, -np.inf)


def best_values(world: FiniteWorld, actions: np.ndarray) -> np.ndarray:
    """Return the value of the best action of each state [S], 0 for an end."""
    return np.where(world.legal.any(1), actions.max(1), 0.0)


def optimal_values(world: FiniteWorld, precision: float = 1e-12) -> np.ndarray:
    """Return the values of the best policy [S], by value iteration until they change no more."""
    values = np.zeros(len(world.legal))
    while True:
        found = best_values(world, action_values(world, values))
        if np.abs(found - values).max() <= precision:
            return found
        values = found


def policy_values(world: FiniteWorld, policy: np.ndarray) -> np.ndarray:
    """Return the values of a policy [S], odds [S, A], exactly: the solution of Bellman's linear equations."""
    rewards = (policy * np.where(world.legal, world.rewards, 0.0)).sum(1)
    return np.linalg.solve(np.eye(len(rewards)) - world.discount * world.sign * steps_of(world, policy), rewards)


def steps_of(world: FiniteWorld, policy: np.ndarray) -> np.ndarray:
    """Return the odds [S, S] of going from a state to another under a policy [S, A]; ends lead nowhere."""
    states = len(policy)
    found = np.zeros((states, states))
    sources = np.broadcast_to(np.arange(states)[:, None, None], world.nexts.shape)
    np.add.at(found, (sources, world.nexts), (policy * world.legal)[..., None] * world.odds)
    return found


def greedy(actions: np.ndarray) -> np.ndarray:
    """Return the policy [S, A] that takes the first of the best actions [S, A]."""
    return np.eye(actions.shape[1])[actions.argmax(1)]
