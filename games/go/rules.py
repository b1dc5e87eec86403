"""The rule book of Go: stones, chains, liberties, ko, suicide, and a random game to the end.

Read in this order: the layout of a position, `place` (the whole rule book in one function), `can_place`, `playout`.

A *point* is the offset of its record in the row, so a neighbour is one addition away and a field one more.
A *move* is what everybody else counts: row * size + column from the top left corner, size * size for a pass.
"""

import numpy as np

from games.compiling import compiled, inlined
from games.randomness import below, next_random

EMPTY, BLACK, WHITE, EDGE = range(4)
SMALLEST, LARGEST = 2, 25

# --- the layout of a position: one row of uint16 ----------------------------------------------------------

_u = np.uint64  # unsigned offsets: numba then needs no test for negative indices

(SIZE, UP, TO_PLAY, KO, PASSES, EMPTIES, MOVES, LAST, BEFORE_LAST, ORIGIN, KOMI, RULES, BONUS, AS_IT_STANDS) = map(
    _u, range(14)
)
"""Header words: board size; offset of one row; colour to play; point forbidden by simple ko, or 0; passes in a
row; number of empty points; moves played; the last two points played (0: pass); the top left point; komi in half
points (two's complement); rule bits; half points that the handicap gives White; whether every stone on the board counts
at the end."""

PLAYED, LOST = _u(16), _u(20)
"""PLAYED + colour: stones that this colour put on the board; LOST + colour: stones that it lost as prisoners."""

LIST = _u(32)
"""The empty points in no order: EMPTIES words from here on."""

COLOUR, CHAIN, NEXT, LIBERTIES, LIBERTY_SUM, AROUND, SLOT, STONES = map(_u, range(8))
"""The record of a point. CHAIN is the point that speaks for a stone's chain (an empty point speaks for itself) and
holds its LIBERTIES (once for every stone that touches one), their LIBERTY_SUM and the number of STONES. NEXT links
a chain's stones in a ring. AROUND counts neighbours: black in bits 0-3, white in 4-7 (the edge counts as both),
empty from bit 8. SLOT is an empty point's place in LIST; of a stone it is the number of the move that placed it."""
AGE = SLOT
OWNER = STONES  # of an empty point, after `mark_areas`: colours that reach it, as bits 1 and 2
REGION = LIBERTY_SUM  # of an empty point, after `mark_areas`: one point that stands for its region

RECORD = _u(8)
ONE_EMPTY = _u(0x100)

SUICIDE, TERRITORY, SUPERKO, SITUATIONAL = 1, 2, 4, 8
RULESETS = {
    "tromp-taylor": SUICIDE | SUPERKO,
    "chinese": SUPERKO,
    "aga": SUPERKO | SITUATIONAL,
    "new-zealand": SUICIDE | SUPERKO | SITUATIONAL,
    "japanese": TERRITORY,
}
"""Suicide allowed? Territory counted instead of area? Which repetitions are forbidden? (KataGo's rules page.)"""


def start(size: int = 19, komi: float = 7.5, rules: str = "tromp-taylor", handicap_bonus: float = 0) -> np.ndarray:
    """Return the empty board, uint16 [W]; raise `ValueError` for what no board can be."""
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"a board of size {size} is not supported; choose {SMALLEST} to {LARGEST}")
    if not abs(komi) <= 1000 or komi * 2 != round(komi * 2):
        raise ValueError(f"komi {komi:g} is not a number of half points between -1000 and 1000")
    if rules not in RULESETS:
        raise ValueError(f"unknown rules {rules!r}; choose one of {', '.join(RULESETS)}")
    origin = (int(LIST) + size * size + 7) // 8 * 8 + 8 * (size + 2)
    state = np.zeros(origin + 8 * (size + 1) * (size + 1), np.uint16)
    state[[SIZE, UP, TO_PLAY, ORIGIN]] = size, 8 * (size + 1), BLACK, origin
    state[[KOMI, BONUS]] = round(komi * 2) % 65536, round(handicap_bonus * 2)
    state[RULES], state[AS_IT_STANDS] = RULESETS[rules], rules == "tromp-taylor"
    _lay_board(state)
    return state


