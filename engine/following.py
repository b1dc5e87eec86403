"""Following leaves to the end: rollouts whose moves the evaluator's priors draw, and which the tree keeps.

A leaf is expanded, a child is drawn by the priors, the child is expanded, and so on until the game is over, until the
value falls below a share of the root's, or until the tree's evaluations are spent. It is for games of one player.
Three things cost no evaluation:

    an end next to an expanded node is scored at once, and the node is worth no less than it
    an end is closed, and so is a node whose children all are: no simulation goes there again
    a tree in which an end with the best possible score was found is done
"""

from typing import TYPE_CHECKING

import numpy as np

from engine.tree import IN_FLIGHT, MOVE, NO_PARENT, PARENT, PRIOR, ROOT, TOTAL, TURN, VALUE, VISITS, Tree, children
from engine.tree_steps import CLOSED
from games.compiling import compiled
from games.game import NOBODY

if TYPE_CHECKING:
    from engine.search import SearchRun


def follow(run: "SearchRun", leaves: np.ndarray, owners: np.ndarray, states: np.ndarray) -> None:
    """Carry selected leaves [B] of trees `owners` [B], at `states` [B, W], to their ends; back up what they found.

    `states` is changed. The leaves are marked as in flight, as `select` does.
    """
    way = Following(run, leaves, owners, states)
    while len(way.rows):
        way.look()
        way.go_on()
    way.backup()


class Following:
    """A wave of leaves on the way to their ends; `rows` are those that are not there yet.

    `nodes` [B] is where each is, `values` [B] what it is worth there.
    """

    def __init__(self, run: "SearchRun", leaves: np.ndarray, owners: np.ndarray, states: np.ndarray):
        self.run, self.leaves, self.owners, self.states = run, leaves, owners, states
        self.nodes, self.values = leaves.copy(), np.zeros(len(leaves), np.float32)
        self.stops: list[np.ndarray] = []  # one array [B] a step: the best end next to the node that each row was at
        self.rows = np.arange(len(leaves))

    def look(self) -> None:
        """Score the rows that are at their ends; expand the nodes of the others, and score the ends next to them."""
        run, nodes, owners = self.run, self.nodes, self.owners
        self.rows = rows = _finish(run, self.rows, nodes, owners, self.states, self.values)
        if not len(rows):
            return
        turns = run.game.turn(self.states[rows])
        found = run.ask(self.states[rows], turns)
        with run.lock:
            run.expand(nodes[rows], owners[rows], turns, found)
        self.values[rows] = found.values
        self.stops.append(np.full(len(nodes), -np.inf, np.float32))
        self.stops[-1][rows] = score_ends(run, nodes[rows], owners[rows], self.states[rows])

    def go_on(self) -> None:
        """Take every row a step further; those that end or are given up stay where they are."""
        if len(self.rows):
            self.rows = _step(self.run, self.rows, self.nodes, self.owners, self.states, self.values)

    def backup(self) -> None:
        """Carry what was found up to the roots."""
        run, tree = self.run, self.run.tree
        best = np.stack(self.stops, 1) if self.stops else np.empty((len(self.nodes), 0), np.float32)
        with run.lock:
            _backup(
                tree.ints, tree.floats, tree.bounds, self.leaves, self.nodes, self.owners, self.values, best,
                run.settings.normalise,
            )  # fmt: skip


