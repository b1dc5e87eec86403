"""Scenes of backgammon: a position, as one of the players sees it, turned into the maps that the board view draws."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from games.backgammon import rules
from games.backgammon.board import checkers as checkers_of
from games.backgammon.board import pip_count
from games.game import FIRST, NOBODY, SECOND, Position
from gui.backgammon.layout import BAR, CELLS, MINE, NOBODYS, OFF, THEIR_BAR, THEIR_OFF, THEIRS, mirrored
from gui.backgammon.turn import Turn, dice
from gui.backgammon.view import Arrow, ArrowKind, Die, Flight, Side

Checkers = tuple[int, ...]


def whose(player: int, viewer: int) -> int:
    """Return whose something of a player is, from the viewer's side."""
    return NOBODYS if player not in (FIRST, SECOND) else MINE if player == viewer else THEIRS


def seen_cell(cell: int, mover: int, viewer: int) -> int:
    """Return where the viewer sees a cell of the mover's."""
    return cell if mover == viewer else mirrored(cell)


def meant_cell(seen: int, mover: int, viewer: int) -> int | None:
    """Return which cell of the mover's a place on the board is, None for the other's bar and tray."""
    cell = seen if mover == viewer else mirrored(seen)
    return cell if rules.OFF <= cell <= rules.BAR else None


def seen_checkers(state: np.ndarray, viewer: int) -> Checkers:
    """Return the checkers as the view wants them."""
    mine, theirs = checkers_of(state, viewer), checkers_of(state, 1 - viewer)
    cells = [0] * CELLS
    for point in range(1, 25):
        cells[point] = int(mine[point]) - int(theirs[25 - point])
    cells[OFF], cells[BAR] = int(mine[rules.OFF]), int(mine[rules.BAR])
    cells[THEIR_OFF], cells[THEIR_BAR] = -int(theirs[rules.OFF]), -int(theirs[rules.BAR])
    return tuple(cells)


def lifted(checkers: Checkers, cell: int) -> Checkers:
    """Return the checkers without the outermost one of a cell."""
    cells = list(checkers)
    cells[cell] -= (cells[cell] > 0) - (cells[cell] < 0)
    return tuple(cells)


# --- dice and cube ----------------------------------------------------------------------------------------


def dice_of(state: np.ndarray, turn: Turn | None = None) -> tuple[Die, ...]:
    """Return the dice of a rolled position, those of a turn in the making in their present order."""
    if turn is not None:
        return tuple(Die(face, used) for face, used in dice(turn))
    high, low = int(state[rules.ROLLED]), int(state[rules.ROLLED + 1])
    left = [int(die) for die in state[rules.DICE : rules.DICE + 4] if die]
    if not left:
        return ()
    if high == low:
        return tuple(Die(high, k >= len(left)) for k in range(4))
    return Die(high, high not in left), Die(low, low not in left)


def thrown(move: int, opening: bool, viewer: int) -> tuple[tuple[Die, ...], bool]:
    """Return the dice of a roll that is falling, and whether each side throws one, the viewer's first."""
    reply = move >= rules.FIRST_REPLY
    high, low = (
        int(die) for die in rules.ROLLS[rules.OPENINGS[move - rules.FIRST_REPLY] if reply else move - rules.FIRST_ROLL]
    )
    if not opening:
        return (Die(high), Die(low)), False
    first_has_high = not reply
    return (Die(high), Die(low)) if first_has_high == (viewer == FIRST) else (Die(low), Die(high)), True


def cube_of(state: np.ndarray, viewer: int) -> dict[str, Any]:
    """Return the scene's fields about the cube."""
    if not state[rules.USE_CUBE]:
        return {"cube": 0}
    if state[rules.OFFERED]:
        return {"cube": 2 << int(state[rules.CUBE]), "offered": whose(int(state[rules.MOVER]), viewer)}
    return {"cube": 1 << int(state[rules.CUBE]), "cube_owner": whose(int(state[rules.OWNER]), viewer)}


def on_turn(state: np.ndarray) -> int:
    """Return the player whose turn it is, also before a throw; NOBODY before the opening and at the end."""
    if state[rules.TURN] == NOBODY or state[rules.OPENING]:
        return NOBODY
    return int(state[rules.TURN]) if state[rules.TURN] in (FIRST, SECOND) else int(state[rules.MOVER])


# --- the sides --------------------------------------------------------------------------------------------


def sides_of(state: np.ndarray, viewer: int, names: Sequence[str], points: Sequence[int]) -> tuple[Side, Side]:
    """Return what stands beside the board about the viewer and about the other."""
    length = int(state[rules.LENGTH])

    def side(player: int) -> Side:
        score = f"{points[player]} of {length}" if length else f"{points[player]} won" if any(points) else ""
        return Side(names[player], pip_count(state, player), score)

    return side(viewer), side(1 - viewer)


def note_of(state: np.ndarray) -> str:
    """Return what is special about this game."""
    return "Crawford game: no doubling" if state[rules.CRAWFORD] else ""


# --- what moved, and what might ---------------------------------------------------------------------------


def flight_of(state: np.ndarray, move: int, phase: float, viewer: int) -> Flight:
    """Return the checker that a checker move sets in motion."""
    mover, source = int(state[rules.MOVER]), move // 6 + 1
    target = max(source - move % 6 - 1, rules.OFF)
    return Flight(seen_cell(source, mover, viewer), seen_cell(target, mover, viewer), whose(mover, viewer), phase)


def arrows_of(moves: Iterable[int], mover: int, viewer: int, kind: ArrowKind) -> tuple[Arrow, ...]:
    """Return an arrow for each checker that checker moves bring from one place to another."""
    ways: list[list[int]] = []
    for move in sorted((move for move in moves if move < rules.ROLL), reverse=True):
        source, target = move // 6 + 1, max(move // 6 - move % 6, rules.OFF)
        way = next((way for way in ways if way[1] == source), None)
        if way:
            way[1] = target
        else:
            ways.append([source, target])
    return tuple(
        Arrow(seen_cell(source, mover, viewer), seen_cell(target, mover, viewer), kind) for source, target in ways
    )


def last_play(position: Position, ply: int) -> tuple[int, tuple[int, ...]]:
    """Return who moved checkers last before a ply, and the moves of that turn."""
    end = ply
    while end and position.moves[end - 1] >= rules.ROLL:
        end -= 1
    first = end
    while first and position.moves[first - 1] < rules.ROLL and position.movers[first - 1] == position.movers[end - 1]:
        first -= 1
    return (position.movers[end - 1], tuple(position.moves[first:end])) if end else (NOBODY, ())
