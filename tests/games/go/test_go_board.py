"""Diagrams, coordinates, set-up stones, handicaps and symmetries."""

import shutil
import subprocess

import numpy as np
import pytest

from games import go
from games.game import SECOND
from games.go import board as go_board
from games.go import symmetries

DRAWN = """\
   A B C D E F G H J
 9 . . . . . . . . . 9
 8 . . . . . . . . . 8
 7 . . X . . . O . . 7
 6 . . . . . . . . . 6
 5 . . . .(O). . . . 5
 4 . . . . . . . . . 4
 3 . . X . . . X . . 3
 2 . . . . . . . . . 2
 1 . . . . . . . . . 1
   A B C D E F G H J"""


def points(names: str, size: int) -> list[int]:
    return [go_board.move(name, size) for name in names.split()]


# --- diagrams ---------------------------------------------------------------------------------------------


def test_a_diagram_is_drawn_with_coordinates_and_the_last_move():
    state = go_board.setup(9, black=points("C3 C7 G3", 9), white=points("G7 E5", 9))
    assert go_board.diagram(state, last=go_board.move("e5", 9)) == DRAWN
    assert "(" not in go_board.diagram(state, last=81)


def test_a_drawn_diagram_parses_to_the_same_board():
    state, letters = go_board.parse(DRAWN)
    assert go_board.diagram(state, last=40) == DRAWN
    assert letters == {}


@pytest.mark.parametrize("size", [2, 9, 10, 19, 25])
def test_boards_of_every_width_survive_drawing_and_parsing(size):
    colours = np.random.default_rng(size).integers(0, 3, size * size)
    colours[:: size // 2] = go.EMPTY
    colours[[0, 1]] = go.EMPTY
    black, white = (_breathing(colours == colour, colours == go.EMPTY, size) for colour in (go.BLACK, go.WHITE))
    state = go_board.setup(size, black=black, white=white)
    assert (go.colours(go_board.parse(go_board.diagram(state))[0]) == go.colours(state)).all()


def _breathing(stones: np.ndarray, empty: np.ndarray, size: int) -> np.ndarray:
    """Return the stones that touch an empty point: any set of them is a legal position."""
    board = np.pad(empty.reshape(size, size), 1)
    touches = board[:-2, 1:-1] | board[2:, 1:-1] | board[1:-1, :-2] | board[1:-1, 2:]
    return np.flatnonzero(stones & touches.ravel())


def test_letters_in_a_bare_diagram_name_points_under_test():
    state, letters = go_board.parse("""
        . # a . +
        X O . b .
        . . . a .
        . . X . .
        . . . . O
    """)
    assert letters == {"a": [2, 13], "b": [8]}
    assert go.colours(state).tolist() == [
        [0, 1, 0, 0, 0],
        [1, 2, 0, 0, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 0, 2],
    ]


def test_a_parsed_position_has_the_rules_and_the_player_asked_for():
    state, _ = go_board.parse(".X\nO.", komi=-3.5, rules="japanese", to_play=SECOND)
    assert go.turn(state[None])[0] == SECOND
    assert go_board.described(state) == {
        "size": 2, "komi": -3.5, "rules": "japanese", "black": [1], "white": [2], "to_play": SECOND,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("...\n..", "needs 2 points in each"),
        ("..\n.?", "'\\?' means nothing"),
        ("", "size 0"),
        ("OX\nXX", "no liberty"),
    ],
)
def test_what_is_no_board_is_refused_in_one_sentence(text, why):
    with pytest.raises(ValueError, match=why):
        go_board.parse(text)


# --- start positions --------------------------------------------------------------------------------------


def test_stones_set_up_count_as_played():
    """A wall each, five points behind each: equal territory, and no prisoner is invented."""
    state, _ = go_board.parse(
        """
        . X . O .
        . X . O .
        . X . O .
        . X . O .
        . X . O .
        """,
        komi=0,
        rules="japanese",
    )
    assert go.final_lead(state) == 0
    one_more = go_board.setup(**go_board.described(state) | {"black": [1, 5, 6, 11, 16, 21]})
    assert go.final_lead(one_more) == -1  # a stone inside one's own territory costs a point


def test_play_goes_on_from_stones_set_up():
    state, letters = go_board.parse("""
        . X O .
        X O a O
        . X O .
        . . . .
    """)
    go.play(state[None], np.array(letters["a"], np.int32))
    assert go_board.diagram(state, last=letters["a"][0]) == (
        "   A B C D\n 4 . X O . 4\n 3 X .(X)O 3\n 2 . X O . 2\n 1 . . . . 1\n   A B C D"
    )
    assert go.explain(state, 5) == "it takes back a ko at once"


def test_setup_without_stones_is_the_empty_board():
    assert (go_board.setup(9, 7.0, "chinese") == go.start(9, 7.0, "chinese")).all()


def test_described_is_setups_inverse():
    words = {"size": 9, "komi": 0.5, "rules": "aga", "black": [20, 24], "to_play": SECOND, "handicap_bonus": 1}
    assert go_board.described(go_board.setup(**words)) == words


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"black": [3], "white": [3]}, "black and a white stone"),
        ({"black": [81]}, "outside the board"),
        ({"white": [-1]}, "outside the board"),
        ({"black": [0], "white": [1, 9]}, "no liberty"),
        ({"komi": 7.3}, "half points"),
    ],
)
def test_impossible_setups_are_refused(words, why):
    with pytest.raises(ValueError, match=why):
        go_board.setup(9, **words)


