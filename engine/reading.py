"""Read a search tree, while it may be growing, into a small picture of plain values: what an inspector shows.

The search is not stopped for it. A reading may catch a node between two of its writes, so its numbers are hints; its
indices stay in bounds and its moves are never played, so nothing that the search does meanwhile can break it.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.players import Player
from engine.puct import PuctFormula, puct_terms
from engine.search import SearchSettings
from engine.tree import (
    FIRST_CHILD,
    IN_FLIGHT,
    MOVE,
    PRIOR,
    ROOT,
    TOTAL,
    TURN,
    UNEXPANDED,
    USED,
    VISITS,
    WIDTH,
    Tree,
)
from engine.tree_steps import CLOSED
from games.game import CHANCE, NOBODY, SECOND, Game, IllegalMove, Position

NO_MOVE = -1
"""What leads to the root."""

UNKNOWN = -1
"""Whose choice it is where that was not asked yet: at a leaf."""

Path = tuple[int, ...]
"""A node: the moves from the root to it."""

LONGEST = 48
"""Moves below the root at which a reading ends: chains of single moves cost it no depth."""

MOST = 256
"""Nodes of one level whose children are read; dice multiply quickly. The most visited come first."""

TRIES = 3

UNFOLDED = 2
"""Moves of the principal variation that an inspector unfolds without being asked for."""


class Others(NamedTuple):
    """The children of a node that are not listed, taken together."""

    moves: int
    visits: int
    prior: float


class TreeNode(NamedTuple):
    """One node: how it came to be chosen among its siblings, and what lies below.

    `q` and `u` are the two terms that `select` adds up, as the player who chooses sees them: Q, mapped to [-1, 1]
    where the search normalises and guessed where nothing was visited, and U = c_puct P sqrt(N parent + 1) / (1 + N):
    the next simulation counts at the parent when it compares. At a chance node `prior` is the odds and both are 0.
    """

    move: int
    name: str
    turn: int  # whose choice it is here; UNKNOWN at a leaf
    visits: int
    value: float  # mean, the first player's view; 0 where nothing was visited
    prior: float
    q: float
    u: float
    single: bool  # the only visited child of its parent: a link of a chain, to be shown in one line with it
    children: tuple["TreeNode", ...]  # best first; in the order of their moves at a chance node
    others: Others | None
    closed: bool = False  # there is nothing left to find there, so it is not selected


class Reading(NamedTuple):
    """A tree as it was at one moment."""

    root: TreeNode
    best: Path  # the most visited move, the most visited answer, ...
    names: tuple[str, ...]  # of the moves of `best`
    low: float  # values lie between these, the first player's view
    high: float
    used: int  # nodes in memory, of `room`
    room: int
    formula: PuctFormula = PuctFormula()  # what Q and U were computed by


def read_player(
    player: Player, position: Position, depth: int = 2, width: int = 6, opened: Iterable[Path] = ()
) -> Reading | None:
    """Read the tree of a player that searches; None where it has none for this position."""
    searcher = player.searcher
    if searcher is None or searcher.tree is None or searcher.root is None:
        return None
    if not np.array_equal(searcher.root, position.state):
        return None
    return read(position.game, position.state, searcher.tree, searcher.settings, 0, depth, width, opened)


def read(
    game: Game,
    state: np.ndarray,
    tree: Tree,
    settings: SearchSettings,
    t: int = 0,
    depth: int = 2,
    width: int = 6,
    opened: Iterable[Path] = (),
) -> Reading:
    """Read tree t, whose root is `state`: the `width` best children of each node, at a chance node all of them.

    Nodes are read `depth` moves below whatever is unfolded: the root, the beginning of the principal variation, and the
    nodes that are `opened`, wherever they are. Of these and of the root, children without visits are listed, too.
    Moves are written as seen from the root.
    """
    wanted = _wanted(opened)
    for _ in range(TRIES):
        before = _size(tree, t)
        best = _best_line(tree, t)
        levels = _read_levels(tree, t, settings, depth, width, wanted, best)
        if _size(tree, t) >= before:
            break  # else it was re-rooted meanwhile
    name = lru_cache(None)(lambda move: game.notation(state, move))
    root = _assemble(levels, tree, t, name)
    low, high = _range(tree, t, root)
    names = tuple(name(move) for move in best)
    room = tree.ints.shape[1] // tree.regions.shape[1]
    return Reading(root, best, names, low, high, before[0], room, PuctFormula.of(tree, t, settings))


def after(position: Position, path: Path) -> Position | None:
    """Return the game as it would be after some moves, None where they are not legal (any more)."""
    later = position.copy()
    try:
        for move in path:
            later.play(move)
    except IllegalMove:
        return None
    return later


def find(root: TreeNode, path: Path) -> TreeNode | None:
    """Return the node that a path leads to, None where the reading does not hold it."""
    node = root
    for move in path:
        found = next((child for child in node.children if child.move == move), None)
        if found is None:
            return None
        node = found
    return node


# --- levels: all nodes of one depth at once ---------------------------------------------------------------


class _Listed(NamedTuple):
    """The children of a level that are listed, one a place."""

    nodes: list[int]
    moves: list[int]
    turns: list[int]
    visits: list[int]
    values: list[float]
    priors: list[float]
    q: list[float]
    u: list[float]
    closed: list[bool]


class _Level(NamedTuple):
    """The children that are listed of F nodes of one depth, those of one node behind those of the one before."""

    paths: list[Path]  # of the F nodes
    starts: list[int]  # [F + 1] where the children of each begin, and where the last one's end
    others: list[Others | None]  # [F]
    singles: list[bool]  # [F] whether the child listed is a link of a chain
    listed: "_Listed"
    follow: dict[int, int]  # which children the next level is about, and their places in it


def _wanted(opened: Iterable[Path]) -> dict[Path, set[int]]:
    """Return, for every opened node and every node on the way there, the moves that must be listed."""
    wanted: dict[Path, set[int]] = {}
    for path in opened:
        wanted.setdefault(path, set())
        for k, move in enumerate(path):
            wanted.setdefault(path[:k], set()).add(move)
    return wanted


def _size(tree: Tree, t: int) -> tuple[int, int]:
    root = int(tree.regions[ROOT, t])
    return int(tree.regions[USED, t]) - root, int(tree.ints[VISITS, root])


def _read_levels(
    tree: Tree, t: int, settings: SearchSettings, depth: int, width: int, wanted: dict, best: Path
) -> list[_Level]:
    unfolded = {*wanted, *(best[: k + 1] for k in range(UNFOLDED))}
    nodes, left = tree.regions[ROOT, [t]].astype(np.int64), [depth]
    paths: list[Path] = [()]
    levels: list[_Level] = []
    while len(nodes) and len(levels) < LONGEST:
        level = _read_level(tree, t, settings, nodes, paths, width, wanted)
        rows, places, left = _choose_next(level, left, unfolded, depth)
        level.follow.update({place: k for k, place in enumerate(places)})
        nodes = np.array([level.listed.nodes[place] for place in places], np.int64)
        paths = [(*paths[row], level.listed.moves[place]) for row, place in zip(rows, places, strict=True)]
        levels.append(level)
    return levels


def _read_level(
    tree: Tree, t: int, settings: SearchSettings, nodes: np.ndarray, paths: list[Path], width: int, wanted: dict
) -> _Level:
    below, valid = _blocks(tree, nodes)
    visits = np.where(valid, tree.ints[VISITS, below], 0)
    prior = np.where(valid, tree.floats[PRIOR, below], 0)
    rank = np.where(valid, visits + 0.5 * prior, -1)  # more visits first, then more prior
    rows = _Rows(paths, wanted, tree.ints[TURN, nodes] == CHANCE)
    order, counts = rows.choose(tree, below, rank, visits, width)
    shown = np.take_along_axis(below, order, 1)
    chosen = np.arange(order.shape[1]) < counts[:, None]
    q, u = puct_terms(tree, t, settings, nodes, shown, coming=1)
    listed = _list(tree, shown[chosen], q[chosen], u[chosen])
    starts = [0, *np.cumsum(counts).tolist()]
    others = _others(valid.sum(1), visits.sum(1), prior.sum(1), starts, listed)
    singles = [
        bool(path) and end - start == 1 and (rest is None or not rest.visits)
        for path, start, end, rest in zip(paths, starts, starts[1:], others, strict=False)
    ]
    return _Level(paths, starts, others, singles, listed, {})


def _blocks(tree: Tree, nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the children of nodes [F], padded to [F, W], and which of them are no padding."""
    first, width, end = tree.ints[FIRST_CHILD, nodes], tree.ints[WIDTH, nodes], tree.ints.shape[1]
    width = np.where(first == UNEXPANDED, 0, np.clip(width, 0, end - first))
    places = np.arange(max(1, width.max()))
    valid = places < width[:, None]
    return np.where(valid, first[:, None] + places, 0), valid


