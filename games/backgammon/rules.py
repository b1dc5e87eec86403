"""The rules of backgammon, compiled: what a position's cells mean, which plays a roll allows, what a move does.

A position is one int8 row. Each player's checkers are counted from the player's own side: cell k of 26 is the k-point,
0 holds the checkers borne off, 25 the bar; one's k-point is the other's (25 - k)-point. Compiled functions take a flat
row and `me`, the place of the mover's cells in it (0 or 26), so that nothing is copied to turn the board round.

Reading order: cells, numbering of moves, one checker, full plays, a turn; then `moves.py`.
"""

import numpy as np

from games.compiling import compiled, inlined
from games.game import CHANCE, FIRST, NOBODY, SECOND

CHECKERS_EACH, POINTS, OFF, BAR, SIDE = 15, 24, 0, 25, 26

# --- cells ------------------------------------------------------------------------------------------------

BOARD = 2 * SIDE
"""The first 52 cells are the checkers: FIRST's 26, then SECOND's."""

TURN, MOVER = 52, 53
"""Whose choice it is; who is on roll, has rolled, or has doubled."""

DICE, ROLLED = 54, 58
"""Four cells: dice still to be played, larger first, then zeros. Two cells: this turn's roll, zeros before it."""

CUBE, OWNER, OFFERED, USE_CUBE = 60, 61, 62, 63
"""Log2 of the cube; FIRST, SECOND or NOBODY (centred); a double waits for its answer; the cube may be used."""

LENGTH, SCORE, CRAWFORD, JACOBY = 64, 65, 67, 68
"""Match length (0: money); two cells: points of FIRST and SECOND; the Crawford game; gammons need a turned cube."""

OPENING, WINNER, GAIN = 69, 70, 71
"""The opening roll is to come; FIRST, SECOND or, until the end, NOBODY; 1 plain game, drop, 2 gammon, 3 backgammon."""

WIDTH = 72

LARGEST_CUBE = 12
"""Log2 of the largest cube, 4096 as in GNU Backgammon."""

# --- numbering of moves -----------------------------------------------------------------------------------

ROLL, DOUBLE, TAKE, DROP = 150, 151, 152, 153
"""Below 150: a checker, (source - 1) * 6 + die - 1."""

FIRST_ROLL, FIRST_REPLY, MOVES = 154, 175, 190
"""21 rolls from 1-1, 2-1, 2-2 to 6-6; then the 15 openings that SECOND begins, the same order without doubles."""

ROLLS = np.array([(high, low) for high in range(1, 7) for low in range(1, high + 1)], np.int8)
"""[21, 2] larger die first."""

OPENINGS = np.array([k for k, (high, low) in enumerate(ROLLS) if high != low], np.int32)
"""[15] the rolls without doubles."""

ROLL_ODDS = np.array([1 / 36 if high == low else 1 / 18 for high, low in ROLLS], np.float32)

DICE_OF_ROLL = np.array([(high, low, high * (high == low), low * (high == low)) for high, low in ROLLS], np.int8)
"""[21, 4] the DICE cells after each roll."""

MOST_PLAYS = 4096
"""More distinct plays than any roll allows (four like moves from 24 points: fewer than 3,100 are possible)."""

MOST_MOVES = 64
"""More than the moves of any one choice: two dice from 25 places."""


def checker_move(source: int, die: int) -> int:
    """Return the number of the move of a checker from a point (25: the bar) by a die."""
    return (source - 1) * 6 + die - 1


def roll_move(a: int, b: int, player: int | None = None) -> int:
    """Return the number of a roll; at the opening, `player` tells who begins with it."""
    high, low = int(max(a, b)), int(min(a, b))
    roll = high * (high - 1) // 2 + low - 1
    return FIRST_REPLY + int(np.searchsorted(OPENINGS, roll)) if player == SECOND else FIRST_ROLL + roll


def thrown(state: np.ndarray, move: int) -> tuple[int, int, int]:
    """Return who threw, and the larger and the smaller die of a roll; at the opening the roll itself tells who."""
    reply = move >= FIRST_REPLY
    high, low = ROLLS[OPENINGS[move - FIRST_REPLY] if reply else move - FIRST_ROLL]
    mover = (SECOND if reply else FIRST) if state[OPENING] else state[MOVER]
    return int(mover), int(high), int(low)


def room_for_plays() -> tuple[np.ndarray, np.ndarray]:
    """Return the two arrays that `list_plays` fills: plays int8 [MOST_PLAYS, 8] and keys int64 [MOST_PLAYS]."""
    return np.zeros((MOST_PLAYS, 8), np.int8), np.zeros(MOST_PLAYS, np.int64)


# --- one checker ------------------------------------------------------------------------------------------


