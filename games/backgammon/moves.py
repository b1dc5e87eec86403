"""The moves of a backgammon position: single checkers that begin a full play, rolls, the cube."""

import numpy as np

from games.backgammon import rules
from games.compiling import compiled, inlined
from games.game import CHANCE, NOBODY


@compiled
def list_moves(state, moves):
    """List the moves of a position's choice, int32 [MOST_MOVES]; return how many. `state` is changed and restored."""
    turn = state[rules.TURN]
    if turn == NOBODY:
        return 0
    if turn == CHANCE:
        return _list_rolls(state[rules.OPENING] == 1, moves)
    if state[rules.OFFERED]:
        moves[0], moves[1] = rules.TAKE, rules.DROP
        return 2
    if state[rules.DICE] == 0:
        moves[0], moves[1] = rules.ROLL, rules.DOUBLE
        return 2 if rules.may_double(state) else 1  # who was given the turn need not have a cube
    return _list_checkers(state, np.int64(state[rules.MOVER]) * rules.SIDE, moves)


@inlined
def _list_rolls(opening, moves):
    if not opening:
        for k in range(21):
            moves[k] = rules.FIRST_ROLL + k
        return 21
    for k in range(15):
        moves[k], moves[15 + k] = rules.FIRST_ROLL + rules.OPENINGS[k], rules.FIRST_REPLY + k
    return 30


@inlined
def _list_checkers(state, me, moves):
    """List the single moves that begin a play of as many dice as possible (of one of two dice: the larger)."""
    high, low = np.int64(state[rules.DICE]), np.int64(state[rules.DICE + 1])
    count, longest, larger = 0, 1, 0
    for die in (high, low):
        for source in range(rules.BAR, rules.OFF, -1):
            if (die > 0) and rules.can_move(state, me, source, die):
                length = _length(state, me, source, die)
                if length > longest:
                    count, larger, longest = 0, 0, length
                if length == longest:
                    moves[count] = (source - 1) * 6 + die - 1
                    count += 1
        if low == high:
            return count
        if die == high:
            larger = count
    return larger if (longest == 1) & (larger > 0) else count


@inlined
def _length(state, me, source, die):
    """Return how many dice can be played if this move is made first."""
    left = 0
    for k in range(4):
        left += state[rules.DICE + k] > 0
    hit = rules.move_checker(state, me, source, die)
    if left == 1:
        length = 1
    elif state[rules.DICE] == state[rules.DICE + 1]:
        length = 1 + _run(state, me, die, left - 1)
    else:
        length = 1 + _playable(state, me, np.int64(state[rules.DICE] + state[rules.DICE + 1]) - die)
    rules.take_back_checker(state, me, source, die, hit)
    return length


@inlined
def _playable(checkers, me, die):
    found = False
    for source in range(1, rules.SIDE):
        found |= rules.can_move(checkers, me, source, die)
    return 1 if found else 0


@compiled
def _run(checkers, me, die, left):
    """Return how many of up to three like dice can be played: the search for the longest of sources that never rise."""
    longest = 0
    for a in range(rules.BAR, rules.OFF, -1):
        if (longest < left) and rules.can_move(checkers, me, a, die):
            hit_a = rules.move_checker(checkers, me, a, die)
            longest = max(longest, 1)
            for b in range(a, rules.OFF, -1):
                if (left > 1) & (longest < left) and rules.can_move(checkers, me, b, die):
                    hit_b = rules.move_checker(checkers, me, b, die)
                    longest = max(longest, 2)
                    if left == 3:
                        longest = max(longest, 2 + _playable(checkers, me, die))
                    rules.take_back_checker(checkers, me, b, die, hit_b)
            rules.take_back_checker(checkers, me, a, die, hit_a)
    return longest
