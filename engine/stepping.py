"""Carry out one simulation phase by phase, on the tree of a player that really plays, and tell what happens.

The compiled functions of `engine.search` do the work, one leaf at a time, so that N stepped simulations leave the tree
that a search by one thread with waves of one leaves. Only the order differs: children are made before the leaf is
valued, as a reader of the five steps expects.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.clock import Limit
from engine.following import Following
from engine.players import SearchPlayer
from engine.puct import puct_terms
from engine.reading import Path
from engine.search import NO_LIMIT, SearchRun, Wave, blend, uniform
from engine.tree import FIRST_CHILD, IN_FLIGHT, MOVE, NO_PARENT, PARENT, PRIOR, ROOT, TURN, UNEXPANDED, VISITS, children
from engine.tree import mean_value as mean
from engine.tree_steps import CLOSED, GOLDEN, backup
from games.game import CHANCE, NOBODY, Position

PHASES = ("select", "expand", "evaluate", "rollout", "backup")


@dataclass(frozen=True)
class Term:
    """One child as select compares it: the sum of `q` and `u`, as the player who chooses sees them.

    At a chance node `prior` is the odds, `u` tells by how many visits the child lags them, and `q` whose turn it is
    among those that lag alike.
    """

    move: int
    visits: int
    prior: float
    q: float
    u: float
    closed: bool = False  # there is nothing left to find there, so it is not taken


@dataclass(frozen=True)
class Choice:
    """One decision on the way down: whose it was, the children, and which of them was taken."""

    turn: int
    terms: tuple[Term, ...]
    taken: int  # place among the terms
    planned: bool = False  # by the Gumbel root's plan of visits, not by the greatest sum
    visits: int = 0  # of the node at which the choice was made, this simulation included
    value: float = 0.0  # of that node, the first player's view


@dataclass(frozen=True)
class Selected:
    """The way to a leaf."""

    path: Path
    choices: tuple[Choice, ...]

    phase = "select"


@dataclass(frozen=True)
class Expanded:
    """The leaf's new children and their priors; none for the reason `why_not`."""

    path: Path
    turn: int
    children: tuple[tuple[int, float], ...]
    why_not: str = ""

    phase = "expand"


@dataclass(frozen=True)
class Evaluated:
    """What the leaf is worth before any rollout, for the first player; None where nobody was asked."""

    path: Path
    value: float | None
    source: str  # "the network", "the rules", ...
    judged: np.ndarray  # the leaf's position

    phase = "evaluate"


@dataclass(frozen=True)
class RolledOut:
    """How the rollout ended (None: there was none), and the value that goes up, both for the first player."""

    path: Path
    result: float | None
    weight: float
    value: float
    judged: np.ndarray  # the position in which the rollout ended; the leaf's where there was none
    followed: Path | None = None  # the moves below the leaf that the tree kept, where leaves are followed to the end

    phase = "rollout"


@dataclass(frozen=True)
class Change:
    """A node's visits and mean value (the first player's view), before and after."""

    visits: tuple[int, int]
    value: tuple[float, float]


@dataclass(frozen=True)
class BackedUp:
    """What the value changed, from the root to the leaf."""

    path: Path
    value: float
    changes: tuple[Change, ...]

    phase = "backup"


Event = Selected | Expanded | Evaluated | RolledOut | BackedUp


