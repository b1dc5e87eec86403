"""The moments of a game at which the search changed its mind, or its value jumped. It knows no game."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gui.history import Node

LATE = 0.25
"""Share of a search's visits from which a change of its best move is a late one."""

JUMP = 0.15
"""Share of the greatest value by which the value has to change from a move to the next, to be a jump."""


@dataclass(frozen=True)
class TurningPoint:
    """A position of a game, by its ply, and what happened to the search's opinion there."""

    ply: int
    words: str


def turning_points(line: Sequence[Node], name: Callable[[int, int], str], reach: float = 1.0) -> list[TurningPoint]:
    """Return the latest change of mind, and the greatest jump of the value, of a line of a game; what there is of both.

    `name(ply, move)` writes a move as it is written in the position after so many moves.
    """
    found = [_latest_change(line, name), _greatest_jump(line, reach)]
    return [point for point in found if point is not None]


def _latest_change(line: Sequence[Node], name: Callable[[int, int], str]) -> TurningPoint | None:
    """Return where the best move changed last, by the share of the visits that came before."""
    best: tuple[float, int] = (LATE, -1)
    for ply, node in enumerate(line):
        changes = node.thought.changes if node.thought else ()
        if node.thought and len(changes) > 1 and node.thought.visits:
            best = max(best, (min(1.0, changes[-1].visits / node.thought.visits), ply))
    share, ply = best
    thought = line[ply].thought if ply >= 0 else None
    if thought is None:
        return None
    before, after = (name(ply, change.move) for change in thought.changes[-2:])
    when = f"after {share:.0%} of its {thought.visits:,} visits"
    return TurningPoint(ply, f"Move {ply + 1}: it changed from {before} to {after} {when}")


def _greatest_jump(line: Sequence[Node], reach: float) -> TurningPoint | None:
    values = [node.value for node in line]
    jumps = [
        (abs(after - before), ply)
        for ply, (before, after) in enumerate(zip(values, values[1:], strict=False))
        if before is not None and after is not None
    ]
    size, ply = max(jumps, default=(0.0, 0))
    if size < JUMP * reach:
        return None
    before, after = values[ply], values[ply + 1]
    return TurningPoint(ply, f"Move {ply + 1}: its value went from {before:+.2f} to {after:+.2f}")
