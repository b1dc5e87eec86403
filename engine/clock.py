"""Time and visit limits."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limit:
    """How long to think about one move: until so many visits of the root, or so many seconds, whichever is first."""

    visits: int | None = None
    seconds: float | None = None

    def tighter(self, other: "Limit") -> "Limit":
        """Return the limit that both keep."""
        return Limit(_least(self.visits, other.visits), _least(self.seconds, other.seconds))


def _least(a, b):
    return min((x for x in (a, b) if x is not None), default=None)
