"""Moves that a careful playout refuses, because they lose a group that passing would keep.

Ordinary playouts are for speed: they play on until nothing but single eyes is left, and so destroy every seki. Playouts
that settle life and death refuse a move that puts its own chain into atari, unless the capture helps the capturing side
nothing (a snapback, a throw-in, stones that leave a killing shape behind), and a move into an eye of two points.
"""

import numpy as np

from games.compiling import compiled, copy_row, inlined
from games.go.patterns import Policy, only_liberty
from games.go.playouts import (
    HALF,
    _buffers,
    _draw,
    _find_special,
    _look_around,
    _place,
    _watch_all,
    _weigh_special,
)
from games.go.rules import (
    AROUND,
    BLACK,
    CHAIN,
    COLOUR,
    EDGE,
    EMPTIES,
    EMPTY,
    KO,
    LAST,
    LIST,
    LOST,
    NEXT,
    ONE_EMPTY,
    PASSES,
    RECORD,
    SIZE,
    TO_PLAY,
    UP,
    can_place,
    fills_eye,
    place,
)
from games.randomness import below, next_random, random_states

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


# --- careful playouts -------------------------------------------------------------------------------------


@compiled
def careful_playout(s, x, far, near, factors, codes, weights, blocks, heads, points, kinds, drawn, place_of, scratch):
    """Play like `policy_playout`, but pass rather than lose a group that could stay as it is; `scratch` is [W]."""
    colour, passes, last = np.int64(s[TO_PLAY]), np.int64(s[PASSES]), _u(s[LAST])
    _look_around(s, far, codes, weights, blocks)
    watched = _watch_all(s, heads)
    for _ in range(3 * np.int64(s[SIZE]) * np.int64(s[SIZE])):
        found, watched = _find_special(s, colour, last, heads, watched, points, kinds, place_of)
        special = _weigh_special(codes, weights, colour, near, factors, points, kinds, drawn, found)
        p, x = _choose_carefully(s, x, colour, special, weights, blocks, points, drawn, place_of, found, scratch)
        for i in range(found):
            place_of[points[i] >> _u(3)] = -1
        if p:
            watched = _place(s, p, colour, far, codes, weights, blocks, heads, watched)
            passes = 0  # type: ignore[assignment]  # one integer type to numba
        else:
            s[KO] = 0
            passes += 1
            if passes == 2:
                break
        last, colour = p, 3 - colour


@inlined
def _choose_carefully(s, x, colour, special, weights, blocks, points, drawn, place_of, found, scratch):
    """Draw a move by weight, and again while it is illegal or foolish; at last take any that is neither, or 0."""
    half = _u(0) if colour == BLACK else _u(32)
    for _ in range(24):
        total = special + (blocks[len(blocks) - 1] >> half & HALF)
        if total == _u(0):
            break
        x = next_random(x)
        r = below(x, total)
        p = _draw(r, colour, weights, blocks, points, drawn, found)
        at = place_of[p >> _u(3)]
        drawn_as_special = (at >= 0) & (r < special)
        if drawn_as_special | (at < 0):  # a special move has its own weight, not the far one
            if _wise(s, p, colour, scratch):
                return p, x
            if drawn_as_special:
                special -= drawn[at]
                drawn[at] = 0
    count = _u(s[EMPTIES])
    first = below(x, count)
    for i in range(count):
        slot = first + _u(i)
        p = _u(s[LIST + (slot if slot < count else slot - count)])
        if not fills_eye(s, p, colour) and _wise(s, p, colour, scratch):
            return p, x
    return _u(0), x


@compiled
def _wise(s, p, colour, scratch):
    """Tell whether a move is legal and not foolish."""
    return can_place(s, p, colour) and not foolish(s, p, colour, scratch)


def play_carefully(states: np.ndarray, seeds: np.ndarray, policy: Policy) -> None:
    """Play each row out in place by careful playouts, which leave sekis as they are."""
    work, scratch = _buffers(states.shape[1]), np.empty(states.shape[1], np.uint16)
    _play_each(states, random_states(seeds), policy.far, policy.near, policy.factors, *work, scratch)


@compiled
def _play_each(
    states, seeds, far, near, factors, codes, weights, blocks, heads, points, kinds, drawn, place_of, scratch
):
    for b in range(len(states)):
        careful_playout(
            states[b], seeds[b], far, near, factors, codes, weights, blocks, heads, points, kinds, drawn, place_of,
            scratch,
        )  # fmt: skip
