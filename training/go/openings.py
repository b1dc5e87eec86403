"""Openings of Go games: random ones that are near even, or those of SGF files; and what equals what up to symmetry."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.rollouts import shipped_policy
from games import go
from games.game import IllegalMove, Position
from games.go import rules as go_rules
from games.go import sgf
from games.go.sgf_record import KEPT
from games.go.symmetries import symmetry
from training.tournament import openings
from training.tournament.referee import hashed


def make(start: np.ndarray, moves: int, count: int, seed: int, made: Sequence[Sequence[int]] = ()) -> list[list[int]]:
    """Return `count` openings that are near even, up to symmetry no two alike; `made` are the first of them."""
    return openings.make(go, start, moves, count, seed, made, _random_opening, digest)


def digest(positions: Sequence[Position]) -> str:
    """Return a hash of a game's moves that is the same for all its reflections and rotations."""
    size, moves = len(go.colours(positions[0].state)), np.array(positions[0].moves, np.int32)
    return min(hashed(symmetry(k, size)[moves].tobytes()) for k in range(8))


def _random_opening(start: np.ndarray, moves: int, random: np.random.Generator) -> Position:
    """Play moves of the rollout policy, on the two outer lines only where the board is small."""
    position, priors = Position(go, start), shipped_policy(go)
    inner = _inner_points(int(start[go_rules.SIZE]))
    for _ in range(moves):
        legal = position.legal()[:-1]
        good = legal[inner[legal]]
        choices = good if len(good) else legal
        if not len(choices):
            break
        weights = go.priors(position.state[None], priors)[0, choices].astype(float) + 1e-9
        position.play(int(random.choice(choices, p=weights / weights.sum())))
    return position


def _inner_points(size: int) -> np.ndarray:
    """Tell which points are off the edge, from 13x13 on off the second line, too; bool [size * size]."""
    edge = 2 if size >= 13 else 1 if size >= 5 else 0
    inner = np.zeros((size, size), bool)
    inner[edge : size - edge, edge : size - edge] = True
    return inner.ravel()


def read(path: str, start: np.ndarray) -> list[list[int]]:
    """Return the openings of an SGF file or a folder; raise `ValueError` for one that no game here can begin with."""
    found = [_checked(record, number, path, start) for number, record in enumerate(sgf.read(path), 1)]
    if not found:
        raise ValueError(f"there is no opening in {path}")
    return found


def _checked(record, number: int, path: str, start: np.ndarray) -> list[int]:
    where, size = f"opening {number} of {Path(path)}", int(start[go_rules.SIZE])
    if record.start.get("size", 19) != size:
        raise ValueError(f"{where} is for boards of size {record.start.get('size', 19)}, not {size}")
    if any(record.start.get(word) for word in ("black", "white", "to_play")):
        raise ValueError(f"{where} sets stones up; openings here are moves")
    if any(turn != k % 2 for k, turn in enumerate(record.turns)):
        raise ValueError(f"{where} has somebody move twice in a row")
    if record.setups:
        raise ValueError(f"{where} changes the board by hand; openings here are moves")
    cut = next((remark for remark in record.remarks if KEPT in remark), "")
    if cut:
        raise ValueError(f"{where}: {cut}")
    try:
        position = openings.played(go, start, record.moves)
    except IllegalMove as error:
        raise ValueError(f"{where}: {error}") from None
    if position.over:
        raise ValueError(f"{where} is a game that is over")
    return position.moves
