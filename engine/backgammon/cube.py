"""The doubling cube: from the five cubeless outputs of a position to its cubeful equities and the right decision.

Theory: Rick Janowski, Take-Points in Money Games (1993), in the general form of `games/backgammon/match.py`, where a
game for money is a match without end. Outputs are win, win gammon or better, win backgammon, lose gammon or better,
lose backgammon, for the player on roll before the roll; values are for that player, too, not for FIRST. They come
in two units: that of `games.backgammon.score` (points with the cube; in a match, twice the chance to win it, less 1),
and equity as players count it: a plain game at the present cube won is 1, lost -1.
"""

from dataclasses import dataclass, field

import numpy as np

from games.backgammon import rules
from games.backgammon.match import (
    CASHED,
    DROPPED,
    LEVELS,
    LOST,
    WON,
    cube_value,
    fill_match_ends,
    find_take_points,
    table,
)
from games.compiling import compiled, inlined
from games.game import NOBODY

CONTACT = (0.76, 0.76, 0.71)
"""The cube's efficiency while the sides can still hit each other, at the leaves of reading 0, 1 and 2 plies ahead.

GNU Backgammon's figure for all its leaves is 0.68. Chosen by what decisions cost by GNU Backgammon 2-ply, in which
doubling gains or loses 0.1 at most: 600 for 0 and 1 ply, 1,200 for two (`tests/measures/crosscheck_cube.py --positions
600 --near 0.1`, seeds 101 and 102). Costs in mEMG with 0.68 and 0.76: 6.2 and 5.8, 5.6 and 2.6, 1.0 and 1.25; equities
interpolated between them cost about 0.85 at 0.71 and two plies. At 0 plies 0.72 costs 4.9, but 0.76 agrees more often.
Likely cause: without reading, theory has to know how the market moves in the next rolls, too.
"""

RACE, RACE_PER_PIP, RACE_LOWEST, RACE_HIGHEST = 0.59, 0.00125, 0.6, 0.75
"""Efficiency in a race: a base, an increment for every pip of the player on roll, bounds.

GNU Backgammon's figures are 0.55, 0.00125, 0.6, 0.7. The base was chosen on 210 races of money games, half of them
between 50 and 72 pips, in which the player on roll wins 66 to 84 %: double and take are both GNU Backgammon 2-ply's for
89, 88 and 97 % read 0, 1 and 2 plies ahead, with 0.55 for 86, 82 and 98 % (s.e. 2).
"""

ENDLESS = 1 << 40
"""Points to the end of a match that stands for a money game: the cube always has a use."""

NO_DOUBLE, DOUBLE_TAKE, DOUBLE_PASS = range(3)

STEPS = 1000
STEP = 1 / STEPS
"""Steps of the chance to win in which a market window is measured, and the length of one."""

EVEN = 1e-6
"""Difference below which two equities count as equal: then double, and take."""

# --- one position, compiled -------------------------------------------------------------------------------


@compiled
def _judge(outputs, state, chances, ends, points, values):
    """Fill `values` [3] with no double, double and take, double and pass, in units of `ends`."""
    mine, theirs = away(state)
    cube, me = 1 << np.int64(state[rules.CUBE]), state[rules.MOVER]
    p = fill_ends(outputs, state, chances, ends)
    find_take_points(ends, mine, theirs, cube, points)
    turns = (state[rules.USE_CUBE] == 1) & (state[rules.CRAWFORD] == 0)
    i_may = turns & (state[rules.OWNER] != 1 - me) & (mine > cube)
    they_may = turns & (state[rules.OWNER] != me) & (theirs > cube)
    reach = efficiency(state, np.int64(state[rules.MOVER]) * rules.SIDE, CONTACT[0])
    values[NO_DOUBLE] = cube_value(ends, points, 0, p, i_may, they_may, reach)
    values[DOUBLE_TAKE] = cube_value(ends, points, 1, p, False, theirs > 2 * cube, reach)
    values[DOUBLE_PASS] = ends[0, CASHED]


@inlined
def away(state):
    """Return how many points the player on roll, and the other, need to end the match."""
    me = np.int64(state[rules.MOVER])
    length = np.int64(state[rules.LENGTH]) if state[rules.LENGTH] else ENDLESS
    return length - state[rules.SCORE + me], length - state[rules.SCORE + 1 - me]


