"""The perfect solver against plain minimax, against a solver of somebody else's, and on positions that are known."""

import numpy as np
import pytest

from games import connect_four
from games.connect_four.solver import FULL, Solver
from games.connect_four.writing import read_moves
from games.game import Position
from tests.games.connect_four import slow_connect_four as slow


@pytest.fixture(scope="module")
def solver():
    return Solver(20)


def random_games(count, fewest, most, seed=1):
    """Yield unfinished games of so many random moves."""
    random = np.random.default_rng(seed)
    while count:
        position, length = Position(connect_four, connect_four.start()), random.integers(fewest, most + 1)
        while len(position.moves) < length and not position.over:
            position.play(int(random.choice(position.legal())))
        if not position.over:
            count -= 1
            yield position


def test_scores_are_those_of_minimax(solver):
    for game in random_games(40, 32, 40):
        columns, side = slow.columns_of(game.moves), "XO"[len(game.moves) % 2]
        assert solver.score(game.state) == slow.score(columns, side)
        other = "XO"[1 - len(game.moves) % 2]
        expected = [
            -slow.score(slow.dropped(columns, move, side), other) if move in slow.moves(columns) else FULL
            for move in range(7)
        ]
        assert solver.scores(game.state).tolist() == expected
        assert solver.results(game.state).tolist() == [FULL if each == FULL else np.sign(each) for each in expected]
        assert solver.result(game.state) == np.sign(solver.score(game.state))


def test_scores_do_not_depend_on_what_the_table_holds(solver):
    games = list(random_games(20, 16, 24, seed=2))
    scores = [solver.scores(game.state).tolist() for game in games]
    small = Solver(8)
    assert [small.scores(game.state).tolist() for game in reversed(games)] == scores[::-1]


def test_a_mirror_changes_nothing(solver):
    for game in random_games(20, 14, 24, seed=3):
        mirrored = read_moves("".join(str(7 - move) for move in game.moves))
        assert solver.scores(mirrored.state).tolist() == solver.scores(game.state).tolist()[::-1]


def test_known_positions(solver):
    assert solver.score(read_moves("414141").state) == 18  # a four by the first player's fourth disc of 21
    assert solver.score(read_moves("4455").state) == 18  # two in the open: three, then a four on either side


def test_somebody_elses_solver_agrees(solver):
    """BitBully (Thill; AGPL, so nothing depends on it) gives every move of a position the same score."""
    bitbully = pytest.importorskip("bitbully")
    judge, compared = bitbully.BitBully(), 0
    for game in random_games(150, 18, 36, seed=4):
        board = bitbully.Board()
        for move in game.moves:
            assert board.play(move)
        theirs = judge.score_all_moves(board)
        assert solver.scores(game.state).tolist() == [theirs.get(move, FULL) for move in range(7)]
        compared += len(theirs)
    assert compared > 600
