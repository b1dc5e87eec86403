"""Time limits on a machine that has other work to do: an action is tried again before it counts as slow."""

from collections.abc import Callable
from time import perf_counter


def tried(act: Callable[[], object], enough: float, tries: int = 10) -> list[float]:
    """Act until that took no more than `enough` seconds; return how long each try took, the last one last.

    Whoever loses the processor for a while is slow once; code that is slow is slow every time.
    """
    took: list[float] = []
    while len(took) < tries and (not took or took[-1] > enough):
        began = perf_counter()
        act()
        took.append(perf_counter() - began)
    return took
