"""What a score is worth in a match, and what the cube adds to it: match equities computed from one theory of the cube.

Every way a game can end is a row of `ends`, in any unit in which outcomes add up (match winning chances, points for
money). Between these ends the value of a live cube is a broken line over the chance to win the game (Janowski 1993,
carried over to matches): it bends where one side could just double the other out. A real cube is worth a mixture of
the live and the dead one, by its efficiency. `engine/backgammon/cube.py` decides with the same functions.

The table follows from a few constants of play between equals. They were set so that it agrees with the one that GNU
Backgammon uses by default, Kazaross XG2, made by rollouts: within 0.85 % everywhere up to 25 points away, 0.11 % on
average.
"""

from functools import cache

import numpy as np

from games.compiling import compiled, inlined
from games.game import FIRST

FARTHEST = 64
"""The most points a match can be away from its end."""

GAMMONS, BACKGAMMONS, EFFICIENCY = 0.275, 0.01, 0.75
"""Shares of wins that are gammons or better, and backgammons; the cube's efficiency over a whole game."""

TRAILER_GAMMONS = 0.29
"""The share of gammons among the wins of who is behind a leader one point away, whom gammons cost nothing."""

FREE_DROP = 0.024
"""After a first exchange the game is this far from even, either way, when the leader decides whether to drop."""

NEXT_TIME = 0.8
"""How much of its worth a double keeps that is sure to come a turn later; fitted to GNU Backgammon's 2-ply equities."""

LOST, DROPPED, CASHED, WON = range(4)
"""Columns of `ends`: I lose the game (gammons averaged in), I drop a double, the other drops mine, I win the game."""

LEVELS = 16
"""Rows of `ends`, one for each value of the cube from the present one up, doubling: enough for money to converge."""

MINE, THEIRS = 0, 1
"""Columns of `points`: the chance to win the game from which I, and from which the other, can take a live cube."""

# --- the cube ---------------------------------------------------------------------------------------------


@compiled
def find_take_points(ends, mine, theirs, cube, points):
    """Fill `points` [LEVELS, 2] with the live take points of a double at each level, from the last level down.

    Whoever takes owns a cube that he may turn in his own time. It is of use to him while he needs more points (`mine`,
    `theirs`) than it shows.
    """
    top = _last_level(max(mine, theirs), cube)
    points[top + 1, MINE] = points[top + 1, THEIRS] = 0.0
    for n in range(top, -1, -1):
        value = cube << (n + 1)
        after, alive, lost = n + 1, mine > value, ends[n + 1, LOST]
        reach = ends[after, CASHED] if alive else ends[after, WON]
        at = 1 - points[after, THEIRS] if alive else 1.0
        points[n, MINE] = _crossing(ends[n, DROPPED] - lost, reach - lost, at)
        alive, won = theirs > value, ends[after, WON]
        reach = ends[after, DROPPED] if alive else ends[after, LOST]
        at = 1 - points[after, MINE] if alive else 1.0
        points[n, THEIRS] = _crossing(won - ends[n, CASHED], won - reach, at)


@inlined
def _last_level(away, cube):
    """Return the lowest level at which the cube is of no use to anybody, or the last one there is room for."""
    n = 0
    while ((cube << n) < away) & (n < LEVELS - 2):
        n += 1
    return n


@inlined
def _crossing(rise, whole, at):
    """Return where a line from 0 that reaches `whole` at chance `at` has risen by `rise`."""
    return min(max(at * rise / whole, 0.0), 1.0) if whole > 0 else 0.0


@inlined
def cube_value(ends, points, n, p, i_may, they_may, efficiency):
    """Return what the chance `p` to win the game is worth at level n, before a roll without a double.

    `i_may` and `they_may` tell who could usefully turn the cube later; a dead cube is nobody's.
    """
    live = _live_value(ends[n], points[n], p, i_may, they_may)
    return efficiency * live + (1 - efficiency) * _dead_value(ends, n, p, i_may, they_may)


@inlined
def _live_value(ends, points, p, i_may, they_may):
    left, low = (points[MINE], ends[DROPPED]) if they_may else (0.0, ends[LOST])
    right, high = (1 - points[THEIRS], ends[CASHED]) if i_may else (1.0, ends[WON])
    if p < left:
        return _between(p, 0.0, ends[LOST], left, low)
    if p <= right:
        return _between(p, left, low, right, high)
    return _between(p, right, high, 1.0, ends[WON])


@inlined
def _between(p, left, low, right, high):
    return low + (high - low) * (p - left) / (right - left) if right > left else high


@inlined
def _dead_value(ends, n, p, i_may, they_may):
    """Return the value without a cube, except that whom a loss costs the match anyway turns it next time."""
    value = _between(p, 0.0, ends[n, LOST], 1.0, ends[n, WON])
    turned = _between(p, 0.0, ends[n + 1, LOST], 1.0, ends[n + 1, WON])
    if i_may & (ends[n, LOST] == ends[n + 1, LOST]):
        value += NEXT_TIME * max(min(turned, ends[n, CASHED]) - value, 0.0)
    if they_may & (ends[n, WON] == ends[n + 1, WON]):
        value += NEXT_TIME * min(max(turned, ends[n, DROPPED]) - value, 0.0)
    return value


