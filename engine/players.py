"""Players: what chooses moves, and the player that searches."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from engine.clock import Clock, Limit
from engine.gumbel import chosen
from engine.search import Evaluator, SearchSettings, search, uniform
from engine.tree import MOVE, PRIOR, ROOT, VISITS, Tree, advance, allocate, children, mean_value, reset, variation
from games.game import NOBODY, SECOND, Game, Position

RESIGN = -1
"""What a player returns instead of a move when it gives up."""

DEFAULT_LIMIT = Limit(seconds=2)
LOOK_EVERY = 0.02
"""Seconds between two looks whether a move is decided."""

SURE = 400
"""Visits below which no player resigns or is sure of its move."""


Report = Callable[["Analysis"], None]


class Player:
    """What chooses moves. All that callers use is here; by default it does nothing."""

    name: str
    thought: "Analysis | None" = None
    """What the last choice was based on; None where no search was needed."""

    raw = False
    """Whether it plays by a policy, without a search: then its searches say little about other people's moves."""

    def choose(
        self, position: Position, clock: Clock | None = None, report: Report | None = None, every: float = 0.5
    ) -> int:
        """Return a legal move, or RESIGN; call `report` with the search's findings about every so many seconds."""
        raise NotImplementedError

    @property
    def searcher(self) -> "SearchPlayer | None":
        """The player whose tree can be analysed, read out and stepped through; None where there is no tree."""
        return None

    @property
    def fallback(self) -> str:
        """One sentence for people, where a network does not run on what it was meant to run on; else ""."""
        return ""

    def warm_up(self, game: Game, start: np.ndarray) -> None:
        """Compile and load what a choice needs, before any clock runs."""

    def stop(self) -> None:
        """End a running choice soon, from any thread."""

    def forget(self) -> None:
        """Drop what was kept from earlier moves."""

    def close(self) -> None:
        """Release what the player holds: a process, a pipe."""


@dataclass(frozen=True)
class Line:
    """One candidate move of a search. `value` is the mean from the first player's view."""

    move: int
    visits: int
    value: float
    prior: float
    variation: list[int]  # begins with the move itself


@dataclass(frozen=True)
class MindChange:
    """A moment of a search from which another move was the most visited one; `value` is that move's."""

    visits: int
    move: int
    value: float


@dataclass(frozen=True)
class Analysis:
    """What a search thinks of a position: the root's value (first player's view) and its candidates, best first.

    `visits` counts what an earlier search left in the tree, too; `simulations` only what this one added. `changes`
    begins with the move that was the most visited one at first.
    """

    visits: int
    value: float
    seconds: float
    lines: list[Line] = field(default_factory=list)
    simulations: int = 0
    changes: tuple[MindChange, ...] = ()


class RandomPlayer(Player):
    """Plays any legal move."""

    def __init__(self, seed: int = 1):
        self.name = "random"
        self.random = np.random.default_rng(seed)

    def choose(
        self, position: Position, clock: Clock | None = None, report: Report | None = None, every: float = 0.5
    ) -> int:
        return int(self.random.choice(position.legal()))


