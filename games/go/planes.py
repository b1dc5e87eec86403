"""Go as a network sees it: AlphaGo's 48 planes, then what it needs to play any komi and any rules.

`PLANES` is the list; `encode` fills them for a batch. All planes are seen by the side to play. Source: Silver et al.,
Mastering the game of Go with deep neural networks and tree search, Nature 529 (2016), Extended Data Table 2.

Where the paper leaves a choice: a number is one of eight planes, for 1, 2, ... 7, and 8 or more; 0 is none of them.
What a move does is shown only where it is legal (simple ko; superko is the search's business). A move is self-atari
if its chain has at most one liberty afterwards, so suicide, where allowed, counts. Captured stones leave no trace in
"turns since", and a stone set up is as old as can be. `ones` is 1 on the board only: where boards are padded to a
common side it is the mask.
"""

import numpy as np

from games.compiling import compiled, inlined
from games.go import counting as go_score
from games.go import ladders as go_ladders
from games.go import liberties as go_liberties
from games.go import rules as go_rules
from games.go.rules import BLACK, EMPTY
from games.go.symmetries import SYMMETRIES, symmetry, turned

__all__ = [
    "BOARDS",
    "COUNT",
    "LARGEST",
    "MASK",
    "PLANES",
    "POLICY",
    "SCALE",
    "SYMMETRIES",
    "encode",
    "symmetry",
    "turned",
]

_u = np.uint64

_NAMED = (
    ("stone colour", 3),  # own, the other side's, empty
    ("ones", 1),  # the on-board mask
    ("turns since", 8),  # since the stone here was played: 1 is the last move
    ("liberties", 8),  # of the chain here
    ("capture size", 8),  # stones that a move here would capture
    ("self-atari size", 8),  # own stones that would be left with one liberty
    ("liberties after move", 8),  # of the chain that the new stone joins
    ("ladder capture", 1),  # an atari here captures a chain in a ladder
    ("ladder escape", 1),  # a move here saves an own chain in atari
    ("sensibleness", 1),  # a legal move that fills no own eye
    ("zeros", 1),
    ("black to play", 1),  # AlphaGo's 49th plane, which only its value network had
    ("komi for", 1),  # half points that the side to play is given, at most 255
    ("komi against", 1),  # half points that the other side is given
    ("territory", 1),  # territory is counted, not area
    ("suicide", 1),  # suicide is allowed
    ("superko", 1),  # repetition is forbidden
    ("passed", 1),  # the other side has just passed
    ("ko", 1),  # the point that simple ko forbids
)


def _planes() -> tuple[tuple[str, int, int], ...]:
    counts = [count for _, count in _NAMED]
    return tuple((name, sum(counts[:k]), count) for k, (name, count) in enumerate(_NAMED))


PLANES = _planes()
"""(name, index of its first plane, number of planes). The first 48 are AlphaGo's, in its order."""

COUNT = PLANES[-1][1] + PLANES[-1][2]
"""How many planes: 56, a multiple of the eight channels that tensor cores like."""

_FIRST = {name: first for name, first, _ in PLANES}
MASK = _FIRST["ones"]
LARGEST = go_rules.LARGEST
BOARDS = ((5, 5), (9, 9), (13, 13), (19, 19))
"""Rows and columns of boards on which a network is tried."""

POLICY = "points"
"""A move is a point, row by row, or the pass, which is the last."""

SCALE = np.ones(COUNT, np.float32)
"""What a network multiplies each plane with, float32 [COUNT]: 7.5 points of komi become about 1."""
SCALE[[_FIRST["komi for"], _FIRST["komi against"]]] = 1 / 16

_TURNS, _LIBERTIES, _CAPTURE = (_u(_FIRST[name]) for name in ("turns since", "liberties", "capture size"))
_SELF_ATARI, _AFTER = _u(_FIRST["self-atari size"]), _u(_FIRST["liberties after move"])
_LADDER_CAPTURE, _LADDER_ESCAPE = _u(_FIRST["ladder capture"]), _u(_FIRST["ladder escape"])
_SENSIBLE, _BLACK, _KOMI = _u(_FIRST["sensibleness"]), _u(_FIRST["black to play"]), _u(_FIRST["komi for"])
_TERRITORY, _SUICIDE, _SUPERKO = (_u(_FIRST[name]) for name in ("territory", "suicide", "superko"))
_PASSED, _KO = _u(_FIRST["passed"]), _u(_FIRST["ko"])


