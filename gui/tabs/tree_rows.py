"""What lines a tree shows, and what it says about them: plain values and words, nothing drawn."""

import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from engine.reading import UNFOLDED, UNKNOWN, Others, Path, Reading, TreeNode
from engine.stepping import BackedUp, Evaluated, Event, Expanded, RolledOut, Selected
from games.game import CHANCE, FIRST, NOBODY, SECOND

SOLID = 30
"""Visits from which a number is shown as firmly as it can be."""


@dataclass(frozen=True)
class TreeRow:
    """One line: a node (or a chain of single ones), the children that are not listed, or a fan of dice."""

    path: Path  # of the last node; of the parent for `others` and a fan
    depth: int
    mover: int = UNKNOWN  # who made the move
    nodes: tuple[TreeNode, ...] = ()  # one, or a chain; none for `others` and a fan
    fan: tuple[TreeNode, ...] = ()
    others: Others | None = None
    share: float = 0.0  # of the visits of the parent
    most: tuple[float, float] = (1.0, 1.0)  # the greatest P and U among the siblings
    unfolded: bool | None = None  # None: there is nothing below

    @property
    def node(self) -> TreeNode:
        """What the numbers are of: the first of a chain, the one its siblings compete with."""
        return self.nodes[0]

    @property
    def name(self) -> str:
        return "  ".join(node.name for node in self.nodes)

    def holds(self, path: Path) -> bool:
        """Tell whether a path ends in this line."""
        return bool(self.nodes) and len(self.path) - len(self.nodes) < len(path) <= len(self.path) and self.on(path)

    def on(self, line: Path) -> bool:
        """Tell whether this line and a line of moves run along each other."""
        start = len(self.path) - len(self.nodes) + 1
        return len(line) >= start and self.path[: len(line)] == line[: len(self.path)]


@dataclass(frozen=True)
class Folding:
    """What is unfolded: asked for, refused, and the way to what is lit."""

    opened: Collection[Path] = ()
    closed: Collection[Path] = ()
    lit: Path = ()
    best: Path = ()

    def shows(self, path: Path) -> bool:
        """Tell whether the children of a node are listed."""
        if path in self.opened or path in self.closed:
            return path in self.opened
        on_the_way = len(path) < len(self.lit) and self.lit[: len(path)] == path
        return on_the_way or (len(path) <= UNFOLDED and self.best[: len(path)] == path)


def rows(reading: Reading, folding: Folding) -> list[TreeRow]:
    """List the lines of a tree, from the root's children on."""
    return _below(reading.root, (), 0, folding)


def _below(node: TreeNode, path: Path, depth: int, folding: Folding) -> list[TreeRow]:
    if node.turn == CHANCE and node.children:
        return _fan(node, path, depth, folding)
    found: list[TreeRow] = []
    for child in node.children:
        found += _with_what_is_below(_row(node, child, path, depth, folding), folding)
    return [*found, _left_out(node, node.others, path, depth)] if node.others else found


def _fan(node: TreeNode, path: Path, depth: int, folding: Folding) -> list[TreeRow]:
    found = [TreeRow(path, depth, fan=node.children)]
    for child in node.children:
        if folding.shows((*path, child.move)):
            found += _with_what_is_below(_row(node, child, path, depth, folding), folding)
    return found


def _with_what_is_below(row: TreeRow, folding: Folding) -> list[TreeRow]:
    return [row, *(_below(row.nodes[-1], row.path, row.depth + 1, folding) if row.unfolded else ())]


def _row(parent: TreeNode, child: TreeNode, path: Path, depth: int, folding: Folding) -> TreeRow:
    chain = _chain(child)
    path = (*path, *(node.move for node in chain))
    leaf = chain[-1].turn in (UNKNOWN, NOBODY)
    most = max(node.prior for node in parent.children), max(node.u for node in parent.children)
    share = child.visits / max(1, parent.visits)
    return TreeRow(path, depth, parent.turn, chain, (), None, share, most, None if leaf else folding.shows(path))


def _chain(node: TreeNode) -> tuple[TreeNode, ...]:
    """Return a node and the single ones that hang below it."""
    chain = [node]
    while chain[-1].turn != CHANCE and len(chain[-1].children) == 1 and chain[-1].children[0].single:
        chain.append(chain[-1].children[0])
    return tuple(chain)


def _left_out(parent: TreeNode, others: Others, path: Path, depth: int) -> TreeRow:
    most = max((node.prior for node in parent.children), default=1.0), 1.0
    return TreeRow(path, depth, parent.turn, (), (), others, others.visits / max(1, parent.visits), most)


# --- fans of dice -----------------------------------------------------------------------------------------


def fan_lines(fan: Collection[TreeNode], widest: float) -> list[list[TreeNode]]:
    """Share the outcomes out among lines so that the least likely is no narrower than 1 / `widest` of a line.

    Those whose names begin alike (the higher die) stay together; the fullest groups are placed first.
    """
    groups: dict[str, list[TreeNode]] = {}
    for node in fan:
        groups.setdefault(node.name[:1], []).append(node)
    least = min(node.prior for node in fan if node.prior > 0)
    count = max(1, math.ceil(1 / (least * widest) - 1e-6))
    lines: list[list[TreeNode]] = [[] for _ in range(min(count, len(groups)))]
    for group in sorted(groups.values(), key=_odds, reverse=True):
        room = [line for line in lines if _odds(line) + _odds(group) <= 1 / count + 1e-4]
        (room[0] if room else min(lines, key=_odds)).extend(group)
    return [line for line in lines if line]