class SearchPlayer(Player):
    """Plays by search, and keeps what the tree already knows about the moves that follow.

    It asks the game how many players there are and which values its ends can have: only one of two players resigns,
    and only an end with the best possible value is played without a search.
    """

    def __init__(
        self,
        name: str,
        evaluator: Evaluator = uniform,
        settings: SearchSettings | None = None,
        limit: Limit | None = None,
        policy: object = None,
        resign_below: float = -0.95,
        nodes: int = 1 << 22,
        helped: bool = True,
    ):
        """`resign_below` is a share of the best possible value; `nodes` bounds memory, 44 bytes each.

        Unless `helped`, a choice does not use what an analysis has found beyond the player's own limit of visits.
        """
        self.name, self.evaluator, self.settings = name, evaluator, settings or SearchSettings()
        self.limit = limit or DEFAULT_LIMIT
        self.policy = policy
        self.resign_below = resign_below
        self.nodes, self.helped = nodes, helped
        self.random = np.random.default_rng([self.settings.seed, 0])  # of root noise and Gumbel scores
        self.scores = np.empty((1, 0), np.float32)  # the Gumbel scores of the tree's root
        self.tree: Tree | None = None
        self.root: np.ndarray | None = None  # the position that the tree's root is
        self.thought: Analysis | None = None
        self.stopping = False

    def choose(
        self, position: Position, clock: Clock | None = None, report: Report | None = None, every: float = 0.5
    ) -> int:
        """Think within the player's own limit and the clock; return the best move, or RESIGN when hopeless."""
        self.thought = None
        win = winning_end(position)
        if win is not None:
            return win
        if not self.helped:
            self._drop_help(position)
        limit = self.limit
        if clock is not None:
            limit = limit.tighter(clock.allot(position.game.moves_left(position.state)))
        self.thought = self.think(position, limit, report, every, until_decided=True)
        return RESIGN if self._hopeless(position, self.thought) else self.thought.lines[0].move

    def _hopeless(self, position: Position, thought: "Analysis") -> bool:
        """Tell whether one of two players has next to nothing left to hope for, and knows it for sure."""
        game, value = position.game, thought.lines[0].value
        if game.players != 2 or thought.visits < SURE:
            return False
        own, best = (-value, -game.ends[0]) if position.turn == SECOND else (value, game.ends[1])
        return own < self.resign_below * best

    def think(
        self,
        position: Position,
        limit: Limit,
        report: Report | None = None,
        every: float = 0.5,
        until_decided: bool = False,
    ) -> Analysis:
        """Search until the limit or `stop()`; call `report` about every so many seconds from this thread.

        With `until_decided` it also ends when no other move can become the most visited any more. Raise `ValueError`
        where there is no move to think about.
        """
        self.stopping = False
        began = due = time.perf_counter()
        tree, root = self.take_position(position)
        kept = root_visits(tree)
        halving = bool(self.settings.gumbel)  # the best move is known only when the plan of visits is done
        undecided = _Undecided(tree, kept, limit, began) if until_decided and not halving else lambda: True
        favourites = _Favourites(tree)

        def reporting() -> None:
            nonlocal due
            favourites.look()
            if report and time.perf_counter() >= due + every:
                due = time.perf_counter()
                report(analyse(tree, 0, due - began, kept))

        try:
            self.scores = search(
                position.game,
                root[None],
                tree,
                self.evaluator,
                self.settings,
                limit,
                self.policy,
                forbidden={0: position.forbidden()},
                stopped=lambda: self.stopping or not undecided(),
                report=reporting,
                randoms=[self.random],
            )
        except BaseException:  # simulations that were under way have left their marks in the tree
            self.forget()
            raise
        found = analyse(tree, 0, time.perf_counter() - began, kept, self.scores)
        return replace(found, changes=tuple(favourites.found))

    @property
    def searcher(self) -> "SearchPlayer":
        return self

    @property
    def fallback(self) -> str:
        return getattr(self.evaluator, "fallback", "")  # an evaluator may be a plain function

    def warm_up(self, game: Game, start: np.ndarray) -> None:
        """Have the evaluator compile what it needs, before any clock runs."""
        self.evaluator(game, start[None])

    def stop(self) -> None:
        """End a running `think` at the next wave, from any thread."""
        self.stopping = True

    def forget(self) -> None:
        """Drop the tree kept from earlier moves."""
        self.root = None
        if self.tree is not None:
            reset(self.tree, 0)

    def _drop_help(self, position: Position) -> None:
        """Forget a tree in which more was visited than the limit allows."""
        tree, _ = self.take_position(position)
        if self.limit.visits and root_visits(tree) > self.limit.visits:
            self.forget()

    def take_position(self, position: Position) -> tuple[Tree, np.ndarray]:
        """Re-root the tree where the position follows from its root, else begin anew; return the tree and its root."""
        tree = self.tree = self.tree or allocate(1, self.nodes)
        moves = None if self.root is None else _moves_between(self.root, position)
        if moves is None or self.settings.gumbel or self.settings.noise_weight:
            reset(tree, 0)
        else:
            for move in moves:
                advance(tree, 0, move)
        root = self.root = position.state.copy()
        return tree, root


