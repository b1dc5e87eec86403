"""Exact reading in a small area: can a chain be captured, even if its owner moves first?

Playouts settle life and death on the whole board, but draw moves by chance: they lose what needs one exact answer after
another. Here every line of play is read, in an area of few empty points around one chain. The area ends at chains that
are taken for alive. The attacker has to move or give up; the owner may pass. Nobody has a ko threat.
"""

import numpy as np

from games.compiling import compiled, copy_row, inlined
from games.go.care import beside
from games.go.rules import (
    AROUND,
    BLACK,
    CHAIN,
    COLOUR,
    EDGE,
    EMPTIES,
    EMPTY,
    KO,
    LIBERTIES,
    NEXT,
    STONES,
    can_place,
    fills_eye,
    place,
)

_u = np.uint64

CAPTURED, SAFE, UNKNOWN = 1, 0, -1
WIDEST = 9
"""The most empty points of an area that is read."""
ROOMIEST = 6
"""A chain with so many liberties ends an area."""
DEEPEST = 30
NODES = 100_000
"""The most positions looked at for one chain."""
ALIVE = 1024
"""Added to the STONES of a chain that is taken for alive; its LIBERTIES are one too many, so that it never leaves."""
ROOM = 6
"""A chain is safe where so many more points are empty than at first: its owner has captured a group."""
TABLE = 1 << 15
"""Positions remembered."""


@compiled
def liberties(s, head, most):
    """Count the liberties of a chain, up to a most of at most 15."""
    seen, found, stone = np.zeros(16, np.uint64), 0, _u(head)
    while True:
        for side in range(4):
            near = beside(s, stone, side)
            if s[near + COLOUR] == EMPTY:
                new = True
                for k in range(found):
                    new &= seen[k] != near
                if new:
                    seen[found] = near
                    found += 1
                    if found >= most:
                        return found
        stone = _u(s[stone + NEXT])
        if stone == head:
            return found


@compiled
def find_area(s, target, doubtful, inside, points):
    """Collect the area around a chain into points [M], marking it in inside [N]; return its size, 0 if it is too wide.

    `doubtful` [N] marks, at the head of each chain, that it may be captured itself. Points are marked at offset // 8.
    """
    inside[:] = 0
    found, empties = _add_chain(s, target, inside, points, 0), 0
    k = 0
    while k < found:
        p = points[k]
        k += 1
        empties += s[p + COLOUR] == EMPTY
        if empties > WIDEST:
            return 0
        for side in range(4):
            near = beside(s, p, side)
            colour, head = s[near + COLOUR], _u(s[near + CHAIN])
            if colour == EDGE or inside[near >> _u(3)] or found + np.int64(s[head + STONES]) > len(points):
                continue
            if colour == EMPTY:
                inside[near >> _u(3)] = 1
                points[found] = near
                found += 1
            elif doubtful[head >> _u(3)]:
                found = _add_chain(s, head, inside, points, found)
    return found


@inlined
def _add_chain(s, head, inside, points, found):
    stone = _u(head)
    while True:
        inside[stone >> _u(3)] = 1
        points[found] = stone
        found += 1
        stone = _u(s[stone + NEXT])
        if stone == head:
            return found


@compiled
def fence(s, points, count, inside):
    """Make every chain beside the area one that cannot be captured."""
    for k in range(count):
        for side in range(4):
            near = beside(s, points[k], side)
            colour, head = s[near + COLOUR], _u(s[near + CHAIN])
            if colour != EMPTY and colour != EDGE and not inside[near >> _u(3)] and s[head + STONES] < ALIVE:
                s[head + STONES] += _u(ALIVE)
                s[head + LIBERTIES] += _u(1)


@compiled
def can_be_captured(stack, target, points, count, keys, answers):
    """Tell whether the chain of stack[0] falls though its owner moves first: CAPTURED, SAFE or UNKNOWN.

    Short lines are read first. `stack` is [DEEPEST + 1, W], keys and answers are [TABLE].
    """
    nodes, answer = 0, SAFE
    for deepest in (6, 12, 18, DEEPEST):
        answer, nodes = _read_to(stack, deepest, target, points, count, keys, answers, nodes)
        if answer != SAFE:
            break
    return answer


