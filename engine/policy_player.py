"""The player without search: a policy's first choice or, at a temperature, any move that it thinks likely."""

import numpy as np

from engine.players import SearchPlayer, winning_end
from engine.search import Evaluator, Settings
from games import go
from games.game import Position
from games.go_features import PLANES

SENSIBLE = next(first for name, first, _ in PLANES if name == "sensibleness")


class PolicyPlayer(SearchPlayer):
    """Plays by priors alone; it ends a won game by passing, fills no eye of its own, and is not the first to pass.

    Experts stop where all is settled between them; others go on, and would take what is not answered.
    Only who asks it to `think` has it search.
    """

    def __init__(
        self,
        name: str,
        evaluator: Evaluator,
        settings: Settings | None = None,
        temperature: float = 0.0,
        policy: object = None,
        nodes: int = 1 << 22,
    ):
        """At `temperature` 0 it plays the move with the greatest prior, else one drawn by prior^(1/temperature)."""
        super().__init__(name, evaluator, settings, policy=policy, nodes=nodes)
        self.temperature, self.random = temperature, np.random.default_rng(self.settings.seed)

    def choose(self, position: Position, clock=None, report=None, every: float = 0.5) -> int:
        """Return a move without thinking."""
        self.thought = None
        win = winning_end(position)
        if win is not None:
            return win
        moves = sensible(position)
        priors, _ = self.evaluator(position.game, position.state[None])
        weights = priors[0, moves].astype(float) if priors.shape[1] else np.ones(len(moves))
        if not self.temperature:
            return int(moves[np.argmax(weights)])
        weights = np.maximum(weights, 1e-30) ** (1 / self.temperature)
        return int(self.random.choice(moves, p=weights / weights.sum()))


def sensible(position: Position) -> np.ndarray:
    """List the moves that fill no own eye; the pass where the other side has just passed, or nothing else is left."""
    legal, fills_none = position.legal(), go.features(position.state[None])[0, SENSIBLE].ravel()
    points = legal[np.append(fills_none, 0)[legal] > 0]
    nobody_passed = not position.moves or position.moves[-1] != legal[-1]
    return points if len(points) and nobody_passed else np.append(points, legal[-1])