@inlined
def fill_ends(outputs, state, chances, ends):
    """Fill `ends` for a match or for money; return the chance to win the game."""
    p = min(max(np.float64(outputs[0]), 0.0), 1.0)
    shares = (_share(outputs[1], p), _share(outputs[2], p), _share(outputs[3], 1 - p), _share(outputs[4], 1 - p))
    cube = 1 << np.int64(state[rules.CUBE])
    if state[rules.LENGTH]:
        mine, theirs = away(state)
        fill_match_ends(chances, mine, theirs, cube, shares, ends)
    else:
        _fill_money_ends(cube, shares, ends)
        if (state[rules.JACOBY] == 1) & (state[rules.USE_CUBE] == 1) & (state[rules.OWNER] == NOBODY):
            ends[0, LOST], ends[0, WON] = ends[0, DROPPED], ends[0, CASHED]
    return p


@inlined
def _share(part, whole):
    return min(max(part / whole, 0.0), 1.0) if whole > 0 else 0.0


@inlined
def _fill_money_ends(cube, shares, ends):
    for n in range(LEVELS):
        value = np.float64(cube << n)
        ends[n, DROPPED], ends[n, CASHED] = -value, value
        ends[n, LOST], ends[n, WON] = -value * (1 + shares[2] + shares[3]), value * (1 + shares[0] + shares[1])


@inlined
def efficiency(checkers, me, contact):
    """Return the cube's efficiency in a position for the player whose cells begin at `me`; with contact `contact`."""
    pips, mine, theirs = 0, 0, 0
    for k in range(1, rules.BAR + 1):
        pips += k * checkers[me + k]
        mine = k if checkers[me + k] > 0 else mine
        theirs = k if checkers[rules.SIDE - me + k] > 0 else theirs
    if mine + theirs >= rules.BAR:
        return contact
    return min(max(RACE + RACE_PER_PIP * pips, RACE_LOWEST), RACE_HIGHEST)


@compiled
def _judge_all(outputs, states, chances, values):
    ends, points = np.zeros((LEVELS, 4)), np.zeros((LEVELS, 2))
    for b in range(len(outputs)):
        _judge(outputs[b], states[b], chances, ends, points, values[b])


@compiled
def _weigh_all(outputs, states, chances, values):
    ends = np.zeros((LEVELS, 4))
    for b in range(len(outputs)):
        p = fill_ends(outputs[b], states[b], chances, ends)
        values[b] = p * ends[0, WON] + (1 - p) * ends[0, LOST]


# --- many positions ---------------------------------------------------------------------------------------


