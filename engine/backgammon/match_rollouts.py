"""Rollouts of the decisions of a match that reading found doubtful or worse: what each cost, and how sure that is."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.backgammon.review import DOUBTFUL, Reviewed, ReviewedCube, ReviewedGame
from engine.backgammon.review_report import KEYS, better, done
from engine.backgammon.rollout import RolledOutCube, RolledOutPlays, Rollout
from engine.columns import table
from engine.reviewing import Progress, Stop
from games import backgammon
from games.backgammon.rules import BOARD, DOUBLE, DROP, ROLL, TAKE

HEAD = ("game", "turn", "player", "decided", "by reading", "rolled out", "s.e.", "games", "better, read ahead")


@dataclass(frozen=True)
class RolledOutDecision:
    """A decision, and what it cost by a rollout, with a standard error; below 0 where the rollout prefers it."""

    game: int
    decision: Reviewed
    cost: float
    error: float
    games: int


def roll_out_doubtful(
    rollout: Rollout, games: Sequence[ReviewedGame], show: Progress, stop: Stop
) -> Iterator[RolledOutDecision]:
    """Yield the doubtful decisions of a match, rolled out in the order in which they were made."""
    doubtful = [(game.number, each) for game in games for each in game.decisions if each.error >= DOUBTFUL]
    for k, (number, each) in enumerate(doubtful):
        show(k, len(doubtful))
        if stop():
            return
        if isinstance(each, ReviewedCube):
            yield RolledOutDecision(number, each, *_cube_cost(each, rollout.cube(each.state, stop=stop)))
        else:
            after = _after(each.state, each.played)
            yield RolledOutDecision(number, each, *_play_cost(after, rollout.plays(each.state, stop=stop, also=after)))
    show(len(doubtful), len(doubtful))


def _after(state: np.ndarray, moves: Sequence[int]) -> np.ndarray:
    for move in moves:
        state = backgammon.after(state, move)
    return state[:BOARD]


def _play_cost(after: np.ndarray, rolled: RolledOutPlays) -> tuple[float, float, int]:
    """Return what a play costs against the best other one, its standard error (of independent games), and its games."""
    made = next(found for play, found in rolled.plays if np.array_equal(play.after[:BOARD], after))
    others = [found for _, found in rolled.plays if found is not made]
    best = max(others, key=lambda found: float(found.equities[0]))
    return float(best.equities[0] - made.equities[0]), math.hypot(best.errors[0], made.errors[0]), made.games


def _cube_cost(each: ReviewedCube, rolled: RolledOutCube) -> tuple[float, float, int]:
    (no_double, taken), (error, taken_error) = rolled.found.equities, rolled.found.errors
    cash = rolled.decision.double_pass
    gain, sure = min(taken, cash) - no_double, math.hypot(error, taken_error if taken < cash else 0)
    take = taken - cash
    costs = {ROLL: (gain, sure), DOUBLE: (-gain, sure), TAKE: (take, taken_error), DROP: (-take, taken_error)}
    cost, error = costs[each.action]
    return float(cost), float(error), rolled.found.games


def rollout_table(names: Sequence[str], rolled: Sequence[RolledOutDecision]) -> str:
    """Write what the decisions cost by reading and by rollouts."""
    rows = [list(HEAD)]
    for each in rolled:
        found = each.decision
        costs = (f"{found.error:.3f}", f"{each.cost:+.3f}", f"{each.error:.3f}", str(each.games))
        rows.append([str(each.game), str(found.turn), names[found.mover], done(found), *costs, better(found)])
    return table(rows, 4) if rolled else "No decision was doubtful, so none was rolled out."


def rollouts_json(rolled: Sequence[RolledOutDecision]) -> list[dict[str, Any]]:
    """Return the decisions that were rolled out, for programs."""
    return [
        {
            "game": each.game,
            "ply": each.decision.ply,
            "turn": each.decision.turn,
            "side": KEYS[each.decision.mover],
            "done": done(each.decision),
            "read": round(each.decision.error, 4),
            "cost": round(each.cost, 4),
            "error": round(each.error, 4),
            "games": each.games,
        }
        for each in rolled
    ]
