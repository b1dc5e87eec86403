"""Go read ahead: real liberties, the result of a move, and ladders to the end, on a small copy of the board.

Read in this order: the layout of a desk, `lay_out`, `after_move`, then the ladders: `captures` is the whole reader.

A *desk* is one uint16 array that a position is copied to, so that reading never touches the position. A *cell* is
a point counted in records from the corner outside the board: its neighbours are one and UP cells away.
"""

import numpy as np

from games.compiling import compiled, inlined
from games.go import rules as go_rules
from games.go.rules import EDGE, EMPTY

_u = np.uint64

# --- the layout of a desk ---------------------------------------------------------------------------------

CELLS = _u(1024)
"""Room for every cell of the largest board, which has 703."""

HEAD, COUNT, MARK = (_u(k) * CELLS for k in (1, 2, 3))
"""Words 0-1023 hold the colour of each cell; HEAD + cell: the cell that speaks for its chain; COUNT + head: the
chain's liberties, each counted once; MARK + cell: the latest STAMP that saw the cell."""

LIBERTY = _u(4) * CELLS
"""LIBERTY + 16 * head + i: the i-th liberty of a chain, the first fifteen."""

STACK, SURVEYED = _u(20) * CELLS, _u(21) * CELLS
"""Cells still to visit: of a flood fill; of `_survey`, which floods while others flood."""

TRAIL = _u(22) * CELLS
"""What reading has changed on the board, to be taken back: 8 * cell + the colour before."""

LISTED, MOST_LISTED = _u(26) * CELLS, 255
"""Stones of the attacker next to the prey whose chains may be in atari."""

ESCAPES = LISTED + _u(256)
"""Where `ladder_escapes` writes its answer."""

_HEADER = ESCAPES + _u(256)
UP, KO, STAMP, CHANGES, CANDIDATES, PREY_AT, BASE = (_HEADER + _u(k) for k in range(7))
"""Cells in a row; the cell that simple ko forbids, or 0; the latest stamp; entries in TRAIL; entries in LISTED; a stone
of the prey; the point whose cell is 0."""

DESK = int(_HEADER) + 8

PREY = 4
"""The colour, while a ladder is read, of the chain that it is about."""

MANY = 1
"""No liberty: cell 1 lies outside the board, like cell 0, which stands for no cell at all."""

MOST_STAMPS = 5000
"""Flood fills after which a ladder counts as not captured. In games one question in a thousand takes 500."""

MOST_CHANGES = 2000
"""Board changes on one line of reading after which a ladder counts as not captured."""


def new_desk() -> np.ndarray:
    """Return room to lay out one position after the other, uint16 [DESK]."""
    return np.zeros(DESK, np.uint16)


