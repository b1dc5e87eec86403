"""A review of backgammon told: as tables, as an annotated match, as JSON. Errors are thousandths of a point (mEMG)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from engine.backgammon import review
from engine.columns import table
from games.backgammon.mat import Match
from games.backgammon.rules import DOUBLE, DROP, OFFERED, ROLL, TAKE
from games.backgammon.writing import write_play
from games.game import FIRST, SECOND, Record

ACTIONS = {ROLL: "no double", DOUBLE: "double", TAKE: "take", DROP: "drop"}
KEYS = ("first", "second")


def outcome(record: Record) -> tuple[int, int]:
    """Return who won a game and how many points; 0 points where it was broken off."""
    found = re.match(r"([12])\+(\d+)", record.result)
    return (int(found[1]) - 1, int(found[2])) if found else (FIRST, 0)


def names_of(match: Match) -> tuple[str, str]:
    """Return what the players are called in tables: their names, where those tell them apart."""
    one, other = match.players
    return (one, other) if one.strip() and other.strip() and one != other else ("First", "Second")


def result_of(games: Sequence[review.ReviewedGame]) -> review.Result | None:
    """Return what games brought FIRST, with and without luck; None where they are not known to their end."""
    return review.result(games, [outcome(game.record) for game in games])


def decisions_of(games: Sequence[review.ReviewedGame]) -> list[review.Reviewed]:
    """Return the decisions of all games."""
    return [each for game in games for each in game.decisions]


# --- words ------------------------------------------------------------------------------------------------


def done(each: review.Reviewed) -> str:
    """Write what was played, or done with the cube."""
    if isinstance(each, review.ReviewedCube):
        return ACTIONS[each.action]
    return write_play(each.state, each.played) if each.played else "cannot move"


def better(each: review.Reviewed) -> str:
    """Write what would have been better; "" where nothing would."""
    if not each.error:
        return ""
    return ACTIONS[each.best] if isinstance(each, review.ReviewedCube) else write_play(each.state, each.best)


def equity_of(each: review.Reviewed) -> float | None:
    """Return the equity after what was done, of whoever did it; None where there was nothing to do."""
    if isinstance(each, review.ReviewedPlay):
        return each.equity if each.choices else None
    found = each.decision
    if each.state[OFFERED]:
        return -(found.double_take if each.action == TAKE else found.double_pass)
    return found.no_double if each.action == ROLL else min(found.double_take, found.double_pass)


def _milli(error: float) -> str:
    return f"{review.MILLI * error:.0f}" if error >= 0.5 / review.MILLI else ""


def _signed(number: float | None, places: int = 3) -> str:
    return "" if number is None else f"{number:+.{places}f}"


# --- tables -----------------------------------------------------------------------------------------------

HEAD = ("turn", "player", "dice", "played", "equity", "luck", "error", "grade", "better")
_LEFT = 4
"""Columns of words, before those of numbers."""


def summary(match: Match, games: Sequence[review.ReviewedGame]) -> str:
    """Tell how well both sides played and how lucky they were, and the worst decisions."""
    decisions = decisions_of(games)
    sides = [review.tally(decisions, side) for side in (FIRST, SECOND)]
    rows = [("", *names_of(match)), *((name, *map(write, sides)) for name, write in _LINES)]
    told = [table([(name, one.rjust(9), other) for name, one, other in rows], 1)]
    found = result_of(games)
    if found:
        told.append(_result_line(match, found))
    bad = {id(each) for each in review.worst(decisions)}
    listed = [
        (each.error, (str(game.number), *_row(match, each)))
        for game in games
        for each in game.decisions
        if id(each) in bad
    ]
    listed.sort(key=lambda entry: -entry[0])
    rows = [("game", *HEAD), *(row for _, row in listed)]
    return "\n\n".join([*told, table(rows, _LEFT + 1) if listed else "No decision cost much."])


def _rate(rate: float, total: float, count: int) -> str:
    return f"{rate:.1f} ({review.MILLI * total:.0f} in {count})" if count else "-"


_LINES = (
    ("error an unforced play, mEMG", lambda side: _rate(side.play_rate, side.play_error, side.plays)),
    ("error a cube decision", lambda side: _rate(side.cube_rate, side.cube_error, side.cubes)),
    (
        "error a decision",
        lambda side: _rate(side.rate, side.play_error + side.cube_error, side.plays + side.cubes),
    ),
    ("plays like", lambda side: side.band or "-"),
    ("doubtful, bad, very bad", lambda side: f"{side.doubtful}, {side.bad}, {side.very_bad}"),
    ("doubles missed, wrong", lambda side: f"{side.missed_doubles}, {side.wrong_doubles}"),
    ("takes, drops wrong", lambda side: f"{side.wrong_takes}, {side.wrong_drops}"),
    ("luck, equity", lambda side: f"{side.luck:+.3f}"),
)
"""What the summary tells of each side."""


def _result_line(match: Match, found: review.Result) -> str:
    unit = "of the chance to win the match" if match.length else "points"
    one, luck, adjusted = (f"{100 * value:+.1f} %" if match.length else f"{value:+.3f}" for value in found)
    return f"{names_of(match)[FIRST]}: {one} {unit}, of which {luck} luck; without luck {adjusted}"


def _row(match: Match, each: review.Reviewed) -> tuple[str, ...]:
    dice = "{}{}".format(*each.dice) if isinstance(each, review.ReviewedPlay) else ""
    luck = _signed(each.luck) if isinstance(each, review.ReviewedPlay) else ""
    numbers = _signed(equity_of(each)), luck, _milli(each.error), review.grade(each.error)
    return (str(each.turn), names_of(match)[each.mover], dice, done(each), *numbers, better(each))


def annotated(match: Match, games: Sequence[review.ReviewedGame]) -> str:
    """Tell everything: the summary, and every decision of every game."""
    told = [summary(match, games)]
    for game in games:
        score = game.record.start.get("score", (0, 0))
        names = ", ".join(f"{name} {points}" for name, points in zip(names_of(match), score, strict=True))
        rows = [HEAD, *(_row(match, each) for each in game.decisions if _worth_telling(each))]
        told += [f"Game {game.number}{': ' + names if match.length else ''}", table(rows, _LEFT)]
        told += [_ending(match, game)]
    return "\n\n".join(told) + "\n"


def _worth_telling(each: review.Reviewed) -> bool:
    """Leave out that somebody did not double where nobody would."""
    return isinstance(each, review.ReviewedPlay) or each.action != ROLL or each.counted


def _ending(match: Match, game: review.ReviewedGame) -> str:
    winner, points = outcome(game.record)
    if not points or not game.complete:
        return "The game was not finished." if game.complete else "The review was stopped here."
    told = f"{names_of(match)[winner]} wins {points} point{'s' * (points > 1)}."
    found = result_of([game])
    return f"{told}\n{_result_line(match, found)}" if found else told


# --- JSON -------------------------------------------------------------------------------------------------


def as_json(match: Match, games: Sequence[review.ReviewedGame], total: int) -> dict[str, Any]:
    """Return a review for programs: equities and luck are of who decided or rolled, errors equities, too.

    `result` is FIRST's: points or, in a match, chances to win it.
    """
    decisions = decisions_of(games)
    found = result_of(games)
    return {
        "game": "backgammon",
        "length": match.length,
        "players": dict(zip(KEYS, match.players, strict=True)),
        "complete": len(games) == total and all(game.complete for game in games),
        "unit": "chances" if match.length else "points",
        "result": found and {name: round(value, 4) for name, value in found._asdict().items()},
        "summary": {key: _tally_json(review.tally(decisions, side)) for side, key in enumerate(KEYS)},
        "mistakes": list(_worst_json(games)),
        "games": [_game_json(game) for game in games],
    }


def _tally_json(side: review.Tally) -> dict[str, Any]:
    numbers = asdict(side) | {"play_rate": side.play_rate, "cube_rate": side.cube_rate, "rate": side.rate}
    return {name: round(number, 4) for name, number in numbers.items()} | {"band": side.band}


def _worst_json(games: Sequence[review.ReviewedGame]) -> Iterator[dict[str, Any]]:
    places = {id(each): (game.number, k) for game in games for k, each in enumerate(game.decisions)}
    for each in review.worst(decisions_of(games)):
        number, k = places[id(each)]
        yield {"game": number, "decision": k, "error": round(each.error, 4)}


def _game_json(game: review.ReviewedGame) -> dict[str, Any]:
    found = result_of([game])
    return {
        "number": game.number,
        "score": list(game.record.start.get("score", (0, 0))),
        "result": game.record.result,
        "complete": game.complete,
        "without_luck": found and round(found.adjusted, 4),
        "decisions": [_decision_json(each) for each in game.decisions],
    }


def _decision_json(each: review.Reviewed) -> dict[str, Any]:
    equity = equity_of(each)
    told = {
        "kind": "play" if isinstance(each, review.ReviewedPlay) else "cube",
        "ply": each.ply,
        "turn": each.turn,
        "side": KEYS[each.mover],
        "done": done(each),
        "best": better(each) or done(each),
        "equity": None if equity is None else round(equity, 4),
        "error": round(each.error, 4),
        "grade": review.grade(each.error),
        "counted": each.counted,
    }
    return told | (_play_json(each) if isinstance(each, review.ReviewedPlay) else _cube_json(each))


def _play_json(each: review.ReviewedPlay) -> dict[str, Any]:
    plays = [
        {"play": write_play(each.state, play.moves), "equity": round(play.equity, 4), "plies": play.plies}
        for play in each.candidates
    ]
    return {"dice": list(each.dice), "luck": round(each.luck, 4), "choices": each.choices, "plays": plays}


def _cube_json(each: review.ReviewedCube) -> dict[str, Any]:
    found = each.decision
    equities = {name: round(getattr(found, name), 4) for name in ("no_double", "double_take", "double_pass")}
    return equities | {"sentence": found.sentence}
