"""Counting a game of Go: area and territory, with and without the dead stones."""

import numpy as np

from games.compiling import compiled, inlined
from games.go.rules import (
    AROUND,
    BLACK,
    BONUS,
    CHAIN,
    COLOUR,
    EDGE,
    EMPTIES,
    EMPTY,
    KOMI,
    LIST,
    LOST,
    NEXT,
    ORIGIN,
    OWNER,
    PLAYED,
    RECORD,
    REGION,
    RULES,
    SIZE,
    TERRITORY,
    UP,
    WHITE,
    colours,
    move_point,
    remove_chain,
)

_u = np.uint64

# --- counting ---------------------------------------------------------------------------------------------


@compiled
def count_played_out(s):
    """Return Black's area minus White's on a played-out board: each empty point is somebody's eye or nobody's."""
    size, up, row = np.int64(s[SIZE]), _u(s[UP]), _u(s[ORIGIN])
    lead = 0
    for _ in range(size):
        p = row
        for _ in range(size):
            colour, around = s[p + COLOUR], _u(s[p + AROUND])
            black = colour == BLACK or (colour == EMPTY and around & _u(15) == _u(4))
            white = colour == WHITE or (colour == EMPTY and (around >> _u(4)) & _u(15) == _u(4))
            lead += np.int64(black) - np.int64(white)  # type: ignore[assignment]  # one integer type to numba
            p += RECORD
        row += up
    return lead


# --- counting ---------------------------------------------------------------------------------------------


@compiled
def mark_areas(s):
    """Write into OWNER of every empty point which colours its region touches, as bits BLACK and WHITE; and its REGION.

    The records of empty points then serve no other purpose: no stone may be placed afterwards.
    """
    up = _u(s[UP])
    for slot in range(s[EMPTIES]):
        s[s[LIST + _u(slot)] + OWNER] = 4  # not yet seen
    for slot in range(s[EMPTIES]):
        first = _u(s[LIST + _u(slot)])
        if s[first + OWNER] != 4:
            continue
        touches, last, p = 0, first, first  # a queue through NEXT, which empty points do not use
        s[first + OWNER], s[first + NEXT] = 0, 0
        while p:
            for side in range(4):
                near = p - up if side == 0 else p - RECORD if side == 1 else p + RECORD if side == 2 else p + up
                colour = s[near + COLOUR]
                if colour == EMPTY and s[near + OWNER] == 4:
                    s[near + OWNER], s[near + NEXT] = 0, 0
                    s[last + NEXT] = near
                    last = near
                elif colour != EMPTY and colour != EDGE:
                    touches |= colour
            p = _u(s[p + NEXT])
        p = first
        while p:
            s[p + OWNER], s[p + REGION] = touches, first
            p = _u(s[p + NEXT])


@compiled
def lead(s):
    """Return by how many half points Black is ahead: every stone alive, regions to whoever alone reaches them.

    Area is Tromp-Taylor's. Territory is the same count minus the difference in stones played, which equals
    territory plus prisoners once all dead stones are off the board: area = territory + played - lost. Eyes in seki
    count as territory, which strict Japanese rules do not.
    """
    size, up, row = np.int64(s[SIZE]), _u(s[UP]), _u(s[ORIGIN])
    mark_areas(s)
    points = 0
    for _ in range(size):
        p = row
        for _ in range(size):
            owner = s[p + OWNER] if s[p + COLOUR] == EMPTY else s[p + COLOUR]
            points += (owner == BLACK) - (owner == WHITE)
            p += RECORD
        row += up
    return 2 * (points - stones_ahead(s)) - compensation(s)


@inlined
def stones_ahead(s):
    """Return how many stones more than White Black has played, where territory is counted; else 0."""
    if not s[RULES] & TERRITORY:
        return 0
    return np.int64(s[PLAYED + _u(BLACK)]) - np.int64(s[PLAYED + _u(WHITE)])


@inlined
def compensation(s):
    """Return White's komi and handicap bonus in half points."""
    return np.int64(np.int16(s[KOMI])) + np.int64(s[BONUS])


@compiled
def add_owners(s, tally):
    """Add 1 to the tally at Black's points of a played-out board, -1 at White's."""
    p = _u(s[ORIGIN])
    while p < _u(len(s)):
        colour, around = s[p + COLOUR], _u(s[p + AROUND])
        if colour == BLACK or (colour == EMPTY and around & _u(15) == _u(4)):
            tally[p] += 1
        elif colour == WHITE or (colour == EMPTY and (around >> _u(4)) & _u(15) == _u(4)):
            tally[p] -= 1
        p += RECORD


def final_lead(state: np.ndarray, dead: np.ndarray | None = None) -> float:
    """Count the game, in points from Black's view, after taking off dead stones, bool [size, size], if given."""
    left = state.copy()
    if dead is not None:
        for move in np.flatnonzero(dead.ravel() & (colours(state).ravel() != EMPTY)):
            _remove_stone(left, move)
    return lead(left) / 2


@compiled
def _remove_stone(s, move):
    p = move_point(s, move)
    colour = s[p + COLOUR]
    if colour != EMPTY:
        s[LOST + _u(colour)] += remove_chain(s, _u(s[p + CHAIN]))
