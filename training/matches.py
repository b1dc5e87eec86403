"""Matches of two evaluators that search, many games at once: how strong is what a run has learned?

Two games share their beginning with the sides changed, and every game draws its random numbers from (seed, version,
number), so that the same evaluators always play the same match. Nothing here needs torch.
"""

import numpy as np

from engine.clock import Limit
from engine.gumbel import improved_policies
from engine.search import Evaluator, search
from engine.tree import allocate
from games import wings
from games.game import NOBODY, SECOND, Game
from training.self_play import SelfPlayTask, opened
from training.self_play_settings import SelfPlaySettings


def play_match(task: SelfPlayTask, ours: Evaluator, theirs: Evaluator, settings: SelfPlaySettings) -> np.ndarray:
    """Play the games of a task by Gumbel searches of `settings.visits`; return what ours gained, float32 [G].

    Ours is the first player in games 0, 2, ...
    """
    game, seats = wings.game(task.game), range(task.count)
    states = np.array(
        [
            opened(task, settings.opening, np.random.default_rng([task.seed, task.version, task.first + k // 2]))[2]
            for k in seats
        ]
    )
    randoms = [np.random.default_rng([task.seed, task.version, task.first + k, 1]) for k in seats]
    keys = [[game.key(state)] for state in states]
    sides = (np.arange(task.count) % 2).astype(np.int8)  # of ours: FIRST and SECOND
    for _ in range(settings.longest):
        turns = game.turn(states)
        if (turns == NOBODY).all():
            break
        before = states.copy()
        for evaluator, mine in ((ours, turns == sides), (theirs, turns != sides)):
            rows = np.flatnonzero(mine & (turns != NOBODY))
            if len(rows):
                some = np.ascontiguousarray(before[rows])
                ruled_out = [game.forbidden(before[k], keys[k]) for k in rows]
                game.play(some, _chosen(game, some, evaluator, settings, ruled_out, [randoms[k] for k in rows]))
                states[rows] = some
        for k in np.flatnonzero(turns != NOBODY):
            keys[k].append(game.key(states[k]))
    return np.where(sides == SECOND, -1, 1) * game.score(states)


def _chosen(
    game: Game,
    states: np.ndarray,
    evaluator: Evaluator,
    settings: SelfPlaySettings,
    ruled_out: list[np.ndarray],
    randoms: list[np.random.Generator],
) -> np.ndarray:
    """Return the move that a search finds in each position, int32 [B]."""
    tree = allocate(len(states), (settings.visits + 2) * game.move_count(states[0]))
    scores = search(
        game,
        states,
        tree,
        evaluator,
        settings.search_settings(len(states)),
        Limit(visits=settings.visits),
        forbidden={t: moves for t, moves in enumerate(ruled_out) if len(moves)},
        randoms=randoms,
    )
    found = improved_policies(tree, scores)
    return found.moves[np.arange(len(states)), found.best].astype(np.int32)
