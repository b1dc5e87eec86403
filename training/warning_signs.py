"""What the numbers of a run say when something goes wrong, in plain words. Reports and the page of progress show it."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple


class Sign(NamedTuple):
    """A number is well between `least` and `most`; else a sentence says what that means and what helps."""

    least: float
    most: float
    sentence: str


SIGNS = {
    "spread": Sign(0.05, inf, "the value is nearly the same for every position; learn with a lower rate"),
    "root_value_spread": Sign(
        0.05, 0.97, "searches find nearly every position lost or won, or all alike; more random opening moves help"
    ),
    "explained": Sign(0.0, inf, "the value predicts results no better than their mean does; it needs more games"),
    "gap": Sign(-inf, 0.05, "the value knows its own games by heart; learn fewer positions of more games"),
    "entropy": Sign(0.1, inf, "the policy has collapsed to single moves; a lower rate or an entropy_weight helps"),
    "target_entropy": Sign(0.01, inf, "searches recommend single moves only; considered, noise or opening help"),
    "copies": Sign(-inf, 0.2, "many games are copies of others and teach nothing; more random opening moves help"),
    "window_age": Sign(-inf, 30.0, "most positions were played by networks of long ago; make the window smaller"),
    "wrong_resignations": Sign(-inf, 0.05, "sides give up that would not lose; raise resign"),
}
"""By the names of the numbers, which stages share."""


def warnings(metrics: Sequence[dict[str, float]]) -> list[str]:
    """Return a sentence for each number whose latest value is out of its bounds."""
    last = {name: value for line in metrics for name, value in line.items()}
    found = []
    for name, sign in SIGNS.items():
        value = last.get(name)
        if value is not None and not sign.least <= value <= sign.most:
            found.append(f"{name} is {value:.3g}: {sign.sentence}")
    return found
