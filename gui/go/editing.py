"""Setting stones up by hand: a position that was changed begins a game of its own, without the moves before it."""

from typing import TYPE_CHECKING

import numpy as np

from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from gui.course import Course
from gui.messages import Message

if TYPE_CHECKING:
    from gui.go.session import GoSession

HOW = "left click: a black stone, right click: a white one, again: none; Pass: the other side is to play"


class EditStone(Message):
    """Put a stone of a colour on a point, or take it off where it is already."""

    move: int
    colour: int


class EditTurn(Message):
    """Let the other side be to play in the position that is set up."""


def with_stone(state: np.ndarray, move: int, colour: int) -> np.ndarray:
    """Return a start with one stone more, less or of the other colour; raise `ValueError` for what no board can be."""
    stones = go.colours(state).ravel().copy()
    stones[move] = go.EMPTY if stones[move] == colour else colour
    return _start(state, stones, _turn(state))


def with_other_turn(state: np.ndarray) -> np.ndarray:
    """Return a start with the same stones and the other side to play."""
    return _start(state, go.colours(state).ravel(), 1 - _turn(state))


def _turn(state: np.ndarray) -> int:
    turn = int(go.turn(state[None])[0])
    return turn if turn in (FIRST, SECOND) else FIRST


def _start(state: np.ndarray, stones: np.ndarray, turn: int) -> np.ndarray:
    about = go_board.described(state)
    black, white = (np.flatnonzero(stones == colour).tolist() for colour in (go.BLACK, go.WHITE))
    return go_board.setup(about["size"], about["komi"], about["rules"], black, white, turn)


def show_start(session: "GoSession", state: np.ndarray) -> None:
    """Begin a game of two people with a position that was set up."""
    session.records.begin_anew()
    session.people = {FIRST, SECOND}
    session.replace(Course(Position(go, state)))
    session.pause()
    side = ("Black", "White")[_turn(state)]
    session.tell(f"{side} is to play; {HOW}")
