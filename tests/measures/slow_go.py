"""Go by the letter of its rules, slow and plain: the referee of the tests. A board is a tuple of EMPTY, BLACK, WHITE.

A history is the list of (board, colour to play) from the start to now; moves are numbered as in `games.go`.
"""

from functools import cache

EMPTY, BLACK, WHITE = range(3)


@cache
def neighbours(move: int, size: int) -> tuple[int, ...]:
    """List the points beside a point."""
    row, column = divmod(move, size)
    beside = [(row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)]
    return tuple(r * size + c for r, c in beside if 0 <= r < size and 0 <= c < size)


def region(board: tuple, start: int, size: int) -> tuple[set, set]:
    """Return the points connected to one in its own colour, and the points of other colours beside them."""
    inside, border, todo = {start}, set(), [start]
    while todo:
        for near in neighbours(todo.pop(), size):
            if board[near] != board[start]:
                border.add(near)
            elif near not in inside:
                inside.add(near)
                todo.append(near)
    return inside, border


def liberties(board: tuple, stone: int, size: int) -> set:
    """Return the empty points beside a stone's chain."""
    return {point for point in region(board, stone, size)[1] if board[point] == EMPTY}


def is_position(board: tuple, size: int) -> bool:
    """Tell whether every stone has a liberty."""
    return all(colour == EMPTY or liberties(board, move, size) for move, colour in enumerate(board))


def after(board: tuple, move: int, colour: int, size: int) -> tuple:
    """Return the board after a stone: chains without liberties go, the enemy's first."""
    board = [*board[:move], colour, *board[move + 1 :]]
    for doomed in (3 - colour, colour):
        dead = [p for p in (move, *neighbours(move, size)) if board[p] == doomed and not liberties(board, p, size)]
        for stone in dead:
            for point in region(board, stone, size)[0] if board[stone] else ():
                board[point] = EMPTY
    return tuple(board)


def legal(history: list, size: int, suicide: bool, repetition: str) -> list[int]:
    """List the legal points of the side to play; `repetition` is "ko", "positional" or "situational"."""
    board, colour = history[-1]
    return [
        move
        for move in range(size * size)
        if board[move] == EMPTY and _allowed(history, after(board, move, colour, size), move, suicide, repetition)
    ]


def _allowed(history, new, move, suicide, repetition) -> bool:
    board, colour = history[-1]
    if new == board or new[move] == EMPTY and not suicide:
        return False
    if len(history) > 1 and new == history[-2][0] != board:
        return False
    if repetition == "positional":
        return all(new != old for old, _ in history)
    return repetition == "ko" or (new, 3 - colour) not in history


def perft(history: list, depth: int, size: int, suicide: bool, repetition: str, passes: int = 0) -> int:
    """Count the move sequences of a length, passes included; a game ends after two."""
    if depth == 0:
        return 1
    if passes == 2:
        return 0
    board, colour = history[-1]
    rest = (size, suicide, repetition)
    count = perft([*history, (board, 3 - colour)], depth - 1, *rest, passes + 1)
    for move in legal(history, *rest):
        count += perft([*history, (after(board, move, colour, size), 3 - colour)], depth - 1, *rest)
    return count


def area(board: tuple, size: int) -> int:
    """Return Black's stones and sole regions minus White's."""
    lead = 0
    for move, colour in enumerate(board):
        reached = {colour} if colour else {board[point] for point in region(board, move, size)[1]}
        lead += (reached == {BLACK}) - (reached == {WHITE})
    return lead