@compiled
def _lay_board(s):
    size, up, origin = _u(s[SIZE]), _u(s[UP]), _u(s[ORIGIN])
    p = origin - up - RECORD
    while p < _u(len(s)):
        s[p + COLOUR], s[p + CHAIN] = EDGE, p
        p += RECORD
    for row in range(size):
        for column in range(size):
            p = origin + _u(row) * up + _u(column) * RECORD
            slot = _u(s[EMPTIES])
            s[p + COLOUR], s[p + SLOT], s[LIST + slot] = EMPTY, slot, p
            s[EMPTIES] += 1
            edges = _u((row == 0) + (row == size - 1) + (column == 0) + (column == size - 1))
            s[p + AROUND] = edges * _u(0x11) + (_u(4) - edges) * ONE_EMPTY


def point(state: np.ndarray, move: int) -> int:
    """Return the point of a move; 0 for a pass."""
    size = int(state[SIZE])
    return int(move_point(state, move)) if move < size * size else 0


def colours(state: np.ndarray) -> np.ndarray:
    """Return the board as EMPTY, BLACK or WHITE, uint8 [size, size], top row first."""
    size, up, origin = int(state[SIZE]), int(state[UP]), int(state[ORIGIN])
    corner = np.arange(size) * 8
    return state[origin + up * np.arange(size)[:, None] + corner].astype(np.uint8)


