"""Positions as eXtreme Gammon writes them: XGID=-b----E-C---eE---c-e----B-:0:0:1:52:0:0:0:7:10.

26 places (the top player's bar, the points 1 to 24 as the bottom player counts, the bottom player's bar) in which A is
one checker of the bottom player and a one of the top player's; then log2 of the cube, its owner (1 bottom, -1 top, 0
centred), who is on roll, the dice (00 before them, D while a double waits for its answer), the points of bottom and
top, the rules (in a match 1 for Crawford's game; for money 1 for Jacoby, 2 for beavers, 3 for both), the length of the
match, and log2 of the largest cube. The bottom player is FIRST.
"""

import re
from collections.abc import Sequence

import numpy as np

from games.backgammon import rules
from games.backgammon.board import checkers
from games.backgammon.gnubg_id import position, whole_roll
from games.game import FIRST, NOBODY, SECOND

_SIGNS = {FIRST: 1, SECOND: -1, NOBODY: 0}
_PLAYERS = {sign: player for player, sign in _SIGNS.items()}

LARGEST_CUBE = 10
"""Log2 of the largest cube that other programs write, 1024; 0 means that nobody may double."""

_BEAVERS = 2
_FIELDS = r"([-A-Oa-o]{26}):(\d{1,2}):(-?\d):(-?\d):(\w{1,2}):(\d{1,3}):(\d{1,3}):(\d):(\d{1,3})(?::(\d{1,2}))?"
_XGID = re.compile(rf"(?:(?i:xgid) ?[=:]? ?)?{_FIELDS}")
_INSIDE = re.compile(rf"(?<![-A-Za-z0-9]){_FIELDS}(?![\w:])")

# --- writing ----------------------------------------------------------------------------------------------


def to_id(state: np.ndarray) -> str:
    """Write a position; raise `ValueError` in the middle of a turn and after the game, which have no XGID.

    An opening roll still to come has none either: FIRST is written as on roll. So is a mover who declined to double.
    """
    if state[rules.WINNER] != NOBODY:
        raise ValueError("a finished game has no XGID")
    die, other_die = whole_roll(state)
    fields = (
        _places(state),
        state[rules.CUBE],
        _SIGNS[int(state[rules.OWNER])],
        _SIGNS[int(state[rules.MOVER])],
        "D" if state[rules.OFFERED] else f"{die}{other_die}",
        state[rules.SCORE],
        state[rules.SCORE + 1],
        state[rules.CRAWFORD] if state[rules.LENGTH] else state[rules.JACOBY],
        state[rules.LENGTH],
        max(LARGEST_CUBE, int(state[rules.CUBE])) if state[rules.USE_CUBE] else 0,
    )
    return "XGID=" + ":".join(map(str, fields))


def _places(state: np.ndarray) -> str:
    bottom, top = checkers(state, FIRST), checkers(state, SECOND)
    return _letter(top[rules.BAR], "a") + "".join(
        _letter(bottom[k], "A") if bottom[k] else _letter(top[25 - k] if k < rules.BAR else 0, "a")
        for k in range(1, rules.SIDE)
    )


def _letter(count: int, one: str) -> str:
    return chr(ord(one) + int(count) - 1) if count else "-"


# --- reading ----------------------------------------------------------------------------------------------


def search(text: str) -> str:
    """Return the first XGID inside a text, "" where there is none."""
    found = _INSIDE.search(text)
    return found[0] if found else ""


def from_id(text: str) -> np.ndarray:
    """Return the position of an XGID, with or without "XGID=" and the last field; beavers are left out.

    Raise `ValueError` for what is no XGID, or one of a position that cannot be.
    """
    match = _XGID.fullmatch(text.strip())
    if not match:
        raise ValueError("an XGID looks like XGID=-b----E-C---eE---c-e----B-:0:0:1:52:0:0:0:7:10")
    numbers = [int(field or LARGEST_CUBE) for k, field in enumerate(match.groups()) if k not in (0, 4)]
    cube, owner, mover, bottom_score, top_score, flags, length, largest = numbers
    if owner not in _PLAYERS or mover not in (1, -1):
        raise ValueError(f"the cube's owner and the player on roll are 1 or -1 in an XGID, not {owner} and {mover}")
    if flags > (1 if length else 1 + _BEAVERS) or cube > 15:
        raise ValueError(f"an XGID has no rules {flags} with a cube of 2^{cube} in a match to {length}")
    dice, offered = _dice(match[5])
    return position(
        *_checkers(match[1]),
        _PLAYERS[mover],
        dice,
        offered,
        value=1 << cube,
        owner=_PLAYERS[owner],
        length=length,
        score=(bottom_score, top_score) if length else (0, 0),
        crawford=bool(length and flags),
        jacoby=bool(not length and flags % _BEAVERS),
        cube=largest > 0 or cube > 0,
    )


def _dice(text: str) -> tuple[Sequence[int], bool]:
    """Return the dice, if any, and whether a double waits for its answer."""
    if text in ("B", "R"):
        raise ValueError("the rules here have no beavers and raccoons")
    if text in ("D", "00"):
        return (), text == "D"
    if len(text) != 2 or not text.isdecimal():
        raise ValueError(f"{text} are no dice: an XGID has 00, D or two numbers from 1 to 6")
    return tuple(map(int, text)), False


def _checkers(places: str) -> tuple[list[int], list[int]]:
    bottom, top = [0] * rules.SIDE, [0] * rules.SIDE
    for k, letter in enumerate(places):
        if letter.isupper():
            bottom[k] = ord(letter) - ord("A") + 1
        elif letter.islower():
            top[25 - k] = ord(letter) - ord("a") + 1
    if bottom[rules.OFF] or top[rules.OFF]:
        raise ValueError("an XGID begins with the top player's bar and ends with the bottom player's")
    for side in (bottom, top):
        side[rules.OFF] = rules.CHECKERS_EACH - sum(side)
    return bottom, top
