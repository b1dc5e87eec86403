"""Whose territory each point of a finished game of Go is."""

import numpy as np

from games import go


def territory(board: np.ndarray, dead: np.ndarray) -> np.ndarray:
    """Return whose each empty or dead point is, float [size, size]: 1 Black's, -1 White's, 0 nobody's or a stone's.

    `board` holds colours, `dead` which stones are off it.
    """
    left = np.where(dead, go.EMPTY, board)
    owners, seen = np.zeros(board.shape, float), left != go.EMPTY
    for start in np.argwhere(~seen).tolist():
        if seen[tuple(start)]:
            continue
        region, touched = region_of(left, (start[0], start[1]))
        for point in region:
            seen[point] = True
            owners[point] = {frozenset({go.BLACK}): 1, frozenset({go.WHITE}): -1}.get(frozenset(touched), 0)
    return owners


def region_of(board: np.ndarray, start: tuple[int, int]) -> tuple[list[tuple[int, int]], set[int]]:
    """Return the empty points connected with one, and the colours that they touch."""
    region, known, touched = [start], {start}, set()
    for row, column in region:
        for near in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if not (0 <= near[0] < len(board) and 0 <= near[1] < len(board)):
                continue
            if board[near] != go.EMPTY:
                touched.add(int(board[near]))
            elif near not in known:
                known.add(near)
                region.append(near)
    return region, touched
