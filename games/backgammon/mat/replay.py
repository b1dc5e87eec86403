"""A game played over from its cells: the moves of the record, and its result.

What cannot be used is left out, and `Replay.complaints` says it. After a turn that cannot be, the rest of the game's
moves are left out; its result is still read.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

import numpy as np

from games import backgammon
from games.backgammon import rules
from games.backgammon.board import points_won
from games.backgammon.mat.cells import NOTHING, Cell
from games.backgammon.mat.match import MatError, write_result
from games.backgammon.writing import read_play, split_words
from games.game import CHANCE, NOBODY, IllegalMove, Position

MOST_GAIN = 3
"""A game wins at most so many times the cube."""


class OtherJacoby(MatError):
    """A money game whose result fits only if Jacoby's rule is the other way."""


class Replay:
    """Plays a game over, cell by cell."""

    def __init__(self, position: Position):
        self.position = position
        self.result = ""
        self.lost: Cell | None = None  # a line that says who lost: it counts where none says who won
        self.loser: int | None = None
        self.given_up = 1  # what the loser resigned: 1 to 3, 0 the match
        self.rolled: Cell | None = None  # a roll whose play is missing
        self.cube = 1  # what it shows according to the cells, also where the moves are left out
        self.cut = False
        self.complaints: list[MatError] = []

    def do(self, cell: Cell) -> None:
        """Do what a cell says, or note why it cannot be done."""
        try:
            if cell.kind in self.RESULTS:
                self.RESULTS[cell.kind](self, cell)
                return
            self._follow_cube(cell)
            if not self.cut:
                self._act(cell)
        except OtherJacoby:
            raise
        except ValueError as error:
            line = error.line if isinstance(error, MatError) and error.line else cell.line
            self.cut = self.cut or cell.kind not in self.RESULTS
            self.complaints.append(MatError(str(error) if not isinstance(error, MatError) else error.sentence, line))

    def ending(self) -> str:
        """Return the result of the game, after all its cells."""
        state = self.position.state
        if self.lost and not self.result:
            self.do(replace(self.lost, kind="wins", side=1 - self.lost.side))
        if self.result:
            return self.result
        if self.position.over:
            return write_result(int(state[rules.WINNER]), points_won(state))
        if self.loser is None:
            return ""
        needed = self._needed(1 - self.loser)
        return write_result(1 - self.loser, self.given_up * self.cube or needed or self.cube, "R")

    # --- turns ---

    def _act(self, cell: Cell) -> None:
        if self.result or self.loser is not None or self.position.over:
            raise ValueError("the game is over before this")
        if self.rolled:
            raise MatError(f"{self.rolled.number} was rolled but not played", self.rolled.line)
        self.ACTIONS[cell.kind](self, cell)

    def _follow_cube(self, cell: Cell) -> None:
        if cell.kind == "take":
            self.cube = min(2 * self.cube, 1 << 12)

    def _dice(self, cell: Cell) -> None:
        high, low = max(divmod(cell.number, 10)), min(divmod(cell.number, 10))
        if not 1 <= low <= high <= 6:
            raise ValueError(f"{cell.number:02} are no dice")
        if self.position.state[rules.OPENING]:
            if high == low:
                raise ValueError(f"{cell.number} is a double: no game begins with it")
            self.position.play(backgammon.roll_move(high, low, cell.side))
        else:
            self._expect(cell, int(self.position.state[rules.MOVER]), "to roll")
            if self.position.turn != CHANCE:
                self.position.play(rules.ROLL)
            self.position.play(backgammon.roll_move(high, low))
        self._play(cell)

    def _play(self, cell: Cell) -> None:
        text = cell.text.lower().replace("\u2019", "'").strip(" .()")
        nothing = text in NOTHING or (bool(text) and not text.strip("?"))  # ???? stands for what was not recorded
        if not self.position.state[rules.DICE]:
            if not nothing and any(character.isdigit() for character in text):
                raise ValueError(f"nothing can be played with {cell.number}, not {cell.text}")
        elif nothing:
            self._play_forced(cell)
        else:
            for move in self._find_play(cell):
                self.position.play(move)

    def _play_forced(self, cell: Cell) -> None:
        """Play what is not written where the rules leave only one play, unless it ends the game."""
        (moves, after), *others = backgammon.plays(self.position.state)
        if others or after[rules.WINNER] != NOBODY:
            self.rolled = cell
            return
        for move in moves:
            self.position.play(move)

    def _find_play(self, cell: Cell) -> tuple[int, ...]:
        """Return the play that a text means; where it is more than a play, the rest is a remark."""
        try:
            return read_play(self.position.state, cell.text)
        except ValueError as error:
            errors = [error]
        for text in _readings(cell.text):
            try:
                moves = read_play(self.position.state, text)
            except ValueError as error:
                errors.append(error)
            else:
                self._note_remark(cell)
                return moves
        raise next((error for error in errors if isinstance(error, IllegalMove)), errors[0])

    def _note_remark(self, cell: Cell) -> None:
        if rest := _remark(cell.text):
            self.complaints.append(MatError(f"{rest!r} is neither a turn nor a result", cell.line))

    def _double(self, cell: Cell) -> None:
        self._expect(cell, int(self.position.state[rules.MOVER]), "to roll")
        value = 2 << int(self.position.state[rules.CUBE])
        if cell.number not in (0, value):
            raise ValueError(f"the cube is turned to {value}, not to {cell.number}")
        self.position.play(rules.DOUBLE)

    def _take(self, cell: Cell) -> None:
        self._answer(cell, rules.TAKE)

    def _drop(self, cell: Cell) -> None:
        self._answer(cell, rules.DROP)

    def _answer(self, cell: Cell, move: int) -> None:
        if not self.position.state[rules.OFFERED]:
            raise ValueError("there is no double to answer")
        self._expect(cell, 1 - int(self.position.state[rules.MOVER]), "to answer")
        self.position.play(move)

    def _beaver(self, cell: Cell) -> None:
        raise ValueError("the rules here have no beavers and raccoons")

    def _expect(self, cell: Cell, player: int, what: str) -> None:
        if self.position.state[rules.OPENING]:
            raise ValueError("no game begins with a double")
        if self.position.state[rules.OFFERED] and what == "to roll":
            raise ValueError("the double is not answered")
        if cell.side != player:
            raise ValueError(f"it is the {('left', 'right')[player]} player's turn {what}")

    # --- results ---

    def _resign(self, cell: Cell) -> None:
        if self.position.over or self.result:
            raise ValueError("the game is over before this")
        self.loser, self.given_up = cell.side, cell.number

    def _wins(self, cell: Cell) -> None:
        self._note_result(cell, cell.side)

    def _loses(self, cell: Cell) -> None:
        self.lost = self.lost or cell

    def _note_result(self, cell: Cell, winner: int) -> None:
        self._drop_unsaid(winner, cell.number)
        over = self.position.over
        winner = int(self.position.state[rules.WINNER]) if over else winner
        points = cell.number or (points_won(self.position.state) if over else self.cube)
        result = write_result(winner, points, "" if over else "R")
        if self.result not in ("", result):
            raise ValueError("the game has two results")
        try:
            (self._check_counted if over else self._check_possible)(winner, points, cell)
        except OtherJacoby:
            raise
        except MatError:
            if not over and 0 < self._needed(winner) <= self.cube:  # any win ends the match
                self.result = write_result(winner, self._needed(winner), "R")
            raise
        self.result = result

    def _check_counted(self, winner: int, points: int, cell: Cell) -> None:
        """Refuse other points than those of a game that was played to its end."""
        state = self.position.state
        won = points_won(state)
        if points == won or (points < won and self._ends_match(winner, points)):
            return
        other = not state[rules.LENGTH] and _won_under_other_jacoby(self.position) == points
        raise (OtherJacoby if other else MatError)(f"the game was won by {won} points, not {points}", cell.line)

    def _check_possible(self, winner: int, points: int, cell: Cell) -> None:
        """Refuse points that no game wins: they are 1 to 3 times the cube, or all that the match still needs."""
        gain, rest = divmod(points, self.cube)
        if not self._ends_match(winner, points) and (rest or not 1 <= gain <= MOST_GAIN):
            most = MOST_GAIN * self.cube
            raise MatError(f"with the cube at {self.cube} no game wins {points} points (at most {most})", cell.line)

    def _ends_match(self, winner: int, points: int) -> bool:
        """Tell whether points end the match; some programs count no more than it needs, some its whole length."""
        return bool(self._needed(winner)) and self._needed(winner) <= points <= int(self.position.state[rules.LENGTH])

    def _needed(self, winner: int) -> int:
        """Return the points that a player needs to win the match; 0 for money."""
        state = self.position.state
        return int(state[rules.LENGTH]) - int(state[rules.SCORE + winner]) if state[rules.LENGTH] else 0

    def _drop_unsaid(self, winner: int, points: int) -> None:
        """Drop a double that nobody answered where the doubler wins what the cube showed before it."""
        state = self.position.state
        if (
            state[rules.OFFERED]
            and self.loser is None
            and (winner, points) == (state[rules.MOVER], 1 << state[rules.CUBE])
        ):
            self.position.play(rules.DROP)

    ACTIONS: ClassVar[dict[str, Callable]] = {
        "dice": _dice,
        "double": _double,
        "take": _take,
        "drop": _drop,
        "beaver": _beaver,
    }
    RESULTS: ClassVar[dict[str, Callable]] = {"wins": _wins, "loses": _loses, "resign": _resign}