@inlined
def can_move(checkers, me, source, die):
    """Return whether a checker can move: it is there, no other is on the bar, and its target is open or off."""
    target = source - die
    free = (checkers[me + source] > 0) & ((checkers[me + BAR] == 0) | (source == BAR))
    if free:
        if target > OFF:
            free = checkers[SIDE - me + 25 - target] < 2
        else:
            free = can_bear_off(checkers, me, source, target)
    return free


@inlined
def can_bear_off(checkers, me, source, target):
    """Return whether all checkers are home and, for a die larger than needed (target below 0), none is behind."""
    behind = 0
    for k in range((source if target < OFF else 6) + 1, SIDE):
        behind += checkers[me + k]
    return behind == 0


@inlined
def move_checker(checkers, me, source, die):
    """Move a checker; return whether it hit."""
    target = max(source - die, OFF)
    you = SIDE - me
    checkers[me + source] -= 1
    checkers[me + target] += 1
    hit = (target > OFF) & (checkers[you + 25 - target] == 1)
    if hit:
        checkers[you + 25 - target] = 0
        checkers[you + BAR] += 1
    return hit


@inlined
def take_back_checker(checkers, me, source, die, hit):
    """Undo `move_checker`."""
    target = max(source - die, OFF)
    you = SIDE - me
    checkers[me + source] += 1
    checkers[me + target] -= 1
    if hit:
        checkers[you + 25 - target] = 1
        checkers[you + BAR] -= 1


# --- full plays -------------------------------------------------------------------------------------------


@compiled
def list_plays(checkers, me, dice, plays, keys):
    """List the plays of dice (4 cells, as DICE) that end in distinct positions; return how many.

    A row of `plays` is source, die, source, die, ...; zeros follow. As many dice as possible are played, and if only
    one of two can be, the larger. `checkers` is changed and restored; `keys` is scratch.
    """
    if dice[1] == 0:
        return _list_single(checkers, me, dice[0], plays)
    if dice[0] == dice[1]:
        return _list_doubles(checkers, me, dice[0], 2 + (dice[2] > 0) + (dice[3] > 0), plays)
    count = _list_pairs(checkers, me, dice[0], dice[1], plays, keys, 0)
    count = _list_pairs(checkers, me, dice[1], dice[0], plays, keys, count)
    if count == 0:
        count = _list_single(checkers, me, max(dice[0], dice[1]), plays)
    if count == 0:
        count = _list_single(checkers, me, min(dice[0], dice[1]), plays)
    return count


@inlined
def _list_single(checkers, me, die, plays):
    count = 0
    for source in range(BAR, OFF, -1):
        if can_move(checkers, me, source, die):
            for k in range(8):
                plays[count, k] = 0
            plays[count, 0], plays[count, 1] = source, die
            count += 1
    return count


@inlined
def _list_pairs(checkers, me, first, second, plays, keys, count):
    """Append the plays of two different dice in one order, without those whose end another play reaches."""
    for source in range(BAR, OFF, -1):
        if can_move(checkers, me, source, first):
            hit = move_checker(checkers, me, source, first)
            for other in range(BAR, OFF, -1):
                if can_move(checkers, me, other, second):
                    goal = max(other - second, OFF)
                    hits = (goal > OFF) & (checkers[SIDE - me + 25 - goal] == 1)
                    key = _change(source, max(source - first, OFF), hit, other, goal, hits)
                    if not _is_among(keys, count, key):
                        keys[count] = key
                        _write_pair(plays, count, source, first, other, second)
                        count += 1
            take_back_checker(checkers, me, source, first, hit)
    return count


@inlined
def _write_pair(plays, row, source, first, other, second):
    plays[row, 0], plays[row, 1], plays[row, 2], plays[row, 3] = source, first, other, second
    for k in range(4, 8):
        plays[row, k] = 0


@inlined
def _change(source, target, hit, other, goal, hits):
    """Return a number of what two moves change: two plays of one position end alike if and only if it is the same."""
    if other == target:  # one checker made both moves, or it looks so
        gone, left, came, stood = source, OFF, goal, OFF
    elif goal == source:
        gone, left, came, stood = other, OFF, target, OFF
    else:
        gone, left = max(source, other), min(source, other)
        came, stood = max(target, goal), min(target, goal)
    one, two = (target if hit else 0), (goal if hits else 0)
    key = ((gone * 32 + left) * 32 + came) * 32 + stood
    return (key * 32 + max(one, two)) * 32 + min(one, two)


@inlined
def _is_among(keys, count, key):
    found = False
    for k in range(count):
        found |= keys[k] == key
    return found


