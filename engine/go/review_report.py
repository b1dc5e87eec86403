"""A review of a game of Go told: as sentences, as a table, as JSON. Chances are Black's."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from engine.columns import table
from engine.go.review import Accuracy, ReviewedMove, accuracy, worst
from games import go
from games.game import FIRST, SECOND, Record

COLOURS = ("Black", "White")


def chance(value: float) -> float:
    """Turn a value, -1 to 1, into the chance to win of whose view it is."""
    return (1 + value) / 2


def write_move(move: int, size: int) -> str:
    """Write a move as a coordinate: D4, pass."""
    return "pass" if move == size * size else go.notation(go.start(size), move)


# --- sentences --------------------------------------------------------------------------------------------


def comment_on(judged: ReviewedMove, size: int) -> str:
    """Say in a line or two what a move was worth, and what would have been better."""
    told = f"Black {chance(judged.after):.1%}"
    if not judged.loss:
        return told
    told += f", {COLOURS[judged.mover]} loses {judged.loss / 2:.1%}"
    if not judged.grade:
        return told
    return f"{told} ({judged.grade}).\nBetter: {_line(judged, size)}"


def worth_of_best(judged: ReviewedMove) -> str:
    """Say what the best move was worth."""
    return f"better: Black {chance(judged.before):.1%}, {judged.visits} visits"


def _line(judged: ReviewedMove, size: int, most: int | None = None) -> str:
    return " ".join(write_move(move, size) for move in judged.variation[:most])


# --- tables -----------------------------------------------------------------------------------------------

SHOWN = 5
"""Moves of a variation that a table shows."""

HEAD = ("move", "side", "played", "Black before", "after", "loss", "grade", "better")


def summary(record: Record, moves: Sequence[ReviewedMove]) -> str:
    """Tell who played how well, and the worst moves."""
    size = record.start["size"]
    sides = [_accuracy_row(record, side, accuracy(moves, side)) for side in (FIRST, SECOND)]
    head = ("", "player", "moves", "best", "mean loss", "inaccuracies", "mistakes", "blunders")
    bad = worst(moves)
    told = table([HEAD, *(_row(move, size) for move in bad)], 3) if bad else "No move lost much."
    return f"{table([head, *sides], 2)}\n\n{told}"


def annotated(record: Record, moves: Sequence[ReviewedMove]) -> str:
    """Tell everything: the summary, and every move."""
    rows = [HEAD, *(_row(move, record.start["size"]) for move in moves)]
    return f"{summary(record, moves)}\n\n{table(rows, 3)}\n"


def _accuracy_row(record: Record, side: int, found: Accuracy) -> tuple[str, ...]:
    best = f"{found.best / found.moves:.0%}" if found.moves else "-"
    counts = (found.inaccuracies, found.mistakes, found.blunders)
    return (COLOURS[side], record.players[side], str(found.moves), best, f"{found.mean_loss:.1%}", *map(str, counts))


def _row(judged: ReviewedMove, size: int) -> tuple[str, ...]:
    played = write_move(judged.move, size)
    chances = (f"{chance(judged.before):.1%}", f"{chance(judged.after):.1%}")
    better = "" if judged.move == judged.best or not judged.loss else _line(judged, size, SHOWN)
    lost = f"{judged.loss / 2:.1%}" if judged.loss else ""
    return (str(judged.number), COLOURS[judged.mover], played, *chances, lost, judged.grade, better)


# --- JSON -------------------------------------------------------------------------------------------------


def as_json(record: Record, moves: Sequence[ReviewedMove], total: int) -> dict[str, Any]:
    """Return a review for programs: values are Black's, -1 to 1; losses the mover's, in the same unit."""
    size = record.start["size"]
    sides = {colour.lower(): asdict(accuracy(moves, side)) for side, colour in enumerate(COLOURS)}
    return {
        "game": record.game,
        "size": size,
        "players": dict(zip(("black", "white"), record.players, strict=True)),
        "result": record.result,
        "complete": len(moves) == total,
        "summary": sides,
        "mistakes": [move.number for move in worst(moves)],
        "moves": [_move_json(move, size) for move in moves],
    }


def _move_json(judged: ReviewedMove, size: int) -> dict[str, Any]:
    return {
        "number": judged.number,
        "side": COLOURS[judged.mover].lower(),
        "move": write_move(judged.move, size),
        "value_before": round(judged.before, 4),
        "value_after": round(judged.after, 4),
        "loss": round(judged.loss, 4),
        "grade": judged.grade,
        "best": write_move(judged.best, size),
        "variation": [write_move(move, size) for move in judged.variation],
        "visits": judged.visits,
    }
