"""Look back at a game of backgammon: what every play and every decision about the cube cost, and what luck gave.

Equities and errors are those that players speak of: with the cube, for the player whose decision it is, a plain game at
the present cube won is 1. Luck is the equity of the best play after a roll, less the mean of that over all rolls; both
are read at 0-ply, as GNU Backgammon does by default. So the mean luck is 0 whatever the network, and a result less the
luck is as true as the result itself, only with less noise.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.backgammon.cube import CubeDecision, as_equity, from_equity
from engine.backgammon.player import judge_cube
from engine.backgammon.plies import Candidate, Lookahead
from engine.reviewing import Progress, Stop
from games import backgammon
from games.backgammon import rules
from games.backgammon.match import equity_after, match_equity, table
from games.game import CHANCE, FIRST, SECOND, Position, Record

LUCK_PLIES = 0

CLOSE = 0.16
"""A decision not to double counts where the other one costs less than this; GNU Backgammon's figure."""

KEPT = 5
"""Plays of a roll that are kept, best first."""

VERY_BAD, BAD, DOUBTFUL = 0.16, 0.08, 0.04
"""Errors from which a decision is called so; GNU Backgammon's figures."""


def grade(error: float) -> str:
    """Say how bad an error is; "" for a small one."""
    grades = ((VERY_BAD, "very bad"), (BAD, "bad"), (DOUBTFUL, "doubtful"))
    return next((name for least, name in grades if error >= least), "")


@dataclass(frozen=True, eq=False)
class ReviewedPlay:
    """A roll and what was played with it."""

    ply: int  # moves of the game before the play
    turn: int  # rolls so far in the game, this one included
    mover: int
    dice: tuple[int, int]  # the larger first
    luck: float  # equity that the roll gave the mover; 0 where the dice had fallen before the game began
    gain: float  # the same in the unit of `games.backgammon.score`
    state: np.ndarray = field(repr=False)  # int8 [W] before the play
    played: tuple[int, ...]  # checker moves
    best: tuple[int, ...]
    equity: float  # after what was played
    error: float  # what the best play would have been worth more; never negative
    choices: int  # distinct plays of the roll; 0: nobody can move
    plies: int  # how deeply the two were read
    candidates: tuple[Candidate, ...] = field(repr=False)

    @property
    def counted(self) -> bool:
        """Whether there was anything to decide."""
        return self.choices > 1


@dataclass(frozen=True, eq=False)
class ReviewedCube:
    """A decision about the cube: to roll or double before a roll, to take or drop a double."""

    ply: int
    turn: int
    mover: int  # who decided
    state: np.ndarray = field(repr=False)
    action: int  # ROLL, DOUBLE, TAKE or DROP
    best: int  # one of these, too
    error: float
    counted: bool  # the cube was turned or answered, or might as well have been
    decision: CubeDecision  # equities are of who is on roll or has doubled


Reviewed = ReviewedPlay | ReviewedCube


def review_backgammon(
    position: Position,
    lookahead: Lookahead,
    plies: int = 1,
    on_move: Progress | None = None,
    stop: Stop = bool,
) -> Iterator[Reviewed]:
    """Yield the decisions of one game in the order in which they were made; end early once `stop()` is true.

    Plays and cube are read `plies` ahead. A play that was broken off after some of its checkers is not judged.
    """
    ply, turn, roll = 0, 0, None
    while ply < len(position.moves) and not stop():
        state, move = position.states[ply], position.moves[ply]
        if state[rules.TURN] == CHANCE:
            roll, turn = _Roll(*luck_of(lookahead, state, move)), turn + 1
            ply += 1
            if not position.states[ply][rules.DICE]:
                yield _no_play(state, move, ply, turn, roll)
        elif state[rules.DICE]:
            end = _end_of_play(position, ply)
            if end is None:
                return
            yield _judge_play(position, ply, end, turn, roll or _Roll(0, 0), lookahead, plies)
            ply = end
        else:
            yield _judge_cube(state, move, ply, turn + 1, lookahead, plies)
            ply += 1
        if on_move:
            on_move(ply, len(position.moves))


# --- luck -------------------------------------------------------------------------------------------------


class _Roll(NamedTuple):
    luck: float
    gain: float