class _Favourites:
    """Notes which move is the most visited one while a tree grows, each time that it is another."""

    def __init__(self, tree: Tree):
        self.tree, self.due = tree, 1
        self.found: list[MindChange] = []

    def look(self) -> None:
        """Look at the tree where it has grown by a twentieth since the last look."""
        visits = root_visits(self.tree)
        if visits < self.due:
            return
        self.due = visits + 1 + visits // 20
        below = children(self.tree, int(self.tree.regions[ROOT, 0]))
        if len(below):
            best = int(below[self.tree.ints[VISITS, below].argmax()])
            move = int(self.tree.ints[MOVE, best])
            if not self.found or self.found[-1].move != move:
                self.found.append(MindChange(visits, move, float(mean_value(self.tree, best))))


class _Undecided:
    """Tells whether a move other than the most visited could still catch up before the limit."""

    def __init__(self, tree: Tree, kept: int, limit: Limit, began: float):
        self.tree, self.kept, self.limit, self.began = tree, kept, limit, began
        self.due = began + LOOK_EVERY

    def __call__(self) -> bool:
        now = time.perf_counter()
        if now < self.due:
            return True
        self.due = now + LOOK_EVERY
        root = int(self.tree.regions[ROOT, 0])
        visits = int(self.tree.ints[VISITS, root])
        counts = np.sort(self.tree.ints[VISITS, children(self.tree, root)])
        return visits < SURE or (len(counts) > 1 and counts[-1] - counts[-2] <= self._left(visits, now))

    def _left(self, visits: int, now: float) -> float:
        """Return how many simulations the limit leaves room for."""
        by_visits = np.inf if self.limit.visits is None else self.limit.visits - visits
        if self.limit.seconds is None:
            return by_visits
        rate = (visits - self.kept) / (now - self.began)
        return min(by_visits, rate * (self.limit.seconds - (now - self.began)))


def _moves_between(root: np.ndarray, position: Position) -> list[int] | None:
    """Return the moves that lead from a root to the position, or None where it did not come from there."""
    for back in range(min(8, len(position.moves)) + 1):
        if np.array_equal(root, position.states[-1 - back]):
            moves = position.moves[len(position.moves) - back :]
            path = np.array([moves or [0]], np.int32)
            replayed = position.game.replay(root[None], np.zeros(1, np.int32), path, np.array([back], np.int32))
            return moves if np.array_equal(replayed[0], position.state) else None
    return None


def root_visits(tree: Tree, t: int = 0) -> int:
    """Return how many simulations tree t holds."""
    return int(tree.ints[VISITS, tree.regions[ROOT, t]])


def analyse(tree: Tree, t: int, seconds: float = 0.0, kept: int = 0, scores: np.ndarray | None = None) -> Analysis:
    """Read out tree t: its root and every candidate that was visited, most visits first.

    `seconds` were spent, and `kept` visits were there before. With the Gumbel scores of the root [T, widest] the move
    that sequential halving ends with comes first.
    """
    root = int(tree.regions[ROOT, t])
    below = children(tree, root)
    first = np.zeros(len(below), bool)
    if scores is not None and scores.shape[1] and len(below):
        first = below == chosen(tree, t, scores)
    below = below[np.lexsort((-tree.floats[PRIOR, below], -tree.ints[VISITS, below], ~first))]
    lines = [
        Line(
            move=int(tree.ints[MOVE, child]),
            visits=int(tree.ints[VISITS, child]),
            value=float(mean_value(tree, child)),
            prior=float(tree.floats[PRIOR, child]),
            variation=[int(tree.ints[MOVE, child]), *variation(tree, child)],
        )
        for child in below[: max(1, np.count_nonzero(tree.ints[VISITS, below]))]
    ]
    visits = int(tree.ints[VISITS, root])
    return Analysis(visits, float(mean_value(tree, root)), seconds, lines, visits - kept)


def winning_end(position: Position) -> int | None:
    """Return a move that ends the game at once with the best value that its player can get, if there is one.

    In Go that is a second pass that wins. Where values have no bound, no end is known to be the best.
    """
    game, sign = position.game, -1 if position.turn == SECOND else 1
    best = sign * game.ends[0 if position.turn == SECOND else 1]
    if not np.isfinite(best):
        return None
    moves = position.legal()
    after = np.repeat(position.state[None], len(moves), axis=0)
    game.play(after, moves)
    ends = np.flatnonzero(game.turn(after) == NOBODY)
    if len(ends) == 0:
        return None
    values = sign * game.score(after[ends])
    return int(moves[ends[np.argmax(values)]]) if values.max() >= best else None
