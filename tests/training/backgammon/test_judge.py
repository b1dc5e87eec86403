"""Two networks on the same positions: GNU Backgammon is asked once about each, and what it said is kept in a file."""

import numpy as np
import pytest

from games import backgammon
from games.backgammon.rules import BOARD, SIDE
from tests.measures.judge_gnubg import Judge, errors

START = backgammon.start()[:BOARD].reshape(2, SIDE).copy()


class CountingPool:
    """Stands in for several GNU Backgammons: the best play is to stay; checkers that left the 24-point cost."""

    def __init__(self):
        self.asked = 0

    def map(self, question, *columns):
        self.asked += len(columns[0])
        return np.array([question(self, *row) for row in zip(*columns, strict=True)])

    def best_board(self, board, dice, plies):
        return board

    def evaluate_board(self, board, plies):
        return np.array([0.5, 0, 0, 0, 0, 0.2 - 0.1 * board[1, 24]])


def moved(boards, dice):
    """Play one of the two checkers on the 24-point of the first board to the 18-point."""
    after = boards.copy()
    after[0, 0, 24] -= 1
    after[0, 0, 18] += 1
    return after


def test_errors_are_what_the_best_play_gains_and_are_asked_once(tmp_path):
    pool, keep = CountingPool(), tmp_path / "answers.jsonl"
    boards, dice = np.stack([START, START[::-1]]), np.array([[5, 1], [6, 4]])
    found = errors(Judge(pool, keep), boards, dice, moved)
    assert found == pytest.approx([0.1, 0]), "a checker that left the 24-point costs a tenth"
    assert pool.asked == 4, "two plays, and two boards of the one that differs"
    assert errors(Judge(pool, keep), boards, dice, moved) == pytest.approx(found)
    assert pool.asked == 4
    assert errors(Judge(pool, keep), boards, dice, lambda boards, dice: boards).tolist() == [0, 0]
