"""The fast rollout policy of Go: a weight for every move, learned from expert games.

A move's weight is exp of a sum of few terms (AlphaGo's rollout policy, Nature 2016, "Rollout policy"; Coulom 2007):

    far     the colours of the 3x3 around it, seen by the side to play, up to symmetry
    near    the same again where the move lies in the 12-point diamond around the last move, by kind of neighbour
    capture it takes a chain in atari: by size, and whether it is the chain just played
    save    it is the only liberty of an own chain: by size, whether just put into atari, whether it breathes then
    weak    it puts itself into atari: by size

Where we differ from AlphaGo: its 3x3 patterns count liberties, its responses are whole diamonds, and nakade has
a feature; ours are few and local, so that `go_playouts` can keep them up to date at half a microsecond a move.
"""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from games.compiling import compiled, inlined
from games.go.rules import (
    AROUND,
    BLACK,
    CHAIN,
    COLOUR,
    EDGE,
    EMPTIES,
    EMPTY,
    LAST,
    LIBERTIES,
    LIBERTY_SUM,
    LIST,
    ORIGIN,
    RECORD,
    SIZE,
    STONES,
    TO_PLAY,
    UP,
    WHITE,
    can_place,
    fills_eye,
    point_move,
)

_u = np.uint64

# --- the terms --------------------------------------------------------------------------------------------

NEAR, CAPTURE, SAVE, WEAK = 3, 6, 12, 3
"""How many kinds: of neighbour (beside, diagonal, two away), of capture, of saving move, of self-atari."""


@lru_cache(1)
def shapes() -> tuple[np.ndarray, int]:
    """Number the 3x3 surroundings up to symmetry as Black sees them: int32 [65536], and how many there are.

    A surrounding is eight colours, two bits each, in reading order without the centre. -1 marks true eyes of
    Black's, which no playout fills.
    """
    codes = np.arange(1 << 16)
    colours = [(codes >> 2 * k) & 3 for k in range(8)]
    grid = [*colours[:4], codes, *colours[4:]]  # the centre is never looked at
    images = []
    for turn in range(8):
        square = np.arange(9).reshape(3, 3)
        order = [k for k in np.rot90(square if turn < 4 else square.T, turn).ravel() if k != 4]
        images.append(np.sum([grid[k] << 2 * i for i, k in enumerate(order)], axis=0))
    _, numbers = np.unique(np.min(images, axis=0), return_inverse=True)
    beside = np.array([colours[k] for k in (1, 3, 4, 6)])
    corners = np.array([colours[k] for k in (0, 2, 5, 7)])
    false = (corners == WHITE).sum(0) + (corners == EDGE).any(0) >= 2
    eye = ((beside == BLACK) | (beside == EDGE)).all(0) & ~false
    return np.where(eye, -1, numbers).astype(np.int32), int(numbers.max()) + 1


def swapped(codes: np.ndarray) -> np.ndarray:
    """Exchange black and white in surroundings."""
    low, high = codes & 0x5555, codes >> 1 & 0x5555
    stone = low ^ high  # black is 1, white is 2; empty 0 and edge 3 stay
    return codes ^ (stone | stone << 1)


def parameter_count() -> int:
    """Return how many weights a policy has."""
    return 2 * shapes()[1] + NEAR + CAPTURE + SAVE + WEAK


class Policy(NamedTuple):
    """A rollout policy: its logarithmic weights, and the same unpacked for speed; ONE stands for a weight of 1."""

    parameters: np.ndarray  # float32 [parameter_count()]
    far: np.ndarray  # uint64 [65536]      for Black in the low half, for White in the high half; 0 in true eyes
    near: np.ndarray  # float32 [2, 65536] far times near, in the diamond, without the kind of neighbour
    factors: np.ndarray  # float32 [24]    kinds of neighbour, captures, saving moves, self-ataris


ONE, HEAVIEST = 256.0, float(1 << 20)


