"""The Gumbel root: try m sampled moves, halve them in turn (Danihelka et al., "Policy improvement by planning with
Gumbel", ICLR 2022, algorithm 2).

Below the root the search selects by PUCT as always; the paper's deterministic selection there is left out.
"""

from collections.abc import Sequence

import numpy as np

from engine.tree import (
    FIRST_CHILD,
    IN_FLIGHT,
    PRIOR,
    ROOT,
    TOTAL,
    TURN,
    VISITS,
    WIDTH,
    Tree,
    children,
)
from games.compiling import inlined
from games.game import SECOND

C_VISIT, C_SCALE = 50.0, 1.0
"""The paper's constants of sigma, the weight of Q against prior and noise (section 3.4)."""


def considered_visits(moves: int, simulations: int) -> np.ndarray:
    """Return, for each simulation, how many visits the root move must have that it goes to, int32 [simulations].

    Sequential halving: every round visits the moves that are left equally often, then drops the worse half.
    """
    if moves <= 1:
        return np.arange(simulations, dtype=np.int32)
    rounds, left = int(np.ceil(np.log2(moves))), moves
    plan: list[int] = []
    visits = 0
    while len(plan) < simulations:
        for _ in range(max(1, simulations // (rounds * left))):
            plan.extend([visits] * left)
            visits += 1
        left = max(2, left // 2)
    return np.array(plan[:simulations], np.int32)


def draw_scores(
    tree: Tree, considered: int, simulations: int, randoms: Sequence[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """Draw g + log P for every root's moves, -inf but for the best `considered`; with the plan of visits.

    `randoms[t]` draws for tree t. Returns float32 [T, widest] and int32 [T, simulations].
    """
    roots = tree.regions[ROOT]
    scores = np.full((len(roots), max(1, tree.ints[WIDTH, roots].max())), -np.inf, np.float32)
    plan = np.empty((len(roots), simulations), np.int32)
    for t, (root, random) in enumerate(zip(roots, randoms, strict=True)):
        priors = tree.floats[PRIOR, children(tree, root)]
        drawn = np.log(np.maximum(priors, 1e-30)) + random.gumbel(size=len(priors))
        best = np.argsort(-drawn)[:considered]
        scores[t, best] = drawn[best]
        plan[t] = considered_visits(len(best), simulations)
    return scores, plan


@inlined
def gumbel_child(ints, floats, root, gumbel, plan, t, scale, shift):
    """Return the root's child that the plan wants next: of those with its number of visits, the best score."""
    first, width = ints[FIRST_CHILD, root], ints[WIDTH, root]
    done, most = 0, 0
    for k in range(width):
        visits = ints[VISITS, first + k] + ints[IN_FLIGHT, first + k]
        done += visits
        most = max(most, visits)
    wanted = plan[t, min(done, plan.shape[1] - 1)]
    best, best_score = 0, np.float32(-np.inf)
    for k in range(width):
        visits = ints[VISITS, first + k] + ints[IN_FLIGHT, first + k]
        score = gumbel[t, k] + sigma(ints, floats, root, first + k, most, scale, shift)
        score -= np.float32(1e9) * np.float32(abs(visits - wanted))
        if score > best_score:
            best, best_score = k, score
    return np.int64(first + best)


@inlined
def sigma(ints, floats, root, child, most, scale, shift):
    """Return (c_visit + most visits) * c_scale * Q, Q in [0, 1] for the root's player; the root's Q if unvisited."""
    node = child if ints[VISITS, child] > 0 else root
    mean = floats[TOTAL, node] / np.float32(max(ints[VISITS, node], 1)) * scale + shift
    q = (np.float32(1) + (-mean if ints[TURN, root] == SECOND else mean)) / np.float32(2)
    return np.float32((C_VISIT + most) * C_SCALE) * q


def chosen(tree: Tree, t: int, gumbel: np.ndarray) -> int:
    """Return the child that sequential halving ends with: of the most visited, the best g + log P + sigma(Q).

    `gumbel` [T, widest] are the scores that `search` returned.
    """
    root = int(tree.regions[ROOT, t])
    below = children(tree, root)
    visits, (low, high) = tree.ints[VISITS, below], tree.bounds[:, t]
    line = (2 / (high - low), -(high + low) / (high - low)) if low < high else (1, 0)  # as `select` normalises
    scale, shift = map(np.float32, line)
    sigmas = [sigma.py_func(tree.ints, tree.floats, root, child, visits.max(), scale, shift) for child in below]
    scores = np.where(visits == visits.max(), np.array(sigmas) + gumbel[t, : len(below)], -np.inf)
    return int(below[np.argmax(scores)])
