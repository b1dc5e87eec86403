"""Backgammon positions as people set them up and see them: starts, the next game of a match, pip counts, diagrams."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from games.backgammon import rules
from games.backgammon.match import FARTHEST
from games.game import CHANCE, FIRST, NOBODY, SECOND

OPENING_CHECKERS = {6: 5, 8: 3, 13: 5, 24: 2}


def start(
    length: int = 0, score: tuple[int, int] = (0, 0), crawford: bool = False, jacoby: bool = True, cube: bool = True
) -> np.ndarray:
    """Return a game before its opening roll: of a match to `length` points at a score, or, with 0, for money.

    Jacoby's rule (gammons count only once the cube was turned) belongs to money games with the cube. Raise `ValueError`
    for a score that no match has.
    """
    _check_match(length, score, crawford)
    state = np.zeros(rules.WIDTH, np.int8)
    for player in (FIRST, SECOND):
        for point, count in OPENING_CHECKERS.items():
            state[player * rules.SIDE + point] = count
        state[rules.SCORE + player] = score[player]
    state[rules.TURN], state[rules.OPENING], state[rules.OWNER], state[rules.WINNER] = CHANCE, 1, NOBODY, NOBODY
    state[rules.LENGTH], state[rules.CRAWFORD], state[rules.JACOBY], state[rules.USE_CUBE] = (
        length,
        crawford,
        jacoby and not length,
        cube,
    )
    return state


def _check_match(length: int, score: Sequence[int], crawford: bool) -> None:
    if not 0 <= length <= FARTHEST:
        raise ValueError(f"a match is 1 to {FARTHEST} points long (0: money), not {length}")
    if length and not all(0 <= points < length for points in score):
        raise ValueError(f"no game of a match to {length} begins at {score[0]}-{score[1]}")
    if not length and any(score):
        raise ValueError("money games have no match score")
    if crawford and (not length or length - 1 not in score):
        raise ValueError("a Crawford game has a player who needs one more point to win the match")


def set_up(
    first: Sequence[int],
    second: Sequence[int],
    mover: int = FIRST,
    dice: Sequence[int] = (),
    value: int = 1,
    owner: int = NOBODY,
    **conditions,
) -> np.ndarray:
    """Return any position: checkers as 26 counts from each player's own side (0 off, 1..24 points, 25 bar).

    `dice` is the mover's roll, () before it; `value` the cube, `owner` whose it is; `conditions` go to `start`.
    Raise `ValueError` for a position that cannot be.
    """
    state = start(**conditions)
    _check_checkers(first, second)
    if mover not in (FIRST, SECOND):
        raise ValueError(f"FIRST or SECOND is on roll, not {mover}")
    if owner not in (FIRST, SECOND, NOBODY):
        raise ValueError(f"FIRST, SECOND or NOBODY owns the cube, not {owner}")
    if value < 1 or value & (value - 1) or value > 4096:
        raise ValueError(f"the cube shows a power of two up to 4096, not {value}")
    state[: rules.SIDE], state[rules.SIDE : rules.BOARD] = first, second
    state[rules.OPENING], state[rules.MOVER], state[rules.OWNER], state[rules.CUBE] = (
        0,
        mover,
        owner,
        value.bit_length() - 1,
    )
    state[rules.TURN] = mover if rules.may_double(state) else CHANCE
    return with_dice(state, dice) if len(dice) else state


def _check_checkers(first: Sequence[int], second: Sequence[int]) -> None:
    for checkers in (first, second):
        if len(checkers) != rules.SIDE or min(checkers) < 0 or sum(checkers) != rules.CHECKERS_EACH:
            raise ValueError(
                f"each side has {rules.CHECKERS_EACH} checkers on its {rules.POINTS} points, the bar and off the board"
            )
    for point in range(1, rules.POINTS + 1):
        if first[point] and second[25 - point]:
            raise ValueError(f"both sides have checkers on the same point ({point} as the first player counts)")
    if rules.CHECKERS_EACH in (first[rules.OFF], second[rules.OFF]):
        raise ValueError("a side that has borne off all its checkers has won: there is nothing to play")
    if all(checkers[rules.BAR] and min(other[1:7]) > 1 for checkers, other in ((first, second), (second, first))):
        raise ValueError("both sides wait on the bar before a closed board: nobody could ever move")


def with_dice(state: np.ndarray, dice: Sequence[int]) -> np.ndarray:
    """Return a position whose mover has rolled these dice (also where he may have doubled before)."""
    if len(dice) != 2 or not all(1 <= die <= 6 for die in dice):
        raise ValueError(f"dice show 1 to 6, two of them, not {' '.join(map(str, dice))}")
    if state[rules.TURN] == NOBODY:
        raise ValueError("the game is over: there is nothing to roll for")
    rolled = state.copy()
    rolled[[rules.TURN, rules.OPENING, rules.OFFERED]] = CHANCE, 0, 0
    rolled[rules.DICE : rules.ROLLED + 2] = 0
    rules.make_move(rolled, rules.roll_move(*dice))
    return rolled


# --- matches ----------------------------------------------------------------------------------------------


def given_up(state: np.ndarray, player: int, gain: int) -> np.ndarray:
    """Return a game as it ends when a player resigns it: as a plain game (1), a gammon (2) or a backgammon (3).

    In a match more may be given up, as far as the winner needs it: the whole match.
    """
    needed = int(state[rules.LENGTH]) - int(state[rules.SCORE + 1 - player]) if state[rules.LENGTH] else 0
    if not 1 <= gain <= max(3, -(-needed >> int(state[rules.CUBE]))):
        raise ValueError("a game is given up as 1 (plain), 2 (gammon) or 3 (backgammon)")
    ended = state.copy()
    ended[rules.DICE : rules.ROLLED + 2], ended[rules.OFFERED] = 0, 0
    ended[rules.TURN], ended[rules.WINNER], ended[rules.GAIN] = NOBODY, 1 - player, gain
    return ended


def points_won(state: np.ndarray) -> int:
    """Return what a finished game was worth to its winner: 1 to 3 times the cube."""
    return int(state[rules.GAIN]) << int(state[rules.CUBE])


def score_after(state: np.ndarray) -> tuple[int, int]:
    """Return the match score after a finished game."""
    score = [int(state[rules.SCORE]), int(state[rules.SCORE + 1])]
    score[int(state[rules.WINNER])] += points_won(state)
    return score[0], score[1]


def counted_score(state: np.ndarray) -> tuple[int, int]:
    """Return the score after a finished game as people count it: no more points than the match is long."""
    length = int(state[rules.LENGTH])
    one, other = score_after(state)
    return (min(one, length), min(other, length)) if length else (one, other)


def match_over(state: np.ndarray) -> bool:
    """Tell whether a finished game ended its match; money games go on for ever."""
    return bool(state[rules.TURN] == NOBODY and state[rules.LENGTH] and max(score_after(state)) >= state[rules.LENGTH])


def next_game(state: np.ndarray) -> np.ndarray:
    """Return the game after a finished one: the score brought forward, Crawford's rule when a player is one away."""
    length = int(state[rules.LENGTH])
    conditions: dict[str, Any] = {"jacoby": bool(state[rules.JACOBY]), "cube": bool(state[rules.USE_CUBE])}
    if not length:
        return start(**conditions)
    before, score = (int(state[rules.SCORE]), int(state[rules.SCORE + 1])), score_after(state)
    crawford = length - 1 in score and length - 1 not in before
    return start(length, score, crawford, **conditions)


