"""A match of backgammon beyond the game on the board: the dice, the games before it, the score, the record.

The position belongs to the session (`match.py`); here it is only looked at. No display.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from games import backgammon
from games.backgammon import ids, mat
from games.backgammon.board import given_up, match_over, next_game, points_won
from games.backgammon.dice import Dice, SeededDice
from games.backgammon.rules import CUBE, LENGTH, OPENING, SCORE, WINNER
from games.game import Position, Record
from games.plain_files import open_plain
from gui.course import Course
from gui.records import Opened


class Book:
    """What a match has besides its position: dice, earlier games, points won for money."""

    def __init__(self, dice: Dice, opening: Position, earlier: Sequence[Record] = ()):
        """`opening` is the position that the session begins with."""
        self.dice = dice
        fresh = opening.state[OPENING] and not earlier and not opening.moves
        self.beginning: np.ndarray | None = opening.state if fresh else None  # None: it began before this session
        self.earlier: list[Record | None] = list(earlier)  # None: a game that began elsewhere than at the opening
        self.stated = ""  # the result of this game as a file states it
        self.won = [0, 0]  # points in money games before this one
        for record in earlier:
            winner, points, _ = mat.read_result(record.result)
            self.won[winner] += points

    @property
    def game(self) -> int:
        """The number of this game, from 0."""
        return len(self.earlier)

    def points(self, state: np.ndarray) -> tuple[int, int]:
        """Return the points won before this game; `state` is any position of it."""
        return (int(state[SCORE]), int(state[SCORE + 1])) if state[LENGTH] else (self.won[0], self.won[1])

    def close_game(self, end: Position, resigned: np.ndarray | None) -> Position:
        """Note a game that is over, and return the beginning of the next; raise `ValueError` where there is none."""
        ended = end.state if resigned is None else resigned
        if resigned is None and not end.over:
            raise ValueError("the game is not over")
        if match_over(ended):
            raise ValueError("the match is over")
        record = None
        with suppress(ValueError):
            record = self.record(end, resigned)
        self.earlier.append(record)
        self.stated = ""
        self.won[int(ended[WINNER])] += points_won(ended)
        return Position(backgammon, next_game(ended))

    def record(self, end: Position, resigned: np.ndarray | None) -> Record:
        """Return the record of this game; raise `ValueError` if it began elsewhere than at the opening."""
        result = self.stated
        if resigned is not None and not result:
            result = f"{int(resigned[WINNER]) + 1}+{points_won(resigned)}R"
        return mat.from_position(end, result=result)

    def written(self, end: Position, resigned: np.ndarray | None, players: tuple[str, str]) -> str:
        """Return the match so far as .mat; raise `ValueError` where it began elsewhere than at the opening."""
        games = [*self.earlier, self.record(end, resigned)]
        records = [game for game in games if game is not None]
        if len(records) < len(games):
            raise ValueError("only games from the opening roll on can be written as .mat")
        if not end.moves and self.earlier:
            records.pop()  # a game that has not begun
        return mat.write(mat.Match(players, int(end.state[LENGTH]), records))


@dataclass(eq=False, kw_only=True)
class OpenedMatch(Opened):
    """A match that begins, or goes on from a record."""

    book: Book
    resigned: np.ndarray | None = None  # the game as it ended by a resignation


def begin(opening: np.ndarray | Position, dice: Dice, earlier: Sequence[Record] = ()) -> OpenedMatch:
    """Return a match from a position on."""
    position = opening if isinstance(opening, Position) else Position(backgammon, opening)
    return OpenedMatch(Course(position), book=Book(dice, position, earlier))


def swapped(book: Book) -> OpenedMatch:
    """Return a match before its first throw, with dice that give each side what the other had; raise `ValueError`."""
    if not isinstance(book.dice, SeededDice):
        raise ValueError("only dice from a seed fall again, so that the sides can exchange them")
    if book.beginning is None:
        raise ValueError("only a match that began here can be played again with the dice exchanged")
    return begin(book.beginning, SeededDice(book.dice.seed, not book.dice.swapped))


# --- records ----------------------------------------------------------------------------------------------


PEEK = 1 << 16
"""Bytes of a file that are searched for an ID."""


def resume(text: str, dice: Dice) -> OpenedMatch:
    """Return a match that goes on from a .mat file, a match as text, or a text or file with a GNUbg ID or an XGID.

    Raise `ValueError` for none of these. `about` says what of a match could not be used.
    """
    text = text.strip()
    path = Path(text) if _is_file(text) else None
    if path is None and "\n" not in text:
        return begin(ids.find(text), dice)
    try:
        return _resume_match(mat.read(path or f"{text}\n"), dice)
    except mat.MatError:
        with suppress(ValueError, OSError):
            return begin(ids.find(_beginning(path) if path else text), dice)
        raise


def resume_text(text: str, dice: Dice) -> OpenedMatch:
    """Return a match that goes on from pasted text; raise `ValueError`."""
    try:
        return resume(text, dice)
    except mat.MatError as error:
        raise ValueError(f"the pasted text is no match: {error.sentence}") from None


def _is_file(text: str) -> bool:
    with suppress(ValueError, OSError):  # too long for a name, or with a zero in it
        return "\n" not in text and (text.endswith(".mat") or Path(text).is_file())
    return False


def _beginning(path: Path) -> str:
    with open_plain(path) as file:
        return file.read(PEEK).decode("utf-8", "replace")


def _resume_match(match: mat.Match, dice: Dice) -> OpenedMatch:
    *earlier, last = match.records
    opened = begin(mat.position(last), dice, earlier)
    opened.book.stated = last.result
    opened.about, opened.alarm = ". ".join(str(error) for error in match.left_out), bool(match.left_out)
    end = opened.course.position
    winner, points, _ = mat.read_result(last.result)
    if points and not end.over:
        opened.resigned = given_up(end.state, 1 - winner, -(-points >> int(end.state[CUBE])))
    ended = end.state if opened.resigned is None else opened.resigned
    if (end.over or opened.resigned is not None) and not match_over(ended):
        opened.course, opened.resigned = Course(opened.book.close_game(end, opened.resigned)), None
    return opened
