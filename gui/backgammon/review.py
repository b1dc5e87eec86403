"""A review of backgammon: the engine judges one decision after the other, and the line keeps the results."""

from collections.abc import Callable, Iterator, Sequence

from engine.backgammon.player import analysis, cube_answers
from engine.backgammon.plies import Lookahead
from engine.backgammon.review import DOUBTFUL, Reviewed, ReviewedPlay, grade, review_backgammon, tally, unit
from games.game import FIRST, SECOND, Position
from gui.backgammon.words import CUBE_WORDS
from gui.history import Node
from gui.review import Mistake

PLIES = 1


class MatchReview:
    """Judges the decisions of a game, one at a time in the thinking thread."""

    def __init__(
        self,
        position: Position,
        line: Sequence[Node],
        judged: dict[Node, Reviewed],
        names: Sequence[str],
        lookahead: Callable[[], Lookahead],
    ):
        """`position` is the end of the line; decisions are kept in `judged`, by the node that each led to.

        `lookahead` is called in the thinking thread and returns what judges.
        """
        self.position, self.line, self.judged, self.names = position, list(line), judged, names
        self.lookahead = lookahead
        self.done, self.total = 0, len(position.moves)
        self.found: list[Reviewed] = []
        self.ended = False
        self.noted = 0
        self.decisions: Iterator[Reviewed] | None = None

    def piece(self) -> tuple[Callable, Callable] | None:
        """Return the next piece of work and what its result does; None where the review is finished."""
        self.judged.update(self.take())
        if self.ended:
            return None
        return lambda report: self.judge_next(self.lookahead()), lambda found: None

    def judge_next(self, lookahead: Lookahead) -> None:
        """Judge one decision more; called in the thinking thread."""
        if self.decisions is None:
            self.decisions = review_backgammon(self.position, lookahead, PLIES, self._count)
        found = next(self.decisions, None)
        if found is None:
            self.ended = True
        else:
            self.found.append(found)

    def _count(self, done: int, total: int) -> None:
        self.done = done

    def take(self) -> Iterator[tuple[Node, Reviewed]]:
        """Note in the line what was found since; yield each decision with the node to which it led."""
        while self.noted < len(self.found):
            judged = self.found[self.noted]
            self.noted += 1
            yield note(self.line, judged), judged

    def summary(self) -> str:
        """Return how well both sides played, and how lucky they were."""
        sides = ((self.names[side], tally(self.found, side)) for side in (FIRST, SECOND))
        told = (
            f"{name} lost {each.rate:.1f} thousandths a decision{f' ({each.band})' * bool(each.band)}, "
            f"luck {each.luck:+.2f}"
            for name, each in sides
        )
        return "; ".join(told)


def note(line: Sequence[Node], judged: Reviewed) -> Node:
    """Note what a position was worth, and what was left of that after the decision; return the node it led to."""
    state, ply = judged.state, judged.ply
    if not isinstance(judged, ReviewedPlay):
        end, found = ply + 1, analysis(state, cube_answers(judged.decision, state))
    elif judged.candidates:
        end = ply + len(judged.played)
        found = analysis(state, [(each.moves, each.equity) for each in judged.candidates])
    else:  # nobody could move
        return line[ply]
    line[ply].thought = line[ply].thought or found
    for node in line[ply:end]:
        node.value = found.value
    line[end].value = found.value - judged.error * unit(state) * (1 if judged.mover == FIRST else -1)
    return line[end]


def mistake_of(judged: Reviewed) -> Mistake | None:
    """Return what a decision cost, None where that was little."""
    if judged.error < DOUBTFUL:
        return None
    done = "" if isinstance(judged, ReviewedPlay) else CUBE_WORDS[judged.action]
    return Mistake(judged.ply + 1, judged.mover, judged.error, f"{judged.error:.3f}  {grade(judged.error)}", done)