# --- the ends of a game in a match ------------------------------------------------------------------------


@compiled
def fill_match_ends(table, mine, theirs, cube, shares, ends):
    """Fill `ends` [LEVELS, 4] with my chances of the match, when I am `mine` and the other `theirs` points away.

    `shares` [4]: of my wins those that are gammons or better, and backgammons; the same of the other's wins.
    """
    after = 1 if min(mine, theirs) == 1 else 0
    for n in range(_last_level(max(mine, theirs), cube) + 2):
        value = cube << n
        ends[n, DROPPED] = table[mine, max(theirs - value, 0), after]
        ends[n, CASHED] = table[max(mine - value, 0), theirs, after]
        ends[n, WON] = ends[n, LOST] = 0.0
        for k in range(1, 4):
            ends[n, WON] += _share(shares[0], shares[1], k) * table[max(mine - k * value, 0), theirs, after]
            ends[n, LOST] += _share(shares[2], shares[3], k) * table[mine, max(theirs - k * value, 0), after]


@inlined
def _share(gammons, backgammons, k):
    return 1 - gammons if k == 1 else gammons - backgammons if k == 2 else backgammons


# --- the table --------------------------------------------------------------------------------------------


@cache
def table() -> np.ndarray:
    """Return match winning chances, float32 [65, 65, 2]: by points I am away, points the other is away, and phase.

    Phase 0 is up to the Crawford game and includes it, phase 1 is after it (only where somebody is 1 away). A side 0
    away has won.
    """
    chances = np.zeros((FARTHEST + 1, FARTHEST + 1, 2), np.float64)
    _fill_table(chances, np.zeros((LEVELS, 4)), np.zeros((LEVELS, 2)))
    return chances.astype(np.float32)


@compiled
def _fill_table(table, ends, points):
    table[0, :, :] = 1.0
    table[1, 1, :] = 0.5
    for far in range(2, FARTHEST + 1):
        _set(table, far, 1, 1, _after_crawford(table, far))
        won = table[far - 1, 1, 1] * (1 - TRAILER_GAMMONS) + table[far - 2, 1, 1] * TRAILER_GAMMONS
        _set(table, far, 1, 0, won / 2)
    even = np.array([GAMMONS, BACKGAMMONS, GAMMONS, BACKGAMMONS])
    for far in range(2, FARTHEST + 1):
        for near in range(2, far + 1):
            fill_match_ends(table, far, near, 1, even, ends)
            find_take_points(ends, far, near, 1, points)
            _set(table, far, near, 0, cube_value(ends, points, 0, 0.5, True, True, EFFICIENCY))
            _set(table, far, near, 1, table[far, near, 0])


@inlined
def _set(table, far, near, phase, chance):
    table[far, near, phase], table[near, far, phase] = chance, 1 - chance


@inlined
def _after_crawford(table, far):
    """Return the trailer's chance: he doubles at once, and the leader drops if that is better for him."""
    won = table[max(far - 2, 0), 1, 1] * (1 - TRAILER_GAMMONS) + table[max(far - 4, 0), 1, 1] * TRAILER_GAMMONS
    dropped = table[far - 1, 1, 1]
    return (min((0.5 - FREE_DROP) * won, dropped) + min((0.5 + FREE_DROP) * won, dropped)) / 2


def match_equity(length: int, mine: int, theirs: int, crawford: bool = False) -> float:
    """Return my chance to win a match to `length` points from a score before a game; 1 or 0 where it is over.

    `crawford` tells that the game to be played is the Crawford game; without it a player 1 away means that it was.
    Raise `ValueError` for a score that no match to at most 64 points has.
    """
    away, others = length - mine, length - theirs
    if not 1 <= length <= FARTHEST or min(mine, theirs) < 0 or max(away, others) < 1 or away < 1 > others:
        raise ValueError(f"a match to 1 to {FARTHEST} points has a score, not {mine}-{theirs} of {length}")
    phase = int(min(away, others) == 1 and not crawford)
    return float(table()[max(away, 0), max(others, 0), phase])


@compiled
def equity_after(table, length, score_first, score_second, winner, points):
    """Return what a finished game of a match is worth to FIRST in [-1, 1]: twice his chance of the match, less 1.

    The scores are those before the game. Compiled, for `table()`.
    """
    first, second = np.int64(length) - score_first, np.int64(length) - score_second
    phase = 1 if min(first, second) == 1 else 0
    if winner == FIRST:
        first = max(first - points, 0)
    else:
        second = max(second - points, 0)
    return np.float32(2 * table[first, second, phase] - 1)
