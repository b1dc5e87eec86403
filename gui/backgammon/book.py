"""A match of backgammon in progress: game after game, dice, a turn that may be taken back, the record. No display."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from games import backgammon
from games.backgammon import ids, mat
from games.backgammon.board import given_up, match_over, next_game, points_won
from games.backgammon.dice import Dice, Pair, SeededDice, move_of
from games.backgammon.rules import CUBE, DICE, FIRST_ROLL, LENGTH, MOVER, OPENING, SCORE, WINNER
from games.backgammon.writing import read_play, write_play
from games.game import NOBODY, Position, Record


class Session:
    """Plays a match, or games for money without end, from a position on.

    `position` holds what is settled; `draft`, while a person moves, the same and the moves that are not confirmed yet.
    """

    def __init__(self, opening: np.ndarray | Position, dice: Dice, earlier: Sequence[Record] = ()):
        self.position = opening if isinstance(opening, Position) else Position(backgammon, opening)
        self.dice = dice
        self.beginning = self._fresh_start(earlier)
        self.draft: Position | None = None
        self.resigned: np.ndarray | None = None  # the game as it ended, if somebody gave it up
        self.earlier: list[Record | None] = list(earlier)  # None: a game that began elsewhere than at the opening
        self.stated = ""  # the result of this game as a file states it
        self.left_out: list[str] = []  # a sentence for each game of a file that could not be wholly used
        self.won = [0, 0]  # points in money games before this one
        for record in earlier:
            winner, points, _ = mat.read_result(record.result)
            self.won[winner] += points

    def _fresh_start(self, earlier: Sequence[Record]) -> np.ndarray | None:
        """Return the match before its first throw, None where it began before this session."""
        state = self.position.state
        return state if state[OPENING] and not earlier and not self.position.moves else None

    # --- reading off ---

    @property
    def state(self) -> np.ndarray:
        """The position as it stands on the board: after moves that are not confirmed, and after a resignation."""
        if self.resigned is not None:
            return self.resigned
        return (self.draft or self.position).state

    @property
    def turn(self) -> int:
        """Whose choice it is; a turn goes on until it is confirmed."""
        return NOBODY if self.resigned is not None else self.position.turn

    @property
    def length(self) -> int:
        return int(self.position.state[LENGTH])

    @property
    def game(self) -> int:
        """The number of this game, from 0."""
        return len(self.earlier)

    @property
    def points(self) -> tuple[int, int]:
        """Points won before this game."""
        state = self.position.state
        return (int(state[SCORE]), int(state[SCORE + 1])) if self.length else tuple(self.won)

    @property
    def over(self) -> bool:
        return self.turn == NOBODY

    @property
    def match_over(self) -> bool:
        return self.over and match_over(self.state)

    @property
    def complete(self) -> bool:
        """Whether all of a turn's dice are played and it only waits for being confirmed."""
        return self.draft is not None and not self.draft.state[DICE]

    @property
    def drafted(self) -> str:
        """The moves that are not confirmed yet, written out."""
        moves = self.draft.moves[len(self.position.moves) :] if self.draft else []
        return write_play(self.position.state, moves)

    # --- what happens ---

    def roll(self) -> Pair:
        """Throw the dice; return what fell, at an opening FIRST's die first."""
        opening = bool(self.position.state[OPENING])
        number = sum(move >= FIRST_ROLL for move in self.position.moves)
        throw = self.dice.throw(self.game, number, opening)
        self.position.play(move_of(throw, opening))
        return throw

    def play(self, move: int) -> None:
        """Make a move that needs no confirming."""
        self.position.play(move)

    def move(self, text: str) -> None:
        """Move a person's men, all dice or some; raise `ValueError` where the text is no legal move."""
        draft = (self.draft or self.position).copy()
        for move in read_moves(draft.state, text):
            draft.play(move)
        self.draft = draft

    def confirm(self) -> None:
        """Settle the moves of a whole turn."""
        if not self.complete:
            raise ValueError("the turn is not over: dice are left to play")
        self.position, self.draft = self.draft, None

    def undo(self) -> None:
        """Take back the last man that was moved in this turn."""
        if self.draft is None:
            raise ValueError("there is nothing to take back: a turn that is confirmed stands")
        self.draft.undo()
        if len(self.draft.moves) == len(self.position.moves):
            self.draft = None

    def resign(self, player: int, gain: int) -> None:
        """Give the game up: plainly (1), as a gammon (2) or a backgammon (3)."""
        if self.over:
            raise ValueError("the game is over")
        self.draft, self.resigned = None, given_up(self.position.state, player, gain)

    def next_game(self) -> None:
        """Begin the next game of the match, or the next for money."""
        if not self.over or self.match_over:
            raise ValueError("the match is over" if self.over else "the game is not over")
        ended, record = self.state, None
        with suppress(ValueError):
            record = self.record()
        self.earlier.append(record)
        self.won[int(ended[WINNER])] += points_won(ended)
        self.position, self.resigned, self.stated = Position(backgammon, next_game(ended)), None, ""

    def swapped(self) -> "Session":
        """Return this match before its first throw, with dice that give each side what the other had.

        Raise `ValueError` where that cannot be.
        """
        if not isinstance(self.dice, SeededDice):
            raise ValueError("only dice from a seed fall again, so that the sides can exchange them")
        if self.beginning is None:
            raise ValueError("only a match that began here can be played again with the dice exchanged")
        return Session(self.beginning, SeededDice(self.dice.seed, not self.dice.swapped))

    # --- records ---

    def record(self) -> Record:
        """Return the record of this game as far as it is settled; raise `ValueError` if it began elsewhere."""
        result = self.stated
        if self.resigned is not None and not result:
            result = f"{int(self.resigned[WINNER]) + 1}+{points_won(self.resigned)}R"
        return mat.from_position(self.position, result=result)

    def save(self, path: str, players: tuple[str, str]) -> None:
        """Write the match so far as .mat."""
        records = [*self.earlier, self.record()]
        if None in records:
            raise ValueError("only games from the opening roll on can be written as .mat")
        if not self.position.moves and self.earlier:
            records.pop()  # a game that has not begun
        Path(path).write_text(mat.write(mat.Match(players, self.length, records)), "utf-8")