def luck_of(lookahead: Lookahead, state: np.ndarray, move: int) -> tuple[float, float]:
    """Return what a roll gave the player who rolled: as equity, and in the unit of `games.backgammon.score`."""
    listed, odds, counts = backgammon.legal(state[None])
    moves, odds = listed[0, : counts[0]], odds[0, : counts[0]].astype(float)
    after = np.repeat(state[None], len(moves), axis=0)
    backgammon.play(after, moves)
    values = np.array([lookahead.worth(row, LUCK_PLIES) for row in after])
    rolled = int(np.flatnonzero(moves == move)[0])
    gain = float(values[rolled] - values @ odds / odds.sum()) * (1 if rules.thrown(state, move)[0] == FIRST else -1)
    return gain / unit(state), gain


def unit(state: np.ndarray) -> float:
    """Return what an equity of 1 is in the unit of `score`: the cube; in a match, twice the chance at stake."""
    nothing, one = from_equity(np.array([0.0, 1.0]), state)
    return float(one - nothing)


# --- plays ------------------------------------------------------------------------------------------------


def _end_of_play(position: Position, ply: int) -> int | None:
    """Return the ply after the play that begins here, None where the game ends in the middle of it."""
    end = ply
    while end < len(position.moves) and position.moves[end] < rules.ROLL:
        end += 1
    return None if position.states[end][rules.DICE] else end


def _judge_play(
    position: Position, ply: int, end: int, turn: int, roll: "_Roll", lookahead: Lookahead, plies: int
) -> ReviewedPlay:
    state, after = position.states[ply], position.states[end]
    ranked = lookahead.rank(state, plies)
    best, played = ranked[0], next(each for each in ranked if np.array_equal(each.after, after))
    equity = played.equity
    if played.plies < best.plies:  # no filter would have let it through
        equity = _equity_after(lookahead, state, after, best.plies)
    error = max(best.equity - equity, 0.0)
    return ReviewedPlay(
        ply,
        turn,
        int(state[rules.MOVER]),
        (int(state[rules.ROLLED]), int(state[rules.ROLLED + 1])),
        roll.luck,
        roll.gain,
        state,
        tuple(position.moves[ply:end]),
        best.moves if error else played.moves,
        equity,
        error,
        len(ranked),
        best.plies,
        tuple(ranked[:KEPT]),
    )


def _equity_after(lookahead: Lookahead, state: np.ndarray, after: np.ndarray, plies: int) -> float:
    """Return what a position after a play is worth, as equity, to who made it."""
    value = lookahead.worth(after, plies) * (1 if state[rules.MOVER] == FIRST else -1)
    return float(as_equity(np.array([value]), state)[0])


def _no_play(state: np.ndarray, move: int, ply: int, turn: int, roll: _Roll) -> ReviewedPlay:
    """Return the turn of a player who cannot move."""
    mover, *dice = rules.thrown(state, move)
    return ReviewedPlay(ply, turn, mover, (dice[0], dice[1]), *roll, state, (), (), np.nan, 0.0, 0, 0, ())


# --- the cube ---------------------------------------------------------------------------------------------


def _judge_cube(state, move, ply, turn, lookahead, plies) -> ReviewedCube:
    found = judge_cube(lookahead, state, plies)
    if state[rules.OFFERED]:
        lost = found.double_take - found.double_pass  # by a take; of the mover, so the taker's with another sign
        best, error, mover = (
            rules.TAKE if found.take else rules.DROP,
            lost if move == rules.TAKE else -lost,
            1 - int(state[rules.MOVER]),
        )
    else:
        gained = min(found.double_take, found.double_pass) - found.no_double
        best, error, mover = (
            rules.DOUBLE if found.double else rules.ROLL,
            gained if move == rules.ROLL else -gained,
            int(state[rules.MOVER]),
        )
    counted = move != rules.ROLL or abs(error) < CLOSE or best == rules.DOUBLE
    error = 0.0 if move == best else max(error, 0.0)
    return ReviewedCube(ply, turn, mover, state, move, best, error, counted, found)


# --- what a side did --------------------------------------------------------------------------------------

BANDS = (
    (2, "supernatural"),
    (5, "world class"),
    (8, "expert"),
    (12, "advanced"),
    (18, "intermediate"),
    (26, "casual player"),
    (35, "beginner"),
)
"""Thousandths of a point lost a decision up to which a player is called so; GNU Backgammon's names and figures."""

