"""Tournaments of Connect Four: openings of random moves, games kept as lists of moves."""

import numpy as np

from games import connect_four
from games.connect_four.rules import CELLS
from training.tournament.arena import Arena


class ConnectFourArena(Arena):
    """Connect Four as tournaments play it."""

    game = connect_four
    usual_moves = 30.0
    most_moves = CELLS

    def start(self) -> np.ndarray:
        return connect_four.start()


ARENA = ConnectFourArena
