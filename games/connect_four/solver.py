"""A perfect player: alpha-beta on bitboards, with a table of positions seen.

A *score* belongs to the side to play: 0 for a draw, n for a win with its n-th disc from the last (the sooner the
greater, 1 to 21), -n for a loss to such a disc. Read in this order: `_search`, which never looks at a position that
can be won at once, and `_score`, which narrows its answer down by windows of width one.
(Allis 1988 solved the game; the tricks are those of Pascal Pons, "Solving Connect 4: how to build a perfect AI", 2015.)
"""

import numpy as np

from games.compiling import compiled, inlined
from games.connect_four.rules import BOARD, BOTTOM, CELLS, COLUMNS, FIRST, SECOND, completing, count, landing

_u = np.uint64

FULL = -100
"""The score of a column that is full."""

GOLDEN = _u(0x9E3779B97F4A7C15)
"""Spreads keys over the table (Knuth, The Art of Computer Programming, 6.4)."""

ORDER = (3, 2, 4, 1, 5, 0, 6)
"""Columns from the middle outwards: they make more fours."""

LOWER = 64
"""In the table, a bound that is added to this is a lower one; others are upper bounds."""


class Solver:
    """Scores positions; it remembers what it has seen in a table of 2^`bits` places, 9 bytes each."""

    def __init__(self, bits: int = 22):
        self.keys, self.bounds = np.zeros(2**bits, np.uint64), np.zeros(2**bits, np.int8)

    def score(self, state: np.ndarray) -> int:
        """Return the score of a position, for the side to play. The game must not be over."""
        return int(_score(*_sides(state), self.keys, self.bounds))

    def result(self, state: np.ndarray) -> int:
        """Return 1 for a win of the side to play, 0 for a draw, -1 for a loss; quicker than `score`."""
        return int(_result(*_sides(state), self.keys, self.bounds))

    def scores(self, state: np.ndarray) -> np.ndarray:
        """Return what each move leads to for the side to play, int8 [7]; FULL where a column is."""
        return _each(*_sides(state), True, self.keys, self.bounds)

    def results(self, state: np.ndarray) -> np.ndarray:
        """Return 1, 0 or -1 for each move, int8 [7]; FULL where a column is."""
        return _each(*_sides(state), False, self.keys, self.bounds)


def _sides(state: np.ndarray) -> tuple[np.uint64, np.uint64]:
    """Return the discs of the side to play and of the other."""
    moved = int(state[FIRST] | state[SECOND]).bit_count()
    return (state[SECOND], state[FIRST]) if moved % 2 else (state[FIRST], state[SECOND])


@compiled
def _each(own, other, exact, keys, bounds):
    scores = np.full(COLUMNS, FULL, np.int8)
    taken = own | other
    left = CELLS - np.int64(count(taken))
    for column in range(COLUMNS):
        cell = landing(taken) & (_u(63) << _u(7 * column))
        if cell == 0:
            continue
        if cell & completing(own, taken):
            scores[column] = (left + 1) // 2 if exact else 1
        elif left == 1:
            scores[column] = 0
        elif exact:
            scores[column] = -_score(other, own | cell, keys, bounds)
        else:
            scores[column] = -_result(other, own | cell, keys, bounds)
    return scores


