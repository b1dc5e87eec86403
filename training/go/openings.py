"""Openings of Go games: random ones that are near even, or those of SGF files; and what equals what up to symmetry."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.rollouts import shipped_policy
from games import go
from games.game import IllegalMove, Position
from games.go import rules as go_rules
from games.go import sgf
from training.tournament.referee import digest

TRIED = 16
"""Random openings of which the most even one is taken."""

JUDGED_BY = 128
"""Rollouts that tell how even an opening is: each to 0.09, in values from -1 to 1."""


def make(start: np.ndarray, moves: int, count: int, seed: int, made: Sequence[Sequence[int]] = ()) -> list[list[int]]:
    """Return `count` openings, no two alike while there are others; `made` are the first of them, if they are known.

    The same for the same arguments; of a greater count the first ones are the same, too.
    """
    openings = [list(each) for each in made[:count]]
    taken = {digest([_played(start, each)]) for each in openings}
    for number in range(len(openings), count):
        random = np.random.default_rng([seed, moves, number])
        tried = [_random_opening(start, moves, random) for _ in range(TRIED)]
        fresh = [each for each in tried if digest([each]) not in taken] or tried
        values = _values(np.array([each.state for each in fresh]), random)
        chosen = fresh[int(np.argmin(np.abs(values)))]
        taken.add(digest([chosen]))
        openings.append(chosen.moves)
    return openings


def _played(start: np.ndarray, moves: Sequence[int]) -> Position:
    position = Position(go, start)
    for move in moves:
        position.play(move)
    return position


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


def _values(states: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Judge positions [B, W] by rollouts, from -1 to 1, [B]."""
    rows = np.repeat(states, JUDGED_BY, axis=0)
    seeds = random.integers(0, 2**62, len(rows), np.uint64)
    return go.rollout(rows, seeds, shipped_policy(go)).reshape(len(states), JUDGED_BY).mean(1)


def read(path: str, start: np.ndarray) -> list[list[int]]:
    """Return the openings of an SGF file or a folder; raise `ValueError` for one that no game here can begin with."""
    openings = [_checked(record, number, path, start) for number, record in enumerate(sgf.read(path), 1)]
    if not openings:
        raise ValueError(f"there is no opening in {path}")
    return openings


def _checked(record, number: int, path: str, start: np.ndarray) -> list[int]:
    where, size = f"opening {number} of {Path(path)}", int(start[go_rules.SIZE])
    if record.start.get("size", 19) != size:
        raise ValueError(f"{where} is for boards of size {record.start.get('size', 19)}, not {size}")
    if any(record.start.get(word) for word in ("black", "white", "to_play")):
        raise ValueError(f"{where} sets stones up; openings here are moves")
    if any(turn != k % 2 for k, turn in enumerate(record.turns)):
        raise ValueError(f"{where} has somebody move twice in a row")
    try:
        position = _played(start, record.moves)
    except IllegalMove as error:
        raise ValueError(f"{where}: {error}") from None
    if position.over:
        raise ValueError(f"{where} is a game that is over")
    return position.moves
