"""Rollouts of Go: at random, or by playouts that draw every move by the weights of the rollout policy.

Every point's far weight is kept up to date as stones come and go, in sums over blocks of points; the moves whose
weight is more than that, around the last move and at chains in atari, are listed afresh for each move.
"""

from typing import NamedTuple

import numpy as np

from games.compiling import compiled, inlined
from games.go.counting import compensation, count_played_out, stones_ahead
from games.go.patterns import (
    CAPTURE,
    HEAVIEST,
    NEAR,
    SAVE,
    Policy,
    breath,
    capture_kind,
    diamond_point,
    only_liberty,
    save_kind,
    surroundings,
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
    ONE_EMPTY,
    ORIGIN,
    PASSES,
    RECORD,
    SIZE,
    TO_PLAY,
    UP,
    can_place,
    fills_eye,
    place,
    playout,
)
from games.randomness import below, next_random, random_states

_u = np.uint64
HALF = _u(0xFFFFFFFF)

SPECIAL = 48
"""Room for the moves of a position whose weight is more than their surroundings': the diamond and 32 ataris."""


class PlayoutBuffers(NamedTuple):
    """Scratch buffers of a playout; N = W // 8, and a point is numbered by its offset // 8."""

    codes: np.ndarray  # uint64 [N]     surroundings of every point
    weights: np.ndarray  # uint64 [N]   far weight, Black's in the low half, White's in the high half; 0 on stones
    blocks: np.ndarray  # uint64 [N / 16 + 2]  their sums over 16 points; the last is the sum of all
    heads: np.ndarray  # uint64 [32]    chains that may be in atari
    points: np.ndarray  # uint64 [SPECIAL]     the special moves,
    kinds: np.ndarray  # int64 [SPECIAL, 3]    their near, capture and save kinds,
    drawn: np.ndarray  # uint64 [SPECIAL]      their weights
    place_of: np.ndarray  # int64 [N]   where a point stands among them, -1 elsewhere


