"""Cubeful values by reading ahead: what a position is worth with each cube that may lie beside it, from leaf to root.

A leaf is valued once for every cube that can have come about on the way: the present one, and each that a double and a
take would leave, with either owner. A value is that of the player on roll who does not double now. One ply up, the
other player has the choice at each: to roll, or to double if that is allowed and better, taken or passed as is better
for who answers. So decisions at the root see how the market moves in the rolls that are read, and the theory of
`cube.py` is needed only for what lies beyond them.

Values are in the unit of `games.backgammon.score`. Level n is the cube doubled n times from the present one.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.backgammon.bearoff import CENTRED, OTHERS, OWNED, bearoff_equities, bearoff_index, is_bearoff
from engine.backgammon.cube import CONTACT, away, efficiency, fill_ends
from games.backgammon import rules
from games.backgammon.match import CASHED, LEVELS, LOST, cube_value, find_take_points, table
from games.compiling import compiled
from games.game import FIRST, NOBODY, SECOND

READ_LEVELS = 4
"""Levels that two plies need: a double at the root, one in each ply, and the cube of the last one when it is taken."""

MOST_LEVELS = 8
"""Levels that there is room for: games that are played on may see more doubles."""

MINE, THEIRS = 0, 1
"""Columns: the player on roll owns the cube, or the other does; a centred cube (level 0 only) stands in both."""


class CubeSituation(NamedTuple):
    """The cube, the score and the rules at the root of a reading; L is 0 where no cube is in use."""

    states: np.ndarray  # int8 [2, W] the root with each player on roll; the checkers are not used
    chances: np.ndarray  # float32 [65, 65, 2] match winning chances
    cashes: np.ndarray  # float64 [2, L] what a double that is passed is worth to each player
    may: np.ndarray  # bool [2, L, 2] whether each player, on roll, may double, for MINE and THEIRS
    contact: float = CONTACT[0]  # the cube's efficiency at leaves where the sides can still hit each other


class CubeBuffers(NamedTuple):
    """Scratch buffers, for one thread at a time."""

    ends: np.ndarray  # float64 [LEVELS, 4]
    points: np.ndarray  # float64 [LEVELS, 2]
    cells: np.ndarray  # float32 [4] of the two-sided table
    leaf: np.ndarray  # float64 [MOST_LEVELS, 2]
    reply: np.ndarray  # float64 [MOST_LEVELS, 2]


def cube_buffers() -> CubeBuffers:
    """Return scratch buffers."""
    ends, points, cells = np.zeros((LEVELS, 4)), np.zeros((LEVELS, 2)), np.zeros(OTHERS + 1, np.float32)
    leaf, reply = np.zeros((2, MOST_LEVELS, 2))
    return CubeBuffers(ends, points, cells, leaf, reply)


# --- compiled ---------------------------------------------------------------------------------------------


@compiled
def fill_leaf(outputs, checkers, me, cube, tables, buffers, values):
    """Fill values [L, 2] of a position for the player on roll, whose cells begin at `me`, from its outputs.

    In the last bear-off of a money game they are those of the two-sided table, which are exact.
    """
    levels = cube.cashes.shape[1]
    if levels == 0:
        return
    player = me // rules.SIDE
    state, ends, points = cube.states[player], buffers.ends, buffers.points
    p = fill_ends(outputs, state, cube.chances, ends)
    if checkers[rules.SIDE - me + rules.OFF] == rules.CHECKERS_EACH:
        for n in range(levels):
            values[n, MINE] = values[n, THEIRS] = ends[n, LOST]
    elif not (state[rules.LENGTH] == 0 and _fill_exactly(checkers, me, state, tables, buffers.cells, levels, values)):
        mine, theirs = away(state)
        find_take_points(ends, mine, theirs, 1 << np.int64(state[rules.CUBE]), points)
        x = 0.0 if _is_last_roll(checkers, me, tables) else efficiency(checkers, me, cube.contact)
        for n in range(levels):
            for k in range(2):
                i_may, they_may = cube.may[player, n, k], cube.may[1 - player, n, 1 - k]
                values[n, k] = cube_value(ends, points, n, p, i_may, they_may, x)
    if state[rules.LENGTH]:
        for n in range(levels):
            values[n, MINE], values[n, THEIRS] = 2 * values[n, MINE] - 1, 2 * values[n, THEIRS] - 1


@compiled
def _fill_exactly(checkers, me, state, tables, cells, levels, values):
    """Fill values from the two-sided table; return whether it holds the position."""
    known = bearoff_equities(tables, checkers, me, cells)
    points = float(1 << np.int64(state[rules.CUBE]))
    for n in range(levels if known else 0):
        centred = (n == 0) & (state[rules.OWNER] == NOBODY)
        values[n, MINE] = points * cells[CENTRED if centred else OWNED]
        values[n, THEIRS] = points * cells[CENTRED if centred else OTHERS]
        points *= 2
    return known


@compiled
def _is_last_roll(checkers, me, tables):
    """Return whether the other is certain to bear off with the next roll, so that no cube is of any more use."""
    last = is_bearoff(checkers) & (len(tables.one_sided) > 0)
    if last:
        last = tables.one_sided[bearoff_index(checkers, rules.SIDE - me), 1] == 0
    return last


@compiled
def decided(values, n, k, player, cube):
    """Return the value at level n and column k to a player on roll who may double if that is allowed."""
    best = values[n, k]
    if cube.may[player, n, k]:
        best = max(best, min(values[n + 1, THEIRS], cube.cashes[player, n]))
    return best


@compiled
def back_up(replies, you, odds, cube, values):
    """Add what a roll of these odds leaves to the other, `you`, to the values of who rolled."""
    player = you // rules.SIDE
    for n in range(cube.cashes.shape[1] - 1):
        values[n, THEIRS] -= odds * decided(replies, n, MINE, player, cube)
        values[n, MINE] -= odds * decided(replies, n, THEIRS, player, cube)


@compiled
def fill_leaves(outputs, boards, me, cube, tables, buffers, values):
    """Fill values [N, READ_LEVELS, 2] of boards [N, 52] from outputs [N, 5]."""
    for b in range(len(boards)):
        fill_leaf(outputs[b], boards[b], me, cube, tables, buffers, values[b])


@compiled
def back_up_all(replies, you, odds, cube, values):
    """Fill values [N, READ_LEVELS, 2] from those after every roll [N * 21, READ_LEVELS, 2]."""
    for b in range(len(values)):
        for roll in range(len(odds)):
            back_up(replies[b * len(odds) + roll], you, odds[roll], cube, values[b])


@compiled
def decide_all(values, k, player, cube, best):
    """Fill best [N] with the values at the root's cube, level 0 and column k, to a player on roll who may double."""
    for b in range(len(values)):
        best[b] = decided(values[b], 0, k, player, cube)


