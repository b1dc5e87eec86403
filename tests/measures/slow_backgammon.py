"""Backgammon by the letter of its rules, slow and plain: the referee of the tests.

A side is a sorted tuple of its 15 checkers, each the pips that it has left to go: 25 on the bar, 0 borne off. A board
is the pair (side that moves, other side). The other side's checker with n pips to go stands where the mover's has
25 - n.

    python tests/measures/slow_backgammon.py     counts the plays of one and two rolls from the start
"""

from functools import cache

HOME, BAR = 6, 25
START = tuple(sorted([6] * 5 + [8] * 3 + [13] * 5 + [24] * 2))
ROLLS = [(high, low) for high in range(1, 7) for low in range(1, high + 1)]

Board = tuple[tuple[int, ...], tuple[int, ...]]


def exchange(side: tuple, checker: int, goal: int) -> tuple:
    """Return a side with one of its checkers somewhere else."""
    left = list(side)
    left.remove(checker)
    return tuple(sorted([*left, goal]))


def allowed(board: Board, checker: int, die: int) -> bool:
    """Tell whether the rules let a checker move by a die."""
    mine, theirs = board
    if mine[-1] == BAR and checker != BAR:
        return False
    if checker > die:
        return theirs.count(BAR - (checker - die)) < 2
    return mine[-1] <= HOME and (checker == die or checker == mine[-1])


def moved(board: Board, checker: int, die: int) -> Board:
    """Return the board after a checker moved by a die; a single checker in his way goes to the bar."""
    mine, theirs = board
    goal = max(checker - die, 0)
    if goal and BAR - goal in theirs:
        theirs = exchange(theirs, BAR - goal, BAR)
    return exchange(mine, checker, goal), theirs


def steps(board: Board, dice: tuple) -> list[tuple[int, int, Board, tuple]]:
    """List what one checker may do with one of some dice: checker, die, the board after it, the dice that are left."""
    return [
        (checker, die, moved(board, checker, die), exchange(dice, die, 0)[1:])
        for die in sorted(set(dice))
        for checker in sorted(set(board[0]) - {0})
        if allowed(board, checker, die)
    ]


@cache
def most(board: Board, dice: tuple) -> int:
    """Return how many of some dice can be played at best."""
    return max((1 + most(after, left) for _, _, after, left in steps(board, dice)), default=0)


def dice_of(roll: tuple[int, int]) -> tuple:
    """Return the dice that a roll gives to play."""
    return tuple(sorted(roll)) if roll[0] != roll[1] else roll * 2


def legal(board: Board, dice: tuple) -> list[tuple[int, int, Board, tuple]]:
    """List the steps that begin a play of as many dice as possible, or, of two that exclude each other, the larger."""
    best = most(board, dice)
    found = [step for step in steps(board, dice) if 1 + most(step[2], step[3]) == best]
    largest = max((die for _, die, _, _ in found), default=0)
    return [step for step in found if best > 1 or step[1] == largest]


def first_moves(board: Board, dice: tuple) -> set[tuple[int, int]]:
    """Return each checker and die that a play may begin with."""
    return {(checker, die) for checker, die, _, _ in legal(board, dice)}


def ends(board: Board, dice: tuple) -> set[Board]:
    """Return the boards in which the plays of some dice end; none if there is no play."""
    found = set()
    for _, _, after, left in legal(board, dice):
        found |= ends(after, left) or {after}
    return found


def turned(board: Board) -> Board:
    """Return the board as the other side sees it."""
    return board[1], board[0]


def count_plays(board: Board, rolls: int) -> int:
    """Count the distinct plays of every roll, and of every roll after each of them."""
    total = 0
    for roll in ROLLS:
        after = ends(board, dice_of(roll))
        total += len(after) if rolls == 1 else sum(count_plays(turned(each), rolls - 1) for each in after)
    return total


if __name__ == "__main__":
    opening = (START, START)
    print({roll: len(ends(opening, dice_of(roll))) for roll in ROLLS})
    print([count_plays(opening, rolls) for rolls in (1, 2)])
