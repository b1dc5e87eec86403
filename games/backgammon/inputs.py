"""Network inputs of a backgammon position.

TD-Gammon's 198 inputs (Tesauro 1992; Sutton and Barto, section 16.1): for each player, the one on roll first, and each
point from the player's own side, four units: one checker, two, three, and half the number above three; then half the
checkers on the bar and a fifteenth of those off; at last two units for the side on roll, which are constant here
because the player on roll always comes first.

Seven optional inputs, which players count on the board: for each side the chance to hit with the next roll, the chance
that the rearmost checker can move the whole roll, the longest prime; and the distance until the two have passed each
other.
"""

import numpy as np

from games.backgammon.rules import BAR, MOVER, OFF, POINTS, SIDE
from games.compiling import compiled, inlined

HALF = 4 * POINTS + 2
INPUTS = 2 * HALF + 2

HITS, STRIDES, PRIMES, CONTACT = 0, 2, 4, 6
COUNTED = 7
"""How many are counted; HITS, STRIDES and PRIMES are two each, the player on roll first."""


def encode(states: np.ndarray) -> np.ndarray:
    """Return the inputs of positions from the view of the player on roll, float32 [B, 198]."""
    inputs = np.empty((len(states), INPUTS), np.float32)
    _encode(states, inputs)
    return inputs


@compiled
def _encode(states, inputs):
    for b in range(len(states)):
        encode_row(states[b], np.int64(states[b, MOVER]) * SIDE, inputs[b])


@compiled
def encode_row(checkers, me, inputs):
    """Fill 198 inputs from the view of the player whose cells begin at `me`."""
    _encode_side(checkers, me, inputs, 0)
    _encode_side(checkers, SIDE - me, inputs, HALF)
    inputs[2 * HALF], inputs[2 * HALF + 1] = 1, 0


@compiled
def _encode_side(checkers, side, inputs, at):
    for point in range(1, POINTS + 1):
        count = checkers[side + point]
        inputs[at] = count >= 1
        inputs[at + 1] = count >= 2
        inputs[at + 2] = count >= 3
        inputs[at + 3] = max(count - 3, 0) / np.float32(2)
        at += 4
    inputs[at] = checkers[side + BAR] / np.float32(2)
    inputs[at + 1] = checkers[side + OFF] / np.float32(15)


# --- what is counted --------------------------------------------------------------------------------------


@compiled
def count_up(checkers, me, counted):
    """Fill the seven counted inputs; sets of points are bits, bit k a player's own k-point."""
    you = SIDE - me
    for k in range(2):
        mine, theirs = (me, you) if k == 0 else (you, me)
        checkers_here, blots, blocks, made = points_of(checkers, mine, theirs)
        counted[HITS + k] = hitting_rolls(checkers_here, np.int64(checkers[mine + BAR]), blocks, blots) / np.float32(36)
        counted[STRIDES + k] = free_rolls(rearmost(checkers, mine), blocks) / np.float32(36)
        counted[PRIMES + k] = longest_run(made) / np.float32(6)
    counted[CONTACT] = max(rearmost(checkers, me) + rearmost(checkers, you) - POINTS, 0) / np.float32(POINTS)


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


@compiled
def hitting_rolls(here, on_bar, blocks, blots):
    """Return how many of 36 rolls hit, regardless of the rules of bearing off."""
    if blots == 0:
        return 0
    total, still_open = 0, ~blocks
    for a in range(1, 7):
        total += _doubles_hit(here, on_bar, still_open, blots, a)
        for b in range(1, a):
            if on_bar == 0:
                first, second = (here >> a) & still_open, (here >> b) & still_open
                hit = (first | second | (first >> b) | (second >> a)) & blots
            else:
                first, second = (1 << (25 - a)) & still_open, (1 << (25 - b)) & still_open
                hit = (first | second) & blots
                if on_bar == 1:
                    hit |= (((here | first) >> b) * (first != 0) | ((here | second) >> a) * (second != 0)) & blots
            total += 2 * (hit != 0)
    return total


@inlined
def _doubles_hit(here, on_bar, still_open, blots, die):
    """Return 1 if a double hits: checkers enter first, then any checker makes the moves that are left."""
    hit, left = np.int64(0), 4 - on_bar
    if on_bar > 0:
        entered = (1 << (25 - die)) & still_open
        hit = entered & blots
        left = left if entered != 0 else 0
        here |= entered
    for _ in range(left):
        here = (here >> die) & still_open
        hit |= here & blots
    return 1 if hit != 0 else 0


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
def longest_run(made):
    """Return the most made points in a row."""
    length = 0
    while made != 0:
        made &= made >> 1
        length += 1
    return length
