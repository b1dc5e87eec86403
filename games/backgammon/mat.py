"""Matches in Jellyfish's text format, .mat, which every backgammon program reads and writes.

A game is two columns of turns: 31: 8/5 6/5, Doubles => 2, Takes, Drops, and at the end Wins 2 points in the winner's
column. The left player is FIRST. Points are numbers, the bar is 25 and off is 0; other spellings are read, too. The
format was never specified: what is accepted here is what GNU Backgammon, eXtreme Gammon and the servers write.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from games import backgammon
from games.backgammon.board import points_won, start
from games.backgammon.rules import (
    CRAWFORD,
    CUBE,
    DICE,
    DOUBLE,
    DROP,
    FIRST_REPLY,
    FIRST_ROLL,
    JACOBY,
    LENGTH,
    MOVER,
    OFFERED,
    OPENING,
    ROLL,
    SCORE,
    TAKE,
    TURN,
    USE_CUBE,
    WINNER,
)
from games.backgammon.writing import legs, read_play
from games.game import CHANCE, FIRST, NOBODY, SECOND, Position, Record


class MatError(ValueError):
    """A match that cannot be used; the message names the file, the line and what is wrong."""

    def __init__(self, sentence: str, line: int = 0, source: str = ""):
        sentence = "".join(c if c.isprintable() else " " for c in sentence[:200])  # it may quote the file
        where = [part for part in (source, f"line {line}" if line else "") if part]
        super().__init__(": ".join([", ".join(where)] * bool(where) + [sentence]))
        self.sentence, self.line, self.source = sentence, line, source


class _OtherJacoby(MatError):
    """A money game whose result fits only if Jacoby's rule is the other way."""


@dataclass
class Match:
    """Games between two players, left and right; `length` 0 is a money session.

    A record's `start` holds keywords of `backgammon_board.start`; its `result` is "1+2" where the first player won two
    points, "2+4R" where the second won four by the other's resignation, "" where the game was broken off. `info`
    holds the tags of the file's head: EventDate, Site, Crawford, Jacoby, ...
    """

    players: tuple[str, str] = ("", "")
    length: int = 0
    records: list[Record] = field(default_factory=list)
    info: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Cell:
    """One entry of a column: what was done ("dice", "double", ...), its number and the text behind it."""

    line: int
    side: int
    kind: str
    number: int
    text: str


@dataclass
class _Game:
    """One game as it stands in the file."""

    line: int
    players: tuple[str, str] = ("", "")
    score: tuple[int, int] = (0, 0)
    cells: list[_Cell] = field(default_factory=list)
    right: int = 0
    """The place of a line from where it belongs to the right column."""


# --- reading: lines to cells ------------------------------------------------------------------------------

_TAG = re.compile(r'\s*;\s*\[\s*([\w .#-]+?)\s+"(.*)"\s*\]')
_LENGTH = re.compile(r"\s*(?:(\d{1,4})\s*-?\s*points?\s+match|(?:unlimited|money)\s+(?:game|match|session))", re.I)
_GAME = re.compile(r"\s*game\s+(\d+)\s*$", re.I)
_NAMES = re.compile(r"\s*(.*?)\s*:\s*(\d{1,4})\s+(.*?)\s*:\s*(\d{1,4})\s*$")
_NUMBER = re.compile(r"\s*\d+\s*\)")
_ACTION = re.compile(
    r"""(?P<dice>\b\d\d:)
    |(?P<double>\b(?:re)?doubles?\b(?:\s*=>?\s*(?P<value>\d{1,5}))?)
    |(?P<take>\b(?:takes?|accepts?)\b)
    |(?P<drop>\b(?:drops?|pass(?:es)?|rejects?|declines?)\b)
    |(?P<beaver>\b(?:beavers?|raccoons?)\b)
    |(?P<wins>\bwins?\s+(?P<points>\d{1,5})\s*points?\b(?:\s+and\s+the\s+match\b)?)
    |(?P<resign>\bresign(?:s|ed)?\b(?:\s+(?:a\s+)?(?:single|game|match|gammon|backgammon)\b)*)""",
    re.I | re.X,
)
_NOTHING = {"", "-", "cannot move", "can't move", "no move", "no play", "dances", "illegal play"}
"""What files write where no man moves; a row of ? stands for a turn that was not recorded."""