def _won_under_other_jacoby(position: Position) -> int:
    """Return what a finished money game is worth if Jacoby's rule is the other way."""
    last = position.states[-2][None].copy()
    last[0, rules.JACOBY] = 1 - last[0, rules.JACOBY]
    backgammon.play(last, np.array(position.moves[-1:], np.int32))
    return points_won(last[0])


# --- plays with something beside them ---------------------------------------------------------------------

_MOVE = re.compile(r"(?:bar|b|\d{1,2})(?:[/-](?:off|o|\d{1,2})\*?){1,4}(?:\([1-4]\))?", re.I)
_TIMES = re.compile(r"(?<=[\do*f])x([1-4])\b", re.I)
_SMALL = str.maketrans({"²": "(2)", "³": "(3)", "⁴": "(4)", ";": " ", ",": " "})


def _readings(text: str) -> list[str]:
    """Return what a text may mean as a play, the likeliest first: all of it, its moves, its moves up to a remark.

    Each also without stars, which some files put where nobody is hit.
    """
    plain = _TIMES.sub(r"(\1)", text.translate(_SMALL))
    words = split_words(plain)
    moves = [word for word in words if _MOVE.fullmatch(word)]
    leading = moves[: next((k for k, word in enumerate(words) if not _MOVE.fullmatch(word)), len(moves))]
    readings = [plain, " ".join(moves), " ".join(leading)]
    return list(dict.fromkeys(each for text in readings for each in (text, text.replace("*", ""))))


def _remark(text: str) -> str:
    """Return the words of a text that are no moves."""
    plain = _TIMES.sub(r"(\1)", text.translate(_SMALL))
    return " ".join(word for word in split_words(plain) if not _MOVE.fullmatch(word))
