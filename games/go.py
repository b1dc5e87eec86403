"""Go: stones, chains, liberties, ko and superko, area and territory score.

Read in this order: the layout of a position, `place` (the whole rule book in one function), `can_place`,
`playout`, then the five answers at the end of the file. Diagrams, coordinates and handicaps are in
`go_board.py`.

A *point* is the offset of its record in the row, so a neighbour is one addition away and a field one more.
A *move* is what everybody else counts: row * size + column from the top left corner, size * size for a pass.
"""

from collections.abc import Sequence

import numpy as np

from games.compiling import compiled, copy_row, inlined
from games.game import FIRST, NOBODY, SECOND

name = "go"

EMPTY, BLACK, WHITE, EDGE = range(4)
SMALLEST, LARGEST = 2, 25

# --- the layout of a position: one row of uint16 ----------------------------------------------------------

_u = np.uint64  # unsigned offsets: numba then needs no test for negative indices

(SIZE, UP, TO_PLAY, KO, PASSES, EMPTIES, MOVES, LAST, BEFORE_LAST, ORIGIN, KOMI, RULES, BONUS) = map(_u, range(13))
"""Header words: board size; offset of one row; colour to play; point forbidden by simple ko, or 0; passes in a
row; number of empty points; moves played; the last two points played (0: pass); the top left point; komi in half
points (two's complement); rule bits; half points that the handicap gives White."""

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
    if komi * 2 != round(komi * 2) or abs(komi) > 1000:
        raise ValueError(f"komi {komi:g} is not a number of half points between -1000 and 1000")
    if rules not in RULESETS:
        raise ValueError(f"unknown rules {rules!r}; choose one of {', '.join(RULESETS)}")
    origin = (int(LIST) + size * size + 7) // 8 * 8 + 8 * (size + 2)
    state = np.zeros(origin + 8 * (size + 1) * (size + 1), np.uint16)
    state[[SIZE, UP, TO_PLAY, ORIGIN]] = size, 8 * (size + 1), BLACK, origin
    state[[KOMI, BONUS]] = round(komi * 2) % 65536, round(handicap_bonus * 2)
    state[RULES] = RULESETS[rules]
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
    size = np.int64(s[SIZE])
    return _u(s[ORIGIN]) + _u(move // size) * _u(s[UP]) + _u(move % size) * RECORD


@inlined
def point_move(s, p):
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
def next_random(x):
    """Advance xorshift64* (Vigna 2016); the state must not be 0."""
    x ^= x >> _u(12)
    x ^= x << _u(25)
    return x ^ (x >> _u(27))


@inlined
def below(x, n):
    """Draw a number below n from a random state."""
    return ((x * _u(2685821657736338717) >> _u(32)) * n) >> _u(32)


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
            passes = 0
        else:
            passes += 1
            s[KO] = 0
            if passes == 2:
                break
        colour = 3 - colour
    return x


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
            lead += np.int64(black) - np.int64(white)
            p += RECORD
        row += up
    return lead


# --- counting ---------------------------------------------------------------------------------------------


@compiled
def mark_areas(s):
    """Write into OWNER of every empty point which colours its region touches, as bits BLACK and WHITE."""
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
            s[p + OWNER] = touches
            p = _u(s[p + NEXT])


@compiled
def lead(s):
    """Return by how many half points Black is ahead: every stone alive, regions to whoever alone reaches them.

    Area is Tromp-Taylor's. Territory is the same count minus the difference in stones played, which equals
    territory plus prisoners once all dead stones are off the board: area = territory + played - lost.
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
def tally_owners(s, scratch, playouts, x, tally):
    """Add to tally [W], at each point, +1 for every playout that ends as Black's there and -1 for White's."""
    for _ in range(playouts):
        copy_row(scratch, s)
        scratch[PASSES] = 0
        x = playout(scratch, x)
        p = _u(s[ORIGIN])
        while p < _u(len(s)):
            colour, around = scratch[p + COLOUR], _u(scratch[p + AROUND])
            if colour == BLACK or (colour == EMPTY and around & _u(15) == _u(4)):
                tally[p] += 1
            elif colour == WHITE or (colour == EMPTY and (around >> _u(4)) & _u(15) == _u(4)):
                tally[p] -= 1
            p += RECORD
    return x


@compiled
def remove_dead(s, tally, playouts):
    """Take off every chain that fewer than two playouts in five leave to its owner; return how many stones."""
    size, up, row, removed = np.int64(s[SIZE]), _u(s[UP]), _u(s[ORIGIN]), _u(0)
    for _ in range(size):
        p = row
        for _ in range(size):
            colour = np.int64(s[p + COLOUR])
            if colour != EMPTY and s[p + CHAIN] == p:
                kept, stone = 0, p
                while True:
                    kept += tally[stone] if colour == BLACK else -tally[stone]
                    stone = _u(s[stone + NEXT])
                    if stone == p:
                        break
                if 5 * kept < -playouts * np.int64(s[p + STONES]):
                    dead = remove_chain(s, p)
                    s[LOST + _u(colour)] += dead
                    removed += dead
            p += RECORD
        row += up
    return removed


def ownership(state: np.ndarray, playouts: int = 400, seed: int = 1) -> np.ndarray:
    """Estimate by playouts who ends up with each point: float [size, size], 1 Black's, -1 White's, top row first."""
    tally = np.zeros(len(state), np.int32)
    tally_owners(state, state.copy(), playouts, _seed_states(np.array([seed], np.uint64))[0], tally)
    size, up, origin = int(state[SIZE]), int(state[UP]), int(state[ORIGIN])
    return tally[origin + up * np.arange(size)[:, None] + np.arange(size) * 8] / playouts


def dead_stones(state: np.ndarray, playouts: int = 400, seed: int = 1) -> np.ndarray:
    """Propose the dead stones of a position by playouts: bool [size, size], top row first."""
    tally = np.zeros(len(state), np.int32)
    tally_owners(state, state.copy(), playouts, _seed_states(np.array([seed], np.uint64))[0], tally)
    left = state.copy()
    remove_dead(left, tally, playouts)
    return colours(left) != colours(state)


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


# --- the five answers -------------------------------------------------------------------------------------


def turn(states: np.ndarray) -> np.ndarray:
    """Say who plays: Black is FIRST; NOBODY after two passes in a row."""
    players = np.where(states[:, TO_PLAY] == BLACK, FIRST, SECOND)
    return np.where(states[:, PASSES] >= 2, NOBODY, players).astype(np.int8)


def legal(states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """List the legal moves of each position, the pass last; superko is `forbidden`'s, a finished game has none."""
    batch = len(states)
    moves = np.empty((batch, move_count(states[0])), np.int32)
    counts = np.empty(batch, np.int32)
    _legal(states, moves, counts)
    return moves, np.empty((batch, 0), np.float32), counts


@compiled
def _legal(states, moves, counts):
    for b in range(len(states)):
        counts[b] = 0 if states[b, PASSES] >= 2 else _list_legal(states[b], moves[b])


@compiled
def _list_legal(s, moves):
    size, up, row = np.int64(s[SIZE]), _u(s[UP]), _u(s[ORIGIN])
    colour, found, move = np.int64(s[TO_PLAY]), 0, 0
    for _ in range(size):
        p = row
        for _ in range(size):
            moves[found] = move
            if s[p + COLOUR] == EMPTY:
                found += is_legal(s, p, colour)
            move += 1
            p += RECORD
        row += up
    moves[found] = move
    return found + 1


def play(states: np.ndarray, moves: np.ndarray) -> None:
    """Play one legal move in each row, in place."""
    _play(states, moves)


@compiled
def _play(states, moves):
    for b in range(len(states)):
        make_move(states[b], moves[b])


def replay(roots: np.ndarray, tree: np.ndarray, paths: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return row b as roots[tree[b]] after paths[b, :lengths[b]]."""
    states = np.empty((len(tree), roots.shape[1]), np.uint16)
    _replay(roots, tree, paths, lengths, states)
    return states


@compiled
def _replay(roots, tree, paths, lengths, states):
    for b in range(len(tree)):
        copy_row(states[b], roots[tree[b]])
        _play_path(states[b], paths[b, : lengths[b]])


@compiled
def _play_path(s, path):
    for k in range(len(path)):
        make_move(s, path[k])


def features(states: np.ndarray) -> np.ndarray:
    """Return what a network sees, uint8 [B, 56, size, size]: see `go_features`."""
    from games.go_features import encode  # only now: it imports this module, and rollouts need no planes

    return encode(states)


def score(states: np.ndarray) -> np.ndarray:
    """Return 1 where Black has won, -1 where White has, 0 for a draw.

    Every stone left on the board counts as alive under area rules. Under territory rules capturing the dead
    would cost points, so sixteen playouts with a fixed seed decide what is dead.
    """
    values = np.empty(len(states), np.float32)
    _score(states, states[0].copy(), states[0].copy(), np.zeros(states.shape[1], np.int32), values)
    return values


@compiled
def _score(states, left, scratch, tally, values):
    for b in range(len(states)):
        copy_row(left, states[b])
        values[b] = _winner(left, scratch, tally)


@compiled
def _winner(s, scratch, tally):
    if s[RULES] & TERRITORY:
        tally[:] = 0
        tally_owners(s, scratch, 16, _u(1), tally)
        remove_dead(s, tally, 16)
    return np.sign(lead(s))


def rollout(states: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """Play each row out in place, `playout`'s way; return 1 where Black wins, -1 where White does, 0 for a draw."""
    values = np.empty(len(states), np.float32)
    _rollout(states, _seed_states(seeds), values)
    return values


@compiled
def _rollout(states, seeds, values):
    for b in range(len(states)):
        values[b] = _play_out(states[b], seeds[b])


@compiled
def _play_out(s, x):
    against = 2 * stones_ahead(s) + compensation(s)
    playout(s, x)
    return np.sign(2 * count_played_out(s) - against)


def _seed_states(seeds: np.ndarray) -> np.ndarray:
    """Spread seeds over the generator's states, splitmix64's last steps, never 0."""
    x = seeds.astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x ^ (x >> np.uint64(31))) | np.uint64(1)


# --- repetition and explanation ---------------------------------------------------------------------------

ZOBRIST = np.random.Generator(np.random.PCG64(20160127)).integers(0, 2**64, (3, LARGEST * LARGEST), np.uint64)
"""A random number for each colour and point [3, 625]; row EMPTY holds one for White to play."""
ZOBRIST[EMPTY, 1:] = 0


def move_count(state: np.ndarray) -> int:
    """Return size * size + 1: every point, and the pass."""
    return int(state[SIZE]) ** 2 + 1


def key(state: np.ndarray) -> int:
    """Return the Zobrist hash of the stones, and of the side to play where superko is situational (Zobrist 1970)."""
    return int(_key(state, ZOBRIST))


@compiled
def _key(s, zobrist):
    size, up, row, move = np.int64(s[SIZE]), _u(s[UP]), _u(s[ORIGIN]), 0
    key = zobrist[EMPTY, 0] if s[RULES] & SITUATIONAL and s[TO_PLAY] == WHITE else _u(0)
    for _ in range(size):
        p = row
        for _ in range(size):
            if s[p + COLOUR] != EMPTY:
                key ^= zobrist[s[p + COLOUR], move]
            move += 1
            p += RECORD
        row += up
    return key


def forbidden(state: np.ndarray, past: Sequence[int]) -> np.ndarray:
    """List the moves that superko forbids, given the keys of all positions so far, int32."""
    if not state[RULES] & SUPERKO:
        return np.empty(0, np.int32)
    moves, _, counts = legal(state[None])
    stones = moves[0, : max(counts[0] - 1, 0)]
    return stones[np.isin(_keys_after(state, stones, state.copy(), ZOBRIST), np.array(past, np.uint64))]


@compiled
def _keys_after(s, moves, scratch, zobrist):
    keys = np.empty(len(moves), np.uint64)
    for k in range(len(moves)):
        copy_row(scratch, s)
        make_move(scratch, moves[k])
        keys[k] = _key(scratch, zobrist)
    return keys


def with_turn(state: np.ndarray, turn: int) -> np.ndarray:
    """Return the position with Black (FIRST) or White to play, as after passes that nobody counts."""
    changed = state.copy()
    changed[[TO_PLAY, KO, PASSES]] = BLACK if turn == FIRST else WHITE, 0, 0
    return changed


def explain(state: np.ndarray, move: int) -> str:
    """Say why a move is illegal, superko aside; "" if it is legal."""
    size = int(state[SIZE])
    if not 0 <= move <= size * size:
        return f"a board of size {size} has no such point"
    if state[PASSES] >= 2:
        return "the game is over"
    if move == size * size:
        return ""
    p, colour = move_point(state, move), int(state[TO_PLAY])
    if state[p + COLOUR] != EMPTY:
        return "the point is taken"
    if is_legal(state, p, colour):
        return ""
    return "it takes back a ko at once" if p == state[KO] else "it is suicide"


def notation(state: np.ndarray, move: int) -> str:
    """Write a move as a board coordinate: D4, pass."""
    size = int(state[SIZE])
    if not 0 <= move < size * size:
        return "pass" if move == size * size else str(move)
    return f"{'ABCDEFGHJKLMNOPQRSTUVWXYZ'[move % size]}{size - move // size}"
