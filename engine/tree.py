"""The tree as flat arrays: allocate, re-root, read out. It knows no game and no search.

Many trees share the arrays; each owns a region of equal size, so that one wave can grow all of them. A node is an
index. The children of a node are one contiguous block behind their parent, so choosing among them reads memory in
one sweep. Values are from the first player's view.
"""

from typing import NamedTuple

import numpy as np

from games.compiling import compiled

PARENT, MOVE, TURN, FIRST_CHILD, WIDTH, VISITS, IN_FLIGHT = range(7)
"""Rows of `Tree.ints`: the node above; the move that leads here; whose choice it is here (known once expanded, or
once the game was seen to be over); the first child and how many there are; finished simulations through this node, and
those on their way."""

PRIOR, VALUE, TOTAL, LOST = range(4)
"""Rows of `Tree.floats`: P(parent, move), at a chance node the odds; the network's value of a node that has children;
the sum of the values of finished simulations; what rounding has taken away from that sum (Kahan 1965)."""

ROOT, USED = range(2)
"""Rows of `Tree.regions`: a tree's root, and one past its last node."""

NO_PARENT = -1
UNEXPANDED = 0
"""FIRST_CHILD of a node without children: index 0 is a root, so nobody's child."""


class Tree(NamedTuple):
    """T trees of C nodes each. A free node has no children, visits or values; the rest of it means nothing."""

    ints: np.ndarray  # int32 [7, T * C]
    floats: np.ndarray  # float32 [4, T * C]
    regions: np.ndarray  # int32 [2, T]
    bounds: np.ndarray  # float32 [2, T]   least and greatest mean value of a node, where a search normalises values


def allocate(trees: int = 1, nodes: int = 1 << 20) -> Tree:
    """Return empty trees with room for so many nodes each: 44 bytes a node, in memory once they are used."""
    tree = Tree(
        ints=np.zeros((7, trees * nodes), np.int32),
        floats=np.zeros((4, trees * nodes), np.float32),
        regions=np.zeros((2, trees), np.int32),
        bounds=np.zeros((2, trees), np.float32),
    )
    for t in range(trees):
        reset(tree, t)
    return tree


def capacity(tree: Tree) -> int:
    """Return how many nodes each tree has room for."""
    return tree.ints.shape[1] // tree.regions.shape[1]


def reset(tree: Tree, t: int) -> None:
    """Make tree t one unexpanded root again."""
    start = t * capacity(tree)
    used = slice(start, max(start + 1, tree.regions[USED, t]))
    tree.ints[TURN:, used] = 0
    tree.floats[TOTAL:, used] = 0
    tree.ints[PARENT, start] = NO_PARENT
    tree.regions[:, t] = start, start + 1
    tree.bounds[:, t] = np.inf, -np.inf


def advance(tree: Tree, t: int, move: int) -> None:
    """Make the child that `move` leads to the root of tree t, keeping all that was found below it.

    Nothing may be in flight. A move that the root does not have leaves an unexpanded root.
    """
    below = children(tree, int(tree.regions[ROOT, t]))
    child = below[tree.ints[MOVE, below] == move]
    if len(child) == 0:
        reset(tree, t)
        return
    start = t * capacity(tree)
    end = _keep_below(tree.ints, tree.floats, start, int(child[0]), int(tree.regions[USED, t]))
    tree.regions[:, t] = start, end


@compiled
def _keep_below(ints, floats, start, root, used):
    """Move the subtree of `root` to `start` and clear the rest; return its end.

    Parents lie before their children and blocks stay whole, so one pass in order is enough.
    """
    moved_to = np.full(used - root, -1, np.int32)
    end = start
    for node in range(root, used):
        above = ints[PARENT, node] - root
        if node == root or (above >= 0 and moved_to[above] >= 0):
            moved_to[node - root] = end
            parent = NO_PARENT if node == root else moved_to[above]
            ints[:, end] = ints[:, node]
            floats[:, end] = floats[:, node]
            ints[PARENT, end] = parent
            end += 1
    for node in range(start, end):
        if ints[FIRST_CHILD, node] != UNEXPANDED:
            ints[FIRST_CHILD, node] = moved_to[ints[FIRST_CHILD, node] - root]
    ints[TURN:, end:used] = 0
    floats[TOTAL:, end:used] = 0
    return end


def forbid(tree: Tree, t: int, moves: np.ndarray) -> None:
    """Take moves (superko's, say) away from an expanded root. Nothing may be in flight."""
    root = int(tree.regions[ROOT, t])
    below = children(tree, root)
    for child in below[np.isin(tree.ints[MOVE, below], moves)][::-1]:
        last = tree.ints[FIRST_CHILD, root] + tree.ints[WIDTH, root] - 1
        tree.ints[PARENT, children(tree, child)] = NO_PARENT  # adrift until the next re-rooting clears them
        tree.ints[PARENT, children(tree, last)] = child
        tree.ints[:, child], tree.floats[:, child] = tree.ints[:, last], tree.floats[:, last]
        tree.ints[WIDTH, root] -= 1
    left = children(tree, root)
    tree.floats[PRIOR, left] /= max(tree.floats[PRIOR, left].sum(), 1e-30)


# --- reading out ------------------------------------------------------------------------------------------


def children(tree: Tree, node: int) -> np.ndarray:
    """Return the indices of a node's children, none if it is unexpanded."""
    return tree.ints[FIRST_CHILD, node] + np.arange(tree.ints[WIDTH, node])


def mean_value(tree: Tree, nodes: np.ndarray | int) -> np.ndarray:
    """Return Q of nodes, 0 where nothing was visited."""
    return tree.floats[TOTAL, nodes] / np.maximum(tree.ints[VISITS, nodes], 1)


def variation(tree: Tree, node: int, longest: int = 32) -> list[int]:
    """Follow the most visited children below a node; return their moves."""
    moves: list[int] = []
    while tree.ints[WIDTH, node] and len(moves) < longest:
        below = children(tree, node)
        node = int(below[np.argmax(tree.ints[VISITS, below])])
        if not tree.ints[VISITS, node]:
            break
        moves.append(int(tree.ints[MOVE, node]))
    return moves