@inlined
def _list_doubles(checkers, me, die, left, plays):
    """List the plays of up to four like dice: sources never rise, which reaches each end once; the longest stay."""
    count, longest, depth, source, hits = 0, 1, 0, BAR, 0
    leaf = True  # nothing was played yet beyond the moves on the stack, which is the row plays[count]
    while depth >= 0:
        if depth < left:
            while (source > OFF) and not can_move(checkers, me, source, die):
                source -= 1
        if (depth < left) & (source > OFF):
            hits = hits * 2 + move_checker(checkers, me, source, die)
            plays[count, 2 * depth], plays[count, 2 * depth + 1] = source, die
            depth += 1
            leaf = True
            continue
        if leaf & (depth >= longest):
            count = _keep(plays, count if depth == longest else 0, count, depth)
            longest = depth
        depth -= 1
        if depth >= 0:
            source = np.int64(plays[count, 2 * depth])  # type: ignore[assignment]  # one integer type to numba
            take_back_checker(checkers, me, source, die, hits & 1)
            hits //= 2
            source -= 1
        leaf = False
    return count


@inlined
def _keep(plays, row, current, depth):
    """Make the current play the given row and begin the next row with the same moves; return the next row."""
    for k in range(8):
        move = plays[current, k] if k < 2 * depth else 0
        plays[row, k] = move
        plays[row + 1, k] = move
    return row + 1


@inlined
def apply_play(checkers, me, play):
    """Make the moves of a row of `plays`."""
    for k in range(0, 8, 2):
        if play[k] > 0:
            move_checker(checkers, me, np.int64(play[k]), np.int64(play[k + 1]))


# --- a turn -----------------------------------------------------------------------------------------------


@compiled
def make_move(state, move):
    """Play one legal move of any kind on a row."""
    if move < ROLL:
        _move_checker(state, move // 6 + 1, move % 6 + 1)
    elif move >= FIRST_ROLL:
        _roll(state, move)
    elif move == ROLL:
        state[TURN] = CHANCE
    elif move == DOUBLE:
        state[OFFERED], state[TURN] = 1, 1 - state[MOVER]
    elif move == TAKE:
        state[OFFERED], state[OWNER], state[TURN] = 0, 1 - state[MOVER], CHANCE
        state[CUBE] += 1
    else:
        state[OFFERED] = 0
        _finish(state, 1)


@inlined
def _move_checker(state, source, die):
    me = np.int64(state[MOVER]) * SIDE
    move_checker(state, me, source, die)
    _use_die(state, die)
    if state[me + OFF] == CHECKERS_EACH:
        _finish(state, _gain(state, SIDE - me))
    elif not _any_move(state, me):
        end_turn(state)


@inlined
def _use_die(state, die):
    k = DICE
    while state[k] != die:
        k += 1
    while k < DICE + 3:
        state[k] = state[k + 1]
        k += 1
    state[DICE + 3] = 0


@inlined
def _roll(state, move):
    roll = move - FIRST_ROLL
    if state[OPENING]:
        state[OPENING] = 0
        state[MOVER] = FIRST
        if move >= FIRST_REPLY:
            state[MOVER] = SECOND
            roll = OPENINGS[move - FIRST_REPLY]
    for k in range(4):
        state[DICE + k] = DICE_OF_ROLL[roll, k]
    state[ROLLED], state[ROLLED + 1] = ROLLS[roll, 0], ROLLS[roll, 1]
    state[TURN] = state[MOVER]
    if not _any_move(state, np.int64(state[MOVER]) * SIDE):
        end_turn(state)


@inlined
def _any_move(state, me):
    """Return whether any of the dice left can be played."""
    found = False
    for k in range(2):  # further dice are like the first
        die = np.int64(state[DICE + k])
        if die > 0:
            for source in range(1, SIDE):
                found |= can_move(state, me, source, die)
    return found


@inlined
def end_turn(state):
    """Give the turn to the other player: to double if that is allowed, else to roll."""
    for k in range(DICE, ROLLED + 2):
        state[k] = 0
    state[MOVER] = 1 - state[MOVER]
    state[TURN] = state[MOVER] if may_double(state) else CHANCE


@inlined
def may_double(state):
    """Return whether the player on roll may turn the cube: it is centred or the player's own, and more points help."""
    mover = state[MOVER]
    away = np.int64(state[LENGTH]) - state[SCORE + mover]
    alive = (state[LENGTH] == 0) | ((1 << np.int64(state[CUBE])) < away)
    his = (state[OWNER] == NOBODY) | (state[OWNER] == mover)
    return (state[USE_CUBE] == 1) & his & alive & (state[CRAWFORD] == 0) & (state[CUBE] < LARGEST_CUBE)


@inlined
def _gain(state, loser):
    """Return 1, 2 or 3: plain game, gammon (none off), backgammon (and one on the bar or in the winner's home)."""
    if state[loser + OFF] > 0:
        return 1
    far = 0
    for k in range(19, SIDE):
        far += state[loser + k]
    return 3 if far > 0 else 2


@inlined
def _finish(state, gain):
    plain = (state[JACOBY] == 1) & (state[LENGTH] == 0) & (state[USE_CUBE] == 1) & (state[OWNER] == NOBODY)
    for k in range(DICE, ROLLED + 2):
        state[k] = 0
    state[WINNER], state[GAIN], state[TURN] = state[MOVER], 1 if plain else gain, NOBODY