@compiled
def _score(own, other, keys, bounds):
    taken = own | other
    left = CELLS - np.int64(count(taken))
    if landing(taken) & completing(own, taken):
        return (left + 1) // 2
    low, high = -(left // 2), (left + 1) // 2
    while low < high:  # ask whether the score is above `middle`; short wins and losses are asked for first
        middle = (low + high) // 2
        if middle <= 0 and low // 2 < middle:
            middle = -(-low // 2)
        elif middle >= 0 and high // 2 > middle:
            middle = high // 2
        found = _search(own, other, middle, middle + 1, keys, bounds)
        if found <= middle:
            high = found
        else:
            low = found
    return low


@compiled
def _result(own, other, keys, bounds):
    taken = own | other
    if landing(taken) & completing(own, taken):
        return 1
    return np.sign(_search(own, other, -1, 1, keys, bounds))


# --- the search -------------------------------------------------------------------------------------------

LOW, HIGH, NEXT, WIDTH = range(4)
"""A frame's window, the next of its moves, and how many there are; 0 where the position is decided, by LOW."""

OWN, OTHER, MOVES = 0, 1, 2
"""The discs of a frame, and the first of its moves."""


@inlined
def _new_stack():
    """Return a frame for every number of empty cells: windows [43, 4] and discs [43, 9]."""
    return np.empty((CELLS + 1, 4), np.int64), np.empty((CELLS + 1, MOVES + COLUMNS), np.uint64)


@compiled
def _search(own, other, low, high, keys, bounds):
    """Return the score if it lies between `low` and `high`, else a bound beyond them. No move may win at once.

    The stack is our own: numba cannot keep a function on disk that calls itself.
    """
    windows, discs = _new_stack()
    top = CELLS - np.int64(count(own | other))
    left = top
    _open(own, other, left, low, high, windows, discs, keys, bounds)
    while True:
        window, frame = windows[left], discs[left]
        if window[NEXT] < window[WIDTH] and window[LOW] < window[HIGH]:
            own = frame[OWN] | (frame[MOVES + window[NEXT]] & BOARD)
            window[NEXT] += 1
            left -= 1
            _open(frame[OTHER], own, left, -window[HIGH], -window[LOW], windows, discs, keys, bounds)
            continue
        if window[WIDTH]:
            _keep(frame[OWN], frame[OTHER], window[LOW] + LOWER * (window[LOW] >= window[HIGH]), keys, bounds)
        if left == top:
            return window[LOW]
        left += 1
        windows[left, LOW] = max(windows[left, LOW], -window[LOW])


@inlined
def _open(own, other, left, low, high, windows, discs, keys, bounds):
    """Put a position on the stack: with its moves, or with its score where that is known."""
    window, taken = windows[left], own | other
    window[NEXT], window[WIDTH] = 0, 0
    moves = _harmless(own, other, taken)
    if moves == 0 or left <= 2:
        window[LOW] = 0 if moves else -(left // 2)
        return
    low, high = max(low, -((left - 2) // 2)), min(high, (left - 1) // 2)
    bound = _look_up(own, other, keys, bounds)
    if bound > LOWER // 2:
        low = max(low, bound - LOWER)
    else:
        high = min(high, bound)
    window[LOW], window[HIGH] = low, high
    if low < high:
        discs[left, OWN], discs[left, OTHER] = own, other
        window[WIDTH] = _order(own, taken, moves, discs[left, MOVES:])


@inlined
def _key(own, other):
    """Return a number that no other position has: the cell above each column, below it the discs of one side."""
    return own + (own | other) + BOTTOM


@inlined
def _look_up(own, other, keys, bounds):
    key = _key(own, other)
    place = key * GOLDEN % _u(len(keys))
    return np.int64(bounds[place]) if keys[place] == key else LOWER // 2


@inlined
def _keep(own, other, bound, keys, bounds):
    key = _key(own, other)
    place = key * GOLDEN % _u(len(keys))
    keys[place], bounds[place] = key, bound


@inlined
def _harmless(own, other, taken):
    """Return where a disc may land without the other side winning by its next one."""
    moves, threats = landing(taken), completing(other, taken)
    forced = moves & threats
    if forced:
        if forced & (forced - _u(1)):
            return _u(0)  # two threats at once
        moves = forced
    return moves & ~(threats >> _u(1))  # not below a cell that would win for the other side


@inlined
def _order(own, taken, moves, line):
    """List the moves in a frame's line, those first that make the most threats; return how many there are.

    The number of threats stands above a move's cell, in bits that no cell has.
    """
    found = 0
    for column in ORDER:
        cell = moves & (_u(63) << _u(7 * column))
        if cell:
            threats = count(completing(own | cell, taken)) << _u(56)
            at = found
            while at > 0 and line[at - 1] >> _u(56) < threats >> _u(56):
                line[at] = line[at - 1]
                at -= 1
            line[at] = cell | threats
            found += 1
    return found
