"""The stakes of a position: what each of the five outputs adds to a player's equity, by the score and the cube.

Stakes are [2, 6]: those of FIRST and of SECOND, each as in `outputs.py`, in equity: a plain game at the present cube
won is 1, lost -1.
"""

from functools import lru_cache

import numpy as np

from engine.backgammon.cube import as_equity, utility
from engine.backgammon.outputs import OUTPUTS
from games.backgammon.rules import CUBE, JACOBY, MOVER, OPENING
from games.game import FIRST, SECOND

_ENDS = np.array([[0, 0, 0, 0, 0], [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]])
"""The ways a game can end: lost, won, by a gammon, a backgammon; lost by a gammon, a backgammon."""


def stakes_of(state: np.ndarray) -> np.ndarray:
    """Return the stakes of both sides, float32 [2, 6]: in a match by its score, with the cube as it is.

    For money gammons count, also where Jacoby's rule still voids them: as a rule the cube will be turned first.
    """
    return _stakes(state[CUBE:OPENING].tobytes(), len(state))


@lru_cache(4096)
def _stakes(situation: bytes, width: int) -> np.ndarray:
    state = np.zeros(width, np.int8)
    state[CUBE:OPENING] = np.frombuffer(situation, np.int8)
    state[JACOBY] = 0
    stakes = np.empty((2, OUTPUTS + 1), np.float32)
    for player in (FIRST, SECOND):
        state[MOVER] = player
        lose, win, gammon, backgammon, lose_gammon, lose_backgammon = as_equity(utility(_ENDS, state), state)
        stakes[player] = (
            win - lose,
            gammon - win,
            backgammon - gammon,
            lose_gammon - lose,
            lose_backgammon - lose_gammon,
            lose,
        )
    return stakes