def read_moves(state: np.ndarray, text: str) -> tuple[int, ...]:
    """Read a play of all dice, or single men one by one; raise `ValueError` where neither is legal."""
    try:
        return read_play(state, text)
    except ValueError:
        moves = _single_moves(state, text)
        if not moves:
            raise
        return moves


def _single_moves(state: np.ndarray, text: str) -> tuple[int, ...]:
    """Read words such as 13/7 as moves of single dice; () where one of them is no legal move."""
    position, mover = Position(backgammon, state), state[MOVER]
    for word in text.lower().replace("*", "").split():
        names = {_name(position.state, move): move for move in position.legal().tolist()}
        if word not in names or position.state[MOVER] != mover:
            return ()
        position.play(names[word])
    return tuple(position.moves)


def _name(state: np.ndarray, move: int) -> str:
    """Write a move without the die that is larger than needed."""
    return backgammon.notation(state, move).partition("(")[0]


# --- beginnings -------------------------------------------------------------------------------------------


PEEK = 1 << 16
"""Bytes of a file that are searched for an ID."""


def resume(text: str, dice: Dice) -> Session:
    """Return a session that goes on from a .mat file, a match as text, or a text or file with a GNUbg ID or an XGID.

    Raise `ValueError` for none of these. What of a match could not be used stands in the session's `left_out`.
    """
    text = text.strip()
    path = Path(text) if _is_file(text) else None
    if path is None and "\n" not in text:
        return Session(ids.find(text), dice)
    try:
        return _resume_match(mat.read(path or f"{text}\n"), dice)
    except mat.MatError:
        with suppress(ValueError, OSError):
            return Session(ids.find(_beginning(path) if path else text), dice)
        raise


def _is_file(text: str) -> bool:
    with suppress(ValueError, OSError):  # too long for a name, or with a zero in it
        return "\n" not in text and (text.endswith(".mat") or Path(text).is_file())
    return False


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(PEEK).decode("utf-8", "replace")


def _resume_match(match: mat.Match, dice: Dice) -> Session:
    *earlier, last = match.records
    session = Session(mat.position(last), dice, earlier)
    session.left_out = [str(error) for error in match.left_out]
    session.stated = last.result
    winner, points, _ = mat.read_result(last.result)
    if points and not session.over:
        session.resign(1 - winner, -(-points >> int(session.state[CUBE])))
    if session.over and not session.match_over:
        session.next_game()
    return session
