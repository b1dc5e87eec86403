"""Writing a match as GNU Backgammon does."""

import re
from collections.abc import Sequence

import numpy as np

from games import backgammon
from games.backgammon import rules
from games.backgammon.board import start
from games.backgammon.mat.match import Match, read_result
from games.backgammon.writing import legs
from games.game import FIRST, NOBODY, SECOND, Record

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
        winner, points, _ = read_result(record.result)
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
    winner, points, _ = read_result(record.result)
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
    winner, points, _ = read_result(record.result)
    length = record.start.get("length", 0)
    return " and the match" if length and record.start.get("score", (0, 0))[winner] + points >= length else ""


def _cells(record: Record) -> list[tuple[int, str]]:
    """Return what each side did, in order."""
    turn = state = start(**record.start)
    cells: list[tuple[int, str]] = []
    played: list[int] = []
    for move in record.moves:
        after = backgammon.after(state, move)
        if move >= rules.FIRST_ROLL:
            mover, high, low = rules.thrown(state, move)
            cells.append((mover, f"{high}{low}:"))
            turn, played = after, []
        elif move < rules.ROLL:
            played.append(move)
            if after[rules.TURN] == NOBODY or after[rules.MOVER] != turn[rules.MOVER]:
                cells[-1] = (cells[-1][0], f"{cells[-1][1]} {_play(turn, played)}")
        elif move != rules.ROLL:
            cells.append((int(state[rules.TURN]), _cube_action(state, move)))
        state = after
    return cells


def _cube_action(state: np.ndarray, move: int) -> str:
    return (
        f" Doubles => {2 << int(state[rules.CUBE])}"
        if move == rules.DOUBLE
        else " Takes"
        if move == rules.TAKE
        else " Drops"
    )


def _play(turn: np.ndarray, moves: Sequence[int]) -> str:
    """Write a play as the format does: every step of every checker, points as numbers."""
    return " ".join(f"{source}/{target}{'*' * hit}" for source, target, hit in legs(turn, moves))