@compiled
def _read_to(stack, deepest, target, points, count, keys, answers, nodes):
    """Read lines of so many moves; return the answer, and how many positions were looked at.

    The owner is to move at even depths, the attacker at odd ones.
    """
    owner, depth, known, arriving, answer = np.int64(stack[0, target + COLOUR]), 0, False, True, UNKNOWN
    next_move, names = np.zeros(len(stack), np.int64), np.zeros(len(stack), np.uint64)
    room = np.int64(stack[0, EMPTIES]) + ROOM
    keys[:] = 0
    while True:
        s, side = stack[depth], owner if depth & 1 == 0 else 3 - owner
        if arriving:
            nodes += 1
            if nodes > NODES:
                return UNKNOWN, nodes
            name = _hash(s, points, count, side)
            names[depth] = name
            answer = _at_once(s, target, owner, points, count)
            if answer == UNKNOWN and (depth == deepest or s[EMPTIES] > room):
                answer = SAFE
            if answer == UNKNOWN and keys[name & _u(TABLE - 1)] == name:
                answer = int(answers[name & _u(TABLE - 1)])
            known = answer != UNKNOWN
            if not known:
                keys[name & _u(TABLE - 1)] = name
                answers[name & _u(TABLE - 1)] = SAFE  # a repetition helps the owner
                next_move[depth] = -1 if side == owner else 0
        else:
            known = False
            if answer != (SAFE if side == owner else CAPTURED):
                answer = UNKNOWN  # the mover tries something else
        if answer == UNKNOWN:
            moved, next_move[depth] = _try_next(stack, depth, side, points, count, next_move[depth])
            if moved:
                depth, arriving = depth + 1, True
                continue
            answer = CAPTURED if side == owner else SAFE
        if not known:
            keys[names[depth] & _u(TABLE - 1)] = names[depth]
            answers[names[depth] & _u(TABLE - 1)] = answer
        if depth == 0:
            return answer, nodes
        depth, arriving = depth - 1, False


@inlined
def _at_once(s, target, owner, points, count):
    """Return the answer where nothing has to be read, else UNKNOWN."""
    if s[target + COLOUR] != owner:
        return CAPTURED
    head = _u(s[target + CHAIN])
    return SAFE if s[head + STONES] >= ALIVE or _has_two_eyes(s, head, owner, points, count) else UNKNOWN


@inlined
def _try_next(stack, depth, side, points, count, k):
    """Make the next legal move, -1 for a pass, in stack[depth + 1]; return whether there was one, and which is next."""
    s, after = stack[depth], stack[depth + 1]
    if k < 0:
        copy_row(after, s)
        after[KO] = 0
        return True, 0
    while k < count:
        p = points[k]
        k += 1
        if s[p + COLOUR] == EMPTY and not fills_eye(s, p, side) and can_place(s, p, side):
            copy_row(after, s)
            place(after, p, side)
            return True, k
    return False, k


@inlined
def _has_two_eyes(s, head, owner, points, count):
    """Tell whether a chain surrounds two single points of the area by itself."""
    eyes = 0
    for k in range(count):
        p = points[k]
        if s[p + COLOUR] == EMPTY:
            around = _u(s[p + AROUND]) if owner == BLACK else _u(s[p + AROUND]) >> _u(4)
            whole = around & _u(15) == _u(4)
            for side in range(4):
                near = beside(s, p, side)
                whole &= (s[near + COLOUR] == EDGE) | (s[near + CHAIN] == head)
            eyes += whole
    return eyes >= 2


@inlined
def _hash(s, points, count, side):
    """Return a hash of the area, the ko and the side to move; never 0."""
    x = _u(s[KO]) << _u(2) | _u(side)
    for k in range(count):
        x = (x ^ _u(s[points[k] + COLOUR])) * _u(0x9E3779B97F4A7C15)
        x ^= x >> _u(29)
    return x | _u(1 << 63)


def read(state: np.ndarray, heads: np.ndarray, weak: np.ndarray) -> dict[int, int]:
    """Read each of some chains, given by their heads; return CAPTURED, SAFE or UNKNOWN by head.

    `weak` are the heads of the chains that may fall: those among them with few liberties do not end an area.
    """
    answers = np.full(len(heads), UNKNOWN, np.int64)
    stack = np.empty((DEEPEST + 1, len(state)), np.uint16)
    memory = np.empty(TABLE, np.uint64), np.empty(TABLE, np.int8)
    _read_each(state, heads.astype(np.uint64), weak.astype(np.uint64), answers, stack, *memory)
    return dict(zip(heads.tolist(), answers.tolist(), strict=True))


@compiled
def _read_each(s, heads, weak, answers, stack, keys, known):
    doubtful, inside = np.zeros((2, len(s) // 8 + 1), np.uint8)
    points = np.zeros(64, np.uint64)
    for head in weak:
        doubtful[head >> _u(3)] = liberties(s, head, ROOMIEST) < ROOMIEST
    for k in range(len(heads)):
        if doubtful[heads[k] >> _u(3)]:
            count = find_area(s, heads[k], doubtful, inside, points)
            if count:
                copy_row(stack[0], s)
                fence(stack[0], points, count, inside)
                answers[k] = can_be_captured(stack, heads[k], points, count, keys, known)
