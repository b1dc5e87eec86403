"""The Gumbel root: try m sampled moves, halve them in turn (Danihelka et al., "Policy improvement by planning with
Gumbel", ICLR 2022, algorithm 2).

Below the root the search selects by PUCT as always; the paper's deterministic selection there is left out.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.tree import (
    FIRST_CHILD,
    IN_FLIGHT,
    MOVE,
    PRIOR,
    ROOT,
    TOTAL,
    TURN,
    VALUE,
    VISITS,
    WIDTH,
    Tree,
    children,
)
from games.compiling import inlined
from games.game import SECOND

C_VISIT, C_SCALE = 50.0, 1.0
"""The paper's constants of sigma, the weight of Q against prior and noise (section 3.4)."""


@lru_cache
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
    tree: Tree, considered: int, simulations: np.ndarray, randoms: Sequence[np.random.Generator]
) -> tuple[np.ndarray, np.ndarray]:
    """Draw g + log P for every root's moves, -inf but for the best `considered`; with the plan of visits.

    Tree t is to have simulations[t] [T]; `randoms[t]` draws for it. Returns float32 [T, widest] and int32 [T, most
    simulations].
    """
    _, below, inside, _ = _below_roots(tree)
    drawn = np.full(inside.shape, -np.inf)
    widths = inside.sum(1)
    for row, width, random in zip(drawn, widths, randoms, strict=True):
        row[:width] = random.gumbel(size=width)
    drawn += np.log(np.maximum(tree.floats[PRIOR, below], 1e-30))
    ranks = np.argsort(np.argsort(-drawn, axis=1, kind="stable"), axis=1)
    scores = np.where(ranks < np.minimum(considered, widths)[:, None], drawn, -np.inf).astype(np.float32)
    plan = np.zeros((len(scores), int(simulations.max())), np.int32)
    for row, width, count in zip(plan, np.minimum(considered, widths).tolist(), simulations.tolist(), strict=True):
        row[:count] = considered_visits(width, count)
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


# --- what a search has learned about its roots --------------------------------------------------------------


class RootPolicies(NamedTuple):
    """The policies that searches of T trees recommend; row t belongs to tree t."""

    moves: np.ndarray  # int32 [T, K], -1 where a root has fewer
    shares: np.ndarray  # float32 [T, K], what each move should be played with
    values: np.ndarray  # float32 [T], what the first player may expect then
    best: np.ndarray  # int [T], the column of the move to play


def improved_policies(tree: Tree, gumbel: np.ndarray) -> RootPolicies:
    """Return softmax(log P + sigma(completed Q)) of every root, and the move that sequential halving ends with.

    `gumbel` [T, widest] are the scores that `search` returned. A move without visits gets v_mix in place of its Q, the
    network's value mixed with the Q of the moves that have some (appendix D, equation 33).
    """
    roots, below, inside, visits = _below_roots(tree)
    scale, shift = _normalisers(tree.bounds)
    sign = np.where(tree.ints[TURN, roots] == SECOND, np.float32(-1), np.float32(1))[:, None]
    q = sign * (tree.floats[TOTAL, below] / np.maximum(visits, 1) * scale + shift)
    own = sign[:, 0] * (tree.floats[VALUE, roots] * scale[:, 0] + shift[:, 0])
    priors = np.where(inside, tree.floats[PRIOR, below], 0)
    seen, total = np.where(visits > 0, priors, 0), visits.sum(1)
    mean = (seen * q).sum(1) / np.maximum(seen.sum(1), 1e-30)
    mixed = np.where(seen.sum(1) > 0, (own + total * mean) / (1 + total), own)
    completed = np.where(visits > 0, q, mixed[:, None])
    sharpness = (C_VISIT + visits.max(1, keepdims=True)) * C_SCALE
    sigmas = sharpness * (1 + completed) / 2
    shares = _softmax(np.where(inside, np.log(np.maximum(priors, 1e-30)) + sigmas, -np.inf))
    values = (sign * ((shares * completed).sum(1, keepdims=True)) - shift) / scale
    most = inside & (visits == visits.max(1, keepdims=True))
    best = np.where(most, sigmas + gumbel[:, : inside.shape[1]], -np.inf).argmax(1)
    return RootPolicies(_moves(tree, below, inside), shares, values[:, 0].astype(np.float32), best)


def visit_policies(tree: Tree) -> RootPolicies:
    """Return the share of visits of every root's moves, as a search by PUCT recommends them."""
    roots, below, inside, visits = _below_roots(tree)
    shares = (visits / np.maximum(visits.sum(1, keepdims=True), 1)).astype(np.float32)
    values = tree.floats[TOTAL, roots] / np.maximum(tree.ints[VISITS, roots], 1)
    return RootPolicies(_moves(tree, below, inside), shares, values, visits.argmax(1))


def _below_roots(tree: Tree) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the roots [T], their children [T, K], which of these there are, and the visits of each, 0 for others."""
    roots = tree.regions[ROOT]
    widths = tree.ints[WIDTH, roots][:, None]
    columns = np.arange(max(1, widths.max()))
    inside = columns < widths
    below = np.where(inside, tree.ints[FIRST_CHILD, roots][:, None] + columns, roots[:, None])
    return roots, below, inside, np.where(inside, tree.ints[VISITS, below], 0)


def _normalisers(bounds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return scale and shift of every tree's values [T, 1], as `select` normalises them."""
    tracked = bounds[0] < bounds[1]
    low, high = np.where(tracked, bounds[0], -1), np.where(tracked, bounds[1], 1)
    scale, shift = 2 / (high - low), -(high + low) / (high - low)
    return scale[:, None].astype(np.float32), shift[:, None].astype(np.float32)


def _moves(tree: Tree, below: np.ndarray, inside: np.ndarray) -> np.ndarray:
    return np.where(inside, tree.ints[MOVE, below], -1)


def _softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return (powers / powers.sum(1, keepdims=True)).astype(np.float32)
