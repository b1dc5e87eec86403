"""Time and visit limits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """How long to think about one move: until so many visits of the root, so many seconds, or so many positions that
    the evaluator has looked at, whichever is first."""

    visits: int | None = None
    seconds: float | None = None
    evaluations: int | None = None

    def tighter(self, other: "Limit") -> "Limit":
        """Return the limit that both keep."""
        return Limit(
            _least(self.visits, other.visits),
            _least(self.seconds, other.seconds),
            _least(self.evaluations, other.evaluations),
        )


def _least(a, b):
    return min((x for x in (a, b) if x is not None), default=None)


LEAST = 0.01
"""Seconds that a move gets even where the clock has none left: some move must be found."""


@dataclass
class Clock:
    """One side's time, in seconds: main time, then Canadian stones or Japanese periods.

    Without `main` there is no limit. `stones` moves fill one Canadian period; a Japanese clock has `periods` of
    one move each. `increment` is added after every move (Fischer). `lag` is what a move may cost beyond the
    thinking: the search's last wave, the controller, the network.
    """

    main: float | None = None
    period: float = 0.0
    stones: int = 0
    periods: int = 0
    increment: float = 0.0
    lag: float = 0.2

    def __post_init__(self) -> None:
        self.left = self.main  # seconds left of the main time, or of the current period; None: no clock
        self.count = 0  # stones (Canadian) or periods (Japanese) left; 0 while main time runs
        self.expired = False
        if not self.period:
            self.stones = self.periods = 0
        if self.main == 0 and self._overtime:
            self._enter_overtime(0.0)

    @property
    def _overtime(self) -> int:
        return self.stones or self.periods

    def update(self, left: float, count: int = 0) -> None:
        """Believe the controller (GTP's `time_left`): seconds, and stones or periods left, 0 in main time."""
        if count and self.left is None:
            self.main, self.period, self.stones = 0.0, left, count
        if self.left is None:
            self.main = left
        self.left, self.count = left, count if self._overtime else 0

    def allot(self, moves_expected: float) -> Limit:
        """Say how long to think about this move, if so many moves of our own are still to come."""
        if self.left is None:
            return Limit()
        return Limit(seconds=max(LEAST, self._share(self.left, max(moves_expected, 1.0))))

    def _share(self, left: float, moves: float) -> float:
        if self.count:
            return self._overtime_share(left, self.count)
        if self._overtime:  # main time may run out: what follows is worth as much for this move
            return max(left / moves, self._overtime_share(self.period, self._overtime))
        spare = left - self._reserve((self.main or 0.0) + 10 * self.increment, 20)
        return min(spare, spare / moves + 0.9 * self.increment)

    def _overtime_share(self, left: float, count: int) -> float:
        """Split what is left of a period among its stones; a Japanese period serves one move, used or not."""
        return (left - self._reserve(self.period, 4)) / (count if self.stones else 1)

    def _reserve(self, whole: float, lags: int) -> float:
        """Return seconds never to touch: room for several lags and a hiccup, but no large part of a short time."""
        return min(max(lags * self.lag, 0.04 * whole), 0.3 * whole)

    def spend(self, seconds: float) -> None:
        """Take the time of one move off the clock; sets `expired` if it was too much."""
        if self.left is None:
            return
        left = self.left = self.left - seconds
        if not self.count and left < 0 and self._overtime:
            left = self._enter_overtime(-left)
        elif self.count:
            left = self._finish_overtime_move(left)
        elif left < 0:
            self.expired = True
        self.left = max(left + self.increment, 0.0)

    def _enter_overtime(self, spent: float) -> float:
        """Begin overtime in the middle of a move (spent > 0) that overran the main time, or before the first.

        Returns the seconds left of the period.
        """
        self.count = self._overtime
        self.left = self._finish_overtime_move(self.period - spent) if spent else self.period
        return self.left

    def _finish_overtime_move(self, left: float) -> float:
        """Count a move that leaves so many seconds of the period; return those left for the next move."""
        if self.periods:
            while left < 0 and self.count:
                left, self.count = left + self.period, self.count - 1
            self.expired |= not self.count
            self.count = max(self.count, 1)
            return self.period
        self.expired |= left < 0
        self.count -= 1
        if self.count:
            return left
        self.count = self.stones
        return self.period