# --- the root ---------------------------------------------------------------------------------------------


def situation_of(state: np.ndarray, levels: int = READ_LEVELS) -> CubeSituation:
    """Return the cube, score and rules of a position; without levels where no cube is in use."""
    return _situation(state[rules.CUBE : rules.OPENING].tobytes(), len(state), levels if state[rules.USE_CUBE] else 0)


@lru_cache(4096)
def _situation(situation: bytes, width: int, levels: int) -> CubeSituation:
    states = np.zeros((2, width), np.int8)
    states[:, rules.CUBE : rules.OPENING] = np.frombuffer(situation, np.int8)
    states[SECOND, rules.MOVER] = SECOND
    cashes, may = np.zeros((2, levels)), np.zeros((2, levels, 2), bool)
    ends = np.zeros((LEVELS, 4))
    for player in (FIRST, SECOND):
        state = states[player]
        fill_ends(np.zeros(5, np.float32), state, table(), ends)
        scale, off = (2, 1) if state[rules.LENGTH] else (1, 0)
        cashes[player] = scale * ends[:levels, CASHED] - off
        points = (1 << int(state[rules.CUBE])) << np.arange(levels)
        alive = (away(state)[0] > points) & (points < 1 << rules.LARGEST_CUBE) & (not state[rules.CRAWFORD])
        may[player, :, MINE] = alive
        may[player, :1, THEIRS] = alive[:1] & (state[rules.OWNER] == NOBODY)
    return CubeSituation(states, table(), cashes, may)


def column_of(state: np.ndarray, player: int) -> int:
    """Return the column of the present cube for a player on roll."""
    return THEIRS if state[rules.OWNER] == 1 - player else MINE


def three_values(values: np.ndarray, state: np.ndarray) -> np.ndarray:
    """Return no double, double and take, double and pass, [3], of values read for the player on roll."""
    mover = int(state[rules.MOVER])
    return np.array([values[0, column_of(state, mover)], values[1, THEIRS], situation_of(state).cashes[mover, 0]])


def best_values(values: np.ndarray, state: np.ndarray, player: int) -> np.ndarray:
    """Return the values [N] to a player on roll, who may double if the present cube of `state` allows it."""
    best = np.empty(len(values))
    decide_all(values, column_of(state, player), player, situation_of(state), best)
    return best


def value_of_turn(values: np.ndarray, state: np.ndarray) -> float:
    """Return the value to the player on roll, who may double where it is that player's choice.

    A double that waits is answered.
    """
    no_double, double_take, double_pass = three_values(values, state)
    doubled = min(double_take, double_pass)
    if state[rules.OFFERED]:
        return doubled
    return max(no_double, doubled) if state[rules.TURN] == state[rules.MOVER] else no_double


NO_CUBE = situation_of(np.zeros(rules.WIDTH, np.int8))
"""Reading without a cube."""
