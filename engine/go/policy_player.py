"""The player without search: a policy's first choice or, at a temperature, any move that it thinks likely."""

import numpy as np

from engine.players import SearchPlayer, winning_end
from engine.search import Evaluator, Settings
from games import go
from games.game import SECOND, Position
from games.go.patterns import Policy
from games.go.planes import PLANES

SENSIBLE = next(first for name, first, _ in PLANES if name == "sensibleness")


class PolicyPlayer(SearchPlayer):
    """Plays by priors alone; it ends a won game by passing, fills no eye of its own, and is not the first to pass.

    Experts stop where all is settled between them; others go on, and would take what is not answered. Experts agree on
    what is dead, too: where the count takes every stone for alive, it has to be captured (`sensible`).
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
        moves = sensible(position, self.policy)
        priors, _ = self.evaluator(position.game, position.state[None])
        weights = priors[0, moves].astype(float) if priors.shape[1] else np.ones(len(moves))
        if not self.temperature:
            return int(moves[np.argmax(weights)])
        weights = np.maximum(weights, 1e-30) ** (1 / self.temperature)
        return int(self.random.choice(moves, p=weights / weights.sum()))


def sensible(position: Position, policy: Policy | None = None) -> np.ndarray:
    """List the moves that fill no own eye, and the pass where nothing else is left or the other side's may be answered.

    It may not where the game is won but for dead stones, which the count would take for alive (a pass that wins as it
    is has been played before anybody asks).
    """
    legal, fills_none = position.legal(), go.features(position.state[None])[0, SENSIBLE].ravel()
    points = legal[np.append(fills_none, 0)[legal] > 0]
    answerable = position.moves and position.moves[-1] == legal[-1] and not _wins_without_the_dead(position, policy)
    return points if len(points) and not answerable else np.append(points, legal[-1])


def _wins_without_the_dead(position: Position, policy: Policy | None) -> bool:
    sign = -1 if position.turn == SECOND else 1
    return sign * go.final_lead(position.state, go.dead_stones(position.state, policy)) > 0
