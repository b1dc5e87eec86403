"""A mistake looked at: the move that was played beside the better one, how each goes on, what each leads to.

The better move may stay hidden until a person has tried to find it. In a game in progress, `BlunderWatch` looks at
each move of a person before the engine answers. It knows no game and no display.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from engine.players import Analysis, Line
from games.game import FIRST, SECOND, IllegalMove, Position
from gui.history import Node

if TYPE_CHECKING:
    from gui.session import Session

BLUNDER = 0.10
"""Loss of winning probability from which a person is warned who plays against no level."""

LONGEST = 12
"""Moves of a continuation that are kept."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Two moves from one position. Values are FIRST's; `hidden`: the better one is to be found."""

    node: Node
    mover: int
    played: tuple[int, ...]
    better: tuple[int, ...]
    played_value: float
    better_value: float
    length: int = 1  # moves of the turn that was played
    hidden: bool = False


def lesson_at(line: Sequence[Node], ply: int, hidden: bool = False) -> Lesson | None:
    """Return the lesson of the move after a ply of a line; None where one of both moves is not known."""
    if not 0 <= ply < len(line) - 1:
        return None
    before, mover = line[ply], line[ply + 1].mover
    if before.thought is None or not before.thought.lines or mover not in (FIRST, SECOND):
        return None
    best = before.thought.lines[0]
    turn = turn_at(line, ply, len(best.variation))
    after = line[ply + len(turn)]
    if after.value is None or tuple(best.variation[: len(turn)]) == turn:
        return None
    known = next((each for each in before.thought.lines if tuple(each.variation[: len(turn)]) == turn), None)
    played = tuple(known.variation) if known and len(known.variation) > len(turn) else turn + _answer(after)
    return Lesson(
        before, mover, played[:LONGEST], tuple(best.variation)[:LONGEST], after.value, best.value, len(turn), hidden
    )


def turn_at(line: Sequence[Node], ply: int, most: int) -> tuple[int, ...]:
    """Return the moves after a ply that one side made in a row: one, or the checkers of a roll."""
    mover, moves = line[ply + 1].mover, [line[ply + 1].move]
    for node in line[ply + 2 : ply + 1 + most]:
        if node.mover != mover:
            break
        moves.append(node.move)
    return tuple(moves)


def _answer(node: Node) -> tuple[int, ...]:
    return tuple(node.thought.lines[0].variation) if node.thought and node.thought.lines else ()


def line_of(thought: Analysis, position: Position, moves: Sequence[int]) -> Line | None:
    """Return the line of an analysis that begins as these moves do, in any order that leads to the same position."""
    wanted = _after(position, moves)
    for line in thought.lines:
        if line.visits and _after(position, line.variation[: len(moves)]) == wanted:
            return line
    return None


def _after(position: Position, moves: Sequence[int]) -> bytes:
    future = position.copy()
    try:
        for move in moves:
            future.play(move)
    except (IllegalMove, ValueError):
        return b""
    return future.state.tobytes()


# --- finding the better move oneself ----------------------------------------------------------------------


def verdict_on(session: "Session", lesson: Lesson, moves: Sequence[int]) -> str:
    """Return how good a try is: the best move, what it loses against that, or that nobody has looked at it."""
    thought = lesson.node.thought
    assert thought is not None  # or there would be no lesson
    position = session.position
    tried = line_of(thought, position, moves)
    sign = 1 if lesson.mover == FIRST else -1
    if tried is thought.lines[0]:
        return "Right: that is the best move"
    if tried is None:
        return f"The search looked at {len(thought.lines)} moves, and not at that one: try another"
    loss = (lesson.better_value - tried.value) * sign
    gained = (tried.value - lesson.played_value) * sign
    than = "better than" if gained > 0.02 else "no better than" if gained > -0.02 else "worse than"
    return f"That loses {session.engine.loss_words(max(0.0, loss))} against the best, and is {than} what was played"


def reveal(session: "Session") -> None:
    """Show the better move that was to be found."""
    if session.lesson:
        session.lesson = replace(session.lesson, hidden=False)


# --- a warning before the engine answers --------------------------------------------------------------------


@dataclass
class BlunderWatch:
    """Whether a person is warned of blunders, and the move that was looked at last."""

    on: bool = False
    looked_at: Node | None = None

    def begin(self, session: "Session") -> bool:
        """Look at the person's last turn, if that is wanted and not done yet; return whether that was begun."""
        here, line, ply = session.course.here, session.history.line, session.ply
        by_person = self.on and ply > 0 and here.mover in session.people and len(session.people) == 1
        if not by_person or self.looked_at is here or session.over or session.position.turn == here.mover:
            return False
        self.looked_at = here
        start = ply - 1
        while start > 0 and line[start].mover == here.mover:
            start -= 1
        before, position = line[start], session.position.after(start)
        moves = tuple(node.move for node in line[start + 1 : ply + 1])

        def done(found: tuple[Analysis, str]) -> None:
            before.learn(found[0])
            if found[1]:
                session.pause()
                session.tell(f"That loses {found[1]}: Undo takes it back, Enter plays on", alarm=True)

        session.engine.run("warning", lambda report: session.engine.blunder(position, moves), done)
        return True


def toggle_warning(session: "Session") -> None:
    """Warn of blunders before the engine answers, or no longer."""
    session.watch.on = not session.watch.on
