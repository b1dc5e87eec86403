"""What a Go board shows of a game besides its stones: candidates, variations, announcements."""

from games.game import FIRST
from gui.go.session import SIDES, GoSession
from gui.go.view import BLACK, WHITE, CandidateMark
from gui.page import chance_of

FEW = 100
"""Visits below which a candidate is drawn faded, and its value is not to be trusted."""


def point_of(session: GoSession, move: int) -> tuple[int, int] | None:
    """Return the row and the column of a move; None for a pass."""
    return divmod(move, session.size) if move < session.size**2 else None


def candidate_marks(session: GoSession, most: int) -> tuple[CandidateMark, ...]:
    """Return the moves that the search considers, so many at most, as marks on the board."""
    thought, turn = session.thought, session.position.turn
    if thought is None or not thought.lines:
        return ()
    best = max(1, thought.lines[0].visits)
    pointed = [(line, point_of(session, line.move)) for line in thought.lines[:most] if line.visits]
    return tuple(
        CandidateMark(
            point,
            f"{chance_of(line.value, turn):.0f}",
            short(line.visits),
            line.visits / best,
            min(1.0, line.visits / FEW),
        )
        for line, point in pointed
        if point is not None
    )


def variation_stones(session: GoSession, line: tuple[int, ...]) -> tuple[tuple[int, int, int, int], ...]:
    """Return the stones of a line of moves from the position on the board, with their numbers."""
    colours = (BLACK, WHITE) if session.position.turn == FIRST else (WHITE, BLACK)
    stones, taken = [], set()
    for number, move in enumerate(line):
        point = point_of(session, move)
        if point is not None and move not in taken:
            taken.add(move)
            stones.append((*point, colours[number % 2], number + 1))
    return tuple(stones)


def compared_marks(session: GoSession) -> tuple[tuple[tuple[int, int], str], ...]:
    """Return where the move of a lesson was played, and unless it is to be found, where the better one is."""
    lesson = session.lesson
    if lesson is None or lesson.node is not session.course.here:
        return ()
    moves = [(lesson.played[0], "played"), *([] if lesson.hidden else [(lesson.better[0], "better")])]
    pointed = [(point_of(session, move), word) for move, word in moves]
    return tuple((point, word) for point, word in pointed if point is not None)


def branch_marks(session: GoSession) -> tuple[tuple[int, int, str], ...]:
    """Return a letter on each move that was played here, where there are several."""
    children = session.course.here.children
    pointed = [point_of(session, node.move) for node in children] if len(children) > 1 else []
    taken = [point for point in dict.fromkeys(pointed) if point is not None]
    return tuple((*point, chr(ord("a") + k)) for k, point in enumerate(taken[:26]))


def announcement(session: GoSession) -> str:
    """Return what is written over the board where the engine has just passed, so that nobody overlooks it."""
    by = session.position.movers[-1] if session.passed else None
    if by is None or by in session.people or session.over or session.halted:
        return ""
    return f"{SIDES[by]} passes"


def short(count: int) -> str:
    """Write a number of visits in four characters at most: 950, 1.2k, 34k, 5.6M."""
    for size, letter in ((1_000_000, "M"), (1000, "k")):
        if count >= size:
            return f"{count / size:.1f}{letter}" if count < 10 * size else f"{count // size}{letter}"
    return str(count)
