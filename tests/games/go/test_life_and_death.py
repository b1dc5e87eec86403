"""Who wins if the game ends here: dead stones and sekis of positions whose answer was found by hand."""

from pathlib import Path

import numpy as np
import pytest

from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go.symmetries import turned

TABLE = Path(__file__).with_name("life_and_death.txt")
COLOURS = {".": go.EMPTY} | dict.fromkeys("XxB", go.BLACK) | dict.fromkeys("OoW", go.WHITE)
DEAD, SEKI = "xo", "BW"


def table():
    """Yield the positions of the table: a name, and rows of letters."""
    for block in TABLE.read_text().split("\n# ")[1:]:
        name, *rows = block.strip().split("\n")
        yield pytest.param(np.array([row.split() for row in rows]), id=name)


def image(letters, k):
    """Return the position under symmetry k & 7, with the colours exchanged where k & 8."""
    seen = turned(letters, k & 7)
    return np.vectorize(lambda letter: letter.translate(str.maketrans("XxBOoW", "OoWXxB")))(seen) if k & 8 else seen


def position(letters, rules="chinese", to_play=FIRST):
    colours = np.vectorize(COLOURS.get)(letters).ravel()
    black, white = (np.flatnonzero(colours == colour) for colour in (go.BLACK, go.WHITE))
    return go_board.setup(len(letters), 0, rules, black, white, to_play)


def drawn(state):
    """Draw a position as the table does, as it is judged."""
    verdict, board = go.judge(state), go.colours(state)
    letters = np.array([".", "X", "O"])[board]
    letters = np.where(verdict.dead, np.char.lower(letters), letters)
    return np.where(verdict.seki, np.array([".", "B", "W"])[board], letters)


@pytest.mark.parametrize("letters", list(table()))
def test_small_positions(letters):
    """All turns, both colours, both sides to play."""
    for k in range(16):
        for to_play in (FIRST, SECOND):
            expected = image(letters, k)
            found = drawn(position(expected, to_play=to_play))
            assert "\n".join(map(" ".join, found)) == "\n".join(map(" ".join, expected))


def test_the_table_is_of_forty_positions():
    assert len(list(table())) >= 40


SEKI_OF_THREE = """
    . B B B . W X
    W W W W W W X
    X X X X X X X
    . . . . . . .
    . . . . . . .
    . . . . . . .
    . . . . . . .
"""


@pytest.mark.parametrize(("rules", "lead"), [("chinese", 33), ("tromp-taylor", 33), ("japanese", 28)])
def test_a_seki_is_counted_as_it_stands(rules, lead):
    letters = np.array([row.split() for row in SEKI_OF_THREE.strip().splitlines()])
    state = position(letters, rules)
    assert go.judge(state).lead == lead
    assert go.score(state[None]) == 1


def test_nothing_is_dead_under_tromp_taylor_s_rules():
    letters = next(table()).values[0]
    for letters in (row.values[0] for row in table()):
        verdict = go.judge(position(letters, "tromp-taylor"))
        assert not verdict.dead.any()
        assert verdict.lead == go.final_lead(position(letters))


def test_passes_a_ko_and_the_order_of_moves_change_nothing():
    """White's three stones are dead; Black has just taken a ko on the right."""
    picture = """
        . O X . . . .
        O O X . . . .
        X X X . X O .
        . . . X O . O
        X X X X X O .
        O O O O O O O
        . O . O . O .
    """
    state, _ = go_board.parse(picture, komi=0, rules="chinese")
    one = Position(go, state)
    one.play(go_board.move("F4", 7))
    answers = [go.judge(one.state)]
    for _ in range(2):
        one.play(49)
        answers.append(go.judge(one.state))
    other, _ = go_board.parse(go_board.diagram(one.state), komi=0, rules="chinese", to_play=SECOND)
    answers.append(go.judge(other))
    assert {answer.lead for answer in answers} == {answers[0].lead}
    assert all(np.array_equal(answer.dead, answers[0].dead) for answer in answers)
    assert go.score(one.state[None]) == np.sign(answers[0].lead)


def test_a_position_that_is_its_own_image_has_an_answer_that_is():
    picture = """
        . . X . X . .
        . . X . X . .
        X X X X X X X
        . . O O O . .
        X X X X X X X
        . . X . X . .
        . . X . X . .
    """
    state, _ = go_board.parse(picture, komi=0, rules="chinese")
    dead = go.judge(state).dead
    assert np.array_equal(dead, dead[::-1])
    assert np.array_equal(dead, dead[:, ::-1])
    assert dead.sum() == 3
