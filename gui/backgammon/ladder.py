"""Checkpoints of backgammon in the window: evaluators of afterstates, and whole plays of a roll."""

import numpy as np

from engine.backgammon import model as afterstates_model
from engine.backgammon.evaluator import AfterstateEvaluator
from engine.backgammon.plies import Lookahead
from engine.networks.model import Model
from games.backgammon.rules import DICE
from games.backgammon.writing import write_play
from gui.tabs.ghost_ladder import MOST_PLAYS, LikelyPlay


def open_evaluator(found: Model) -> AfterstateEvaluator:
    """Return the evaluator of a checkpoint."""
    return AfterstateEvaluator(Lookahead(afterstates_model.read(found)))


def plays(ask: AfterstateEvaluator, state: np.ndarray) -> tuple[LikelyPlay, ...]:
    """Return the best plays of a roll with the priors of their first checkers, not yet added up; () without a roll."""
    if not state[DICE]:
        return ()
    found = ask.lookahead.rank(state)
    equities = np.array([play.equity for play in found])
    chances = np.exp((equities - equities.max(initial=-np.inf)) / float(ask.temperature))
    best = list(zip(found, chances / max(chances.sum(), 1e-9), strict=True))[:MOST_PLAYS]
    return tuple(LikelyPlay(play.moves, write_play(state, play.moves), float(chance)) for play, chance in best)
