"""The state that UBGI's lines describe: session, checkers, dice. A change makes a new value, a bad line none."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from engine.backgammon.stakes import stakes_of
from games.backgammon import gnubg_id, roll_move, rules, xgid
from games.backgammon.board import checkers, start
from games.backgammon.dice import checked
from games.game import FIRST, NOBODY, SECOND

_LARGEST_VALUE = 4096
_XGID_DICE = 4
"""Which of an XGID's fields holds the dice."""


@dataclass(frozen=True)
class UbgiSession:
    """What is at stake, and who is on roll. `crawford`: if somebody needs one point, this is the Crawford game."""

    length: int = 0
    score: tuple[int, int] = (0, 0)
    crawford: bool = True
    jacoby: bool = False
    value: int = 1
    owner: int = NOBODY
    turn: int = FIRST

    def __post_init__(self):
        start(**self.rules)  # raises ValueError for what no match has
        if self.value not in (1 << n for n in range(_LARGEST_VALUE.bit_length())):
            raise ValueError(f"the cube shows a power of two up to {_LARGEST_VALUE}, not {self.value}")

    @property
    def rules(self) -> dict[str, Any]:
        """The keywords of `start`."""
        crawford = bool(self.crawford and self.length and self.length - 1 in self.score)
        return {"length": self.length, "score": self.score, "crawford": crawford, "jacoby": self.jacoby}

    @cached_property
    def stakes(self) -> np.ndarray:
        """What the player on roll plays for, float32 [6]."""
        state = start(**self.rules, cube=False)
        state[rules.CUBE], state[rules.OWNER] = self.value.bit_length() - 1, self.owner
        return stakes_of(state)[self.turn]


@dataclass(frozen=True, eq=False)
class UbgiTable:
    """A session, and the position in it: `board` is int8 [52], the checkers of the player on roll first."""

    session: UbgiSession = field(default_factory=UbgiSession)
    board: np.ndarray | None = None
    dice: tuple[int, ...] = ()
    offered: bool = False

    def state(self, rolled: bool) -> np.ndarray:
        """Return the position as a row, with its dice or before them."""
        session, board = self.session, self.placed
        first, second = board[: rules.SIDE], board[rules.SIDE :]
        if session.turn == SECOND:
            first, second = second, first
        dice = self.dice if rolled else ()
        cube: dict[str, Any] = {"value": session.value, "owner": session.owner} | session.rules
        return gnubg_id.position(
            first.tolist(), second.tolist(), session.turn, dice, self.offered and not rolled, **cube
        )

    @property
    def placed(self) -> np.ndarray:
        """The board; raise `ValueError` where there is none."""
        if self.board is None:
            raise ValueError("there is no position")
        return self.board

    @property
    def faces(self) -> np.ndarray:
        """The dice to be played, int8 [4]."""
        return rules.DICE_OF_ROLL[roll_move(*self.dice) - rules.FIRST_ROLL]

    def new_game(self) -> "UbgiTable":
        """Return the table with nothing on it; the session goes on."""
        return UbgiTable(replace(self.session, value=1, owner=NOBODY))

    def with_session(self, **changes: Any) -> "UbgiTable":
        """Return the table with other stakes."""
        return replace(self, session=replace(self.session, **changes))

    def with_dice(self, one: int, other: int) -> "UbgiTable":
        """Return the table after a roll."""
        return replace(self, dice=checked((one, other)))

    def with_gnubg_id(self, text: str) -> "UbgiTable":
        """Return the table of a position ID; with a match ID, its session and dice too."""
        alone, colon, _ = text.partition(":")
        placed = replace(self, board=_seen_by_mover(gnubg_id.from_id(alone)), offered=False)
        if not colon:
            return placed
        state = gnubg_id.from_id(text)
        taken = _taken_over(placed, state, _rolled(state))
        passed = not np.array_equal(_seen_by_mover(state), placed.placed)  # the ID's roll could not be played
        return taken.with_session(turn=1 - taken.session.turn) if passed else taken

    def with_xgid(self, text: str) -> "UbgiTable":
        """Return the table of an XGID, which tells everything; a roll that cannot be played is kept, too."""
        fields = text.split(":")
        dice: tuple[int, ...] = ()
        if len(fields) > _XGID_DICE and fields[_XGID_DICE].isdecimal() and fields[_XGID_DICE] != "00":
            faces = fields[_XGID_DICE].ljust(2, "0")
            dice = checked((int(faces[0]), int(faces[1])))
            fields[_XGID_DICE] = "00"
        state = xgid.from_id(":".join(fields))
        return _taken_over(replace(self, board=_seen_by_mover(state)), state, dice)


def _taken_over(table: UbgiTable, state: np.ndarray, dice: Sequence[int]) -> UbgiTable:
    """Return a table with the session of a row."""
    if state[rules.WINNER] != NOBODY:
        raise ValueError("the game of this ID is over")
    length, score = int(state[rules.LENGTH]), (int(state[rules.SCORE]), int(state[rules.SCORE + 1]))
    session = UbgiSession(
        length,
        score,
        bool(state[rules.CRAWFORD]) or length - 1 not in score,
        bool(state[rules.JACOBY]),
        1 << int(state[rules.CUBE]),
        int(state[rules.OWNER]),
        int(state[rules.MOVER]),
    )
    return replace(table, session=session, dice=tuple(dice), offered=bool(state[rules.OFFERED]))


def _rolled(state: np.ndarray) -> tuple[int, ...]:
    return tuple(int(die) for die in state[rules.ROLLED : rules.ROLLED + 2] if die)


def _seen_by_mover(state: np.ndarray) -> np.ndarray:
    mover = int(state[rules.MOVER])
    return np.concatenate([checkers(state, mover), checkers(state, 1 - mover)])