# --- reading off ------------------------------------------------------------------------------------------


def checkers(state: np.ndarray, player: int) -> np.ndarray:
    """Return a player's 26 counts: off, his points 1 to 24, bar."""
    return state[player * rules.SIDE : player * rules.SIDE + rules.SIDE]


def pip_count(state: np.ndarray, player: int) -> int:
    """Return the pip count of a player."""
    return int(checkers(state, player) @ np.arange(rules.SIDE))


def describe(state: np.ndarray, player: int | None = None) -> str:
    """Draw a position from the view of the player on roll (or another), who is X with the home at the right."""
    mover = int(state[rules.MOVER])
    me = mover if player is None else player
    mine, theirs = checkers(state, me), checkers(state, 1 - me)
    signed = [int(mine[k]) - int(theirs[25 - k]) for k in range(rules.SIDE)]
    upper = [signed[k] for k in range(13, 25)]
    lower = [signed[k] for k in range(12, 0, -1)]
    return "\n".join(
        [
            f"O  {_line(state, 1 - me)}",
            " 13 14 15 16 17 18       19 20 21 22 23 24",
            *(_row(upper, height, int(theirs[rules.BAR]), "O") for height in range(5)),
            "                   |BAR|",
            *(_row(lower, height, int(mine[rules.BAR]), "X") for height in reversed(range(5))),
            " 12 11 10  9  8  7        6  5  4  3  2  1",
            f"X  {_line(state, me)}",
            _situation(state, me),
        ]
    )


def _row(points: Sequence[int], height: int, bar: int, on_bar: str) -> str:
    cells = [_cell(count, height) for count in points]
    middle = _cell(bar if on_bar == "X" else -bar, height)
    return "".join(cells[:6]) + f" |{middle[1:] if bar else '  '} |" + "".join(cells[6:])


def _cell(count: int, height: int) -> str:
    checker, number = "X" if count > 0 else "O", abs(count)
    if number <= height:
        return "  ." if height == 0 else "   "
    return f"{number:3}" if height == 4 and number > 5 else f"  {checker}"


def _line(state: np.ndarray, player: int) -> str:
    score = f", {state[rules.SCORE + player]} of {state[rules.LENGTH]} points" if state[rules.LENGTH] else ""
    return f"pips {pip_count(state, player)}, off {checkers(state, player)[rules.OFF]}{score}"


def _situation(state: np.ndarray, me: int) -> str:
    who = "X" if state[rules.MOVER] == me else "O"
    cube = f"cube {1 << int(state[rules.CUBE])}"
    if state[rules.OWNER] != NOBODY:
        cube += f" ({'X' if state[rules.OWNER] == me else 'O'}'s)"
    if state[rules.TURN] == NOBODY:
        return f"{'X' if state[rules.WINNER] == me else 'O'} won {points_won(state)}"
    if state[rules.OFFERED]:
        return f"{who} doubles, {cube}"
    dice = " ".join(str(die) for die in state[rules.DICE : rules.DICE + 4] if die)
    doing = f"{who} to play {dice}" if dice else "opening roll" if state[rules.OPENING] else f"{who} to roll"
    return f"{doing}, {cube}{', Crawford' if state[rules.CRAWFORD] else ''}"
