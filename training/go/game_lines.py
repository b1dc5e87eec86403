"""One Go record to a line of moves: fast where the record is plain, through the reader of records where it is not."""

import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from games import go
from games.go import sgf, sgf_record
from games.go.legality import ALTERNATING, count_legal


class GameLine(NamedTuple):
    """A game: its start as `go.start` takes it, its result, its moves as uint16, and what a reader remarked."""

    start: dict
    result: str
    moves: np.ndarray
    remarks: tuple[str, ...] = ()
    illegal: bool = False


_PLAIN_ROOT = re.compile(rb"\(\s*(;(?:\s*[A-Z]+\[[^][\\]*\])+)")
_NOWHERE = 0xFFFF
_EVEN = {"size", "komi", "rules"}


def read(text: bytes, rules: str) -> GameLine:
    """Read a game; raise `SgfError` where it is not even, or no move of it can be used."""
    return _legal(_quickly_read(text, rules)) or _carefully_read(text, rules)


def _carefully_read(text: bytes, rules: str) -> GameLine:
    """Read a game of any kind, move by move through the reader of records."""
    record = sgf_record.read(text, rules)
    if set(record.start) != _EVEN:
        raise sgf.SgfError("it does not begin on the empty board with Black")
    if record.turns != [k % 2 for k in range(len(record.moves))]:
        raise sgf.SgfError("its moves do not alternate")
    kept, result, remarks = len(record.moves), record.result, record.remarks
    if record.setups:
        kept, result = min(record.setups), ""
        remarks = [*remarks, f"the board is changed by hand after move {kept}; {sgf_record.KEPT}"]
    moves = _without_late_passes(np.array(record.moves[:kept], np.uint16), record.start["size"])
    if not len(moves):
        raise sgf.SgfError("; ".join(["there is no move in it", *remarks]))
    return GameLine(
        record.start, result, moves, tuple(remarks), any(sgf_record.ILLEGAL in remark for remark in remarks)
    )


def _without_late_passes(moves: np.ndarray, size: int) -> np.ndarray:
    """Return moves without the passes that follow the two which ended the game: some servers want three."""
    while len(moves) > 2 and (moves[-3:] == size * size).all():
        moves = moves[:-1]
    return moves


def _legal(line: GameLine | None) -> GameLine | None:
    """Return a line that is legal, superko aside; None for any other."""
    if line is None or not len(line.moves):
        return None
    state = _start(line.start["size"], line.start["rules"]).copy()
    return line if count_legal(state, line.moves, ALTERNATING) == len(line.moves) else None


def _quickly_read(text: bytes, rules: str) -> GameLine | None:
    """Read a game of one root and bare moves, as collections hold them, ten times as fast; None if it is not one."""
    root = _PLAIN_ROOT.match(text)
    if not root or not text.endswith(b")"):
        return None
    start, result, remarks = _read_root(root[1], rules)
    if start is None:
        return None
    line = text[root.end() : -1].translate(None, b" \t\r\n")
    if start["size"] <= 19:
        line = line.replace(b"[]", b"[tt]")
    number = len(line) // 6
    if any(line[k::6] != (sign * number)[:number] for k, sign in ((0, b";"), (1, b"BW"), (2, b"["), (5, b"]"))):
        return None
    columns, rows = (np.frombuffer(line[k::6], np.uint8) for k in (3, 4))
    if len(rows) != number:
        return None
    moves = _points(start["size"])[rows, columns]
    if _NOWHERE in moves or (len(moves) > 2 and (moves[-3:] == start["size"] ** 2).all()):
        return None
    return GameLine(start, result, moves, remarks)


@lru_cache(4096)
def _read_root(root: bytes, rules: str) -> tuple[dict | None, str, tuple[str, ...]]:
    """Return the start and the result that a root node names, and remarks; no start where that takes the whole game."""
    try:
        record = sgf_record.read(b"(" + root + b")", rules)
    except sgf.SgfError:
        return None, "", ()
    even = not record.moves and set(record.start) == _EVEN
    return (record.start if even else None), record.result, tuple(record.remarks)


@lru_cache
def _points(size: int) -> np.ndarray:
    """Return what two letters mean on a board, uint16 [row letter, column letter]."""
    table = np.full((256, 256), _NOWHERE, np.uint16)
    table[97 : 97 + size, 97 : 97 + size] = np.arange(size * size).reshape(size, size)
    if size <= 19:
        table[ord("t"), ord("t")] = size * size
    return table


@lru_cache
def _start(size: int, rules: str) -> np.ndarray:
    return go.start(size, 0, rules)
