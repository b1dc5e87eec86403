"""Moves that a careful playout refuses, because they lose a group that passing would keep.

Ordinary playouts are for speed: they play on until nothing but single eyes is left, and so destroy every seki. Playouts
that settle life and death refuse a move that puts its own chain into atari, unless the capture helps the capturing side
nothing (a snapback, a throw-in, stones that leave a killing shape behind), and a move into an eye of two points.
"""

import numpy as np

from games.compiling import compiled, copy_row, inlined
from games.go.patterns import only_liberty
from games.go.rules import (
    AROUND,
    BLACK,
    CHAIN,
    COLOUR,
    EDGE,
    EMPTIES,
    EMPTY,
    LIST,
    LOST,
    NEXT,
    ONE_EMPTY,
    RECORD,
    UP,
    fills_eye,
    place,
)

_u = np.uint64


@inlined
def beside(s, p, side):
    """Return one of the four neighbours of a point."""
    up = _u(s[UP])
    return p - up if side == 0 else p - RECORD if side == 1 else p + RECORD if side == 2 else p + up


@compiled
def foolish(s, p, colour, scratch):
    """Tell whether a legal move fills a two-point eye of its own or offers its own chain for nothing."""
    if s[p + AROUND] >= _u(2) * ONE_EMPTY:
        return False
    if _fills_two_point_eye(s, p, colour):
        return True
    enemy = 3 - colour
    copy_row(scratch, s)
    place(scratch, p, colour)
    if scratch[LOST + _u(enemy)] != s[LOST + _u(enemy)]:
        return False
    liberty = only_liberty(scratch, _u(scratch[p + CHAIN]))
    if liberty == _u(0):
        return False
    before = _u(scratch[EMPTIES]) - _u(1)
    place(scratch, liberty, enemy)
    if only_liberty(scratch, _u(scratch[liberty + CHAIN])) != _u(0):
        return False  # taken back at once
    if _u(scratch[EMPTIES]) - before == _u(1):
        return fills_eye(scratch, p, enemy)
    return not _kills(scratch, before)


@inlined
def _fills_two_point_eye(s, p, colour):
    """Tell whether a point and one empty neighbour are surrounded by one colour and the edge."""
    own = _u(s[p + AROUND]) if colour == BLACK else _u(s[p + AROUND]) >> _u(4)
    if (own & _u(15) != _u(3)) | (s[p + AROUND] < ONE_EMPTY):
        return False
    found = False
    for side in range(4):
        near = beside(s, p, side)
        around = _u(s[near + AROUND]) if colour == BLACK else _u(s[near + AROUND]) >> _u(4)
        found |= (s[near + COLOUR] == EMPTY) & (around & _u(15) == _u(3))
    return found


@compiled
def _kills(s, first):
    """Tell whether the points just emptied, LIST[first:], are a killing shape and the only liberties beside them.

    Changes the board: these points then have a colour of their own.
    """
    points = np.int64(s[EMPTIES]) - np.int64(first)
    if points > 6:
        return False
    for slot in range(first, _u(s[EMPTIES])):
        s[s[LIST + _u(slot)] + COLOUR] = EDGE + 1
    links, most, bent = 0, 0, False
    for slot in range(first, _u(s[EMPTIES])):
        p, degree, edges = _u(s[LIST + _u(slot)]), 0, 0
        for side in range(4):
            near = beside(s, p, side)
            colour = s[near + COLOUR]
            degree += colour == EDGE + 1
            edges += colour == EDGE
            if (colour != EDGE) & (colour != EDGE + 1) and _breathes(s, near):
                return False
        links, most = links + degree, max(most, degree)
        bent |= (edges == 2) & (degree == 2)
    links >>= 1
    return killing(points, links, most, bent)


@compiled
def _breathes(s, first):
    """Tell whether a stone's chain has a liberty."""
    stone = first
    while True:
        for side in range(4):
            if s[beside(s, stone, side) + COLOUR] == EMPTY:
                return True
        stone = _u(s[stone + NEXT])
        if stone == first:
            return False


@inlined
def killing(points, links, most, bent):
    """Tell whether an eye space dies if the attacker moves first, by its points, the links and the most at one point.

    Three in any shape, the square and the pyramid, the bulky five and the cross, the rabbity six; four bent around
    the corner of the board make a ko.
    """
    four = (points == 4) & ((links == 4) | (most == 3) | bent)
    five = (points == 5) & ((links == 5) | (most == 4))
    six = (points == 6) & (links == 6) & (most == 4)
    return (points <= 3) | four | five | six