# --- coordinates ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [2, 9, 19, 25])
def test_every_move_reads_back_as_it_was_written(size):
    state = go.start(size)
    for move in range(size * size + 1):
        assert go_board.move(go.notation(state, move).lower(), size) == move


@pytest.mark.parametrize("text", ["", "I5", "K1", "A0", "A10", "A01", "55", "resign", "D-4", "D 4", "É5", "A²"])
def test_what_is_no_point_is_refused_by_name(text):
    with pytest.raises(ValueError, match="is not a point of a 9x9 board"):
        go_board.move(text, 9)


# --- handicap ---------------------------------------------------------------------------------------------


def test_nineteen_by_nineteen_handicaps_are_the_specifications():
    assert go_board.fixed_handicap(19, 3) == points("D4 Q16 D16", 19)
    assert sorted(go_board.fixed_handicap(19, 7)) == sorted(points("D4 Q16 D16 Q4 D10 Q10 K10", 19))


@pytest.mark.parametrize(("size", "most"), [(6, 0), (7, 4), (8, 4), (9, 9), (12, 4), (13, 9), (19, 9), (25, 9)])
def test_each_board_has_its_largest_fixed_handicap(size, most):
    assert go_board.most_handicap(size) == most
    for stones in range(2, most + 1):
        assert len(set(go_board.fixed_handicap(size, stones))) == stones
    for stones in (1, most + 1):
        with pytest.raises(ValueError, match="fixed handicap stones, not"):
            go_board.fixed_handicap(size, stones)


@pytest.mark.skipif(not shutil.which("gnugo"), reason="GNU Go is not installed")
def test_fixed_handicaps_are_where_gnugo_puts_them():
    """All but 12x12's, where GNU Go stands alone on the fourth line (GoGui and the specification's author do not)."""
    sizes = [size for size in range(7, 20) if size != 12]
    asked = [(size, stones) for size in sizes for stones in range(2, go_board.most_handicap(size) + 1)]
    commands = "".join(f"boardsize {size}\nclear_board\nfixed_handicap {stones}\n" for size, stones in asked)
    answers = subprocess.run(["gnugo", "--mode", "gtp"], input=commands, capture_output=True, text=True, timeout=60)
    placed = answers.stdout.replace("=", "").split("\n\n")[2::3]
    for (size, stones), names in zip(asked, placed, strict=True):
        assert sorted(points(names, size)) == sorted(go_board.fixed_handicap(size, stones))


@pytest.mark.parametrize("size", [2, 5, 7, 9, 19])
def test_a_free_handicap_is_any_number_of_different_points(size):
    for stones in range(2, min(size * size, 30)):
        state = go_board.setup(size, black=(chosen := go_board.free_handicap(size, stones)))
        assert np.count_nonzero(go.colours(state)) == len(chosen) == stones
    with pytest.raises(ValueError, match="handicap stones, not"):
        go_board.free_handicap(size, size * size)


def test_a_free_handicap_spreads_over_the_board():
    state = go_board.setup(5, black=go_board.free_handicap(5, 5))
    assert go_board.diagram(state).splitlines()[1:-1] == [
        " 5 . . . . . 5",
        " 4 . X . X . 4",
        " 3 . . X . . 3",
        " 2 . X . X . 2",
        " 1 . . . . . 1",
    ]


@pytest.mark.parametrize(
    ("rules", "bonus"), [("chinese", 4), ("aga", 3), ("japanese", 0), ("tromp-taylor", 0), ("new-zealand", 0)]
)
def test_white_is_paid_for_handicap_stones_as_the_ruleset_says(rules, bonus):
    assert go_board.handicap_bonus(rules, 4) == bonus
    assert go_board.handicap_bonus(rules, 0) == go_board.handicap_bonus(rules, 1) == 0


# --- symmetries -------------------------------------------------------------------------------------------


def test_the_eight_symmetries_show_eight_boards():
    board = np.array([[1, 2], [3, 4]])
    assert [symmetries.turned(board, k).tolist() for k in range(8)] == [
        [[1, 2], [3, 4]],
        [[2, 1], [4, 3]],
        [[3, 4], [1, 2]],
        [[4, 3], [2, 1]],
        [[1, 3], [2, 4]],
        [[3, 1], [4, 2]],
        [[2, 4], [1, 3]],
        [[4, 2], [3, 1]],
    ]


@pytest.mark.parametrize("k", range(8))
def test_moves_go_where_their_points_go(k):
    boards = np.arange(2 * 25).reshape(2, 5, 5)
    table, back = symmetries.symmetry(k, 5), symmetries.symmetry(symmetries.INVERSE[k], 5)
    assert (symmetries.turned(boards, k)[1].ravel()[table[:25]] == boards[1].ravel()).all()
    assert (back[table] == np.arange(26)).all()
    assert (symmetries.turned(symmetries.turned(boards, k), symmetries.INVERSE[k]) == boards).all()


def test_playing_and_turning_can_change_places():
    """Whatever the symmetry, a game played on the turned board ends as the turned final board."""
    moves = np.random.default_rng(5).permutation(49)[:40].astype(np.int32)
    for k in range(8):
        plain, mirrored = go.start(7), go.start(7)
        for move in moves:
            if go.explain(plain, move) == "":
                go.play(plain[None], np.array([move], np.int32))
                go.play(mirrored[None], symmetries.symmetry(k, 7)[[move]])
        assert (symmetries.turned(go.colours(plain), k) == go.colours(mirrored)).all()
