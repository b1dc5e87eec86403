"""The player without search: a policy's first choice or, at a temperature, any move that the policy finds likely."""

import numpy as np

from engine.players import SearchPlayer, winning_end
from engine.search import Evaluator, SearchSettings
from games import go
from games.game import SECOND, Position
from games.go.planes import PLANES
from games.go.rules import LOST

SENSIBLE = next(first for name, first, _ in PLANES if name == "sensibleness")


class PolicyPlayer(SearchPlayer):
    """Plays by priors alone; ends a won game by passing, fills no eye of its own, and is never the first to pass.

    Experts stop where both sides agree on the rest. A program may go on, and would take what is not answered; and where
    the count takes every stone for alive, dead stones have to be captured. `sensible` and `deciding_captures` see to
    both. Only `think` searches.
    """

    raw = True

    def __init__(
        self,
        name: str,
        evaluator: Evaluator,
        settings: SearchSettings | None = None,
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
        moves = deciding_captures(position)
        if not len(moves):
            moves = sensible(position)
        priors, _ = self.evaluator(position.game, position.state[None])
        weights = priors[0, moves].astype(float) if priors.shape[1] else np.ones(len(moves))
        if not self.temperature:
            return int(moves[np.argmax(weights)])
        weights = np.maximum(weights, 1e-30) ** (1 / self.temperature)
        return int(self.random.choice(moves, p=weights / weights.sum()))


def sensible(position: Position) -> np.ndarray:
    """Return the legal moves that fill no eye of our own.

    Include the pass only if no such move exists, or if the opponent has just passed and we would not win with the dead
    stones removed. (If we would, keep playing and capture them: the count may take every stone for alive.) Only the
    pass is sensible if the opponent has passed twice in a row in a game that is lost.
    """
    legal, fills_none = position.legal(), go.features(position.state[None])[0, SENSIBLE].ravel()
    points = legal[np.append(fills_none, 0)[legal] > 0]
    answerable = _opponent_passed(position) and not _wins_without_the_dead(position.state, position.turn)
    if answerable and _opponent_passed(position, before=2):
        return legal[-1:]
    return points if len(points) and not answerable else np.append(points, legal[-1])


def deciding_captures(position: Position) -> np.ndarray:
    """Return the captures that win a game which would be lost if it ended now; none unless the opponent has passed."""
    if not _opponent_passed(position) or _wins_without_the_dead(position.state, position.turn):
        return np.empty(0, np.int32)
    moves = position.legal()[:-1]
    after = np.repeat(position.state[None], len(moves), axis=0)
    go.play(after, moves)
    theirs = int(LOST) + (go.BLACK if position.turn == SECOND else go.WHITE)
    captures = np.flatnonzero(after[:, theirs] != position.state[theirs])
    winning = [k for k in captures if _wins_without_the_dead(after[k], position.turn)]
    return moves[winning]


def _opponent_passed(position: Position, before: int = 0) -> bool:
    """Tell whether the opponent passed with its last move, or with one so many moves before."""
    moves = position.moves
    return len(moves) > before and moves[-1 - before] == go.move_count(position.state) - 1


def _wins_without_the_dead(state: np.ndarray, side: int) -> bool:
    return (-1 if side == SECOND else 1) * go.final_lead(state, go.dead_stones(state)) > 0
