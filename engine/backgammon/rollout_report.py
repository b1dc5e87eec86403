"""Rollouts told: a table with standard errors, and JSON. Equities are those of whoever decides."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.backgammon.cube import CubeDecision
from engine.backgammon.plies import Candidate
from engine.backgammon.rollout import RolledOutCube, RolledOutPlays, RolloutMeans, RolloutSettings
from engine.columns import table
from games.backgammon.rules import OFFERED
from games.backgammon.writing import write_play

PLAY_HEAD = ("", "play", "equity", "s.e.", "games", "win", "gammon", "backg", "lose g", "lose bg")

CUBE_HEAD = ("no double", "double, take", "double, pass")


def settings_line(settings: RolloutSettings) -> str:
    """Say how decisions were rolled out."""
    return (
        f"rollout: at most {settings.games} games a play, {settings.plies} plies each, luck taken out, "
        f"plays 0-ply, cube 1-ply, seed {settings.seed}"
    )


def told(state: np.ndarray, rolled: RolledOutPlays | RolledOutCube) -> str:
    """Write what a rollout found as a table."""
    if isinstance(rolled, RolledOutCube):
        return _cube_table(state, rolled)
    rows: list[Sequence[str]] = [PLAY_HEAD]
    for k, (play, found) in enumerate(rolled.plays, 1):
        equity = (f"{found.equities[0]:+.4f}", f"{found.errors[0]:.4f}", str(found.games))
        rows.append((f"{k}.", write_play(state, play.moves), *equity, *_chances(found.outputs)))
    verdict = "The best play is clear." if rolled.clear else "The best play is not clear yet: more games would tell."
    return f"{table(rows, 2)}\n{verdict}"


def read_table(state: np.ndarray, candidates: Sequence[Candidate]) -> str:
    """Write plays that were read ahead as a table."""
    rows: list[Sequence[str]] = [(*PLAY_HEAD[:3], "plies", *PLAY_HEAD[5:])]
    for k, play in enumerate(candidates, 1):
        words = write_play(state, play.moves), f"{play.equity:+.4f}", str(play.plies)
        rows.append((f"{k}.", *words, *_chances(play.outputs)))
    return table(rows, 2)


def read_cube_table(decision: CubeDecision) -> str:
    """Write a decision about the cube that was read ahead."""
    names = {
        "no double": decision.no_double,
        "double, take": decision.double_take,
        "double, pass": decision.double_pass,
    }
    return f"{decision.sentence}\n" + table([(name, f"{equity:+.4f}", "") for name, equity in names.items()], 1)


def _cube_table(state: np.ndarray, rolled: RolledOutCube) -> str:
    decision, found = rolled.decision, rolled.found
    rows = [
        ("", "equity", "s.e."),
        (CUBE_HEAD[0], f"{found.equities[0]:+.4f}", f"{found.errors[0]:.4f}"),
        (CUBE_HEAD[1], f"{found.equities[1]:+.4f}", f"{found.errors[1]:.4f}"),
        (CUBE_HEAD[2], f"{decision.double_pass:+.4f}", ""),
    ]
    verdict = "The decision is clear." if rolled.clear else "The decision is not clear yet: more games would tell."
    heads = "of who has doubled" if state[OFFERED] else "of who is on roll"
    chances = "  ".join(f"{name} {chance}" for name, chance in zip(PLAY_HEAD[5:], _chances(found.outputs), strict=True))
    return f"{decision.sentence}\n{table(rows, 1)}\n{heads}: {chances}\n{found.games} games. {verdict}"


def _chances(outputs: np.ndarray) -> list[str]:
    return [f"{chance:.1%}" for chance in outputs]


def as_json(state: np.ndarray, rolled: RolledOutPlays | RolledOutCube) -> dict[str, Any]:
    """Return what a rollout found, for programs."""
    if isinstance(rolled, RolledOutCube):
        found, decision = rolled.found, rolled.decision
        names = ("no_double", "double_take")
        equities = {name: _with_error(found, k) for k, name in enumerate(names)}
        verdict = {"double": decision.double, "take": decision.take, "sentence": decision.sentence}
        equities["double_pass"] = {"equity": round(decision.double_pass, 5), "error": 0.0}
        return {"kind": "cube", **equities, **verdict, **_rest(found), "clear": rolled.clear}
    plays = [
        {"play": write_play(state, play.moves), **_with_error(found, 0), "read": round(play.equity, 4)} | _rest(found)
        for play, found in rolled.plays
    ]
    return {"kind": "play", "plays": plays, "clear": rolled.clear}


def read_json(state: np.ndarray, play: Candidate) -> dict[str, Any]:
    """Return a play that was read ahead, for programs."""
    outputs = [round(float(chance), 5) for chance in play.outputs]
    words = {"play": write_play(state, play.moves), "equity": round(play.equity, 4)}
    return words | {"plies": play.plies, "outputs": outputs}


def _with_error(found: RolloutMeans, k: int) -> dict[str, float]:
    return {"equity": round(float(found.equities[k]), 5), "error": round(float(found.errors[k]), 5)}


def _rest(found: RolloutMeans) -> dict[str, Any]:
    return {"games": found.games, "outputs": [round(float(chance), 5) for chance in found.outputs]}