NARROWEST = 10
"""A left column has at least so many places."""


def read(source: str | Path, broken: Callable[[MatError], None] | None = None) -> Match:
    """Read a match from a file, or from text (of several lines).

    A game that cannot be used raises `MatError`, or goes to `broken` and is left out.
    """
    text, name = _text(source)
    match = Match()
    try:
        games = _scan(text.splitlines(), match)
    except MatError as error:
        raise MatError(error.sentence, error.line, name) from None
    jacoby = match.info.get("Jacoby", "On").lower() != "off"
    try:
        match.records = [_record(game, given) for game, given in _starts(games, match, jacoby)]
    except MatError as error:  # only the results tell by which rule a file without a tag was played
        jacoby ^= isinstance(error, _OtherJacoby)
        match.records = _usable(_starts(games, match, jacoby), broken, name)
    return match


def _text(source: str | Path) -> tuple[str, str]:
    """Return the text, and the name of the file."""
    if isinstance(source, str) and "\n" in source:
        return source, ""
    try:
        data = Path(source).read_bytes()
    except (OSError, ValueError) as error:
        raise MatError(f"it cannot be opened: {getattr(error, 'strerror', None) or error}", 0, str(source)) from None
    try:
        return data.decode("utf-8-sig"), str(source)
    except UnicodeDecodeError:
        return data.decode("latin-1"), str(source)


def _scan(lines: Sequence[str], match: Match) -> list[_Game]:
    """Fill in the head of a match, and return its games."""
    games: list[_Game] = []
    length = None
    for number, line in enumerate(lines, 1):
        line = line.lstrip("\ufeff").expandtabs().rstrip()
        if line.lstrip().startswith(";"):
            if tag := _TAG.match(line):
                match.info[tag[1]] = tag[2]
        elif length is None:
            if found := _LENGTH.match(line):
                length = int(found[1] or 0)
        elif _GAME.match(line):
            games.append(_Game(number))
        elif games and line:
            _read_line(games[-1], line, number)
    if length is None:
        raise MatError("it does not say what match it is (5 point match)", len(lines))
    if not games:
        raise MatError("there is no game in it", len(lines))
    variation = match.info.get("Variation", "Backgammon")
    if variation.lower() not in ("backgammon", "standard"):
        raise MatError(f"it is not backgammon but {variation}", 1)
    match.length, match.players = length, games[0].players
    return games


def _read_line(game: _Game, line: str, number: int) -> None:
    if not game.right:
        _read_names(game, line, number)
        return
    numbered = _NUMBER.match(line)
    at = numbered.end() if numbered else 0
    actions = list(_ACTION.finditer(line, at))
    stray = line[at : actions[0].start() if actions else None].strip()
    if stray or (not numbered and not actions):
        raise MatError(f"{stray!r} is neither a turn nor a result", number)
    for k, action in enumerate(actions):
        end = actions[k + 1].start() if k + 1 < len(actions) else None
        side = SECOND if k or action.start() >= game.right else FIRST
        game.cells.append(_cell(action, line[action.end() : end].strip(), side, number))