@inlined
def move_point(s, move):
    """Return the point of a move that is no pass."""
    size = np.int64(s[SIZE])
    return _u(s[ORIGIN]) + _u(move // size) * _u(s[UP]) + _u(move % size) * RECORD


@inlined
def point_move(s, p):
    """Return the move of a point."""
    size = np.int64(s[SIZE])
    steps = np.int64((_u(p) - _u(s[ORIGIN])) // RECORD)
    return steps // (size + 1) * size + steps % (size + 1)


# --- placing a stone --------------------------------------------------------------------------------------


@inlined
def _one_stone(colour):
    """Return what one stone of a colour, in place of an empty point, adds to AROUND of its neighbours."""
    return (_u(1) if colour == BLACK else _u(16)) - ONE_EMPTY


@compiled
def remove_chain(s, head):
    """Take a chain off the board; return the number of its stones."""
    up, first, slot = _u(s[UP]), _u(head), _u(s[EMPTIES])
    stone = _one_stone(s[first + COLOUR])
    p = first
    while True:
        following = _u(s[p + NEXT])
        s[p + COLOUR], s[p + CHAIN] = EMPTY, p
        s[LIST + slot], s[p + SLOT] = p, slot
        slot += _u(1)
        for side in range(4):
            near = p - up if side == 0 else p - RECORD if side == 1 else p + RECORD if side == 2 else p + up
            s[near + AROUND] -= stone
            chain = s[near + CHAIN]
            s[chain + LIBERTIES] += _u(1)
            s[chain + LIBERTY_SUM] += p
        p = following
        if p == first:
            break
    removed = slot - _u(s[EMPTIES])
    s[EMPTIES] = slot
    return removed


@inlined
def _join(s, p, near):
    """Merge the chains of two stones, the smaller into the larger."""
    a, b = _u(s[p + CHAIN]), _u(s[near + CHAIN])
    if a == b:
        return
    if s[a + STONES] < s[b + STONES]:
        a, b = b, a
    s[a + LIBERTIES] += s[b + LIBERTIES]
    s[a + LIBERTY_SUM] += s[b + LIBERTY_SUM]
    s[a + STONES] += s[b + STONES]
    stone = b
    while True:
        s[stone + CHAIN] = a
        stone = _u(s[stone + NEXT])
        if stone == b:
            break
    s[a + NEXT], s[b + NEXT] = s[b + NEXT], s[a + NEXT]


@inlined
def place(s, p, colour):
    """Put a stone on an empty point: take liberties, capture, join, set the ko. Turn and counters stay.

    Neighbours are treated alike whatever they are: an empty point or the edge "loses a liberty" that nobody reads.
    Mispredicted branches would cost more than these writes.
    """
    up, enemy, stone = _u(s[UP]), 3 - colour, _one_stone(colour)
    last = _u(s[EMPTIES]) - _u(1)
    moved, slot = s[LIST + last], s[p + SLOT]
    s[EMPTIES], s[LIST + slot], s[moved + SLOT] = last, moved, slot
    s[p + COLOUR], s[p + NEXT], s[p + STONES] = colour, p, 1

    n0, n1, n2, n3 = p - up, p - RECORD, p + RECORD, p + up
    s[n0 + AROUND] += stone
    s[n1 + AROUND] += stone
    s[n2 + AROUND] += stone
    s[n3 + AROUND] += stone
    c0, c1, c2, c3 = s[n0 + COLOUR], s[n1 + COLOUR], s[n2 + COLOUR], s[n3 + COLOUR]
    h0, h1, h2, h3 = _u(s[n0 + CHAIN]), _u(s[n1 + CHAIN]), _u(s[n2 + CHAIN]), _u(s[n3 + CHAIN])
    for_nothing = _u(0)
    for side in range(4):
        head = h0 if side == 0 else h1 if side == 1 else h2 if side == 2 else h3
        s[head + LIBERTIES] -= _u(1)
        s[head + LIBERTY_SUM] -= p
    s[p + LIBERTIES] = s[p + AROUND] >> _u(8)
    s[p + LIBERTY_SUM] = (
        (n0 if c0 == EMPTY else for_nothing)
        + (n1 if c1 == EMPTY else for_nothing)
        + (n2 if c2 == EMPTY else for_nothing)
        + (n3 if c3 == EMPTY else for_nothing)
    )

    captured = _u(0)
    if c0 == enemy and s[h0 + LIBERTIES] == 0:
        captured += remove_chain(s, h0)
    if c1 == enemy and s[h1 + LIBERTIES] == 0 and s[n1 + COLOUR] == enemy:
        captured += remove_chain(s, h1)
    if c2 == enemy and s[h2 + LIBERTIES] == 0 and s[n2 + COLOUR] == enemy:
        captured += remove_chain(s, h2)
    if c3 == enemy and s[h3 + LIBERTIES] == 0 and s[n3 + COLOUR] == enemy:
        captured += remove_chain(s, h3)
    s[LOST + _u(enemy)] += captured

    if c0 == colour:
        _join(s, p, n0)
    if c1 == colour:
        _join(s, p, n1)
    if c2 == colour:
        _join(s, p, n2)
    if c3 == colour:
        _join(s, p, n3)
    chain = _u(s[p + CHAIN])
    s[KO] = 0
    if s[chain + LIBERTIES] == 0:  # suicide, where the rules allow it
        s[LOST + _u(colour)] += remove_chain(s, chain)
    elif captured == _u(1) and s[chain + STONES] == 1 and s[chain + LIBERTIES] == 1:
        s[KO] = s[LIST + _u(s[EMPTIES]) - _u(1)]


@inlined
def can_place(s, p, colour):
    """Tell whether a stone on this empty point breaks neither the simple ko nor the ban on suicide."""
    if s[p + AROUND] >= ONE_EMPTY:
        return True
    if p == s[KO]:
        return False
    up = _u(s[UP])
    n0, n1, n2, n3 = p - up, p - RECORD, p + RECORD, p + up
    h0, h1, h2, h3 = _u(s[n0 + CHAIN]), _u(s[n1 + CHAIN]), _u(s[n2 + CHAIN]), _u(s[n3 + CHAIN])
    s[h0 + LIBERTIES] -= _u(1)
    s[h1 + LIBERTIES] -= _u(1)
    s[h2 + LIBERTIES] -= _u(1)
    s[h3 + LIBERTIES] -= _u(1)
    lives = _lives(s, n0, h0, colour) | _lives(s, n1, h1, colour)
    lives |= _lives(s, n2, h2, colour) | _lives(s, n3, h3, colour)
    s[h0 + LIBERTIES] += _u(1)
    s[h1 + LIBERTIES] += _u(1)
    s[h2 + LIBERTIES] += _u(1)
    s[h3 + LIBERTIES] += _u(1)
    return lives


@inlined
def _lives(s, near, head, colour):
    """Tell whether this neighbour gives a new stone breath: a friend with liberties left, an enemy with none."""
    return (s[near + COLOUR] != EDGE) & ((s[head + LIBERTIES] == 0) != (s[near + COLOUR] == colour))


@inlined
def is_legal(s, p, colour):
    """Tell whether the ruleset allows a stone on this empty point, superko aside.

    Suicide of a single stone leaves the board as it was, which every ruleset forbids.
    """
    if can_place(s, p, colour):
        return True
    if p == s[KO] or not s[RULES] & SUICIDE:
        return False
    up = _u(s[UP])
    return (
        (s[p - up + COLOUR] == colour)
        | (s[p - RECORD + COLOUR] == colour)
        | (s[p + RECORD + COLOUR] == colour)
        | (s[p + up + COLOUR] == colour)
    )


@inlined
def make_move(s, move):
    """Play one legal move of the side to play: a stone or a pass."""
    colour = np.int64(s[TO_PLAY])
    s[BEFORE_LAST] = s[LAST]
    if move < np.int64(s[SIZE]) * np.int64(s[SIZE]):
        p = move_point(s, move)
        place(s, p, colour)
        s[p + AGE if s[p + COLOUR] else LAST] = s[MOVES]  # a suicide leaves no stone to date
        s[LAST], s[PASSES] = p, 0
        s[PLAYED + _u(colour)] += 1
    else:
        s[LAST], s[KO] = 0, 0
        s[PASSES] += 1
    s[MOVES] += 1
    s[TO_PLAY] = 3 - colour


# --- playing out ------------------------------------------------------------------------------------------


@inlined
def fills_eye(s, p, colour):
    """Tell whether an empty point is an eye of this colour that no diagonal makes false."""
    around = _u(s[p + AROUND])
    if (around if colour == BLACK else around >> _u(4)) & _u(15) != _u(4):
        return False
    up, enemy = _u(s[UP]), 3 - colour
    a, b = s[p - up - RECORD + COLOUR], s[p - up + RECORD + COLOUR]
    c, d = s[p + up - RECORD + COLOUR], s[p + up + RECORD + COLOUR]
    enemies = (a == enemy) + (b == enemy) + (c == enemy) + (d == enemy)
    at_edge = (a == EDGE) | (b == EDGE) | (c == EDGE) | (d == EDGE)
    return enemies + at_edge < 2


@compiled
def playout(s, x):
    """Play to the end: any legal move that fills no own eye, all alike, else pass; return the random state.

    Turn, counters and ages in the header are not kept up: only the stones matter afterwards.
    """
    colour, passes = np.int64(s[TO_PLAY]), np.int64(s[PASSES])
    for _ in range(3 * np.int64(s[SIZE]) * np.int64(s[SIZE])):
        untried, found = _u(s[EMPTIES]), False
        while untried > _u(0):
            x = next_random(x)
            k = below(x, untried)
            p = _u(s[LIST + k])
            found = s[p + AROUND] >= ONE_EMPTY or (not fills_eye(s, p, colour) and can_place(s, p, colour))
            if found:
                break
            untried -= _u(1)
            other = s[LIST + untried]
            s[LIST + k], s[other + SLOT] = other, k
            s[LIST + untried], s[p + SLOT] = p, untried
        if found:
            place(s, p, colour)
            passes = 0  # type: ignore[assignment]  # one integer type to numba
        else:
            passes += 1
            s[KO] = 0
            if passes == 2:
                break
        colour = 3 - colour
    return x