def unpack(parameters: np.ndarray) -> Policy:
    """Make a policy of its logarithmic weights, float32 [parameter_count()]; raise `ValueError` for another length."""
    if parameters.shape != (parameter_count(),):
        raise ValueError(f"a rollout policy has {parameter_count()} weights, not {parameters.shape}")
    numbers, count = shapes()
    far, near = np.append(parameters[:count], -np.inf), np.append(parameters[count : 2 * count], -np.inf)
    seen = np.array([numbers, numbers[swapped(np.arange(1 << 16))]])
    fars = np.clip(np.exp(far[seen]) * ONE, seen >= 0, HEAVIEST).astype(np.uint64)
    nears = np.clip(np.exp((far + near)[seen]) * ONE, 0, HEAVIEST).astype(np.float32)
    return Policy(parameters, fars[0] | fars[1] << _u(32), nears, np.exp(parameters[2 * count :]).astype(np.float32))


# --- reading the board ------------------------------------------------------------------------------------


@inlined
def surroundings(s, p):
    """Return the eight colours around a point, two bits each."""
    up = _u(s[UP])
    a, b = p - up, p + up
    return (
        _u(s[a - RECORD + COLOUR])
        | _u(s[a + COLOUR]) << _u(2)
        | _u(s[a + RECORD + COLOUR]) << _u(4)
        | _u(s[p - RECORD + COLOUR]) << _u(6)
        | _u(s[p + RECORD + COLOUR]) << _u(8)
        | _u(s[b - RECORD + COLOUR]) << _u(10)
        | _u(s[b + COLOUR]) << _u(12)
        | _u(s[b + RECORD + COLOUR]) << _u(14)
    )


@inlined
def only_liberty(s, head):
    """Return the single liberty of a chain in atari, 0 for any other chain.

    In atari every touch counted by LIBERTIES, at most four, is at one point: their mean, if that is an empty point
    which the chain touches as often. Never ask about the edge or an empty point: their counts mean nothing.
    """
    touches, sum_ = _u(s[head + LIBERTIES]), _u(s[head + LIBERTY_SUM])
    if touches == _u(0) or touches > _u(4):
        return _u(0)
    p = sum_ // touches
    if p * touches != sum_ or p & _u(7) or s[p + COLOUR] != EMPTY:
        return _u(0)
    up = _u(s[UP])
    found = _u(s[p - up + CHAIN] == head) + _u(s[p - RECORD + CHAIN] == head)
    found += _u(s[p + RECORD + CHAIN] == head) + _u(s[p + up + CHAIN] == head)
    return p if found == touches else _u(0)


@inlined
def breath(s, p, colour):
    """Estimate the liberties of a stone here, 2 for "enough"; and the stones it would join, 3 for "many"."""
    up, found, joined = _u(s[UP]), _u(s[p + AROUND]) >> _u(8), _u(0)
    for side in range(4):
        near = p - up if side == 0 else p - RECORD if side == 1 else p + RECORD if side == 2 else p + up
        head = _u(s[near + CHAIN])
        if s[near + COLOUR] == colour:
            joined += _u(s[head + STONES])
            if only_liberty(s, head) == _u(0):
                found += _u(1) if s[head + LIBERTIES] == 2 else _u(2)
        elif s[near + COLOUR] == 3 - colour and only_liberty(s, head) == p:
            found += _u(s[head + STONES])
    return min(found, _u(2)), min(joined, _u(2))


@inlined
def capture_kind(s, head, last):
    """Return which kind of capture a chain in atari offers."""
    new = (last != _u(0)) & (s[last + CHAIN] == head)
    return min(_u(s[head + STONES]), _u(3)) - _u(1) + _u(3) * _u(new)


@inlined
def save_kind(s, head, last, breathes):
    """Return which kind of saving move the only liberty of a chain is."""
    up = _u(s[UP])
    at = last if last else head  # after a pass there is no last move: any point serves, and is not counted
    new = (s[at - up + CHAIN] == head) | (s[at - RECORD + CHAIN] == head)
    new |= (s[at + RECORD + CHAIN] == head) | (s[at + up + CHAIN] == head)
    return min(_u(s[head + STONES]), _u(3)) - _u(1) + _u(3) * _u(new & (last != _u(0))) + _u(6) * _u(breathes)


