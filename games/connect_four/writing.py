"""Positions of Connect Four as text: a board diagram, and the list of moves that solvers and books use ("4435")."""

import numpy as np

from games import connect_four
from games.connect_four.rules import COLUMNS, FIRST, NOBODY, ROWS, SECOND, TO_PLAY, start
from games.game import IllegalMove, Position

EMPTY, MARKS = ".", "XO"
"""An empty cell; the discs of the first and of the second player."""


def discs(state: np.ndarray) -> np.ndarray:
    """Return the board, top row first, int8 [6, 7]: 0 empty, 1 a disc of the first player, 2 one of the second."""
    cells = np.array([[7 * column + ROWS - 1 - row for column in range(COLUMNS)] for row in range(ROWS)], np.uint64)
    one = np.uint64(1)
    return ((state[FIRST] >> cells & one) + 2 * (state[SECOND] >> cells & one)).astype(np.int8)


def four(state: np.ndarray) -> list[tuple[int, int]]:
    """List the cells (row, column) of every line of four; empty where there is none."""
    board, cells = discs(state), set()
    for row in range(ROWS):
        for column in range(COLUMNS):
            for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                line = [(row + k * down, column + k * right) for k in range(4)]
                inside = line[-1][0] < ROWS and 0 <= line[-1][1] < COLUMNS
                if inside and board[row, column] and len({int(board[cell]) for cell in line}) == 1:
                    cells.update(line)
    return sorted(cells)


def diagram(state: np.ndarray) -> str:
    """Draw the board: X the first player's discs, O the second's, the numbers of the columns below."""
    marks = EMPTY + MARKS
    rows = [" ".join(marks[disc] for disc in row) for row in discs(state)]
    return "\n".join([*rows, " ".join(str(column + 1) for column in range(COLUMNS))])


def read_diagram(text: str) -> np.ndarray:
    """Return the position of a diagram; raise `ValueError` for one that no game can reach.

    The side to play follows from the number of discs. Spaces and the line of numbers may be missing.
    """
    rows = [row for row in ("".join(line.split()).upper() for line in text.splitlines()) if row and not row.isdigit()]
    if len(rows) != ROWS or any(len(row) != COLUMNS or set(row) - {EMPTY, *MARKS} for row in rows):
        raise ValueError(f"a diagram has {ROWS} rows of {COLUMNS} cells, each one of . X O")
    state = start()
    for column in range(COLUMNS):
        cells = "".join(row[column] for row in reversed(rows))
        if EMPTY in cells.rstrip(EMPTY):
            raise ValueError(f"a disc of column {column + 1} hangs in the air")
        for row, mark in enumerate(cells.rstrip(EMPTY)):
            state[MARKS.index(mark)] |= np.uint64(1 << (7 * column + row))
    return _checked(state)


def _checked(state: np.ndarray) -> np.ndarray:
    """Give the turn to whoever has it; raise `ValueError` for counts or fours that no game has."""
    first, second = (int(state[player]).bit_count() for player in (FIRST, SECOND))
    if first - second not in (0, 1):
        raise ValueError(f"the sides alternate, so {first} discs of X and {second} of O cannot be")
    result, line = float(connect_four.score(state[None])[0]), four(state)
    board = discs(state)
    if len({int(board[cell]) for cell in line}) > 1 or (line and (result == 1) != (first > second)):
        raise ValueError("the game was over before this position")
    over = line or first + second == ROWS * COLUMNS
    state[TO_PLAY] = NOBODY if over else FIRST if first == second else SECOND
    return state


def write_moves(moves: list[int]) -> str:
    """Write the moves of a game as the digits of their columns: "4435"."""
    return "".join(str(move + 1) for move in moves)


def read_moves(text: str) -> Position:
    """Return the game of a list of moves; raise `ValueError` for one that is not legal. Blanks do not count."""
    position = Position(connect_four, start())
    for number, letter in enumerate("".join(text.split()), 1):
        try:
            position.play(int(letter) - 1 if letter in "1234567" else -1)
        except IllegalMove as error:
            raise ValueError(f"move {number} of the game is {letter!r}: {error}") from None
    return position