MILLI = 1000


@dataclass(frozen=True)
class Tally:
    """What the decisions of a side add up to; errors and luck are equities, `gain` is in the unit of `score`."""

    plays: int  # unforced
    play_error: float
    cubes: int  # that count
    cube_error: float
    missed_doubles: int
    wrong_doubles: int
    wrong_takes: int
    wrong_drops: int
    doubtful: int
    bad: int
    very_bad: int
    luck: float
    gain: float

    @property
    def play_rate(self) -> float:
        """Thousandths of a point lost an unforced play."""
        return MILLI * self.play_error / max(self.plays, 1)

    @property
    def cube_rate(self) -> float:
        """Thousandths of a point lost a cube decision that counts."""
        return MILLI * self.cube_error / max(self.cubes, 1)

    @property
    def rate(self) -> float:
        """Thousandths of a point lost a decision of either kind."""
        return MILLI * (self.play_error + self.cube_error) / max(self.plays + self.cubes, 1)

    @property
    def band(self) -> str:
        """What a player of this rate is called; "" where nothing was decided."""
        if not self.plays + self.cubes:
            return ""
        return next((name for most, name in BANDS if self.rate < most), "awful")


def tally(decisions: Iterable[Reviewed], side: int) -> Tally:
    """Add up the decisions of FIRST or SECOND, of one game or of many."""
    own = [each for each in decisions if each.mover == side]
    plays = [each for each in own if isinstance(each, ReviewedPlay)]
    cubes = [each for each in own if isinstance(each, ReviewedCube)]
    wrong = [each.action for each in cubes if each.error]
    grades = [grade(each.error) for each in own]
    return Tally(
        sum(each.counted for each in plays),
        sum(each.error for each in plays),
        sum(each.counted for each in cubes),
        sum(each.error for each in cubes),
        wrong.count(rules.ROLL),
        wrong.count(rules.DOUBLE),
        wrong.count(rules.TAKE),
        wrong.count(rules.DROP),
        grades.count("doubtful"),
        grades.count("bad"),
        grades.count("very bad"),
        sum(each.luck for each in plays),
        sum(each.gain for each in plays),
    )


def worst(decisions: Iterable[Reviewed], most: int = 10) -> list[Reviewed]:
    """Return the decisions that cost most, the worst first; only those that have a grade."""
    return sorted((each for each in decisions if grade(each.error)), key=lambda each: -each.error)[:most]


# --- results ----------------------------------------------------------------------------------------------


def result_value(start: np.ndarray, winner: int, points: int) -> float:
    """Return FIRST's gain from a game, in the unit of `score`: points, or the rise of the chance to win the match."""
    if not start[rules.LENGTH]:
        return float(points if winner == FIRST else -points)
    length, first, second = (int(start[cell]) for cell in (rules.LENGTH, rules.SCORE, rules.SCORE + 1))
    before = 2 * match_equity(length, first, second, bool(start[rules.CRAWFORD])) - 1
    return float(equity_after(table(), length, first, second, winner, points)) - before


@dataclass
class ReviewedGame:
    """A game of a match, with as much of its review as was done."""

    number: int  # in the file, from 1
    record: Record
    start: np.ndarray
    decisions: list[Reviewed] = field(default_factory=list)
    complete: bool = False


class Result(NamedTuple):
    """What games brought FIRST, and what of that was not luck; in points or, in a match, as chances to win it."""

    value: float
    luck: float
    adjusted: float


def result(games: Sequence[ReviewedGame], outcomes: Sequence[tuple[int, int]]) -> Result | None:
    """Return the result of games without luck, given winners and points; None where one is not known to its end."""
    if not games or any(not points or not game.complete for game, (_, points) in zip(games, outcomes, strict=True)):
        return None
    scale = 0.5 if games[0].start[rules.LENGTH] else 1.0
    value = scale * sum(result_value(game.start, *outcome) for game, outcome in zip(games, outcomes, strict=True))
    decisions = [each for game in games for each in game.decisions]
    luck = scale * (tally(decisions, FIRST).gain - tally(decisions, SECOND).gain)
    return Result(value, luck, value - luck)