def _odds(nodes: Collection[TreeNode]) -> float:
    return sum(node.prior for node in nodes)


def faces(name: str) -> tuple[int, int] | None:
    """Return the two dice that a roll's name stands for ("61", "61'"), None where it is no roll."""
    dice = name.rstrip("'")
    return (int(dice[0]), int(dice[1])) if len(dice) == 2 and set(dice) <= set("123456") else None


def openings(root: TreeNode) -> set[str]:
    """Return the names of opening rolls with which the first player begins, where the root is an opening."""
    names = {child.name for child in root.children}
    return {name for name in names if f"{name}'" in names}


# --- words ------------------------------------------------------------------------------------------------


def number(value: float, reach: float = 1.0, more: int = 0) -> str:
    """Write a value with as many digits as its kind needs, and some more to see a small change."""
    digits = (0 if reach >= 20 else 1 if reach >= 5 else 2) + more
    return f"{round(value, digits) + 0.0:+.{digits}f}"  # no -0.00


def count(visits: int) -> str:
    """Write a number of visits in few signs: 950, 12.3k, 1.20M."""
    return f"{visits / 1e6:.2f}M" if visits >= 1e6 else f"{visits / 1000:.1f}k" if visits >= 10_000 else str(visits)


def plural(many: int, word: str) -> str:
    return f"{many} {word}" if many == 1 else f"{many:,} {word}s"


@dataclass(frozen=True)
class Words:
    """How sides and moves are called; `sides` are empty strings in a game of one player."""

    sides: tuple[str, str] = ("First", "Second")
    name: Callable[[int], str] = str
    reach: float = 1.0

    def chooser(self, turn: int) -> str:
        """Return whose choice it is."""
        return "the dice" if turn == CHANCE else self.sides[turn] if turn in (FIRST, SECOND) else ""

    def value(self, value: float) -> str:
        """Write a value and the side that it favours."""
        return f"{number(value, self.reach)} for {self.sides[FIRST]}" if self.sides[FIRST] else self.number(value)

    def number(self, value: float, more: int = 0) -> str:
        return number(value, self.reach, more)

    def title(self, turn: int) -> str:
        """Say in the head of a list whose choice it is."""
        whose = self.chooser(turn)
        return "The dice fall" if turn == CHANCE else f"{whose} chooses" if whose else "Next token"

    def line(self, path: Path, longest: int = 8) -> str:
        """Write a line of moves."""
        names = [self.name(move) for move in path[:longest]]
        return "  ".join(names) + ("  …" if len(path) > longest else "")

    def tell(self, event: Event) -> str:
        """Say in a sentence or two what a phase did."""
        return _TELL[type(event)](self, event)


def _tell_selected(words: Words, event: Selected) -> str:
    if not event.path:
        return "The root itself is the leaf: it is visited for the first time."
    how = "by the greatest Q + U" if all(choice.turn != CHANCE for choice in event.choices) else "by Q + U, and by odds"
    return f"Down {plural(len(event.path), 'move')} {how}: {words.line(event.path)}."


def _tell_expanded(words: Words, event: Expanded) -> str:
    if not event.children:
        return f"The leaf gets no children: {event.why_not}."
    best = sorted(event.children, key=lambda child: -child[1])[:3]
    listed = ", ".join(f"{words.name(move)} {prior:.0%}" for move, prior in best)
    whose = f" for {words.chooser(event.turn)}" if words.chooser(event.turn) else ""
    return f"{plural(len(event.children), 'new move')}{whose}: {listed}{' …' if len(event.children) > 3 else ''}"


def _tell_evaluated(words: Words, event: Evaluated) -> str:
    if event.value is None:
        return f"Nobody is asked: {event.source}."
    verb = "say" if event.source == "the rules" else "says"
    return f"{event.source[0].upper()}{event.source[1:]} {verb} {words.value(event.value)}."


def _tell_rolled_out(words: Words, event: RolledOut) -> str:
    if event.followed is not None:
        onwards = f"Written on by the priors, and kept in the tree: {words.line(event.followed)}. "
        return f"{onwards if event.followed else 'It goes no further here. '}That is worth {words.value(event.value)}."
    if event.result is None:
        return f"There is no rollout here; the value is {words.value(event.value)}."
    ended = f"Played to its end: {words.value(event.result)}."
    mixed = f" With weight {event.weight:g} that makes {words.number(event.value)}."
    return ended if event.weight == 1 else ended + mixed


def _tell_backed_up(words: Words, event: BackedUp) -> str:
    root = event.changes[0]
    before, after = (words.number(value, 1) for value in root.value)
    moved = f"from {before} to {after}" if root.visits[0] else f"to {after}"
    levels = f"up {plural(len(event.path), 'move')}; " if event.path else ""
    return f"{words.value(event.value)} goes {levels}the root is visited {count(root.visits[1])} times, Q {moved}."


_TELL: dict[type, Callable[..., str]] = {
    Selected: _tell_selected,
    Expanded: _tell_expanded,
    Evaluated: _tell_evaluated,
    RolledOut: _tell_rolled_out,
    BackedUp: _tell_backed_up,
}
