"""What players count on a board with contact, as network inputs: shots, blockades, timing.

A network of one hidden layer cannot multiply, so what depends on many checkers at once is hard for it: how many rolls
hit, and at what price; which blockade a checker faces; for how long a position can wait. GNU Backgammon's networks
have such inputs, too (Berliner counted first, for BKG 9.8, 1980); these are our own forms of them.

Each is counted for both sides, the player on roll first. Sets of points are bits, bit k a player's own k-point.
"""

import numpy as np

from games.backgammon.rules import BAR, OFF, POINTS, SIDE
from games.compiling import compiled, inlined

HITS, STRIDES, PRIMES, CONTACT = 0, 2, 4, 6
FEW = 7
"""The first ones, which older networks have alone; HITS, STRIDES and PRIMES are two each, the player on roll first."""

NAMES = (
    "price",  # pips that the other loses by this side's hits, the mean over the next roll
    "choices",  # rolls that can hit more than one blot, together or one of them
    "wall",  # the best blockade against a checker anywhere on the other's far side
    "wall_ahead",  # the same against checkers up to the other's rearmost
    "mobility",  # how freely checkers come home: distance times rolls that move them in full
    "held",  # checkers behind blockades, by the rolls that do not move them
    "shut",  # odds that a checker on the bar stays there
    "timing",  # pips to play before the home board breaks
    "moment",  # how far the checkers behind the mean are from it, squared
    "passing",  # pips to play until the other's rearmost checker is passed
    "free",  # pips of the checkers that are past it
    "rear_anchor",  # the rearmost point made on the far side
    "front_anchor",  # the foremost one
    "backgame",  # checkers on two or more anchors
    "linked",  # how near made points are to each other
)
COUNTED = FEW + 2 * len(NAMES)
"""How many are counted in all."""

_FAR_SIDE, _HOME, _REACH = 18, 6, 12
"""From this point on a made point is an anchor; points of the home board; the farthest a roll without double goes."""


def _free_by_blocks() -> np.ndarray:
    """Return how many of 36 rolls move a checker in full, uint8 [4096], by which of the 12 points ahead are blocked.

    Bit 11 is the point just ahead.
    """
    blocked = (np.arange(1 << _REACH)[:, None] >> (_REACH - np.arange(_REACH + 1))) & 1 > 0  # [4096, distance]
    total = np.zeros(1 << _REACH, int)
    for a in range(1, 7):
        for b in range(1, a + 1):
            total += (2 - (a == b)) * ~(blocked[:, a + b] | (blocked[:, a] & blocked[:, b]))
    return total.astype(np.uint8)


_FREE = _free_by_blocks()


@compiled
def count_up(checkers, me, wanted, counted):
    """Fill the first `wanted` counted inputs, `FEW` or `COUNTED`, of a position with contact; `me` is on roll."""
    for k in range(2):
        mine = me if k == 0 else SIDE - me
        theirs = SIDE - mine
        here, blots, blocks, made = points_of(checkers, mine, theirs)
        rolls, pips, choices = shots(here, np.int64(checkers[mine + BAR]), blocks, blots)
        counted[HITS + k] = rolls / np.float32(36)
        counted[STRIDES + k] = free_rolls(rearmost(checkers, mine), blocks) / np.float32(36)
        counted[PRIMES + k] = longest_run(made) / np.float32(6)
        if wanted > FEW:
            at = FEW + k
            counted[at], counted[at + 2] = pips / np.float32(36 * 12), choices / np.float32(36)
            _count_walls(rearmost(checkers, theirs), _turned(made), counted, at + 4)
            _count_movement(checkers, mine, blocks, made, counted, at + 8)
            _count_distances(checkers, mine, 25 - rearmost(checkers, theirs), counted, at + 16)
            _count_anchors(checkers, mine, made, counted, at + 22)
    counted[CONTACT] = max(rearmost(checkers, me) + rearmost(checkers, SIDE - me) - POINTS, 0) / np.float32(POINTS)


