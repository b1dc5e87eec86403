"""Openings of random moves that are near even, no two alike while there are others. It knows no game."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.rollouts import shipped_policy
from games.game import Game, Position
from training.tournament.referee import digest

TRIED = 16
"""Random openings of which the most even one is taken."""

JUDGED_BY = 128
"""Rollouts that tell how even an opening is: each to 0.09, in values from -1 to 1."""

Draw = Callable[[np.ndarray, int, np.random.Generator], Position]
"""(start, moves, random) -> a position after so many random moves, or fewer where the game would end."""


def make(
    game: Game,
    start: np.ndarray,
    moves: int,
    count: int,
    seed: int,
    made: Sequence[Sequence[int]] = (),
    draw: Draw | None = None,
    alike: Callable[[Sequence[Position]], str] = digest,
) -> list[list[int]]:
    """Return `count` openings; `made` are the first of them, if they are known. Openings of one `alike` are the same.

    The same for the same arguments; of a greater count the first ones are the same, too.
    """
    openings = [list(each) for each in made[:count]]
    taken = {alike([played(game, start, each)]) for each in openings}
    for number in range(len(openings), count):
        random = np.random.default_rng([seed, moves, number])
        tried = [draw(start, moves, random) if draw else drawn(game, start, moves, random) for _ in range(TRIED)]
        fresh = [each for each in tried if alike([each]) not in taken] or tried
        values = values_of(game, np.array([each.state for each in fresh]), random)
        chosen = fresh[int(np.argmin(np.abs(values)))]
        taken.add(alike([chosen]))
        openings.append(chosen.moves)
    return openings


def played(game: Game, start: np.ndarray, moves: Sequence[int]) -> Position:
    """Return the position after some moves."""
    position = Position(game, start)
    for move in moves:
        position.play(move)
    return position


def drawn(game: Game, start: np.ndarray, moves: int, random: np.random.Generator) -> Position:
    """Play moves, each as likely, none of which ends the game."""
    position = Position(game, start)
    for _ in range(moves):
        position.play(int(random.choice(position.legal())))
        if position.over:
            position.undo()
            break
    return position


def values_of(game: Game, states: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Judge positions [B, W] by rollouts, from -1 to 1, [B]."""
    rows = np.repeat(states, JUDGED_BY, axis=0)
    seeds = random.integers(0, 2**62, len(rows), np.uint64)
    return game.rollout(rows, seeds, shipped_policy(game)).reshape(len(states), JUDGED_BY).mean(1)