def encode(
    states: np.ndarray,
    symmetries: np.ndarray | None = None,
    side: int | None = None,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Return the planes of positions of one size, uint8 [B, COUNT, side, side], in `out` if given.

    The states are only read. A board smaller than `side` lies in the top left corner. `symmetries` [B] turns each
    board as `turned` does, at no cost; its moves are then `symmetry(k, size)[move]`. Bytes, because
    they are a quarter of float32's traffic to the device, which casts them and multiplies them with `SCALE`; komi is
    a byte of half points for the same reason: exact, and one array is all that a network is fed with.
    """
    batch, size = len(states), int(states[0, go_rules.SIZE]) if len(states) else 0
    if out is None:
        out = np.empty((batch, COUNT, side or size, side or size), np.uint8)
    _check(out, batch, size)
    if symmetries is None:
        symmetries = np.zeros(batch, np.int8)
    # one memory layout, so that numba compiles once
    states, symmetries = np.require(states, np.uint16, ["C", "W"]), np.require(symmetries, np.int8, ["C", "W"])
    _encode(states, symmetries, out.reshape(batch, COUNT * out.shape[3] ** 2), out.shape[3], go_liberties.new_scratch())
    return out


def _check(out: np.ndarray, batch: int, size: int) -> None:
    side = out.shape[-1] if out.ndim else 0
    if out.shape != (batch, COUNT, side, side) or out.dtype != np.uint8 or not out.flags.c_contiguous:
        raise ValueError(f"planes go into a contiguous uint8 array [{batch}, {COUNT}, side, side]")
    if side < size:
        raise ValueError(f"a board of size {size} does not fit into planes of side {side}")


@compiled
def _encode(states, symmetries, planes, side, scratch):
    for b in range(len(states)):
        _encode_one(states[b], np.int64(symmetries[b]), planes[b], side, scratch)


@compiled
def _encode_one(s, symmetry, planes, side, d):
    go_liberties.lay_out(s, d)
    planes[:] = 0
    start, down, right = _walk(np.int64(s[go_rules.SIZE]), np.int64(side), symmetry)
    area = _u(side * side)
    _show_points(s, d, planes, area, start, down, right)
    _show_ladders(s, d, planes, area, start, down, right)
    _show_game(s, planes, side)


@inlined
def _walk(size, side, symmetry):
    """Return where the top left point goes in a plane, and how far one row and one column are from there."""
    row, column = (-side if symmetry & 2 else side), (-1 if symmetry & 1 else 1)
    start = (side * (size - 1) if symmetry & 2 else 0) + (size - 1 if symmetry & 1 else 0)
    if symmetry & 4:
        return start, column, row
    return start, row, column


@inlined
def _eighth(n):
    """Return which of eight planes shows a number from 1 on."""
    return min(_u(n), _u(8)) - _u(1)


# --- points -----------------------------------------------------------------------------------------------


@inlined
def _show_points(s, d, planes, area, start, down, right):
    size, p, cell = np.int64(s[go_rules.SIZE]), _u(s[go_rules.ORIGIN]), _u(d[go_liberties.UP]) + _u(1)
    me, line = np.int64(s[go_rules.TO_PLAY]), start
    for _ in range(size):
        at = line
        for _ in range(size):
            if s[p + go_rules.COLOUR] == EMPTY:
                _show_move(s, d, planes, area, _u(at), p, cell, me)
            else:
                _show_stone(s, d, planes, area, _u(at), p, cell, me)
            planes[_u(MASK) * area + _u(at)] = 1
            p, cell, at = p + go_rules.RECORD, cell + _u(1), at + right
        p, cell, line = p + go_rules.RECORD, cell + _u(1), line + down


@inlined
def _show_stone(s, d, planes, area, at, p, cell, me):
    turns = _u(s[go_rules.MOVES]) - _u(s[p + go_rules.AGE])  # 0, or beyond all numbers, if no move placed it
    liberties = d[go_liberties.COUNT + _u(d[go_liberties.HEAD + cell])]
    planes[_u(s[p + go_rules.COLOUR] != me) * area + at] = 1
    planes[(_TURNS + min(turns - _u(1), _u(7))) * area + at] = 1
    planes[(_LIBERTIES + _eighth(liberties)) * area + at] = 1


@inlined
def _show_move(s, d, planes, area, at, p, cell, me):
    planes[_u(2) * area + at] = 1
    captured, size, liberties = go_liberties.after_move(s, d, cell, me)
    if (liberties == 0) & (((s[go_rules.RULES] & go_rules.SUICIDE) == 0) | (size == 1)) | (p == s[go_rules.KO]):
        planes[_KO * area + at] = p == s[go_rules.KO]
        return
    if captured:
        planes[(_CAPTURE + _eighth(captured)) * area + at] = 1
    if liberties <= 1:
        planes[(_SELF_ATARI + _eighth(size)) * area + at] = 1
    if liberties:
        planes[(_AFTER + _eighth(liberties)) * area + at] = 1
    planes[_SENSIBLE * area + at] = not go_rules.fills_eye(s, p, me)


# --- ladders ----------------------------------------------------------------------------------------------


@compiled
def _show_ladders(s, d, planes, area, start, down, right):
    """Mark the moves that capture the other side's chains with two liberties, or save own chains in atari."""
    me, end = np.int64(s[go_rules.TO_PLAY]), _u(d[go_liberties.UP]) * _u(s[go_rules.SIZE] + 1)
    for k in range(end):
        head = _u(k)
        if d[go_liberties.HEAD + head] != head:
            continue
        liberties = d[go_liberties.COUNT + head]
        if d[head] == 3 - me and liberties == 2:
            found = go_ladders.ladder_captures(d, head, me)
            for i in range(2):
                if found >> i & 1:
                    cell = _u(d[go_liberties.LIBERTY + _u(16) * head + _u(i)])
                    planes[_LADDER_CAPTURE * area + _place(d, cell, start, down, right)] = 1
        elif d[head] == me and liberties == 1:
            for i in range(go_ladders.ladder_escapes(d, head, 3 - me)):
                cell = _u(d[go_liberties.ESCAPES + _u(i)])
                planes[_LADDER_ESCAPE * area + _place(d, cell, start, down, right)] = 1


@inlined
def _place(d, cell, start, down, right):
    """Return where in a plane a cell is shown."""
    up = np.int64(d[go_liberties.UP])
    return _u(start + (np.int64(cell) // up - 1) * down + (np.int64(cell) % up - 1) * right)


# --- the game as a whole ----------------------------------------------------------------------------------


@inlined
def _show_game(s, planes, side):
    komi = 2 * go_score.stones_ahead(s) + go_score.compensation(
        s
    )  # White's; territory counted as area, as `go_score.lead` does
    komi = -komi if s[go_rules.TO_PLAY] == BLACK else komi
    _fill(s, planes, side, _BLACK, s[go_rules.TO_PLAY] == BLACK)
    _fill(s, planes, side, _KOMI, min(max(komi, 0), 255))
    _fill(s, planes, side, _KOMI + _u(1), min(max(-komi, 0), 255))
    _fill(s, planes, side, _TERRITORY, (s[go_rules.RULES] & go_rules.TERRITORY) != 0)
    _fill(s, planes, side, _SUICIDE, (s[go_rules.RULES] & go_rules.SUICIDE) != 0)
    _fill(s, planes, side, _SUPERKO, (s[go_rules.RULES] & go_rules.SUPERKO) != 0)
    _fill(s, planes, side, _PASSED, s[go_rules.PASSES] > 0)


@inlined
def _fill(s, planes, side, plane, value):
    """Give a whole plane a value, on the board."""
    if value == 0:
        return
    first = plane * _u(side * side)
    for _ in range(s[go_rules.SIZE]):
        for column in range(s[go_rules.SIZE]):
            planes[first + _u(column)] = value
        first += _u(side)
