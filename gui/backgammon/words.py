"""The moves of a game of backgammon in words, one a ply: throws, whole plays at their first checker, the cube.

The other checkers of a play are empty words, and so is the throw after "no double", which stands there instead.
"""

from collections.abc import Sequence

import numpy as np

from games.backgammon import rules
from games.backgammon.writing import write_play
from gui.history import Node
from gui.session import Session

CUBE_WORDS = {rules.ROLL: "no double", rules.DOUBLE: "double", rules.TAKE: "take", rules.DROP: "drop"}

ANSWERS = {rules.TAKE: "takes", rules.DROP: "drops"}

INDENT = " " * 6


def written(line: Sequence[Node], states: Sequence[np.ndarray], names: Sequence[str]) -> list[str]:
    """Write every move of a line; `states` are the positions before, between and after them."""
    return [_written(line, states, names, ply) for ply in range(1, len(line))]


def _written(line: Sequence[Node], states: Sequence[np.ndarray], names: Sequence[str], ply: int) -> str:
    move, state = line[ply].move, states[ply - 1]
    if move >= rules.FIRST_ROLL:
        return "" if line[ply - 1].move == rules.ROLL else _throw(move, state, states[ply], names)
    if move == rules.ROLL and ply + 1 < len(line):
        return _throw(line[ply + 1].move, states[ply], states[ply + 1], names)
    if move >= rules.ROLL:
        return f"{names[line[ply].mover]}: {CUBE_WORDS[move]}"
    if ply > 1 and _together(line[ply - 1], line[ply]):
        return ""
    end = ply
    while end + 1 < len(line) and _together(line[end], line[end + 1]):
        end += 1
    return INDENT + write_play(state, [node.move for node in line[ply : end + 1]])


def _throw(move: int, state: np.ndarray, after: np.ndarray, names: Sequence[str]) -> str:
    mover, high, low = rules.thrown(state, move)
    return f"{names[mover]}  {high}-{low}" + ("" if after[rules.DICE] else ": cannot move")


def answer_to_double(session: Session, ply: int) -> str:
    """Return that the engine took or dropped a double just before a ply, or before the throw that led there; or ""."""
    position, first = session.position, max(0, ply - 2)
    if session.over and (not ply or position.moves[ply - 1] != rules.DROP):
        return ""
    for move, mover in zip(reversed(position.moves[first:ply]), reversed(position.movers[first:ply]), strict=True):
        if move in ANSWERS:
            return "" if mover in session.people else f"{session.names[mover]} {ANSWERS[move]} the double"
        if move < rules.FIRST_ROLL:
            break
    return ""


def idle_throw(session: Session, ply: int) -> str:
    """Return that the side which threw last before a ply, or before the throw that led there, cannot move; or ""."""
    moves, states = session.position.moves, session.position.states
    end = ply - bool(states[ply][rules.DICE])
    end -= bool(end > 0 and moves[end - 1] == rules.ROLL)
    if end <= 0 or moves[end - 1] < rules.FIRST_ROLL:
        return ""
    mover, high, low = rules.thrown(states[end - 1], moves[end - 1])
    return f"{session.names[mover]} rolled {high}-{low} and cannot move"


def _together(one: Node, other: Node) -> bool:
    """Tell whether two moves bring checkers in one turn."""
    return one.move < rules.ROLL and other.move < rules.ROLL and one.mover == other.mover
