"""The three steps of a search that touch nothing but the tree: select, expand and backup, compiled.

`engine/search.py` calls them, once a wave each. Notation as in the AlphaGo paper: N visits, Q mean value, P prior,
U = c_puct P sqrt(N parent) / (1 + N). Values are from the first player's view; only `select` looks at whose turn it is.
"""

import numpy as np

from engine.gumbel import gumbel_child
from engine.tree import (
    FIRST_CHILD,
    IN_FLIGHT,
    LOST,
    MOVE,
    NO_PARENT,
    PARENT,
    PRIOR,
    TOTAL,
    TURN,
    UNEXPANDED,
    VALUE,
    VISITS,
    WIDTH,
)
from games.compiling import compiled, inlined
from games.game import CHANCE, NOBODY, SECOND

GOLDEN = np.float32(0.618034)
"""Multiples of the golden ratio spread evenly over a circle, however many there are."""

CLOSED = 1 << 30
"""Simulations in flight that stand for a node which is not to be selected again: there is nothing left to find."""

MANY = 1 << 12
"""Visits from which the sum of a node's values is kept with what rounding loses of it."""

_u = np.uint64

# --- select -----------------------------------------------------------------------------------------------


@compiled
def select(
    ints, floats, roots, bounds, targets, each, share, weights, gumbel, plan, scores, leaves, owners, paths, lengths
):
    """Choose up to `each` leaves of every tree whose root has not its target of visits; return how many.

    Fills leaves [B], owners [B] (the tree), paths [B, DEEPEST] and lengths [B]; every node on the way is marked as
    in flight. Unless `share`, nobody else may be evaluating a leaf (only the end of a game may be looked up by many):
    a descent to such a one stays marked until the wave is full, which sends the next elsewhere. `scores` is scratch
    for the widest node.
    """
    found, collided = 0, np.empty(each, np.int64)
    for t in range(len(roots)):
        scale, shift = _normaliser(bounds[0, t], bounds[1, t])
        full, collisions = found + each, 0
        while found < full and collisions < each:
            root = np.int64(roots[t])
            if found == len(leaves) or ints[VISITS, root] + ints[IN_FLIGHT, root] >= targets[t]:
                break
            if ints[IN_FLIGHT, root] >= CLOSED:
                break
            node, depth = root, 0
            ints[IN_FLIGHT, node] += 1
            while ints[FIRST_CHILD, node] != UNEXPANDED and depth < paths.shape[1]:
                if node == root and gumbel.shape[1]:
                    node = gumbel_child(ints, floats, root, gumbel, plan, t, scale, shift)
                else:
                    node = _best_child(ints, floats, node, weights, scale, shift, scores)
                ints[IN_FLIGHT, node] += 1
                paths[found, depth] = ints[MOVE, node]
                depth += 1
            if ints[IN_FLIGHT, node] > 1 and not share and ints[TURN, node] != NOBODY:
                collided[collisions] = node
                collisions += 1
                continue
            leaves[found], owners[found], lengths[found] = node, t, depth
            found += 1
        for k in range(collisions):
            _take_back(ints, collided[k])
    return found


@inlined
def _normaliser(low, high):
    """Return the line that maps the values seen so far to [-1, 1]; the identity while nothing is tracked."""
    if low < high:
        return np.float32(2) / (high - low), -(high + low) / (high - low)
    return np.float32(1), np.float32(0)


@inlined
def _take_back(ints, node):
    while node != NO_PARENT:
        ints[IN_FLIGHT, node] -= 1
        node = np.int64(ints[PARENT, node])


@inlined
def _best_child(ints, floats, node, weights, scale, shift, scores):
    """Return the child with the greatest Q + U (PUCT), or at a chance node the one that lags its odds the most."""
    first, width = _u(ints[FIRST_CHILD, node]), _u(ints[WIDTH, node])
    n_parent = np.float32(ints[VISITS, node] + ints[IN_FLIGHT, node])
    if ints[TURN, node] == CHANCE:
        for k in range(width):
            child = first + k
            lag = floats[PRIOR, child] * n_parent - np.float32(ints[VISITS, child] + ints[IN_FLIGHT, child])
            phase = np.float32(k) * GOLDEN  # outcomes of like odds take turns all over the list, not from its beginning
            scores[k] = lag + phase - np.floor(phase)
        return np.int64(first + _greatest(scores, width))
    c_puct, virtual_loss, first_play = weights
    sign = np.float32(-1 if ints[TURN, node] == SECOND else 1)
    mean = floats[TOTAL, node] / np.float32(max(ints[VISITS, node], 1))
    unvisited = sign * (mean * scale + shift) - first_play
    reach, scale, shift = c_puct * np.sqrt(n_parent), sign * scale, sign * shift
    for k in range(width):
        child = first + k
        visits = np.float32(ints[VISITS, child])
        pending = virtual_loss * np.float32(ints[IN_FLIGHT, child])
        n = visits + pending
        q = (floats[TOTAL, child] * scale + visits * shift - pending) / max(n, np.float32(1e-9))
        score = (q if n > 0 else unvisited) + reach * floats[PRIOR, child] / (np.float32(1) + n)
        scores[k] = score if ints[IN_FLIGHT, child] < CLOSED else -np.float32(np.inf)
    return np.int64(first + _greatest(scores, width))