@inlined
def diamond_point(s, last, k):
    """Return the k-th of the 12 points around the last move (4 beside, 4 diagonal, 4 two away), 0 off the board."""
    up = _u(s[UP])
    if k < 4 or k >= 8:
        side = k & 3
        step = up if side == 0 or side == 3 else RECORD
        p = last - step if side < 2 else last + step
        if k >= 8 and s[p + COLOUR] != EDGE:
            p = p - step if side < 2 else p + step
    else:
        p = last - up if k < 6 else last + up
        p = p + RECORD if k & 1 else p - RECORD
    return p if s[p + COLOUR] != EDGE else _u(0)


# --- every legal move's terms: for learning and for priors ------------------------------------------------

MOVE_TERM, SHAPE_TERM, NEAR_TERM, CAPTURE_TERM, SAVE_TERM, WEAK_TERM = range(6)
"""Columns of a table of terms: the move, its surroundings as the mover sees them, and the kinds, -1 for none."""


@compiled
def list_terms(s, atari, terms):
    """Write the terms of every move that a playout may choose, int32 [M, 6]; return how many.

    `atari` is scratch, int8 [2, W // 8]: capture and save kinds by point.
    """
    colour, last = np.int64(s[TO_PLAY]), _u(s[LAST])
    _mark_ataris(s, colour, last, atari)
    found = 0
    for slot in range(s[EMPTIES]):
        p = _u(s[LIST + _u(slot)])
        if fills_eye(s, p, colour) or not can_place(s, p, colour):
            continue
        code = surroundings(s, p)
        breathing, joined = breath(s, p, colour)
        terms[found, MOVE_TERM] = point_move(s, p)
        terms[found, SHAPE_TERM] = code if colour == BLACK else _swap(code)
        terms[found, NEAR_TERM] = _near_kind(s, p, last)
        terms[found, CAPTURE_TERM], terms[found, SAVE_TERM] = atari[0, p >> _u(3)], atari[1, p >> _u(3)]
        terms[found, WEAK_TERM] = np.int64(joined) if breathing < _u(2) else -1
        found += 1
    return found


@inlined
def _swap(code):
    stone = (code ^ code >> _u(1)) & _u(0x5555)
    return code ^ (stone | stone << _u(1))


@inlined
def _near_kind(s, p, last):
    kind = -1
    if last:
        for k in range(12):
            if diamond_point(s, last, k) == p:
                kind = k >> 2
    return kind


@compiled
def _mark_ataris(s, colour, last, atari):
    """Write the greatest capture and save kind of every point into atari, -1 for none."""
    atari[:, :] = -1
    p = _u(s[ORIGIN])
    while p < _u(len(s)):
        if s[p + CHAIN] == p and (s[p + COLOUR] == BLACK or s[p + COLOUR] == WHITE):
            liberty = only_liberty(s, p)
            if liberty:
                k = liberty >> _u(3)
                if s[p + COLOUR] != colour:
                    atari[0, k] = max(atari[0, k], np.int64(capture_kind(s, p, last)))
                else:
                    breathes = breath(s, liberty, colour)[0] >= _u(2)
                    atari[1, k] = max(atari[1, k], np.int64(save_kind(s, p, last, breathes)))
        p += RECORD


@inlined
def logit(terms, m, parameters, numbers, count):
    """Return the logarithmic weight of row m of a table of terms."""
    shape = numbers[terms[m, SHAPE_TERM]]
    value, kinds = parameters[shape], 2 * count
    if terms[m, NEAR_TERM] >= 0:
        value += parameters[count + shape] + parameters[kinds + terms[m, NEAR_TERM]]
    if terms[m, CAPTURE_TERM] >= 0:
        value += parameters[kinds + NEAR + terms[m, CAPTURE_TERM]]
    if terms[m, SAVE_TERM] >= 0:
        value += parameters[kinds + NEAR + CAPTURE + terms[m, SAVE_TERM]]
    if terms[m, WEAK_TERM] >= 0:
        value += parameters[kinds + NEAR + CAPTURE + SAVE + terms[m, WEAK_TERM]]
    return value


