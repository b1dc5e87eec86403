"""GNU Backgammon's position ID and match ID: 4HPwATDgc/ABMA:cAkAAAAAAAAA.

The position ID counts the checkers point by point in 80 bits, first those of the player not on roll. The match ID
holds the rest in 67 bits: cube, dice, score, rules. GNU Backgammon's player 1 (X, at the bottom) is FIRST here, its
player 0 (O) SECOND. Source: its manual, "A technical description of the Position ID" and "... of the Match ID".
"""

import base64
import binascii
import re
from collections.abc import Sequence

import numpy as np

from games import backgammon
from games.backgammon import rules
from games.backgammon.board import OPENING_CHECKERS, checkers, match_over, next_game, score_after, set_up, start
from games.game import FIRST, NOBODY

NOT_STARTED, PLAYING, OVER, RESIGNED, DROPPED = range(5)
"""The states of a game in a match ID."""

CENTRED = 3

_FIELDS = {
    "cube": 4,
    "owner": 2,
    "on_roll": 1,
    "crawford": 1,
    "phase": 3,
    "to_decide": 1,
    "offered": 1,
    "resignation": 2,
    "die": 3,
    "other_die": 3,
    "length": 15,
    "score_0": 15,
    "score_1": 15,
    "no_jacoby": 1,
}
"""The match ID's fields and their bits, least significant first. Jacoby's rule came later than the manual's list."""

LONGEST = 200
"""Characters of the longest text that is read as an ID."""

_POSITION_BYTES, _MATCH_BYTES = 10, 9
_LABEL = r"(?:gnu ?bg ?id|position ?id) ?[=:]? ?"
_BOTH = r"([A-Za-z0-9+/]{14})(?:==)?(?:(?: ?[:,;] ?| )(?:match ?id ?[=:]? ?)?([A-Za-z0-9+/]{12})(?![A-Za-z0-9+/]))?"
_ID = re.compile(f"(?:{_LABEL})?{_BOTH}", re.I)
_INSIDE = re.compile(rf"{_LABEL}({_BOTH})(?![A-Za-z0-9+/])", re.I)
_BARE = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{14}(?:==)?:[A-Za-z0-9+/]{12}(?![A-Za-z0-9+/])")

# --- writing ----------------------------------------------------------------------------------------------


def to_id(state: np.ndarray) -> str:
    """Write a position as position ID and match ID; raise `ValueError` in the middle of a turn, which has none.

    Two things have no place in it: whether the cube may be used, and that the mover has just declined to double.
    """
    return f"{position_id(state)}:{match_id(state)}"


def position_id(state: np.ndarray) -> str:
    """Return the position ID: the checkers of both sides."""
    bits, at = 0, 0
    mover = _on_roll(state)
    for player in (1 - mover, mover):
        for count in checkers(state, player)[1:]:
            bits |= ((1 << int(count)) - 1) << at
            at += int(count) + 1
    return _base64(bits, _POSITION_BYTES)


def match_id(state: np.ndarray) -> str:
    """Write everything else; a finished game has the score after it, as GNU Backgammon has."""
    mover, phase = _on_roll(state), _phase(state)
    score = (
        (int(state[rules.SCORE]), int(state[rules.SCORE + 1])) if state[rules.WINNER] == NOBODY else score_after(state)
    )
    die, other_die = whole_roll(state)
    values = {
        "cube": int(state[rules.CUBE]),
        "owner": CENTRED if state[rules.OWNER] == NOBODY else _player(state[rules.OWNER]),
        "on_roll": _player(mover),
        "crawford": _crawford(state),
        "phase": phase,
        "to_decide": _player(1 - mover if state[rules.OFFERED] or phase == DROPPED else mover),
        "offered": int(state[rules.OFFERED]),
        "resignation": 0,
        "die": die,
        "other_die": other_die,
        "length": int(state[rules.LENGTH]),
        "score_0": score[_player(0)],
        "score_1": score[_player(1)],
        "no_jacoby": int(not state[rules.JACOBY]),
    }
    bits, at = 0, 0
    for name, width in _FIELDS.items():
        bits |= values[name] << at
        at += width
    return _base64(bits, _MATCH_BYTES)


