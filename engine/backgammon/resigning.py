"""Whether a resignation is accepted: what is offered against what the other side may expect by playing on."""

import numpy as np

from engine.backgammon.plies import Lookahead
from engine.backgammon.review import unit
from games import backgammon
from games.backgammon.board import given_up
from games.game import FIRST

MARGIN = 0.05
"""A resignation may be worth so much less than what is expected: in equity, about as much as evaluations err."""

GAINS = {1: "a plain game", 2: "a gammon", 3: "a backgammon"}


def why_refused(lookahead: Lookahead, state: np.ndarray, player: int, gain: int, plies: int = 1) -> str:
    """Say why the other side goes on where a player resigns, "" where it accepts.

    `gain` is 1 for a plain game, 2 for a gammon, 3 for a backgammon; what is expected is read so many `plies` ahead.
    """
    sign = -1 if player == FIRST else 1  # values are FIRST's; whoever is to accept is the other
    expected = sign * lookahead.worth(state, plies) / unit(state)
    worth = {each: sign * _value(state, player, each) / unit(state) for each in GAINS if each >= gain}
    if worth[gain] >= expected - MARGIN:
        return ""
    enough = next((each for each, value in worth.items() if value >= expected - MARGIN), max(GAINS))
    return f"{GAINS[gain]} is not enough: playing on is worth {expected:.2f} of one, so resign {GAINS[enough]}"


def _value(state: np.ndarray, player: int, gain: int) -> float:
    """Return what the game is worth to FIRST once a player has resigned it."""
    return float(backgammon.score(given_up(state, player, gain)[None])[0])