def _buffers(width: int) -> PlayoutBuffers:
    """Return scratch buffers for playouts of positions of this number of words."""
    n = (width + 7) // 8
    return PlayoutBuffers(
        np.zeros(n, np.uint64),
        np.zeros(n, np.uint64),
        np.zeros(n // 16 + 2, np.uint64),
        np.zeros(32, np.uint64),
        np.zeros(SPECIAL, np.uint64),
        np.zeros((SPECIAL, 3), np.int64),
        np.zeros(SPECIAL, np.uint64),
        np.full(n, -1, np.int64),
    )


@inlined
def _set_weight(weights, blocks, k, weight):
    change = weight - weights[k]  # modulo 2^64: both halves come right because both sums do
    weights[k] = weight
    blocks[k >> _u(4)] += change
    blocks[len(blocks) - 1] += change


@compiled
def _look_around(s, far, codes, weights, blocks):
    """Weigh every point afresh."""
    blocks[:] = 0
    p = _u(s[ORIGIN])
    while p < _u(len(s)):
        k = p >> _u(3)
        weights[k] = 0
        if s[p + COLOUR] != EDGE:
            codes[k] = surroundings(s, p)
            if s[p + COLOUR] == EMPTY:
                _set_weight(weights, blocks, k, far[codes[k]])
        p += RECORD


@inlined
def _recolour(s, p, change, far, codes, weights, blocks):
    """Tell the eight neighbours that the colour of p changed by these bits."""
    up = _u(s[UP])
    for side in range(8):
        place = _u(side if side < 4 else side + 1)
        near = p - up - RECORD + (place // _u(3)) * up + (place % _u(3)) * RECORD
        if s[near + COLOUR] != EDGE:
            k = near >> _u(3)
            codes[k] ^= change << _u(14 - 2 * side)
            if s[near + COLOUR] == EMPTY:
                _set_weight(weights, blocks, k, far[codes[k]])


@inlined
def _watch(s, p, heads, watched):
    """Add a stone's chain to those that may be in atari."""
    head, colour = _u(s[p + CHAIN]), s[p + COLOUR]
    new = (colour != EMPTY) & (colour != EDGE) & (watched < len(heads) - 1)
    if new:
        new = only_liberty(s, head) != _u(0)
    for i in range(watched):
        new &= heads[i] != head
    heads[watched] = head  # kept only if it is counted
    return watched + np.int64(new)


@compiled
def _watch_all(s, heads):
    """List every chain in atari, as far as there is room; return how many."""
    watched, p = 0, _u(s[ORIGIN])
    while p < _u(len(s)):
        if s[p + CHAIN] == p:
            watched = _watch(s, p, heads, watched)
        p += RECORD
    return watched


@inlined
def _special(points, kinds, place_of, found, p):
    """Return where p stands among the special moves, adding it, and how many they are now."""
    at = place_of[p >> _u(3)]
    new = at < 0
    at = found if new else at
    points[at], place_of[p >> _u(3)] = p, at
    for kind in range(3):
        kinds[at, kind] = -1 if new else kinds[at, kind]
    return at, found + np.int64(new)


@inlined
def _find_special(s, colour, last, heads, watched, points, kinds, place_of):
    """Collect the moves around the last one and those that capture or save; return how many, and chains watched."""
    found = 0
    if last:
        for k in range(12):
            p = diamond_point(s, last, k)
            if p and s[p + COLOUR] == EMPTY:
                at, found = _special(points, kinds, place_of, found, p)
                kinds[at, 0] = k >> 2
    i = 0
    while i < watched:
        head = heads[i]
        liberty = _u(0)
        if (s[head + CHAIN] == head) & (s[head + COLOUR] != EMPTY):
            liberty = only_liberty(s, head)
        if liberty:
            at, found = _special(points, kinds, place_of, found, liberty)
            mine = s[head + COLOUR] == colour
            breathes = breath(s, liberty, colour)[0] >= _u(2)
            kind = save_kind(s, head, last, breathes) if mine else capture_kind(s, head, last)
            column = 2 if mine else 1
            kinds[at, column] = max(kinds[at, column], np.int64(kind))
            i += 1
        else:
            watched -= 1
            heads[i] = heads[watched]
    return found, watched


@inlined
def _weigh_special(codes, weights, colour, near, factors, points, kinds, drawn, found):
    """Write the special moves' weights; return their sum."""
    half, total = _u(0) if colour == BLACK else _u(32), _u(0)
    for i in range(found):
        k = points[i] >> _u(3)
        weight = np.float32(weights[k] >> half & HALF)
        if kinds[i, 0] >= 0:
            weight = near[colour - 1, codes[k]] * factors[kinds[i, 0]]
        if kinds[i, 1] >= 0:
            weight *= factors[NEAR + kinds[i, 1]]
        if kinds[i, 2] >= 0:
            weight *= factors[NEAR + CAPTURE + kinds[i, 2]]
        drawn[i] = _u(min(weight, np.float32(HEAVIEST)))
        total += drawn[i]
    return total


@inlined
def _draw(r, colour, weights, blocks, points, drawn, found):
    """Return the point that number r, below the sum of all weights, falls on."""
    half = _u(0) if colour == BLACK else _u(32)
    i, k = 0, _u(0)
    while i < found and r >= drawn[i]:
        r -= drawn[i]
        i += 1
    while (i == found) & (r >= blocks[k] >> half & HALF):
        r -= blocks[k] >> half & HALF
        k += _u(1)
    k <<= _u(4)
    while (i == found) & (r >= weights[k] >> half & HALF):
        r -= weights[k] >> half & HALF
        k += _u(1)
    return points[i] if i < found else k << _u(3)


@inlined
def _any_move(s, colour, x):
    """Return a random legal move that fills no true eye, 0 if there is none."""
    count = _u(s[EMPTIES])
    if count == _u(0):
        return _u(0)
    first = below(x, count)
    for i in range(count):
        slot = first + _u(i)
        p = _u(s[LIST + (slot if slot < count else slot - count)])
        if not fills_eye(s, p, colour) and can_place(s, p, colour):
            return p
    return _u(0)


@inlined
def _choose(s, x, colour, near, factors, codes, weights, blocks, points, kinds, drawn, place_of, found):
    """Draw a move by weight, and again while it is illegal or a self-atari that the dice refuse."""
    special = _weigh_special(codes, weights, colour, near, factors, points, kinds, drawn, found)
    half, chosen, tries = _u(0) if colour == BLACK else _u(32), _u(0), 24
    while tries > 0:
        total = special + (blocks[len(blocks) - 1] >> half & HALF)
        x = next_random(x)
        r = below(x, total)
        p = _draw(r, colour, weights, blocks, points, drawn, found) if total else _u(0)
        tries = tries - 1 if total else 0
        at = place_of[p >> _u(3)]
        drawn_as_special = (at >= 0) & (r < special)
        if (p != _u(0)) & (drawn_as_special | (at < 0)):  # a special move has its own weight, not the far one
            legal, takes = can_place(s, p, colour), True
            if s[p + AROUND] < _u(2) * ONE_EMPTY:
                x = next_random(x)
                takes = _dares(s, p, colour, x, factors)
            if legal & takes:
                chosen, tries = p, 0
            elif drawn_as_special & (not legal):
                special -= drawn[at]
                drawn[at] = 0
    if chosen == _u(0):
        chosen = _any_move(s, colour, x)
    return chosen, x


@inlined
def _dares(s, p, colour, x, factors):
    """Tell whether the dice allow a move: a self-atari as often as its weight says, any other always."""
    chance = np.float32(x >> _u(40)) * np.float32(2.0**-24)
    breathing, joined = breath(s, p, colour)
    return (breathing >= _u(2)) | (chance < factors[NEAR + CAPTURE + SAVE + np.int64(joined)])


@compiled
def policy_playout(s, x, far, near, factors, codes, weights, blocks, heads, points, kinds, drawn, place_of):
    """Play to the end by the policy; return the random state. As after `playout`, only the stones matter then."""
    colour, passes, last = np.int64(s[TO_PLAY]), np.int64(s[PASSES]), _u(s[LAST])
    _look_around(s, far, codes, weights, blocks)
    watched = _watch_all(s, heads)
    for _ in range(3 * np.int64(s[SIZE]) * np.int64(s[SIZE])):
        found, watched = _find_special(s, colour, last, heads, watched, points, kinds, place_of)
        p, x = _choose(s, x, colour, near, factors, codes, weights, blocks, points, kinds, drawn, place_of, found)
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
    return x


@inlined
def _place(s, p, colour, far, codes, weights, blocks, heads, watched):
    """Put a stone and keep the surroundings, the weights and the watched chains up to date."""
    before = _u(s[EMPTIES]) - _u(1)
    _set_weight(weights, blocks, p >> _u(3), _u(0))
    place(s, p, colour)
    _recolour(s, p, _u(colour), far, codes, weights, blocks)
    for slot in range(before, _u(s[EMPTIES])):  # the points of captured stones
        q = _u(s[LIST + slot])
        _set_weight(weights, blocks, q >> _u(3), far[codes[q >> _u(3)]])
        _recolour(s, q, _u(3 - colour), far, codes, weights, blocks)
    up = _u(s[UP])
    watched = _watch(s, p, heads, watched)
    watched = _watch(s, p - up, heads, watched)
    watched = _watch(s, p - RECORD, heads, watched)
    watched = _watch(s, p + RECORD, heads, watched)
    return _watch(s, p + up, heads, watched)


# --- whole games ------------------------------------------------------------------------------------------


def rollout(states: np.ndarray, seeds: np.ndarray, policy: Policy | None = None) -> np.ndarray:
    """Play each row out in place, by the policy or else at random; return 1 where Black wins, -1 White, 0 a draw."""
    values = np.empty(len(states), np.float32)
    if policy is None:
        _play_at_random(states, random_states(seeds), values)
    else:
        work = _buffers(states.shape[1])
        _play_by_policy(states, random_states(seeds), values, policy.far, policy.near, policy.factors, *work)
    return values


@compiled
def _play_at_random(states, seeds, values):
    for b in range(len(states)):
        values[b] = _random_winner(states[b], seeds[b])


@compiled
def _random_winner(s, x):
    against = 2 * stones_ahead(s) + compensation(s)
    playout(s, x)
    return np.sign(2 * count_played_out(s) - against)


@compiled
def _play_by_policy(
    states, seeds, values, far, near, factors, codes, weights, blocks, heads, points, kinds, drawn, place_of
):
    for b in range(len(states)):
        s = states[b]
        against = 2 * stones_ahead(s) + compensation(s)
        policy_playout(s, seeds[b], far, near, factors, codes, weights, blocks, heads, points, kinds, drawn, place_of)
        values[b] = np.sign(2 * count_played_out(s) - against)
