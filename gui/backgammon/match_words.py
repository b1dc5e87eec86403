"""What a review found of a match, in sentences: errors by their kind, and what decided it, play or the dice."""

from collections.abc import Iterable

from engine.backgammon.review import Reviewed, ReviewedPlay
from games.backgammon.rules import OFFERED
from games.game import FIRST, SECOND
from gui.backgammon.match import MatchSession

KINDS = ("checker play", "doubling", "taking")


def kind_of(judged: Reviewed) -> str:
    """Return the kind of a decision: how checkers were moved, whether to double, whether to take."""
    if isinstance(judged, ReviewedPlay):
        return KINDS[0]
    return KINDS[2] if judged.state[OFFERED] else KINDS[1]


def errors_by_kind(found: Iterable[Reviewed], side: int) -> dict[str, tuple[int, float]]:
    """Return how many errors a side made of each kind, and the points that they cost."""
    table = dict.fromkeys(KINDS, (0, 0.0))
    for judged in found:
        if judged.mover == side and judged.error > 0:
            count, lost = table[kind_of(judged)]
            table[kind_of(judged)] = count + (judged.error >= 0.02), lost + judged.error
    return table


def match_sentence(match: MatchSession) -> str:
    """Say what each side lost by play and what the dice gave it in this game; "" before it was reviewed."""
    found = [match.engine.judged[node] for node in match.history.line if node in match.engine.judged]
    if not found:
        return ""
    told = []
    for side in (FIRST, SECOND):
        lost = {kind: points for kind, (_, points) in errors_by_kind(found, side).items() if points >= 0.005}
        by = ", ".join(f"{points:.2f} by {kind}" for kind, points in lost.items()) or "nothing"
        name = match.names[side]
        luck = sum(each.luck for each in found if isinstance(each, ReviewedPlay) and each.mover == side)
        told.append(f"{name} lost {by}; the dice gave {luck:+.2f}")
    return ".  ".join(told) + "."