def utility(outputs: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the values [N] of positions for the player on roll without any further cube, in the unit of `score`.

    `outputs` is [N, 5]; `states` is [N, W], or one row whose cube, score and mover hold for all.
    """
    outputs, states = _together(outputs, states)
    values = np.empty(len(outputs))
    _weigh_all(outputs, states, table(), values)
    return _as_score(values, states)


def cubeful_equity(outputs: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return the values [N] of positions for the player on roll with the cube, in the unit of `score`.

    Shapes as for `utility`. A player who may double does so if that is best; a double that waits is answered.
    """
    outputs, states = _together(outputs, states)
    values = _three_values(outputs, states)
    doubled = np.minimum(values[:, DOUBLE_TAKE], values[:, DOUBLE_PASS])
    choice = (states[:, rules.TURN] == states[:, rules.MOVER]) & (states[:, rules.DICE] == 0)
    best = np.where(choice, np.maximum(values[:, NO_DOUBLE], doubled), values[:, NO_DOUBLE])
    return _as_score(np.where(states[:, rules.OFFERED] == 1, doubled, best), states)


def as_equity(values: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Turn values of the player on roll in the unit of `score` into equities: the present cube won is 1, lost -1."""
    states = np.atleast_2d(states)
    lost, won = _plain_ends(states)
    return (2 * np.asarray(values, np.float64) - lost - won) / (won - lost)


def from_equity(equities: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Turn equities of the player on roll back into values in the unit of `score`."""
    lost, won = _plain_ends(np.atleast_2d(states))
    return (np.asarray(equities, np.float64) * (won - lost) + lost + won) / 2


def _plain_ends(states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what losing and winning a plain game at the present cube is worth, [N] each, in the unit of `score`."""
    rows, me = np.arange(len(states)), states[:, rules.MOVER].astype(np.int64)
    cube = np.left_shift(1, states[:, rules.CUBE].astype(np.int64))
    away = states[:, rules.LENGTH, None].astype(np.int64) - states[:, rules.SCORE : rules.SCORE + 2]
    mine, theirs = away[rows, me], away[rows, 1 - me]
    phase, chances = (away.min(1) == 1).astype(np.int64), table()
    lost = 2 * chances[mine, np.maximum(theirs - cube, 0), phase] - 1
    won = 2 * chances[np.maximum(mine - cube, 0), theirs, phase] - 1
    match = states[:, rules.LENGTH] > 0
    return np.where(match, lost, -cube), np.where(match, won, cube)


def _together(outputs: np.ndarray, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    outputs = np.atleast_2d(np.asarray(outputs, np.float64))
    return outputs, np.broadcast_to(states, (len(outputs), states.shape[-1]))


def _three_values(outputs: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return no double, double and take, double and pass, [N, 3]: points for money, chances of a match."""
    values = np.empty((len(outputs), 3))
    _judge_all(outputs, states, table(), values)
    return values


def _as_score(values: np.ndarray, states: np.ndarray) -> np.ndarray:
    return np.where(states[:, rules.LENGTH] > 0, 2 * values - 1, values)


# --- one decision -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CubeDecision:
    """What to do with the cube: three equities of the player on roll (present cube won 1, lost -1), and the answer.

    `double` is right for the player on roll (and allowed), `take` for the other if it came. `window` is the chance to
    win from which doubling and up to which taking is right, both with these shares of gammons.
    """

    no_double: float
    double_take: float
    double_pass: float
    double: bool
    take: bool
    window: tuple[float, float]
    sentence: str
    outputs: np.ndarray = field(compare=False)  # float [5] that it was judged by


def decide(
    outputs: np.ndarray, state: np.ndarray, values: np.ndarray | None = None, exact: bool = False
) -> CubeDecision:
    """Judge the cube for a position before the roll, also while a double waits for its answer.

    `outputs` [5] are for the player on roll or who has doubled. `values` are no double, double and take, double and
    pass in the unit of `score` where they were read ahead or looked up (`exact`), else they come from theory. A double
    that the rules forbid is judged all the same, but `double` is False.
    """
    states = np.repeat(state[None], 3, 0)
    if values is None:
        values = _as_score(_three_values(*_together(outputs, state))[0], states)
    no_double, double_take, double_pass = (float(value) for value in as_equity(values, states))
    best = min(double_take, double_pass) >= no_double - EVEN
    double, take = bool(rules.may_double(state)) and best, double_take <= double_pass + EVEN
    window = market_window(outputs, state)
    sentence = _in_words(state, float(outputs[0]), no_double > double_pass, double, take, None if exact else window)
    return CubeDecision(no_double, double_take, double_pass, double, take, window, sentence, outputs)


def market_window(outputs: np.ndarray, state: np.ndarray) -> tuple[float, float]:
    """Return the chances to win between which a double is right and a take too, for these shares of gammons.

    The first is where doubling begins to gain, the second where taking ends to: past it the market is lost.
    """
    p = np.linspace(0, 1, STEPS + 1)
    win = float(outputs[0])
    won = np.asarray(outputs[1:3], np.float64) / max(win, EVEN)
    lost = np.asarray(outputs[3:5], np.float64) / max(1 - win, EVEN)
    values = _three_values(*_together(np.column_stack([p, p[:, None] * won, (1 - p)[:, None] * lost]), state))
    takes = values[:, DOUBLE_TAKE] <= values[:, DOUBLE_PASS] + EVEN
    closes = np.flatnonzero(takes)[-1]
    waits = np.flatnonzero(values[: closes + 1, DOUBLE_TAKE] < values[: closes + 1, NO_DOUBLE] - EVEN)
    opens = waits[-1] if len(waits) else 0
    return float(p[opens]), float(p[closes])


def _in_words(
    state: np.ndarray, win: float, too_good: bool, double: bool, take: bool, window: tuple[float, float] | None
) -> str:
    answer, turn = "take" if take else "pass", "redouble" if state[rules.OWNER] == state[rules.MOVER] else "double"
    if not rules.may_double(state):
        return f"The cube cannot be turned here; a double would be a {answer}."
    action = turn.capitalize() if double else f"Too good to {turn}" if too_good else f"No {turn}"
    if window is None:
        return f"{action}, {answer}: {win:.1%} to win, exactly."
    opens, closes = window
    taken = win <= closes + STEP if take else win >= closes - STEP
    agrees = taken and (too_good or (win >= opens - STEP if double else win <= opens + STEP))
    about = "" if agrees else " without reading ahead"
    return f"{action}, {answer}: {win:.1%} to win, market window {opens:.1%} to {closes:.1%}{about}."