@compiled
def learn(s, expert, parameters, squares, rate, numbers, count, atari, terms, weights):
    """Take one step towards the expert's move (softmax over the moves, Adagrad); return loss and rank of the move.

    Returns (-1, 0) where the expert passed or played what no playout plays. `rate` 0 measures only.
    """
    found = list_terms(s, atari, terms)
    target, top, better = -1, np.float32(-1e30), 0
    for m in range(found):
        weights[m] = logit(terms, m, parameters, numbers, count)
        top = max(top, weights[m])
        if terms[m, MOVE_TERM] == expert:
            target = m
    if target < 0:
        return np.float32(-1), 0
    total = np.float32(0)
    for m in range(found):
        better += weights[m] > weights[target]
    loss = top - weights[target]
    for m in range(found):
        weights[m] = np.exp(weights[m] - top)
        total += weights[m]
    if rate > 0:
        for m in range(found):
            slope = weights[m] / total - np.float32(m == target)
            if abs(slope) > 1e-4:
                _step(terms, m, slope, parameters, squares, rate, numbers, count)
    return loss + np.log(total), better


@inlined
def _step(terms, m, slope, parameters, squares, rate, numbers, count):
    shape, kinds = numbers[terms[m, SHAPE_TERM]], 2 * count
    _descend(parameters, squares, shape, slope, rate)
    if terms[m, NEAR_TERM] >= 0:
        _descend(parameters, squares, count + shape, slope, rate)
        _descend(parameters, squares, kinds + terms[m, NEAR_TERM], slope, rate)
    if terms[m, CAPTURE_TERM] >= 0:
        _descend(parameters, squares, kinds + NEAR + terms[m, CAPTURE_TERM], slope, rate)
    if terms[m, SAVE_TERM] >= 0:
        _descend(parameters, squares, kinds + NEAR + CAPTURE + terms[m, SAVE_TERM], slope, rate)
    if terms[m, WEAK_TERM] >= 0:
        _descend(parameters, squares, kinds + NEAR + CAPTURE + SAVE + terms[m, WEAK_TERM], slope, rate)


@inlined
def _descend(parameters, squares, k, slope, rate):
    squares[k] += slope * slope
    parameters[k] -= rate * slope / np.sqrt(squares[k])


PASS_SHARE = 0.01
"""The prior of a pass, of which the terms say nothing."""


def priors(states: np.ndarray, policy: Policy) -> np.ndarray:
    """Return the policy's probability of every move, float32 [B, moves]; 0 for what no playout plays."""
    probabilities = np.zeros((len(states), int(states[0, SIZE]) ** 2 + 1), np.float32)
    _priors(states, policy.parameters, *shapes(), probabilities)
    return probabilities


@compiled
def _priors(states, parameters, numbers, count, probabilities):
    moves = probabilities.shape[1]
    atari = np.empty((2, (states.shape[1] + 7) // 8), np.int8)
    terms = np.empty((moves, 6), np.int32)
    for b in range(len(states)):
        _prior(states[b], parameters, numbers, count, atari, terms, probabilities[b])


@compiled
def _prior(s, parameters, numbers, count, atari, terms, probabilities):
    found = list_terms(s, atari, terms)
    total = np.float32(0)
    for m in range(found):
        weight = np.exp(min(logit(terms, m, parameters, numbers, count), np.float32(30)))
        probabilities[terms[m, MOVE_TERM]] = weight
        total += weight
    for move in range(len(probabilities)):
        probabilities[move] *= np.float32(1 - PASS_SHARE) / max(total, np.float32(1e-30))
    probabilities[len(probabilities) - 1] = PASS_SHARE


@lru_cache(1)
def shipped() -> Policy:
    """Load the rollout policy that belongs to the game; `rollouts.json` says how it was trained."""
    return unpack(np.load(Path(__file__).with_name("rollouts.npy"), allow_pickle=False).astype(np.float32))