@inlined
def points_of(checkers, mine, theirs):
    """Return a player's points, the other's blots and blocks, and the player's made points, as bits."""
    here, blots, blocks, made = np.int64(0), np.int64(0), np.int64(0), np.int64(0)
    for k in range(1, POINTS + 1):
        count, facing = checkers[mine + k], checkers[theirs + 25 - k]
        here |= np.int64(count > 0) << k
        made |= np.int64(count > 1) << k
        blots |= np.int64(facing == 1) << k
        blocks |= np.int64(facing > 1) << k
    return here, blots, blocks, made


@inlined
def rearmost(checkers, side):
    """Return the point of a player's rearmost checker; 25 on the bar, 0 if all are off."""
    k = BAR
    while (k > OFF) and checkers[side + k] == 0:
        k -= 1
    return k


@inlined
def _turned(points):
    """Return a set of points as the other player numbers them."""
    turned = np.int64(0)
    for k in range(1, POINTS + 1):
        turned |= ((points >> k) & 1) << (25 - k)
    return turned


# --- shots ------------------------------------------------------------------------------------------------


@compiled
def shots(here, on_bar, blocks, blots):
    """Return how many of 36 rolls hit, the pips that they cost, and how many can hit more than one blot.

    The rules of bearing off are left out; a roll costs as much as the dearest blot that it hits.
    """
    rolls, pips, choices = np.int64(0), np.int64(0), np.int64(0)
    if blots == 0:
        return rolls, pips, choices
    still_open = ~blocks
    for a in range(1, 7):
        hit = _hit_by_double(here, on_bar, still_open, blots, a)
        rolls, pips, choices = rolls + (hit != 0), pips + _highest(hit), choices + _several(hit)
        for b in range(1, a):
            hit = _hit_by(here, on_bar, still_open, blots, a, b)
            rolls, pips, choices = rolls + 2 * (hit != 0), pips + 2 * _highest(hit), choices + 2 * _several(hit)
    return rolls, pips, choices


@inlined
def _hit_by(here, on_bar, still_open, blots, a, b):
    """Return the blots that a roll of two dice may hit."""
    if on_bar == 0:
        first, second = (here >> a) & still_open, (here >> b) & still_open
        hit = (first | second | (first >> b) | (second >> a)) & blots
    else:
        first, second = (1 << (25 - a)) & still_open, (1 << (25 - b)) & still_open
        hit = (first | second) & blots
        if on_bar == 1:
            hit |= (((here | first) >> b) * (first != 0) | ((here | second) >> a) * (second != 0)) & blots
    return hit


@inlined
def _hit_by_double(here, on_bar, still_open, blots, die):
    """Return the blots that a double may hit: checkers enter first, then any checker makes the moves that are left."""
    hit, left = np.int64(0), 4 - on_bar
    if on_bar > 0:
        entered = (1 << (25 - die)) & still_open
        hit = entered & blots
        left = left if entered != 0 else 0
        here |= entered
    for _ in range(left):
        here = (here >> die) & still_open
        hit |= here & blots
    return hit


@inlined
def _highest(points):
    """Return the highest point of a set, 0 of none."""
    at = 0
    for step in (16, 8, 4, 2, 1):
        if points >> (at + step) != 0:
            at += step
    return at


@inlined
def _several(points):
    """Return whether a set has two points or more."""
    return (points & (points - 1)) != 0


# --- blockades and movement -------------------------------------------------------------------------------


@inlined
def free_rolls(point, blocks):
    """Return how many of 36 rolls a checker on a point can move in full (two steps of a double) over open points."""
    total, still_open = 0, ~blocks
    checker = np.int64(1) << point
    for a in range(1, 7):
        first = (checker >> a) & still_open
        total += ((first >> a) & still_open) != 0
        for b in range(1, a):
            second = (checker >> b) & still_open
            total += 2 * ((((first >> b) | (second >> a)) & still_open) != 0)
    return total


