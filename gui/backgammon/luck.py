"""What the dice of a match gave each side: the luck of every throw, found one after the other. No display."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from engine.backgammon.plies import Lookahead
from engine.backgammon.review import luck_of
from games.backgammon.rules import FIRST_ROLL, thrown
from games.game import FIRST, SECOND, Position


class Throw(NamedTuple):
    """A throw of the match: which it is, where it fell, what fell."""

    game: int
    number: int  # within the game
    state: np.ndarray
    move: int


class Weighed(NamedTuple):
    """A throw whose luck is known: in equity, of who threw."""

    state: np.ndarray
    side: int
    luck: float


def throws(game: int, position: Position) -> Iterator[Throw]:
    """Yield the throws of a game so far."""
    fallen = (pair for pair in zip(position.states, position.moves, strict=False) if pair[1] >= FIRST_ROLL)
    for number, (state, move) in enumerate(fallen):
        yield Throw(game, number, state, move)


class Luck:
    """The luck of the throws of a match, by game and number; one that fell elsewhere after an undo is weighed anew."""

    def __init__(self):
        self.known: dict[tuple[int, int], Weighed] = {}

    def unknown(self, game: int, position: Position) -> Throw | None:
        """Return a throw of this game whose luck is not known yet."""
        return next((throw for throw in throws(game, position) if not self._knows(throw)), None)

    def _knows(self, throw: Throw) -> bool:
        known = self.known.get((throw.game, throw.number))
        return known is not None and known.state is throw.state

    def learn(self, throw: Throw, weighed: Weighed) -> None:
        """Keep what a throw gave."""
        self.known[throw.game, throw.number] = weighed

    def total(self, side: int, game: int, position: Position) -> float:
        """Return what the dice gave a side in the games before this one and in this one so far."""
        before = sum(each.luck for (at, _), each in self.known.items() if at < game and each.side == side)
        now = (self.known[game, throw.number] for throw in throws(game, position) if self._knows(throw))
        return before + sum(each.luck for each in now if each.side == side)


def weigh(lookahead: Lookahead, throw: Throw) -> Weighed:
    """Find out what a throw gave; called in the thinking thread."""
    return Weighed(throw.state, thrown(throw.state, throw.move)[0], luck_of(lookahead, throw.state, throw.move)[0])


def in_words(luck: Luck, names: tuple[str, str], game: int, position: Position) -> str:
    """Return what the dice gave both sides, in points more than average rolls."""
    told = (f"{names[side]} {luck.total(side, game, position):+.2f}" for side in (FIRST, SECOND))
    return f"Luck, in points beyond average rolls: {', '.join(told)}" if luck.known else ""
