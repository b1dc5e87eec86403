"""The moves of a game of backgammon in words, one a ply: throws, whole plays at their first checker, the cube.

The other checkers of a play are empty words.
"""

from collections.abc import Sequence

import numpy as np

from games.backgammon.rules import DOUBLE, DROP, FIRST_REPLY, FIRST_ROLL, MOVER, OPENING, OPENINGS, ROLL, ROLLS, TAKE
from games.backgammon.writing import write_play
from games.game import FIRST, SECOND
from gui.history import Node
from gui.session import Session

CUBE_WORDS = {ROLL: "no double", DOUBLE: "double", TAKE: "take", DROP: "drop"}

ANSWERS = {TAKE: "takes", DROP: "drops"}

INDENT = " " * 6


def written(line: Sequence[Node], states: Sequence[np.ndarray], names: Sequence[str]) -> list[str]:
    """Write every move of a line; `states` are the positions before and between them."""
    return [_written(line, states, names, ply) for ply in range(1, len(line))]


def _written(line: Sequence[Node], states: Sequence[np.ndarray], names: Sequence[str], ply: int) -> str:
    move, state = line[ply].move, states[ply - 1]
    if move >= FIRST_ROLL:
        return _throw(move, state, names)
    if move >= ROLL:
        return f"{names[line[ply].mover]}: {CUBE_WORDS[move]}"
    if ply > 1 and _together(line[ply - 1], line[ply]):
        return ""
    end = ply
    while end + 1 < len(line) and _together(line[end], line[end + 1]):
        end += 1
    return INDENT + write_play(state, [node.move for node in line[ply : end + 1]])


def _throw(move: int, state: np.ndarray, names: Sequence[str]) -> str:
    mover, high, low = thrown(move, state)
    return f"{names[mover]}  {high}-{low}"


def answer_to_double(session: Session, ply: int) -> str:
    """Return that the engine took or dropped a double just before a ply, or before the throw that led there; or ""."""
    position, first = session.position, max(0, ply - 2)
    for move, mover in zip(reversed(position.moves[first:ply]), reversed(position.movers[first:ply]), strict=True):
        if move in ANSWERS:
            return "" if mover in session.people else f"{session.names[mover]} {ANSWERS[move]} the double"
        if move < FIRST_ROLL:
            break
    return ""


def thrown(move: int, state: np.ndarray) -> tuple[int, int, int]:
    """Return who threw, and the larger and the smaller die of a throw."""
    reply = move >= FIRST_REPLY
    high, low = ROLLS[OPENINGS[move - FIRST_REPLY] if reply else move - FIRST_ROLL]
    mover = (SECOND if reply else FIRST) if state[OPENING] else int(state[MOVER])
    return mover, int(high), int(low)


def _together(one: Node, other: Node) -> bool:
    """Tell whether two moves bring checkers in one turn."""
    return one.move < ROLL and other.move < ROLL and one.mover == other.mover
