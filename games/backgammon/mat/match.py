"""A match: its games as records, their results as text, and why a file cannot be used."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from games import backgammon
from games.backgammon.board import points_won, start
from games.backgammon.rules import CRAWFORD, JACOBY, LENGTH, SCORE, USE_CUBE, WINNER
from games.game import FIRST, Position, Record

LONGEST_SENTENCE = 200


class MatError(ValueError):
    """A match, or a part of one, that cannot be used; the message names the file, the line and what is wrong."""

    def __init__(self, sentence: str, line: int = 0, source: str = ""):
        sentence = "".join(c if c.isprintable() else " " for c in sentence[:LONGEST_SENTENCE])  # it may quote the file
        where = ", ".join(part for part in (source, f"line {line}" if line else "") if part)
        super().__init__(f"{where}: {sentence}" if where else sentence)
        self.sentence, self.line, self.source = sentence, line, source


@dataclass
class Match:
    """Games between two players, left and right; `length` 0 is a money session.

    A record's `start` holds keywords of `games.backgammon.board.start`; its `result` is "1+2" where the first player
    won two points, "2+4R" where the second won four by the other's resignation, "" where the game was broken off.
    `info` holds the tags of the file's head: EventDate, Site, Crawford, Jacoby, ... `left_out` says in a sentence for
    each game what of the file could not be used.
    """

    players: tuple[str, str] = ("", "")
    length: int = 0
    records: list[Record] = field(default_factory=list)
    info: dict[str, str] = field(default_factory=dict)
    left_out: list[MatError] = field(default_factory=list, compare=False)


# --- results ----------------------------------------------------------------------------------------------


def write_result(winner: int, points: int, how: str = "") -> str:
    """Return a result as text; `how` is "R" for a resignation."""
    return f"{winner + 1}+{points}{how}"


def read_result(result: str) -> tuple[int, int, str]:
    """Return the winner, the points (0: the game was broken off), and how."""
    match = re.fullmatch(r"([12])\+(\d{1,9})(R?)", result)
    return (int(match[1]) - 1, int(match[2]), match[3]) if match else (FIRST, 0, "")


# --- records and positions --------------------------------------------------------------------------------


def position(record: Record, moves: int | None = None) -> Position:
    """Replay a record, or its first so many moves; raise `ValueError` where one of them is illegal."""
    game = Position(backgammon, start(**record.start))
    for move in record.moves[:moves]:
        game.play(move)
    return game


def from_position(game: Position, players: tuple[str, str] = ("", ""), result: str = "") -> Record:
    """Return the record of a game from the opening on; raise `ValueError` for one that began elsewhere."""
    first = game.states[0]
    given: dict[str, Any] = {
        "length": int(first[LENGTH]),
        "score": (int(first[SCORE]), int(first[SCORE + 1])),
        "crawford": bool(first[CRAWFORD]),
        "jacoby": bool(first[JACOBY]),
        "cube": bool(first[USE_CUBE]),
    }
    if not np.array_equal(start(**given), first):
        raise ValueError("only games from the opening roll on can be written as .mat")
    if game.over and not result:
        result = write_result(int(game.state[WINNER]), points_won(game.state))
    return Record(backgammon.name, given, game.moves.copy(), [], result, players)
