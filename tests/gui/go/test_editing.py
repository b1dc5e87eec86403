"""Positions that are set up by hand: what no board can be is refused, and the record holds the stones."""

import pytest

from engine.players import Player
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import sgf
from gui import messages as say
from gui.go.editing import EditStone, EditTurn
from gui.go.session import GoSession


@pytest.fixture
def session():
    made = GoSession(Position(go, go_board.setup(5, 6.5, "japanese")), Player, {FIRST})
    yield made
    made.engine.close()


def put(session, stones, colour):
    for name in stones.split():
        session.handle(EditStone(go_board.move(name, 5), colour))


def test_stones_are_put_taken_off_and_turned(session, tmp_path):
    put(session, "B2 C3 D4", go.BLACK)
    put(session, "C3 E5 D4 D4", go.WHITE)  # C3 turns white, D4 white and off again
    put(session, "A1 A1", go.BLACK)
    session.handle(EditTurn())
    board = go.colours(session.position.state)
    assert {name: int(board.ravel()[go_board.move(name, 5)]) for name in ("B2", "C3", "E5", "D4", "A1")} == {
        "B2": go.BLACK, "C3": go.WHITE, "E5": go.WHITE, "D4": go.EMPTY, "A1": go.EMPTY,
    }  # fmt: skip
    assert session.position.turn == SECOND
    assert session.people == {FIRST, SECOND}
    session.handle(say.Play(go_board.move("A5", 5)))
    (tmp_path / "set-up.sgf").write_bytes(session.records.written())
    read = next(iter(sgf.read(tmp_path / "set-up.sgf")))
    assert (read.start["black"], len(read.start["white"]), read.start["to_play"]) == (
        [go_board.move("B2", 5)],
        2,
        SECOND,
    )
    assert (read.start["komi"], read.start["rules"], read.moves) == (6.5, "japanese", [0])


def test_a_stone_without_a_liberty_is_refused_in_words(session):
    put(session, "A2 B1", go.BLACK)
    before = session.position.state.copy()
    put(session, "A1", go.WHITE)
    assert session.alarm
    assert (session.position.state == before).all()


def test_a_position_set_up_in_mid_game_has_no_moves_before_it(session):
    session.play((12,))
    put(session, "A1", go.WHITE)
    assert (session.ply, session.history.last) == (0, 0)
    assert go.colours(session.position.state).ravel()[12] == go.BLACK