@inlined
def _greatest(scores, width):
    """Return the index of the first greatest score: two sweeps, which vectorise, beat one that does not."""
    best = scores[0]
    for k in range(width):
        best = max(best, scores[k])
    for k in range(width):
        if scores[k] == best:
            return k
    return _u(0)


# --- expand and backup ------------------------------------------------------------------------------------


@compiled
def expand(ints, floats, used, leaves, owners, turns, moves, counts, priors, listed, values, odds, temperature):
    """Give each leaf its legal moves as children; priors are renormalised over them.

    moves [B, M], counts [B]; priors [B, every move], or [B, M] if they are `listed` as the moves are, or [B, 0] for
    uniform; values [B] of the network; odds [B, M] follow the moves. Finished positions, leaves that got children
    meanwhile and trees without room stay as they are: a full tree goes on searching, it does not die.
    """
    room = ints.shape[1] // len(used)
    for b in range(len(leaves)):
        t, leaf, count = owners[b], leaves[b], counts[b]
        first = used[t]
        ints[TURN, leaf] = turns[b]
        if turns[b] == NOBODY or ints[FIRST_CHILD, leaf] != UNEXPANDED or first + count > (t + 1) * room:
            continue
        used[t] += count
        for k in range(count):
            ints[MOVE, first + k] = moves[b, k]
        for k in range(count):
            ints[PARENT, first + k] = leaf
        if turns[b] == CHANCE:
            for k in range(count):
                floats[PRIOR, first + k] = odds[b, k]
        elif priors.shape[1]:
            for k in range(count):
                floats[PRIOR, first + k] = max(priors[b, k if listed else moves[b, k]], np.float32(0))
            _sharpen(floats, first, count, temperature)
        else:
            for k in range(count):
                floats[PRIOR, first + k] = np.float32(1) / np.float32(count)
        floats[VALUE, leaf] = values[b]
        ints[WIDTH, leaf], ints[FIRST_CHILD, leaf] = count, first


@inlined
def _sharpen(floats, first, count, temperature):
    """Raise priors to 1 / temperature and make them add up to 1; all alike where they are all 0."""
    total = np.float32(0)
    for child in range(first, first + count):
        if temperature != 1:
            floats[PRIOR, child] = floats[PRIOR, child] ** np.float32(1 / temperature)
        total += floats[PRIOR, child]
    for child in range(first, first + count):
        floats[PRIOR, child] = floats[PRIOR, child] / total if total > 0 else np.float32(1 / count)


@compiled
def backup(ints, floats, bounds, leaves, owners, values, normalise):
    """Add each leaf's value to every node up to its root and take the marks of the descent off."""
    for b in range(len(leaves)):
        node, t = np.int64(leaves[b]), owners[b]
        while node != NO_PARENT:
            ints[IN_FLIGHT, node] -= 1
            ints[VISITS, node] += 1
            if ints[VISITS, node] < MANY:
                floats[TOTAL, node] += values[b]
            else:
                _add_exactly(floats, node, values[b])
            if normalise:
                mean = floats[TOTAL, node] / np.float32(ints[VISITS, node])
                bounds[0, t], bounds[1, t] = min(bounds[0, t], mean), max(bounds[1, t], mean)
            node = np.int64(ints[PARENT, node])


@inlined
def _add_exactly(floats, node, value):
    """Add a value to a node's sum; what rounding takes away is kept and added with the next one (Kahan 1965)."""
    due = value - floats[LOST, node]
    total = np.float32(floats[TOTAL, node] + due)
    floats[LOST, node] = np.float32(total - floats[TOTAL, node]) - due
    floats[TOTAL, node] = total
