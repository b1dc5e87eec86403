"""Real liberties of Go, and the result of a move, on a small copy of the board; `ladders.py` reads on from there.

Read in this order: the layout of a scratch board, `lay_out`, `after_move`.

A *scratch board* is one uint16 array that a position is copied to, so that reading never touches the position. A
*cell* is a point counted in records from the corner outside the board: its neighbours are one and UP cells away.
"""

import numpy as np

from games.compiling import compiled, inlined
from games.go import rules as go_rules
from games.go.rules import EDGE, EMPTY

_u = np.uint64

# --- the layout of a scratch board ------------------------------------------------------------------------

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

SCRATCH = int(_HEADER) + 8

PREY = 4
"""The colour, while a ladder is read, of the chain that it is about."""

MANY = 1
"""No liberty: cell 1 lies outside the board, like cell 0, which stands for no cell at all."""

MOST_STAMPS = 5000
"""Flood fills after which a ladder counts as not captured. In games one question in a thousand takes 500."""

MOST_CHANGES = 2000
"""Board changes on one line of reading after which a ladder counts as not captured."""


def new_scratch() -> np.ndarray:
    """Return room to lay out one position after the other, uint16 [SCRATCH]."""
    return np.zeros(SCRATCH, np.uint16)


@compiled
def lay_out(s, d):
    """Copy a position to a scratch board, and list the liberties of its chains."""
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
    clear_marks(d)
    for slot in range(s[go_rules.EMPTIES]):
        _give_liberty(d, (_u(s[go_rules.LIST + _u(slot)]) - base) // go_rules.RECORD, up)


@inlined
def clear_marks(d):
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
def new_stamp(d):
    stamp = d[STAMP] + _u(1)
    d[STAMP] = stamp
    return stamp


# --- what a move does -------------------------------------------------------------------------------------


@inlined
def after_move(s, d, cell, colour):
    """Return what a stone on an empty cell would capture, the size of its chain, and the chain's liberties.

    Liberties are exact up to eight. No liberties: the move is suicide. Ko is not looked at.
    """
    up, stamp = _u(d[UP]), new_stamp(d)
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
