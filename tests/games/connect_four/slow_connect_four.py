"""Connect Four written a second time, slowly and in another way: lists of columns, lines counted out, plain minimax."""

from functools import cache

LINES = [
    [(column + k * right, row + k * up) for k in range(4)]
    for column in range(7)
    for row in range(6)
    for right, up in ((1, 0), (0, 1), (1, 1), (1, -1))
    if 0 <= column + 3 * right < 7 and 0 <= row + 3 * up < 6
]
"""The 69 lines of four cells, (column, row from the bottom)."""


def winner(columns: tuple[str, ...]) -> str:
    """Return the side, X or O, that has four in a row, or ""."""
    for line in LINES:
        marks = {columns[column][row] if row < len(columns[column]) else "." for column, row in line}
        if len(marks) == 1 and marks != {"."}:
            return marks.pop()
    return ""


def dropped(columns: tuple[str, ...], column: int, side: str) -> tuple[str, ...]:
    """Return the board after one more disc."""
    return tuple(discs + side * (k == column) for k, discs in enumerate(columns))


def moves(columns: tuple[str, ...]) -> list[int]:
    """List the columns that take a disc."""
    return [] if winner(columns) else [column for column in range(7) if len(columns[column]) < 6]


@cache
def score(columns: tuple[str, ...], side: str) -> int:
    """Return the score of the side to play: how many discs before the end, its own counted, it wins or loses; or 0."""
    other = "O" if side == "X" else "X"
    left = 42 - sum(map(len, columns))
    if winner(columns):
        return -(left // 2 + 1)
    return max((-score(dropped(columns, column, side), other) for column in moves(columns)), default=0)


def columns_of(played: list[int]) -> tuple[str, ...]:
    """Return the board after some moves from the start."""
    columns = ("",) * 7
    for number, column in enumerate(played):
        columns = dropped(columns, column, "XO"[number % 2])
    return columns
