"""The clocks of a game: how much time each side has left at this moment."""

import copy
from collections.abc import Mapping
from time import perf_counter

from engine.clock import Clock


class Clocks:
    """The clock of each side, and since when the side to play has been thinking. Empty: the game has no clocks."""

    def __init__(self, clocks: Mapping[int, Clock] | None = None):
        self.clocks = dict(clocks or {})
        self.since = perf_counter()
        self.running = -1  # the side whose time runs, -1: nobody's

    def __bool__(self) -> bool:
        return bool(self.clocks)

    def run(self, side: int) -> None:
        """Let the time of a side run (-1: of nobody); a side that runs already goes on running."""
        self.running = side if side in self.clocks else -1

    def restart(self) -> None:
        """Begin to count anew: another position is on the board."""
        self.since = perf_counter()

    def left(self, side: int) -> Clock | None:
        """Return a side's clock as it stands at this moment; None without clocks."""
        clock = self.clocks.get(side)
        if clock is None or side != self.running:
            return clock
        now = copy.copy(clock)
        now.spend(perf_counter() - self.since)
        return now

    def spend(self) -> None:
        """Take the time since the last move off the clock that runs."""
        if self.running in self.clocks:
            self.clocks[self.running].spend(perf_counter() - self.since)

    @property
    def expired(self) -> bool:
        """Whether the side whose time runs has none left."""
        clock = self.left(self.running)
        return clock is not None and clock.expired