def _finish(
    run: "SearchRun", rows: np.ndarray, nodes: np.ndarray, owners: np.ndarray, states: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Score the rows whose game is over and return the others."""
    over = run.game.turn(states[rows]) == NOBODY
    if over.any():
        ended = rows[over]
        values[ended] = run.game.score(states[ended])
        _end(run, nodes[ended], owners[ended], values[ended])
    return rows[~over]


def _end(run: "SearchRun", nodes: np.ndarray, owners: np.ndarray, values: np.ndarray) -> None:
    """Close nodes at which the game is over, and stop trees that cannot do better any more."""
    with run.lock:
        run.tree.ints[TURN, nodes] = NOBODY
        for node in nodes:
            close(run.tree, int(node))
        run.stop(owners[values >= run.game.ends[1]])


def score_ends(run: "SearchRun", nodes: np.ndarray, owners: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Score the ends next to freshly expanded nodes [B]; return the best of each, float32 [B], -inf without any."""
    tree, best = run.tree, np.full(len(nodes), -np.inf, np.float32)
    below = [children(tree, int(node)) for node in nodes]
    row = np.repeat(np.arange(len(nodes)), [len(each) for each in below])
    child = np.concatenate(below)
    after = states[row]
    run.game.play(after, tree.ints[MOVE, child])
    over = run.game.turn(after) == NOBODY
    if over.any():
        scores, child, row = run.game.score(after[over]), child[over], row[over]
        np.maximum.at(best, row, scores)
        with run.lock:
            tree.ints[VISITS, child], tree.floats[TOTAL, child] = 1, scores
        _end(run, child, owners[row], scores)
    return best


def _step(
    run: "SearchRun", rows: np.ndarray, nodes: np.ndarray, owners: np.ndarray, states: np.ndarray, values: np.ndarray
) -> np.ndarray:
    """Draw a child for each row that goes on, and go there; return those rows."""
    tree, going, moves = run.tree, [], []
    with run.lock:
        for row in rows:
            t = int(owners[row])
            if run.stopped_trees[t] or _hopeless(run, t, float(values[row])):
                continue
            child = draw(tree, int(nodes[row]), run.randoms[t])
            if child >= 0 and tree.ints[TURN, child] == NOBODY:
                values[row] = tree.floats[TOTAL, child] / tree.ints[VISITS, child]  # it was scored when it was made
            elif child >= 0:
                tree.ints[IN_FLIGHT, child] += 1
                nodes[row] = child
                going.append(row)
                moves.append(tree.ints[MOVE, child])
    kept = np.array(going, np.int64)
    if len(kept):
        after = states[kept]
        run.game.play(after, np.array(moves, np.int32))
        states[kept] = after
    return kept


def _hopeless(run: "SearchRun", t: int, value: float) -> bool:
    """Tell whether a value is too small a share of what tree t hopes for, both above the least end."""
    low = run.game.ends[0] if np.isfinite(run.game.ends[0]) else float(run.tree.bounds[0, t])
    if not run.settings.give_up or not np.isfinite(low):
        return False
    return value - low < run.settings.give_up * (_hope(run.tree, int(run.tree.regions[ROOT, t])) - low)


def _hope(tree: Tree, root: int) -> float:
    """Return the evaluator's value of a root, or the best one below it where that is less: then it was overrated.

    Without this every rollout would be given up at its first move where nothing is as good as the root promised.
    """
    below = children(tree, root)
    seen = below[tree.ints[VISITS, below] > 0]
    value = float(tree.floats[VALUE, root])
    return min(value, float(tree.floats[VALUE, seen].max())) if len(seen) else value


def draw(tree: Tree, node: int, random: np.random.Generator) -> int:
    """Draw a child by the priors of ends and of those that are not closed, -1 where none is left."""
    below = children(tree, node)
    if not len(below):
        return -1
    open_ = (tree.ints[IN_FLIGHT, below] < CLOSED) | (tree.ints[TURN, below] == NOBODY)
    total = np.cumsum(np.where(open_, np.maximum(tree.floats[PRIOR, below], 1e-30), 0.0))
    if not total[-1]:
        return -1
    return int(below[np.searchsorted(total, random.random() * total[-1], side="right")])


def close(tree: Tree, node: int) -> None:
    """Keep simulations away from a node for good, and from the nodes above it whose children are all closed."""
    ints = tree.ints
    while ints[IN_FLIGHT, node] < CLOSED:
        ints[IN_FLIGHT, node] += CLOSED
        above = int(ints[PARENT, node])
        if above == NO_PARENT or (ints[IN_FLIGHT, children(tree, above)] < CLOSED).any():
            return
        node = above


@compiled
def _backup(ints, floats, bounds, leaves, nodes, owners, values, best, normalise):
    """Carry values from where the rows came to up to their roots; marks of the way down are taken off.

    best [B, steps] are the best ends next to the nodes from the leaf on: no node is worth less than one at or below it.
    """
    for b in range(len(leaves)):
        node, steps = np.int64(nodes[b]), 0
        while node != leaves[b]:
            node, steps = np.int64(ints[PARENT, node]), steps + 1
        node, value, t = np.int64(nodes[b]), values[b], owners[b]
        while node != NO_PARENT:
            if (steps >= 0) & (steps < best.shape[1]):
                value = max(value, best[b, steps])
            steps -= 1
            ints[IN_FLIGHT, node] -= 1
            ints[VISITS, node] += 1
            floats[TOTAL, node] += value
            if normalise:
                mean = floats[TOTAL, node] / np.float32(ints[VISITS, node])
                bounds[0, t], bounds[1, t] = min(bounds[0, t], mean), max(bounds[1, t], mean)
            node = np.int64(ints[PARENT, node])