def _read_names(game: _Game, line: str, number: int) -> None:
    names = _NAMES.match(line)
    if not names:
        raise MatError("the players' names and scores are missing below 'Game'", number)
    game.players, game.score = (names[1], names[3]), (int(names[2]), int(names[4]))
    game.right = max(NARROWEST, names.start(3) // 2)


def _cell(action: re.Match, text: str, side: int, line: int) -> _Cell:
    kind = next(name for name in ("dice", "double", "take", "drop", "beaver", "wins", "resign") if action[name])
    if text and kind != "dice":
        raise MatError(f"{text!r} is neither a turn nor a result", line)
    number = action[0][:2] if kind == "dice" else action["value"] or action["points"] or 0
    return _Cell(line, side, kind, int(number), text)


# --- reading: cells to records ----------------------------------------------------------------------------


def _usable(games: Iterable[tuple[_Game, dict]], broken, name: str) -> list[Record]:
    records = []
    for game, given in games:
        try:
            records.append(_record(game, given))
        except MatError as error:
            _tell(MatError(error.sentence, error.line, name), broken)
    return records


def _tell(error: MatError, broken: Callable[[MatError], None] | None) -> None:
    if broken is None:
        raise error from None
    broken(error)


def _starts(games: Sequence[_Game], match: Match, jacoby: bool) -> Iterator[tuple[_Game, dict]]:
    """Yield each game with the keywords with which `backgammon_board.start` makes its start."""
    last, before = match.length - 1, ()
    rule = match.info.get("Crawford", "On").lower() != "off"
    for game in games:
        due = rule and last > 0 and last in game.score and last not in before
        before = game.score
        yield (
            game,
            {
                "length": match.length,
                "score": game.score if match.length else (0, 0),
                "crawford": due and not any(cell.kind == "double" for cell in game.cells),
                "jacoby": jacoby and not match.length,
                "cube": match.info.get("CubeLimit", "") not in ("0", "1"),
            },
        )


def _record(game: _Game, given: dict) -> Record:
    try:
        replay = _Replay(Position(backgammon, start(**given)))
    except ValueError as error:
        raise MatError(str(error), game.line + 1) from None
    for cell in game.cells:
        try:
            replay.do(cell)
        except MatError:
            raise
        except ValueError as error:
            raise MatError(str(error), cell.line) from None
    moves = replay.position.moves
    return Record(backgammon.name, given, moves, [], replay.ending(), game.players)


class _Replay:
    """A game played over from its cells."""

    def __init__(self, position: Position):
        self.position = position
        self.result = ""
        self.loser: int | None = None
        self.rolled: _Cell | None = None  # a roll whose play is missing

    def do(self, cell: _Cell) -> None:
        """Do what a cell says; raise `ValueError` where it cannot be."""
        if cell.kind in ("wins", "resign"):
            getattr(self, f"_{cell.kind}")(cell)
            return
        if self.result or self.loser is not None or self.position.over:
            raise ValueError("the game is over before this")
        if self.rolled:
            raise MatError(f"{self.rolled.number} was rolled but not played", self.rolled.line)
        getattr(self, f"_{cell.kind}")(cell)

    def ending(self) -> str:
        """Return the result of the game."""
        state = self.position.state
        if self.result:
            return self.result
        if self.position.over:
            return _result(int(state[WINNER]), points_won(state))
        return "" if self.loser is None else _result(1 - self.loser, 1 << int(state[CUBE]), "R")

    def _dice(self, cell: _Cell) -> None:
        high, low = max(divmod(cell.number, 10)), min(divmod(cell.number, 10))
        if not 1 <= low <= high <= 6:
            raise ValueError(f"{cell.number:02} are no dice")
        if self.position.state[OPENING]:
            if high == low:
                raise ValueError(f"{cell.number} is a double: no game begins with it")
            self.position.play(backgammon.roll_move(high, low, cell.side))
        else:
            self._expect(cell, int(self.position.state[MOVER]), "to roll")
            if self.position.turn != CHANCE:
                self.position.play(ROLL)
            self.position.play(backgammon.roll_move(high, low))
        self._play(cell)

    def _play(self, cell: _Cell) -> None:
        text = cell.text.lower().replace("\u2019", "'").strip(" .()")
        unrecorded = bool(text) and not text.strip("?")
        nothing = text in _NOTHING or unrecorded
        if self.position.state[DICE] and nothing:
            self.rolled = cell
        elif self.position.state[DICE]:
            for move in read_play(self.position.state, cell.text):
                self.position.play(move)
        elif not nothing:
            raise ValueError(f"nothing can be played with {cell.number}, not {cell.text}")

    def _double(self, cell: _Cell) -> None:
        self._expect(cell, int(self.position.state[MOVER]), "to roll")
        value = 2 << int(self.position.state[CUBE])
        if cell.number not in (0, value):
            raise ValueError(f"the cube is turned to {value}, not to {cell.number}")
        self.position.play(DOUBLE)

    def _take(self, cell: _Cell) -> None:
        self._answer(cell, TAKE)

    def _drop(self, cell: _Cell) -> None:
        self._answer(cell, DROP)

    def _answer(self, cell: _Cell, move: int) -> None:
        if not self.position.state[OFFERED]:
            raise ValueError("there is no double to answer")
        self._expect(cell, 1 - int(self.position.state[MOVER]), "to answer")
        self.position.play(move)

    def _beaver(self, cell: _Cell) -> None:
        raise ValueError("the rules here have no beavers and raccoons")

    def _expect(self, cell: _Cell, player: int, what: str) -> None:
        if self.position.state[OPENING]:
            raise ValueError("no game begins with a double")
        if self.position.state[OFFERED] and what == "to roll":
            raise ValueError("the double is not answered")
        if cell.side != player:
            raise ValueError(f"it is the {('left', 'right')[player]} player's turn {what}")

    def _resign(self, cell: _Cell) -> None:
        if self.position.over or self.result:
            raise ValueError("the game is over before this")
        self.loser = cell.side

    def _wins(self, cell: _Cell) -> None:
        self._drop_unsaid(cell)
        state, over = self.position.state, self.position.over
        winner = int(state[WINNER]) if over else cell.side
        result = _result(winner, cell.number, "" if over else "R")
        if self.result not in ("", result):
            raise ValueError("the game has two results")
        if over and points_won(state) != cell.number:
            wrong = MatError if state[LENGTH] or _won_under_other_jacoby(self.position) != cell.number else _OtherJacoby
            raise wrong(f"the game was won by {points_won(state)} points, not {cell.number}", cell.line)
        self.result = result

    def _drop_unsaid(self, cell: _Cell) -> None:
        """Drop a double that nobody answered where the doubler wins what the cube showed before it."""
        state = self.position.state
        if state[OFFERED] and self.loser is None and (cell.side, cell.number) == (state[MOVER], 1 << state[CUBE]):
            self.position.play(DROP)


def _result(winner: int, points: int, how: str = "") -> str:
    return f"{winner + 1}+{points}{how}"


def _won_under_other_jacoby(position: Position) -> int:
    """Return what a finished money game is worth if Jacoby's rule is the other way."""
    last = position.states[-2][None].copy()
    last[0, JACOBY] = 1 - last[0, JACOBY]
    backgammon.play(last, np.array(position.moves[-1:], np.int32))
    return points_won(last[0])


# --- between records and positions ------------------------------------------------------------------------


def position(record: Record, moves: int | None = None) -> Position:
    """Replay a record, or its first so many moves; raise `ValueError` where one of them is illegal."""
    game = Position(backgammon, start(**record.start))
    for move in record.moves[:moves]:
        game.play(move)
    return game


def from_position(game: Position, players: tuple[str, str] = ("", ""), result: str = "") -> Record:
    """Return the record of a game from the opening on; raise `ValueError` for one that began elsewhere."""
    first = game.states[0]
    length = int(first[LENGTH])
    given = {
        "length": length,
        "score": (int(first[SCORE]), int(first[SCORE + 1])),
        "crawford": bool(first[CRAWFORD]),
        "jacoby": bool(first[JACOBY]),
        "cube": bool(first[USE_CUBE]),
    }
    if not np.array_equal(start(**given), first):
        raise ValueError("only games from the opening roll on can be written as .mat")
    if game.over and not result:
        result = _result(int(game.state[WINNER]), points_won(game.state))
    return Record(backgammon.name, given, game.moves.copy(), [], result, players)


# --- writing ----------------------------------------------------------------------------------------------

LEFT, NAMES = 28, 31
"""Width of the left column behind the number of a turn, and of the left player's name and score, as usual."""


def write(match: Match) -> str:
    """Write a match as text; a turn of which only a part was played is written as its roll."""
    lines = [f'; [{name} "{_plain(text)}"]' for name, text in _tags(match).items()]
    lines += ["", f" {match.length} point match", ""]
    money = [0, 0]
    for number, record in enumerate(match.records, 1):
        score = record.start.get("score", (0, 0)) if match.length else tuple(money)
        lines += [f" Game {number}", _names(match.players, score), *_rows(record), ""]
        winner, points, _ = _read_result(record.result)
        money[winner] += points
    return "\n".join(line.rstrip() for line in lines)


def _tags(match: Match) -> dict[str, str]:
    """Return the head of a file: its own tags, and the rules that do not show otherwise."""
    tags, starts = dict(match.info), [record.start for record in match.records]
    if not match.length and starts:
        tags["Jacoby"] = "On" if starts[0].get("jacoby", True) else "Off"
    if any(not given.get("cube", True) for given in starts):
        tags["CubeLimit"] = "1"
    if match.length > 1 and not any(given.get("crawford") for given in starts):
        reached = any(match.length - 1 in given.get("score", ()) for given in starts)
        tags |= {"Crawford": "Off"} if reached else {}
    return tags


def _plain(text: str) -> str:
    return "".join(c for c in text if c.isprintable() and c != '"')


def _names(players: tuple[str, str], score: Sequence[int]) -> str:
    left, right = (f"{re.sub(r':(?= *[0-9])', '', _plain(n))} : {s}" for n, s in zip(players, score, strict=True))
    return f" {left + '  ':<{NAMES}}{right}"


def _rows(record: Record) -> list[str]:
    """Return the lines of a game."""
    cells = _cells(record)
    if cells and cells[0][0] == SECOND:
        cells.insert(0, (FIRST, ""))
    winner, points, _ = _read_result(record.result)
    last = cells[-1][0] if cells else SECOND
    wins = f"Wins {points} point{'s' * (points != 1)}{_match_won(record)}" if points else ""
    beside = bool(wins) and last == FIRST and winner == SECOND
    if beside:
        cells.append((SECOND, f" {wins}"))
    texts = [text for _, text in cells] + [""] * (len(cells) % 2)
    rows = [_row(k // 2 + 1, texts[k], texts[k + 1]) for k in range(0, len(texts), 2)]
    if wins and not beside:
        rows.append(" " * (LEFT + 6 if winner == SECOND else 6) + wins)
    return rows


def _row(number: int, left: str, right: str) -> str:
    return f"{number:3}) {left + ' ':<{LEFT}}{right}"


def _match_won(record: Record) -> str:
    winner, points, _ = _read_result(record.result)
    length = record.start.get("length", 0)
    return " and the match" if length and record.start.get("score", (0, 0))[winner] + points >= length else ""


def _read_result(result: str) -> tuple[int, int, str]:
    """Return the winner, the points (0: the game was broken off), and how."""
    match = re.fullmatch(r"([12])\+(\d+)(R?)", result)
    return (int(match[1]) - 1, int(match[2]), match[3]) if match else (FIRST, 0, "")


def _cells(record: Record) -> list[tuple[int, str]]:
    """Return what each side did, in order."""
    state, cells = start(**record.start), []
    turn, played = state, []
    for move in record.moves:
        after = _after(state, move)
        if move >= FIRST_ROLL:
            cells.append((_roller(state, move), f"{backgammon.notation(state, move)[:2]}:"))
            turn, played = after, []
        elif move < ROLL:
            played.append(move)
            if after[TURN] == NOBODY or after[MOVER] != turn[MOVER]:
                cells[-1] = (cells[-1][0], f"{cells[-1][1]} {_play(turn, played)}")
        elif move != ROLL:
            cells.append((int(state[TURN]), _cube_action(state, move)))
        state = after
    return cells


def _cube_action(state: np.ndarray, move: int) -> str:
    return f" Doubles => {2 << int(state[CUBE])}" if move == DOUBLE else " Takes" if move == TAKE else " Drops"


def _roller(state: np.ndarray, move: int) -> int:
    if state[OPENING]:
        return SECOND if move >= FIRST_REPLY else FIRST
    return int(state[MOVER])


def _after(state: np.ndarray, move: int) -> np.ndarray:
    after = state[None].copy()
    backgammon.play(after, np.array([move], np.int32))
    return after[0]


def _play(turn: np.ndarray, moves: Sequence[int]) -> str:
    """Write a play as the format does: every man's every step, points as numbers."""
    return " ".join(f"{source}/{target}{'*' * hit}" for source, target, hit in legs(turn, moves))