class _Rows(NamedTuple):
    """What decides which children of the nodes of a level are listed."""

    paths: list[Path]
    wanted: dict[Path, set[int]]
    chance: np.ndarray  # bool [F]

    def choose(
        self, tree: Tree, below: np.ndarray, rank: np.ndarray, visits: np.ndarray, width: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the places of the children in the order of the list [F, K], and how many of each row count, [F]."""
        whole = np.array([not path or path in self.wanted for path in self.paths]) | self.chance
        most = np.where(self.chance, rank.shape[1], width)
        counts = np.minimum(np.where(whole, (rank >= 0).sum(1), (visits > 0).sum(1)), most)
        forced = self._forced(tree, below, rank) if self.wanted else {}
        for row, places in forced.items():
            counts[row] += len(places)
        order = _best_first(rank, max(1, int(counts.max())))
        for row, places in forced.items():
            self._force(order[row], counts, row, places)
        for row in np.flatnonzero(self.chance).tolist():
            order[row, : counts[row]].sort()  # dice lie in the order of their numbers
        return order, counts

    def _forced(self, tree: Tree, below: np.ndarray, rank: np.ndarray) -> dict[int, np.ndarray]:
        """Return the places of the children that are wanted, whatever their rank, for every row that has some."""
        found = {}
        for row, path in enumerate(self.paths):
            moves = self.wanted.get(path)
            if moves:
                found[row] = np.flatnonzero(np.isin(tree.ints[MOVE, below[row]], list(moves)) & (rank[row] >= 0))
        return found

    def _force(self, order: np.ndarray, counts: np.ndarray, row: int, places: np.ndarray) -> None:
        """Put wanted children that are not among the best behind them; mend the count that made room for them."""
        best = order[: counts[row] - len(places)]
        missing = np.setdiff1d(places, best)
        counts[row] = len(best) + len(missing)
        order[len(best) : counts[row]] = missing


def _best_first(rank: np.ndarray, count: int) -> np.ndarray:
    """Return the places of the so many greatest of each row, the greatest first."""
    if count >= rank.shape[1]:
        return np.argsort(-rank, 1, kind="stable")
    kept = np.sort(np.argpartition(-rank, count - 1, 1)[:, :count], 1)  # sorted, so that equals keep their order
    return np.take_along_axis(kept, np.argsort(-np.take_along_axis(rank, kept, 1), 1, kind="stable"), 1)


def _list(tree: Tree, below: np.ndarray, q: np.ndarray, u: np.ndarray) -> _Listed:
    ints, floats = tree.ints, tree.floats
    turns, visits = ints[TURN, below], ints[VISITS, below]
    turns = np.where((ints[FIRST_CHILD, below] != UNEXPANDED) | (turns == NOBODY), turns, UNKNOWN)
    value = floats[TOTAL, below] / np.maximum(visits, 1)
    prior, closed = floats[PRIOR, below], ints[IN_FLIGHT, below] >= CLOSED
    return _Listed(*(a.tolist() for a in (below, ints[MOVE, below], turns, visits, value, prior, q, u, closed)))


def _others(
    counts: np.ndarray, visits: np.ndarray, prior: np.ndarray, starts: list[int], listed: _Listed
) -> list[Others | None]:
    """Sum up what is not listed of each row; None where everything is."""
    found: list[Others | None] = []
    for k, (count, seen, share) in enumerate(zip(counts.tolist(), visits.tolist(), prior.tolist(), strict=True)):
        start, end = starts[k : k + 2]
        rest = max(0, seen - sum(listed.visits[start:end])), max(0.0, share - sum(listed.priors[start:end]))
        found.append(Others(count - (end - start), *rest) if count > end - start else None)
    return found


def _choose_next(level: _Level, left: list[int], unfolded: set[Path], depth: int) -> tuple[list[int], ...]:
    """Choose the children to read on below: row, place and the depth left of each; a link of a chain costs none."""
    moves, turns, visits = level.listed.moves, level.listed.turns, level.listed.visits
    found = []
    for row, path in enumerate(level.paths):
        remains = left[row] - (not level.singles[row])
        for place in range(level.starts[row], level.starts[row + 1]):
            if (*path, moves[place]) in unfolded:
                found.append((True, visits[place], row, place, depth))
            elif remains > 0 and visits[place] > 1 and turns[place] != UNKNOWN:  # the first visit is its own
                found.append((False, visits[place], row, place, remains))
    if len(found) > MOST:
        found = sorted(found, reverse=True)[:MOST]
    return tuple([each[k] for each in found] for k in (2, 3, 4))


# --- from levels to nodes, the deepest first --------------------------------------------------------------


def _assemble(levels: list[_Level], tree: Tree, t: int, name: Callable[[int], str]) -> TreeNode:
    below: list[tuple[tuple[TreeNode, ...], Others | None]] = []  # of the nodes of the level below
    for level in reversed(levels):
        nodes = _nodes(level, below, name)
        below = [
            (tuple(nodes[start:end]), rest)
            for start, end, rest in zip(level.starts, level.starts[1:], level.others, strict=False)
        ]
    root = int(tree.regions[ROOT, t])
    visits, turn = int(tree.ints[VISITS, root]), int(tree.ints[TURN, root])
    value = float(tree.floats[TOTAL, root]) / max(visits, 1)
    children, others = below[0]
    return TreeNode(NO_MOVE, "", turn if children else UNKNOWN, visits, value, 1.0, 0.0, 0.0, False, children, others)


def _nodes(
    level: _Level, below: list[tuple[tuple[TreeNode, ...], Others | None]], name: Callable[[int], str]
) -> list[TreeNode]:
    widths = np.diff(level.starts).tolist()
    singles = [single for single, width in zip(level.singles, widths, strict=True) for _ in range(width)]
    nodes = []
    for place, (_, move, turn, visits, value, prior, q, u, closed) in enumerate(zip(*level.listed, strict=True)):
        below_it = below[level.follow[place]] if place in level.follow else ((), None)
        nodes.append(TreeNode(move, name(move), turn, visits, value, prior, q, u, singles[place], *below_it, closed))
    return nodes


def _best_line(tree: Tree, t: int) -> Path:
    """Follow the most visited children (as `engine.tree.variation`, but safe while the tree changes)."""
    ints, node = tree.ints, int(tree.regions[ROOT, t])
    moves: list[int] = []
    while len(moves) < LONGEST and ints[FIRST_CHILD, node] != UNEXPANDED:
        first, width = int(ints[FIRST_CHILD, node]), int(ints[WIDTH, node])
        visits = ints[VISITS, first : first + width]
        if not visits.any():
            break
        node = first + int(visits.argmax())
        moves.append(int(ints[MOVE, node]))
    return tuple(moves)


def _range(tree: Tree, t: int, root: TreeNode) -> tuple[float, float]:
    """Return between what values lie, 0 among them: as the search saw them, even about 0 where somebody answers."""
    low, high = (float(bound) for bound in tree.bounds[:, t])
    if not low < high:
        return -1.0, 1.0
    if _two_sided(root):
        return -max(abs(low), abs(high)), max(abs(low), abs(high))
    return min(0.0, low), max(0.0, high)


def _two_sided(node: TreeNode) -> bool:
    return node.turn in (SECOND, CHANCE) or any(_two_sided(child) for child in node.children)
