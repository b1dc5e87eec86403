"""Ladders of Go, read to the end on the scratch board of `liberties.py`: `captures` is the whole reader."""

import numpy as np

from games.compiling import compiled, inlined
from games.go.liberties import (
    CANDIDATES,
    CHANGES,
    ESCAPES,
    KO,
    LIBERTY,
    LISTED,
    MANY,
    MARK,
    MOST_CHANGES,
    MOST_LISTED,
    MOST_STAMPS,
    PREY,
    PREY_AT,
    STACK,
    STAMP,
    SURVEYED,
    TRAIL,
    UP,
    clear_marks,
    neighbour,
    new_stamp,
)
from games.go.rules import EDGE, EMPTY

_u = np.uint64

# --- stones on the scratch board, put and taken back ------------------------------------------------------


@inlined
def _write(d, cell, colour):
    changes = _u(d[CHANGES])
    d[TRAIL + changes] = _u(8) * cell + _u(d[cell])
    d[CHANGES] = changes + _u(1)
    d[cell] = colour


@inlined
def _take_back(d, changes, candidates, ko):
    """Undo everything since there were so many changes and candidates."""
    while d[CHANGES] > changes:
        last = _u(d[CHANGES]) - _u(1)
        d[_u(d[TRAIL + last]) // _u(8)] = d[TRAIL + last] & _u(7)
        d[CHANGES] = last
    d[CANDIDATES], d[KO] = candidates, ko


@compiled
def single_liberty(d, stone):
    """Return the only liberty of a stone's chain, 0 if it has none, MANY if it has more."""
    up, colour, found, stamp = _u(d[UP]), d[stone], _u(0), new_stamp(d)
    d[STACK], d[MARK + stone] = stone, stamp
    waiting = _u(1)
    while waiting:
        waiting -= _u(1)
        cell = _u(d[STACK + waiting])
        for side in range(4):
            near = neighbour(cell, up, side)
            seen = d[near]
            if seen == EMPTY:
                if found != 0 and found != near:
                    return _u(MANY)
                found = near
            elif seen == colour and d[MARK + near] != stamp:
                d[MARK + near], d[STACK + waiting] = stamp, near
                waiting += _u(1)
    return found


@compiled
def _lift(d, stone):
    """Take a chain off the scratch board; return the number of its stones."""
    up, colour, lifted, waiting = _u(d[UP]), d[stone], _u(0), _u(1)
    d[STACK] = stone
    _write(d, stone, EMPTY)
    while waiting:
        waiting -= _u(1)
        lifted += _u(1)
        cell = _u(d[STACK + waiting])
        for side in range(4):
            near = neighbour(cell, up, side)
            if d[near] == colour:
                _write(d, near, EMPTY)
                d[STACK + waiting] = near
                waiting += _u(1)
    return lifted


@inlined
def _put(d, cell, colour):
    """Put a stone that does not touch the prey's own side, capture, set the ko; return its `single_liberty`."""
    up, lifted, alone = _u(d[UP]), _u(0), True
    _write(d, cell, colour)
    for side in range(4):
        near = neighbour(cell, up, side)
        alone &= d[near] != colour
        if d[near] == 3 - colour and single_liberty(d, near) == 0:
            lifted += _lift(d, near)
    left = single_liberty(d, cell)
    d[KO] = left if alone & (lifted == 1) & (left > MANY) else _u(0)
    return left


# --- ladders ----------------------------------------------------------------------------------------------
#
# The attacker must give atari with every move, on one of the prey's two liberties. The prey's owner may extend on
# its last liberty, or capture chains next to it that are in atari. The prey escapes with three liberties or more,
# or with two that no atari works on; it is captured when its owner's move leaves it one liberty or none. Nobody
# makes ko threats, and nobody commits suicide.


@inlined
def _list(d, stone):
    listed = _u(d[CANDIDATES])
    if listed < _u(MOST_LISTED):
        d[LISTED + listed] = stone
        d[CANDIDATES] = listed + _u(1)


@compiled
def _survey(d, attacker):
    """Colour the whole prey, list the chains in atari around it; return how many liberties, at most 3, and two."""
    up, start, first, second = _u(d[UP]), _u(d[PREY_AT]), _u(0), _u(0)
    stamp = new_stamp(d)
    d[SURVEYED], d[MARK + start] = start, stamp
    waiting = _u(1)
    while waiting:
        waiting -= _u(1)
        cell = _u(d[SURVEYED + waiting])
        if d[cell] != PREY:
            _write(d, cell, PREY)
        for side in range(4):
            near = neighbour(cell, up, side)
            seen = d[near]
            if seen == EMPTY:
                if near != first and near != second:
                    if second != 0:
                        return 3, first, second
                    first, second = near, first
            elif seen == attacker:
                if d[MARK + near] <= stamp and single_liberty(d, near) > MANY:  # a later stamp: seen by this survey
                    _list(d, near)
            elif seen != EDGE and d[MARK + near] != stamp:
                d[MARK + near], d[SURVEYED + waiting] = stamp, near
                waiting += _u(1)
    return np.int64(first != 0) + np.int64(second != 0), first, second


@compiled
def _extend(d, cell, attacker):
    """Extend the prey on its last liberty; return as `_survey` does. Most steps of a ladder need no survey."""
    if cell == d[KO]:
        return 0, _u(0), _u(0)
    up, plain, liberties, first, second = _u(d[UP]), True, 0, _u(0), _u(0)
    _write(d, cell, PREY)
    d[KO] = 0
    for side in range(4):
        near = neighbour(cell, up, side)
        if d[near] == EMPTY:
            liberties, first, second = liberties + 1, near, first
        elif d[near] == attacker:
            left = single_liberty(d, near)
            if left == 0:
                _lift(d, near)
                plain = False
            elif left > MANY:
                _list(d, near)
        elif d[near] == 3 - attacker:
            plain = False
    if plain:
        return min(liberties, 3), first, second
    return _survey(d, attacker)


@compiled
def _capture_with(d, k, last, attacker):
    """Return where the k-th candidate is captured, 0 if it is not in atari, or only on the prey's last liberty."""
    stone = _u(d[LISTED + _u(k)])
    if d[stone] != attacker:
        return _u(0)
    cell = single_liberty(d, stone)
    if (cell == MANY) | (cell == last) | (cell == d[KO]):
        return _u(0)
    for other in range(k):
        stone = _u(d[LISTED + _u(other)])
        if d[stone] == attacker and single_liberty(d, stone) == cell:
            return _u(0)  # tried already
    return cell


@compiled
def _reply(d, k, last, attacker):
    """Play the prey's k-th reply to an atari that leaves it its last liberty; return as `_survey` does.

    Reply 0 extends, reply k captures candidate k - 1; a reply that is not there leaves no liberty.
    """
    if k == 0:
        return _extend(d, last, attacker)
    cell = _capture_with(d, k - 1, last, attacker)
    if cell == 0:
        return 0, _u(0), _u(0)
    _put(d, cell, 3 - attacker)
    return _survey(d, attacker)


@inlined
def _room(d, x, y):
    """Count the liberties that the prey finds around y after an atari at x: with three it has escaped."""
    up, room = _u(d[UP]), 0
    for side in range(4):
        near = neighbour(y, up, side)
        room += (d[near] == EMPTY) & (near != x)
    return room


@compiled
def captures(d, x, y, attacker):
    """Tell whether an atari at x, which leaves the prey its liberty y, captures it in the end."""
    if _room(d, x, y) >= 3 or x == d[KO] or d[STAMP] > MOST_STAMPS or d[CHANGES] > MOST_CHANGES:
        return False
    changes, candidates, ko = d[CHANGES], d[CANDIDATES], d[KO]
    left = _put(d, x, attacker)
    if left > MANY:
        _list(d, x)
    captured, before, listed, forbidden = left != 0, d[CHANGES], d[CANDIDATES], d[KO]
    for k in range(np.int64(listed), -1, -1):  # captures before the extension: where one saves, it saves at once
        if not captured:
            break
        liberties, a, b = _reply(d, k, y, attacker)
        captured = liberties < 2
        if liberties == 2:
            if _room(d, a, b) > _room(d, b, a):
                a, b = b, a
            captured = captures(d, a, b, attacker)
            if not captured:
                captured = captures(d, b, a, attacker)
        _take_back(d, before, listed, forbidden)
    _take_back(d, changes, candidates, ko)
    return captured


@inlined
def _begin(d, head, attacker):
    clear_marks(d)
    d[CHANGES], d[CANDIDATES], d[PREY_AT] = 0, 0, head
    _survey(d, attacker)


@compiled
def ladder_captures(d, head, attacker):
    """Tell which of a chain's two liberties are ataris that capture it: bit i for its i-th liberty."""
    first = LIBERTY + _u(16) * head
    x, y, ko, found = _u(d[first]), _u(d[first + _u(1)]), d[KO], 0
    if _room(d, x, y) >= 3 and _room(d, y, x) >= 3:
        return found
    _begin(d, head, attacker)
    for bit in range(1, 3):
        found |= bit * captures(d, x, y, attacker)
        x, y = y, x
    _take_back(d, 0, 0, ko)
    return found


@compiled
def ladder_escapes(d, head, attacker):
    """Write into ESCAPES the cells whose move saves the chain of a head, which is in atari; return how many."""
    ko, last, escapes = d[KO], _u(d[LIBERTY + _u(16) * head]), _u(0)
    _begin(d, head, attacker)
    before, listed = d[CHANGES], d[CANDIDATES]
    for k in range(np.int64(listed) + 1):
        cell = last if k == 0 else _capture_with(d, k - 1, last, attacker)
        liberties, a, b = _reply(d, k, last, attacker)
        caught = liberties < 2
        if liberties == 2:
            caught = captures(d, a, b, attacker)
            if not caught:
                caught = captures(d, b, a, attacker)
        if not caught:
            d[ESCAPES + escapes] = cell
            escapes += _u(1)
        _take_back(d, before, listed, ko)
    _take_back(d, 0, 0, ko)
    return np.int64(escapes)
