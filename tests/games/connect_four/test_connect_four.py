"""The rules of Connect Four against a second, slow rule book, and positions as text."""

import numpy as np
import pytest

from games import connect_four
from games.connect_four import planes, rules, writing
from games.game import FIRST, NOBODY, SECOND, IllegalMove, Position
from tests.games.connect_four import slow_connect_four as slow

ROW = """
. . . . . . .
. . . . . . .
. . . . . . .
. . . . . . .
. O O O . . .
. X X X X . .
1 2 3 4 5 6 7"""

RISING = """
. . . . . . .
. . . . . . .
. . . . X . .
. . . X O . .
. . X O O . .
. X O X X O ."""

FALLING = """
. . . . . . .
. . . . . . .
. O . . . . .
. X O . . . .
. O X O . . .
. X X X O O X"""

COLUMN = """
. . . . . . .
. . . . . . .
. . . X . . .
. . . X O . .
. . . X O . .
. . . X O . ."""


def random_game(seed):
    random, position = np.random.default_rng(seed), Position(connect_four, connect_four.start())
    while not position.over:
        position.play(int(random.choice(position.legal())))
    return position


@pytest.mark.parametrize(("diagram", "value"), [(ROW, 1), (RISING, 1), (FALLING, -1), (COLUMN, 1)])
def test_four_in_a_row_ends_the_game(diagram, value):
    state = writing.read_diagram(diagram)
    assert connect_four.turn(state[None])[0] == NOBODY
    assert connect_four.score(state[None])[0] == value
    assert connect_four.legal(state[None])[2][0] == 0
    assert len(writing.four(state)) == 4


def test_random_games_agree_with_a_slow_rule_book():
    winners = set()
    for seed in range(150):
        game = random_game(seed)
        for ply, state in enumerate(game.states):
            columns = slow.columns_of(game.moves[:ply])
            moves, _, counts = connect_four.legal(state[None])
            assert moves[0, : counts[0]].tolist() == slow.moves(columns)
            winner = {"X": 1, "O": -1, "": 0}[slow.winner(columns)]
            assert connect_four.score(state[None])[0] == winner
        winners.add(game.value())
    assert winners >= {1, -1}


def test_a_line_does_not_go_round_the_edge():
    """Three discs at the top of a column and one at the foot of the next are no four."""
    state = writing.read_diagram(
        """
        O . . . . . .
        O . . . . . .
        O . . . . . .
        X . . . . . .
        X . . . . . .
        X O . . X . ."""
    )
    assert connect_four.turn(state[None])[0] != NOBODY


def test_a_full_board_is_a_draw():
    game = next(game for game in map(random_game, range(20000)) if not game.value())
    assert (connect_four.turn(game.state[None])[0], len(game.moves)) == (NOBODY, 42)
    assert writing.four(game.state) == []


def test_a_full_column_takes_no_disc():
    position = writing.read_moves("111111")
    assert position.legal().tolist() == [1, 2, 3, 4, 5, 6]
    with pytest.raises(IllegalMove, match="1 is not legal here: the column is full"):
        position.play(0)


def test_completing_cells():
    """Every empty cell that makes a four, whether a disc can land there now or not."""
    for seed in range(60):
        game = random_game(seed)
        state = game.states[len(game.states) // 2]
        taken, columns = state[FIRST] | state[SECOND], slow.columns_of(game.moves[: len(game.states) // 2])
        board = {(c, r): mark for c, discs in enumerate(columns) for r, mark in enumerate(discs)}
        for player, side in ((FIRST, "X"), (SECOND, "O")):
            empty = [(c, r) for c in range(7) for r in range(6) if (c, r) not in board]
            expected = {
                cell for cell in empty
                if any(cell in line and all(board.get(at) == side for at in line if at != cell) for line in slow.LINES)
            }  # fmt: skip
            found = int(rules.completing(state[player], taken))
            assert {(c, r) for c in range(7) for r in range(7) if found >> (7 * c + r) & 1} == expected


def test_rollouts_win_at_once_and_stop_wins():
    threat = "414141"  # both have three on top of each other; X is to play
    for text, value in ((threat, 1), (threat + "7", -1)):
        states = np.repeat(writing.read_moves(text).state[None], 100, axis=0)
        assert (connect_four.rollout(states, np.arange(100, dtype=np.uint64)) == value).all()
        assert (connect_four.turn(states) == NOBODY).all()
    states = np.repeat(writing.read_moves("4171").state[None], 400, axis=0)
    assert set(connect_four.rollout(states, np.arange(400, dtype=np.uint64)).tolist()) >= {1, -1}


# --- what a network sees ----------------------------------------------------------------------------------


def test_planes_are_those_of_the_side_to_play():
    state = writing.read_moves("445").state
    seen = connect_four.features(state[None])[0]
    assert seen.shape == (planes.COUNT, 6, 7)
    picture = writing.discs(state)
    assert np.array_equal(seen[0], picture == 2)  # the second player is to play
    assert np.array_equal(seen[1], picture == 1)
    assert np.array_equal(seen[2], picture == 0)
    assert seen[planes.MASK].all()
    assert [tuple(cell) for cell in np.argwhere(seen[4])] == [(3, 3), (4, 4), (5, 0), (5, 1), (5, 2), (5, 5), (5, 6)]
    assert not seen[5].any()
    assert connect_four.features(connect_four.start()[None])[0, 5].all()


def test_mirrored_planes_are_those_of_the_mirrored_game():
    game = random_game(3)
    for ply in range(len(game.states)):
        mirrored = writing.read_moves(writing.write_moves([6 - move for move in game.moves[:ply]])).state
        seen = planes.encode(game.states[ply][None], np.array([1]))
        assert np.array_equal(seen, connect_four.features(mirrored[None]))
        assert np.array_equal(seen, planes.turned(connect_four.features(game.states[ply][None]), 1))
    assert planes.symmetry(1).tolist() == [6, 5, 4, 3, 2, 1, 0]


# --- text -------------------------------------------------------------------------------------------------


def test_diagrams_are_read_as_they_are_written():
    for seed in range(30):
        for state in random_game(seed).states:
            assert np.array_equal(writing.read_diagram(writing.diagram(state)), state)


def test_lists_of_moves():
    position = writing.read_moves(" 4435 2 ")
    assert position.moves == [3, 3, 2, 4, 1]
    assert writing.write_moves(position.moves) == "44352"
    assert writing.diagram(position.state).splitlines()[-2] == ". X X X O . ."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("48", "move 2 of the game is '8'"),
        ("4x", "move 2 of the game is 'x'"),
        ("1111111", "move 7 of the game is '1': 1 is not legal here: the column is full"),
        ("12121212", "move 8 .* the game is over"),
        ("4²", "move 2"),
    ],
)
def test_lists_that_are_no_games(text, why):
    with pytest.raises(ValueError, match=why):
        writing.read_moves(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "6 rows of 7 cells"),
        (ROW.replace("X", "Z", 1), "6 rows of 7 cells"),
        (ROW.replace("O O O", "O O ."), "4 discs of X and 2 of O"),
        (ROW.replace(". X X X X", "X . X X X"), "a disc of column 2 hangs in the air"),
        (ROW.replace("O O O .", "O O O O").replace("X X X X .", "X X X X X"), "the game was over"),
        (ROW.replace("O O O .", "O O O O"), "the game was over"),
    ],
)
def test_diagrams_that_are_no_positions(text, why):
    with pytest.raises(ValueError, match=why):
        writing.read_diagram(text)