def whole_roll(state: np.ndarray) -> tuple[int, int]:
    """Return a roll of which nothing was played yet, (0, 0) before it; raise `ValueError` in the middle of a turn."""
    high, low = int(state[rules.ROLLED]), int(state[rules.ROLLED + 1])
    if high and not np.array_equal(
        state[rules.DICE : rules.DICE + 4], rules.DICE_OF_ROLL[backgammon.roll_move(high, low) - rules.FIRST_ROLL]
    ):
        raise ValueError(f"the turn is half played: a position has an ID before or after all of {high}-{low}")
    return high, low


def _on_roll(state: np.ndarray) -> int:
    """Return whose position it is; after the last checker is off, it is the loser's."""
    return int(state[rules.MOVER]) if _phase(state) != OVER else 1 - int(state[rules.WINNER])


def _phase(state: np.ndarray) -> int:
    if state[rules.WINNER] == NOBODY:
        return NOT_STARTED if state[rules.OPENING] else PLAYING
    return OVER if checkers(state, state[rules.WINNER])[rules.OFF] == rules.CHECKERS_EACH else DROPPED


def _crawford(state: np.ndarray) -> int:
    """Tell whether it is the Crawford game or, once a game is over, whether the next one is."""
    over = state[rules.WINNER] != NOBODY and state[rules.LENGTH] and not match_over(state)
    return int(state[rules.CRAWFORD] or (over and next_game(state)[rules.CRAWFORD]))


def _player(player: int) -> int:
    """Return FIRST and SECOND as GNU Backgammon numbers them, or its numbers as we do."""
    return 1 - int(player)


def _base64(bits: int, size: int) -> str:
    return base64.b64encode(bits.to_bytes(size, "little")).decode().rstrip("=")


# --- reading ----------------------------------------------------------------------------------------------


def search(text: str) -> str:
    """Return the first ID inside a text with single spaces, "" where there is none.

    A position ID without its match ID is found only behind its name: any word of 14 letters looks like one.
    """
    if found := _INSIDE.search(text):
        return found[1]
    found = _BARE.search(text)
    return found[0] if found else ""


def from_id(text: str, cube: bool = True) -> np.ndarray:
    """Return the position of a position ID, with or without a match ID (without: FIRST is on roll, for money).

    The names that programs print before them are understood: GNUBGID, Position ID:, Match ID:.

    `cube` tells whether it may be used, which no ID does. An offer to resign is left out. Raise `ValueError` for what
    is no ID, or one of a position that cannot be.
    """
    match = _ID.fullmatch(" ".join(text[:LONGEST].split()))
    if not match:
        raise ValueError("a GNU Backgammon ID is 14 letters, and 12 after a colon: 4HPwATDgc/ABMA:cAkAAAAAAAAA")
    other, mine = _checkers(match[1])
    if not match[2]:
        return position(mine, other, FIRST, cube=cube)
    fields = _read_fields(match[2])
    mover = _player(fields["on_roll"])
    first, second = (mine, other) if mover == FIRST else (other, mine)
    score = (fields[f"score_{_player(0)}"], fields[f"score_{_player(1)}"])
    conditions = {
        "length": fields["length"],
        "score": score if fields["length"] else (0, 0),
        "crawford": bool(fields["crawford"]),
        "jacoby": not fields["no_jacoby"],
        "cube": cube,
    }
    return _in_phase(first, second, mover, fields, conditions)


def _checkers(text: str) -> tuple[list[int], list[int]]:
    """Return the checkers in a position ID as 26 counts: of the player not on roll, and of the other."""
    bits = _bits(text, _POSITION_BYTES)
    sides = []
    for _ in range(2):
        counts = [0] * rules.SIDE
        for point in range(1, rules.SIDE):
            while bits & 1:
                counts[point] += 1
                bits >>= 1
            bits >>= 1
        counts[rules.OFF] = rules.CHECKERS_EACH - sum(counts)
        sides.append(counts)
    if bits:
        raise ValueError(f"the position ID {text} has more bits than two sides need")
    return sides[0], sides[1]