@inlined
def _free(point, blocks):
    """Return the same from a table, with points off the board open."""
    ahead = blocks >> (point - _REACH) if point >= _REACH else blocks << (_REACH - point)
    return int(_FREE[ahead & ((1 << _REACH) - 1)])


@inlined
def longest_run(made):
    """Return the most made points in a row."""
    length = 0
    while made != 0:
        made &= made >> 1
        length += 1
    return length


@inlined
def _count_walls(their_rearmost, blocks, counted, at):
    """Fill wall and wall_ahead: `blocks` are a side's made points as the other, who faces them, numbers them."""
    least, least_ahead = 36, 36
    for point in range(16, POINTS + 1):
        free = _free(point, blocks)
        least = min(least, free)
        if point <= their_rearmost:
            least_ahead = min(least_ahead, free)
    counted[at], counted[at + 2] = (36 - least) / np.float32(36), (36 - least_ahead) / np.float32(36)


@inlined
def _count_movement(checkers, mine, blocks, made, counted, at):
    """Fill mobility, held, shut and timing."""
    mobility, held, waiting = 0, 0, 0
    for point in range(_HOME + 1, BAR + 1):
        count = int(checkers[mine + point])
        if count > 0:
            free = _free(point, blocks)
            mobility += (point - _HOME) * count * free
            held += count * (36 - free)
            staying = 2 * ((made >> point) & 1) if point >= _FAR_SIDE else 0  # an anchor waits
            waiting += (count - staying) * (point - _HOME)
    for point in range(2, _HOME + 1):
        waiting += max(checkers[mine + point] - 2, 0) * (point - 1)
    closed = 0
    for point in range(1, _HOME + 1):
        closed += (made >> point) & 1
    counted[at], counted[at + 2] = mobility / np.float32(3600), held / np.float32(36 * 5)
    counted[at + 4], counted[at + 6] = closed * closed / np.float32(36), waiting / np.float32(100)


@inlined
def _count_distances(checkers, mine, border, counted, at):
    """Fill moment, passing and free; `border` is where the other's rearmost checker stands, in this side's numbers."""
    total, pips, squares, behind = 0, 0, 0, 0
    passing, free = 0, 0
    for point in range(BAR + 1):
        count = int(checkers[mine + point])
        total, pips = total + count, pips + count * point
        if point > border:
            passing += count * (point - border)
        elif point < border:
            free += count * point
    mean = (pips + total - 1) // max(total, 1)
    for point in range(mean + 1, BAR + 1):
        count = int(checkers[mine + point])
        behind, squares = behind + count, squares + count * (point - mean) ** 2
    counted[at] = (squares / np.float32(max(behind, 1))) / np.float32(200)
    counted[at + 2], counted[at + 4] = passing / np.float32(167), free / np.float32(100)


@inlined
def _count_anchors(checkers, mine, made, counted, at):
    """Fill rear_anchor, front_anchor, backgame and linked."""
    rear, front, anchors, on_them = 0, 0, 0, 0
    last, links, near = 0, 0, 0
    for point in range(1, POINTS + 1):
        if (made >> point) & 1:
            if point >= _FAR_SIDE:
                rear, front = point, front if front > 0 else point
                anchors, on_them = anchors + 1, on_them + int(checkers[mine + point])
            if last > 0:
                links, near = links + 1, near + max(12 - (point - last), 0)
            last = point
    counted[at] = (rear - _FAR_SIDE + 1) / np.float32(7) if rear > 0 else np.float32(0)
    counted[at + 2] = (25 - front) / np.float32(7) if front > 0 else np.float32(0)
    counted[at + 4] = (on_them - 3) / np.float32(4) if anchors > 1 else np.float32(0)
    counted[at + 6] = near / np.float32(max(links, 1) * 11)
