"""GNU Backgammon as a player: its cube decisions, and its plays, one checker move after another."""

from collections.abc import Callable

import numpy as np

from engine.backgammon.gnubg import Gnubg
from engine.clock import Clock
from engine.players import Player
from games import backgammon
from games.game import Position


class GnubgPlayer(Player):
    """Plays as GNU Backgammon does with so many plies. `choose` may raise `GnubgFailed`."""

    def __init__(self, plies: int = 0, command: str = "", timeout: float = 60.0):
        """`command` starts another gnubg than the installed one; an answer may take `timeout` seconds."""
        self.name = f"gnubg {plies}-ply"
        self.plies = plies
        self.gnubg = Gnubg(command, timeout)
        self.rest: list[tuple[bytes, int]] = []  # of the play in progress: the position each move belongs to, the move

    def choose(
        self, position: Position, clock: Clock | None = None, report: Callable | None = None, every: float = 0.5
    ) -> int:
        """Return the next move of gnubg's play, or its decision about the cube."""
        state = position.state
        if not state[backgammon.DICE]:
            return self.gnubg.cube_action(state, self.plies)
        if not self.rest or self.rest[0][0] != state.tobytes():
            self.rest = _with_positions(state, self.gnubg.best_play(state, self.plies))
        return self.rest.pop(0)[1]

    def close(self) -> None:
        """End the program."""
        self.gnubg.close()


def _with_positions(state: np.ndarray, moves: tuple[int, ...]) -> list[tuple[bytes, int]]:
    steps = []
    for move in moves:
        steps.append((state.tobytes(), move))
        state = backgammon.after(state, move)
    return steps