def _read_fields(text: str) -> dict[str, int]:
    bits, fields = _bits(text, _MATCH_BYTES), {}
    for name, width in _FIELDS.items():
        fields[name] = bits & ((1 << width) - 1)
        bits >>= width
    if fields["phase"] > DROPPED or fields["owner"] == 2 or bits:
        raise ValueError(f"the match ID {text} has values that no match ID has")
    return fields


def _bits(text: str, size: int) -> int:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise ValueError(f"the ID {text} is not whole") from None
    if _base64(int.from_bytes(data, "little"), size) != text:
        raise ValueError(f"the ID {text} has bits set behind its end")
    return int.from_bytes(data, "little")


def _in_phase(first: Sequence[int], second: Sequence[int], mover: int, fields: dict, conditions: dict) -> np.ndarray:
    dice = tuple(fields[name] for name in ("die", "other_die") if fields[name])
    phase = fields["phase"]
    if phase == RESIGNED:
        raise ValueError("the game of this match ID was resigned: no position is left of it")
    if phase == NOT_STARTED and not dice and list(first) == list(second) == _opening_position():
        return start(**conditions)
    cube = {"value": 1 << fields["cube"], "owner": NOBODY if fields["owner"] == CENTRED else _player(fields["owner"])}
    if phase in (OVER, DROPPED):
        return _finished(first, second, mover, phase, cube, conditions)
    return position(first, second, mover, dice, bool(fields["offered"]), **cube, **conditions)


def _opening_position() -> list[int]:
    return [OPENING_CHECKERS.get(point, 0) for point in range(rules.SIDE)]


def _finished(first, second, mover: int, phase: int, cube: dict, conditions: dict) -> np.ndarray:
    """Return a finished game: its last move played again, first to learn what it won, then from the score before."""
    winner = mover if phase == DROPPED else 1 - mover
    end = _drop if phase == DROPPED else _bear_off_last_checker
    bare = conditions | {"score": (0, 0), "crawford": False}
    won = backgammon.points_won(end(first, second, winner, cube, bare))
    before = list(conditions["score"])
    if conditions["length"]:
        before[winner] -= won
        if min(before) < 0:
            raise ValueError(
                f"the match ID counts a game won by {won} points, but a score of {conditions['score'][winner]}"
            )
    crawford = conditions["crawford"] and conditions["length"] - 1 in before  # else the next game is meant
    return end(first, second, winner, cube, conditions | {"score": tuple(before), "crawford": crawford})


def _drop(first, second, winner: int, cube: dict, conditions: dict) -> np.ndarray:
    return backgammon.after(position(first, second, winner, (), True, **cube, **conditions), rules.DROP)


def _bear_off_last_checker(first, second, winner: int, cube: dict, conditions: dict) -> np.ndarray:
    sides = [list(first), list(second)]
    point = next((point for point in range(1, 7) if not sides[1 - winner][25 - point]), 0)
    if not point or sides[winner][rules.OFF] != rules.CHECKERS_EACH:
        raise ValueError("the game of this match ID is over, but no side can have borne off all its checkers")
    sides[winner][rules.OFF], sides[winner][point] = rules.CHECKERS_EACH - 1, 1
    last = set_up(sides[0], sides[1], winner, (point, point), **cube, **conditions)
    return backgammon.after(last, backgammon.checker_move(point, point))


# --- positions of any format ------------------------------------------------------------------------------


def position(
    first: Sequence[int],
    second: Sequence[int],
    mover: int,
    dice: Sequence[int] = (),
    offered: bool = False,
    **given,
) -> np.ndarray:
    """Return a position of a game in progress, also with a double `offered`; `given` as in `set_up`.

    Raise `ValueError` for one that cannot be.
    """
    if rules.CHECKERS_EACH in (first[rules.OFF], second[rules.OFF]):
        raise ValueError("one side has borne off all its checkers: the game is over")
    if offered and len(dice):
        raise ValueError("a double is offered before the dice are rolled, not after")
    state = set_up(first, second, mover, dice, **given)
    if offered and state[rules.TURN] != mover:
        raise ValueError("a double is offered by a player who may not turn the cube")
    return backgammon.after(state, rules.DOUBLE) if offered else state