@compiled
def lay_out(s, d):
    """Copy a position to a desk, and list the liberties of its chains."""
    base = _u(s[go_rules.ORIGIN]) - _u(s[go_rules.UP]) - go_rules.RECORD
    up, p, cell = _u(s[go_rules.UP]) // go_rules.RECORD, base, _u(0)
    d[UP], d[BASE], d[CHANGES] = up, base, 0
    d[KO] = (_u(s[go_rules.KO]) - base) // go_rules.RECORD if s[go_rules.KO] else _u(0)
    while p < _u(len(s)):
        d[cell] = s[p + go_rules.COLOUR]
        d[HEAD + cell] = (_u(s[p + go_rules.CHAIN]) - base) // go_rules.RECORD
        d[COUNT + cell] = 0
        p += go_rules.RECORD
        cell += _u(1)
    _clear_marks(d)
    for slot in range(s[go_rules.EMPTIES]):
        _give_liberty(d, (_u(s[go_rules.LIST + _u(slot)]) - base) // go_rules.RECORD, up)


@inlined
def _clear_marks(d):
    d[STAMP] = 0
    for k in range(np.int64(CELLS)):
        d[MARK + _u(k)] = 0


@inlined
def _give_liberty(d, cell, up):
    """Count an empty cell as a liberty of each chain around it, once (and of empty cells, where nobody reads it)."""
    a, b = _u(d[HEAD + cell - up]), _u(d[HEAD + cell - _u(1)])
    e, f = _u(d[HEAD + cell + _u(1)]), _u(d[HEAD + cell + up])
    _add_liberty(d, a, cell, True)
    _add_liberty(d, b, cell, b != a)
    _add_liberty(d, e, cell, (e != a) & (e != b))
    _add_liberty(d, f, cell, (f != a) & (f != b) & (f != e))


@inlined
def _add_liberty(d, head, cell, new):
    count = _u(d[COUNT + head])
    d[LIBERTY + _u(16) * head + min(count, _u(15))] = cell
    d[COUNT + head] = count + _u(new)


@inlined
def point_at(d, cell):
    """Return the point of a cell in the position that was laid out."""
    return _u(d[BASE]) + go_rules.RECORD * cell


@inlined
def neighbour(cell, up, side):
    return cell - up if side == 0 else cell - _u(1) if side == 1 else cell + _u(1) if side == 2 else cell + up


@inlined
def _new_stamp(d):
    stamp = d[STAMP] + _u(1)
    d[STAMP] = stamp
    return stamp


# --- what a move does -------------------------------------------------------------------------------------


@inlined
def after_move(s, d, cell, colour):
    """Return what a stone on an empty cell would capture, the size of its chain, and the chain's liberties.

    Liberties are exact up to eight. No liberties: the move is suicide. Ko is not looked at.
    """
    up, stamp = _u(d[UP]), _new_stamp(d)
    d[MARK + cell] = stamp
    liberties, size, captured, takes = _u(0), _u(1), _u(0), False
    for side in range(4):
        near = neighbour(cell, up, side)
        seen = d[near]
        if seen == EMPTY:
            liberties += _u(d[MARK + near] != stamp)
            d[MARK + near] = stamp
        elif seen == colour:
            head = _u(d[HEAD + near])
            if d[MARK + head] != stamp:
                d[MARK + head] = stamp
                size += _u(s[point_at(d, head) + go_rules.STONES])
                liberties += _mark_liberties(d, head, stamp)
        else:
            takes |= (seen != EDGE) & (d[COUNT + _u(d[HEAD + near])] == 1)
    if takes:
        for side in range(4):
            near = neighbour(cell, up, side)
            head = _u(d[HEAD + near])
            if d[near] == 3 - colour and d[COUNT + head] == 1 and d[MARK + head] != stamp:
                d[MARK + head] = stamp
                captured += _u(s[point_at(d, head) + go_rules.STONES])
                liberties += _freed(s, d, head, cell, colour, stamp)
    return captured, size, liberties


@inlined
def _mark_liberties(d, head, stamp):
    """Mark up to nine liberties of a chain, which is one more than counts; return how many had no mark yet."""
    new, first = _u(0), LIBERTY + _u(16) * head
    for i in range(min(_u(d[COUNT + head]), _u(9))):
        liberty = _u(d[first + _u(i)])
        new += _u(d[MARK + liberty] != stamp)
        d[MARK + liberty] = stamp
    return new


@compiled
def _freed(s, d, head, cell, colour, stamp):
    """Count the stones of a chain that, once captured, are liberties of the chain around the new stone."""
    up, first, freed = _u(d[UP]), point_at(d, head), _u(0)
    p = first
    while True:
        stone, touches = (p - _u(d[BASE])) // go_rules.RECORD, False
        for side in range(4):
            near = neighbour(stone, up, side)
            touches |= (near == cell) | ((d[near] == colour) & (d[MARK + _u(d[HEAD + near])] == stamp))
        freed += _u(touches)
        p = _u(s[p + go_rules.NEXT])
        if p == first:
            return freed


# --- stones on the desk, put and taken back ---------------------------------------------------------------


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
    up, colour, found, stamp = _u(d[UP]), d[stone], _u(0), _new_stamp(d)
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
    """Take a chain off the desk; return the number of its stones."""
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
    stamp = _new_stamp(d)
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
    _clear_marks(d)
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
