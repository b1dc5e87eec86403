"""Look back at a game of Go, move by move: what each was worth, what would have been better, and who played well.

Every position is searched on its own, in the order of play, so that the tree of one serves the next. A position's value
is that of the best move found there; what a move lost is the value before it less the value after it, and nothing where
the search has no better move. Values are from Black's (FIRST's) view, -1 to 1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.clock import Limit
from engine.players import Analysis, SearchPlayer
from engine.reviewing import Progress, Stop, lost
from games import go
from games.game import Position

LONGEST = 12
"""Moves of a variation that are kept: what follows was visited too seldom to mean much."""

BLUNDER, MISTAKE, INACCURACY = 0.20, 0.10, 0.05
"""Loss of winning probability from which a move is called a blunder, a mistake or an inaccuracy."""


@dataclass(frozen=True)
class ReviewedMove:
    """One move of a game, judged."""

    number: int  # of the move, from 1
    mover: int
    move: int
    before: float  # the value of the position before the move, with the best move
    after: float  # and of the position after the move that was played
    loss: float  # of the mover, never negative, in the unit of values: twice the chance to win
    best: int
    variation: tuple[int, ...]  # expected play, beginning with the best move
    visits: int  # of the position before the move

    @property
    def grade(self) -> str:
        """Blunder, mistake, inaccuracy, or "" for a move that lost little."""
        grades = ((BLUNDER, "blunder"), (MISTAKE, "mistake"), (INACCURACY, "inaccuracy"))
        return next((name for least, name in grades if self.loss / 2 >= least), "")


def review_go(
    position: Position,
    player: SearchPlayer,
    limit: Limit,
    on_move: Progress | None = None,
    stop: Stop = bool,
) -> Iterator[ReviewedMove]:
    """Yield every move of a game as soon as it is judged; end early once `stop()` is true.

    Passes at the end of a record are agreement, not moves, and are not judged. To end a search in the middle, make
    `stop()` true and call `player.stop()`.
    """
    total = reviewed_moves(position)
    before = None
    for number, here, fresh in _positions(position, total) if total else ():
        after = player.think(here, limit)
        if stop():
            return
        if on_move:
            on_move(number + 1, total + 1)
        if before is not None and not fresh:
            yield _judge(position, number, before, after)
        before = after


def reviewed_moves(position: Position) -> int:
    """Return how many moves of a game are worth a look: all but the passes at its end."""
    count, no_stone = len(position.moves), go.move_count(position.state) - 1
    while count and position.moves[count - 1] == no_stone:
        count -= 1
    return count


def _positions(position: Position, total: int) -> Iterator[tuple[int, Position, bool]]:
    """Yield the positions before each of so many moves, and after the last, as those who played next saw them.

    With each comes its number of moves, and whether no move led to it: it is the first, or was set up by hand.
    """
    movers = [*position.movers, None]
    for number in range(total + 1):
        changed = number in position.setups and number > 0
        if changed:
            yield number, _before_change(position, number), False
        if not changed or number < total:
            yield number, position.after(number).seen_by(movers[number]), changed or not number


def _before_change(position: Position, number: int) -> Position:
    """Return the position after so many moves as it was before the board was changed by hand."""
    here = position.after(number - 1)
    here.play(position.moves[number - 1], position.movers[number - 1], recorded=True)
    return here


def _judge(position: Position, number: int, before: Analysis, after: Analysis) -> ReviewedMove:
    mover, move, best = position.movers[number - 1], position.moves[number - 1], before.lines[0]
    return ReviewedMove(
        number,
        mover,
        move,
        best.value,
        after.lines[0].value,
        lost(before, after, mover, move),
        best.move,
        tuple(best.variation[:LONGEST]),
        before.visits,
    )


# --- what a side did --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Accuracy:
    """What the moves of a side add up to; losses are shares of the chance to win, 0 to 1."""

    moves: int
    best: int  # moves that were the search's own choice
    mean_loss: float
    inaccuracies: int
    mistakes: int
    blunders: int


def accuracy(moves: Iterable[ReviewedMove], side: int) -> Accuracy:
    """Add up the moves of FIRST or SECOND."""
    own = [move for move in moves if move.mover == side]
    grades = [move.grade for move in own]
    return Accuracy(
        len(own),
        sum(move.move == move.best for move in own),
        sum(move.loss for move in own) / 2 / max(len(own), 1),
        grades.count("inaccuracy"),
        grades.count("mistake"),
        grades.count("blunder"),
    )


def worst(moves: Iterable[ReviewedMove], most: int = 10) -> list[ReviewedMove]:
    """Return the moves that lost most, the worst first; only those that have a grade."""
    return sorted((move for move in moves if move.grade), key=lambda move: -move.loss)[:most]