class Stepper:
    """One simulation at a time on a player's own tree, with its evaluator, settings and rollout policy.

    The player must not be thinking, and must not think before `abandon()` unless `phase` is "select".
    """

    def __init__(self, player: SearchPlayer, position: Position, limit: Limit | None = None):
        """Take up the position as the player would; `limit` tells a Gumbel root how many visits to plan for."""
        tree, root = player.take_position(position)
        settings = replace(player.settings, wave=1, threads=1)
        self.run = SearchRun(
            position.game, root[None], tree, player.evaluator, settings, limit or Limit(),
            player.policy, lambda: False, [player.random],
        )  # fmt: skip
        with np.errstate(over="ignore"):
            self.run.expand_roots({0: position.forbidden()})
        self.run.targets[:] = NO_LIMIT
        self.wave, self.phase = Wave(self.run), PHASES[0]
        steps: tuple[Callable[[], Event], ...] = (
            self._select,
            self._expand,
            self._evaluate,
            self._rollout,
            self._backup,
        )
        self.phases = dict(zip(PHASES, steps, strict=True))

    def step(self) -> Event:
        """Carry out the next phase; after "backup" comes "select" again."""
        with np.errstate(over="ignore"):
            event = self.phases[self.phase]()
        self.phase = PHASES[(PHASES.index(self.phase) + 1) % len(PHASES)]
        return event

    def simulate(self) -> tuple[Event, ...]:
        """Carry out what is left of a simulation, or a whole one."""
        events = [self.step()]
        while self.phase != PHASES[0]:
            events.append(self.step())
        return tuple(events)

    def abandon(self) -> None:
        """Give up a simulation that is under way, so that the tree can be searched again."""
        if self.phase != PHASES[0]:
            for node in self._nodes(None if self.way is None else int(self.way.nodes[0])):
                self.run.tree.ints[IN_FLIGHT, node] -= 1
        self.phase = PHASES[0]

    # --- the phases ---

    def _select(self) -> Selected:
        self.way: Following | None = None
        self.leaf, self.owner, paths, lengths = (found.copy() for found in self.run.select(self.wave))
        self.paths, self.lengths = paths, lengths
        if not len(self.leaf):
            raise ValueError("there is nothing left to find from here: every line was followed to its end")
        self.path = tuple(paths[0, : lengths[0]].tolist())
        self.tick, self.run.ticks = self.run.ticks, self.run.ticks + 1
        nodes = self._nodes()
        choices = tuple(self._choice(parent, child) for parent, child in zip(nodes, nodes[1:], strict=False))
        self.ripe, self.value = self.run.ripe(self.leaf)
        return Selected(self.path, choices)

    def _expand(self) -> Expanded:
        run, leaf = self.run, int(self.leaf[0])
        self.states = run.game.replay(run.roots, self.owner, self.paths, self.lengths)
        self.turns = run.game.turn(self.states)
        bare = run.tree.ints[FIRST_CHILD, leaf] == UNEXPANDED
        self.growing = bool(np.all(self.ripe)) and self.turns[0] != NOBODY
        if run.settings.follow:
            self.way = Following(run, self.leaf, self.owner, self.states.copy())
            self.way.look()
            self.value = self.way.values.copy()
        elif self.growing:
            offspring = run.ask(self.states, self.turns)
            self.value = offspring.values
            run.expand(self.leaf, self.owner, self.turns, offspring)
        elif self.turns[0] == NOBODY:
            run.tree.ints[TURN, leaf] = NOBODY
        expanded = bare and run.tree.ints[FIRST_CHILD, leaf] != UNEXPANDED
        new = children(run.tree, leaf).tolist() if expanded else []
        listed = tuple((int(run.tree.ints[MOVE, k]), float(run.tree.floats[PRIOR, k])) for k in new)
        return Expanded(self.path, int(self.turns[0]), listed, "" if listed else self._why_not_expanded(bare))

    def _evaluate(self) -> Evaluated:
        return Evaluated(self.path, *self._value_of_leaf(), self.states[0])

    def _value_of_leaf(self) -> tuple[float | None, str]:
        """Return what is known of the leaf before any rollout, and from whom."""
        weight, evaluator = self.run.settings.rollout_weight, self.run.evaluator
        if self.turns[0] == NOBODY:
            return float(self.run.game.score(self.states)[0]), "the rules"
        if weight == 1:
            return None, "the rollout alone decides"
        if evaluator is uniform:
            return None, "there is no network"
        source = getattr(evaluator, "source", "the network")
        return float(self.value[0]), source if self.growing else f"{source}, asked one move earlier,"

    def _rollout(self) -> RolledOut:
        """Play the rollout and blend, in the search's own arithmetic; the rules overrule both."""
        run, weight = self.run, self.run.settings.rollout_weight
        if self.way is not None:
            return self._follow(self.way)
        values, result, final = self.value, None, self.states
        if weight > 0:
            final = self.states.copy()
            played_out = run.game.rollout(final, run.seeds(self.tick, 1), run.policy)
            values, result = blend(values, played_out, run.settings), float(played_out[0])
        if self.turns[0] == NOBODY:
            values, result, final = run.game.score(self.states), None, self.states
        self.values = values
        return RolledOut(self.path, result, weight, float(self.values[0]), final[0])

    def _follow(self, way: Following) -> RolledOut:
        """Follow the leaf to the end of the game; what was found on the way stays in the tree."""
        while len(way.rows):
            way.go_on()
            way.look()
        line = [int(self.run.tree.ints[MOVE, node]) for node in self._nodes(int(way.nodes[0]))]
        ends = max((float(each[0]) for each in way.stops), default=-np.inf)
        self.values = np.maximum(way.values, np.float32(ends))
        followed = tuple(line[len(self.path) + 1 :])
        return RolledOut(self.path, None, 0.0, float(self.values[0]), way.states[0], followed)

    def _backup(self) -> BackedUp:
        tree, nodes = self.run.tree, self._nodes()
        before = self._numbers(nodes)
        if self.way is not None:
            self.way.backup()
        else:
            backup(tree.ints, tree.floats, tree.bounds, self.leaf, self.owner, self.values, self.run.settings.normalise)
        changes = (Change((n, m), (v, w)) for (n, v), (m, w) in zip(before, self._numbers(nodes), strict=True))
        return BackedUp(self.path, float(self.values[0]), tuple(changes))

    # --- what they tell ---

    def _nodes(self, last: int | None = None) -> list[int]:
        """List the nodes from the root to the leaf, or to the last one of a line that was followed."""
        nodes, node = [], int(self.leaf[0]) if last is None else last
        while node != NO_PARENT:
            nodes.append(node)
            node = int(self.run.tree.ints[PARENT, node])
        return nodes[::-1]

    def _numbers(self, nodes: list[int]) -> list[tuple[int, float]]:
        return [(int(self.run.tree.ints[VISITS, node]), float(mean(self.run.tree, node))) for node in nodes]

    def _choice(self, parent: int, child: int) -> Choice:
        run, tree = self.run, self.run.tree
        below, turn = children(tree, parent), int(tree.ints[TURN, parent])
        visits, prior = tree.ints[VISITS, below], tree.floats[PRIOR, below]
        q, u = (row[0] for row in puct_terms(tree, 0, run.settings, np.array([parent]), below[None], coming=1))
        if turn == CHANCE:
            u = prior * np.float32(tree.ints[VISITS, parent] + 1) - visits
            q = np.arange(len(below), dtype=np.float32) * GOLDEN % 1
        closed = tree.ints[IN_FLIGHT, below] >= CLOSED
        rows = zip(tree.ints[MOVE, below].tolist(), *(a.tolist() for a in (visits, prior, q, u, closed)), strict=True)
        planned = bool(run.gumbel.shape[1]) and parent == tree.regions[ROOT, 0]
        own, value = self._numbers([parent])[0]
        return Choice(turn, tuple(Term(*row) for row in rows), child - int(below[0]), planned, own + 1, value)

    def _why_not_expanded(self, bare: bool) -> str:
        if self.turns[0] == NOBODY:
            return "the game is over here"
        if not bare:
            return "it has its children already"
        visits, wanted = int(self.run.tree.ints[VISITS, self.leaf[0]]) + 1, self.run.settings.expand_at
        return f"visit {visits} of the {wanted} that it takes" if visits < wanted else "the tree is full"
