"""Yomi's advice about a backgammon position: plays or cube decisions with their equities and chances. No display."""

from dataclasses import dataclass

import numpy as np

from engine.backgammon.cube import CubeDecision
from engine.backgammon.player import analysis, cube_answers, judge_cube
from engine.backgammon.plies import Candidate, Lookahead
from engine.players import Analysis
from games.backgammon.rules import DICE
from games.backgammon.writing import write_play

CHANCES = ("win", "gam", "bg", "lose g", "lose bg")
"""The five outputs of a network, as the head of a table."""


@dataclass(frozen=True, eq=False)
class Hint:
    """The plays of a roll, best first; or, before a roll, the decision about the cube and the five chances."""

    state: np.ndarray
    plays: tuple[Candidate, ...] = ()
    decision: CubeDecision | None = None
    outputs: np.ndarray | None = None  # float32 [5] of who is on roll or has doubled


def ask(lookahead: Lookahead, state: np.ndarray, plies: int) -> Hint:
    """Work out the hint for a position in which a player is to choose."""
    if state[DICE]:
        return Hint(state, tuple(lookahead.rank(state, plies)))
    decision = judge_cube(lookahead, state, plies)
    return Hint(state, (), decision, decision.outputs)


def answers(hint: Hint) -> list[tuple[tuple[int, ...], float]]:
    """Return every choice, best first, with its equity to the player on roll (or who has doubled)."""
    if hint.decision is None:
        return [(play.moves, play.equity) for play in hint.plays]
    return cube_answers(hint.decision, hint.state)


def as_analysis(hint: Hint) -> Analysis:
    """Return the hint as an analysis, whose values are FIRST's."""
    return analysis(hint.state, answers(hint))


def play_rows(hint: Hint, most: int = 10) -> list[tuple[str, ...]]:
    """Write the best plays: notation, equity, what each loses against the first, the five chances."""
    rows = []
    for play in hint.plays[:most]:
        loss = hint.plays[0].equity - play.equity
        chances = (f"{chance:.1%}".rstrip("%") for chance in play.outputs)
        rows.append(
            (write_play(hint.state, play.moves), f"{play.equity:+.3f}", f"{-loss:.3f}" if loss > 5e-4 else "", *chances)
        )
    return rows


def cube_rows(found: CubeDecision, outputs: np.ndarray) -> list[tuple[str, str]]:
    """Write the three equities of a cube decision, and the five chances of the player on roll."""
    rows = [
        ("no double", f"{found.no_double:+.3f}"),
        ("double, take", f"{found.double_take:+.3f}"),
        ("double, drop", f"{found.double_pass:+.3f}"),
    ]
    return rows + [(name, f"{chance:.1%}") for name, chance in zip(CHANCES, outputs, strict=True)]
