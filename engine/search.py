"""One search for every game: select, expand, evaluate, rollout, backup, and `search`, which calls the five.

    select    walk down from the root to a leaf, a wave of leaves at a time    compiled: engine/tree_steps.py
    expand    give leaves their children, with priors                          compiled: engine/tree_steps.py
    evaluate  get priors and values from a network                             the evaluator, one batch
    rollout   play games out with the fast policy                              the game, compiled
    backup    carry the blend of value and rollout up to the root              compiled: engine/tree_steps.py

Source: Silver et al., Nature 529 (2016); lambda is the weight of rollouts. Values are from the first player's view.
Each thread carries waves of its own: while one holds the tree, the others evaluate and roll out.

With `expand_at` = n a leaf is expanded, and the network called, only at its n-th visit. Until then its value is the
network's value of its parent, blended with its own rollout. (AlphaGo kept separate counts for values and rollouts.)
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from engine.clock import Limit
from engine.following import follow, score_ends
from engine.gumbel import draw_scores
from engine.tree import (
    FIRST_CHILD,
    IN_FLIGHT,
    NO_PARENT,
    PARENT,
    PRIOR,
    ROOT,
    TURN,
    UNEXPANDED,
    USED,
    VALUE,
    VISITS,
    Tree,
    children,
    forbid,
)
from engine.tree_steps import CLOSED, backup, expand, select
from games.game import CHANCE, NOBODY, Game

DEEPEST = 512
"""Moves below the root at which a descent stops, whatever lies below."""

NO_LIMIT = 2**31 - 1

Evaluator = Callable[[Game, np.ndarray], tuple[np.ndarray, ...]]
"""(game, states [B, W]) -> priors float32 [B, moves], or [B, 0] for uniform; values float32 [B], the first player's.

One that knows which moves are worth a look (the likeliest tokens of a large vocabulary) returns them, too: moves
int32 [B, K], -1 where there are fewer; its priors [B, K] belong to them. The game is not asked for legal moves then.
"""


def _setting(default, text):
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class SearchSettings:
    """How a search weighs and grows; AlphaGo's own values are named where they differ."""

    c_puct: float = _setting(1.5, "weight of the prior against the value (AlphaGo: 5)")
    virtual_loss: float = _setting(1.0, "losses that a simulation in flight counts as (AlphaGo: 3)")
    rollout_weight: float = _setting(0.0, "lambda: 0 network values only, 1 rollouts only (AlphaGo: 0.5)")
    expand_at: int = _setting(1, "visits at which a leaf gets children (AlphaGo: 40)")
    first_play: float = _setting(0.2, "FPU reduction: an unvisited move is worth its parent's value less this")
    follow: bool = _setting(False, "one player: follow leaves to the end by moves that the priors draw, in the tree")
    give_up: float = _setting(0.1, "share of the root's value below which a leaf is followed no further")
    widest: int = _setting(0, "children of a node at most, those with the greatest priors; 0: every legal move")
    prior_temperature: float = _setting(1.0, "softens priors: P^(1/temperature), renormalised (AlphaGo: 1.5)")
    noise_weight: float = _setting(0.0, "share of Dirichlet noise in the root's priors (AlphaZero: 0.25)")
    noise_alpha: float = _setting(10.8, "total concentration of that noise over all moves (AlphaZero, Go: 0.03 * 361)")
    gumbel: int = _setting(0, "moves that a Gumbel root considers, 0 for PUCT (Danihelka et al. 2022: 16)")
    normalise: bool = _setting(False, "map the values seen in a tree to [-1, 1] before comparing them")
    wave: int = _setting(32, "leaves that a thread evaluates at once")
    threads: int = _setting(1, "threads that carry waves; with one, the same seed gives the same search")
    seed: int = _setting(1, "seed of rollouts, noise and Gumbel draws")


def uniform(game: Game, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evaluate nothing: every move alike, every position even."""
    return np.empty((len(states), 0), np.float32), np.zeros(len(states), np.float32)


# --- the search -------------------------------------------------------------------------------------------


def search(
    game: Game,
    roots: np.ndarray,
    tree: Tree,
    evaluator: Evaluator,
    settings: SearchSettings,
    limit: Limit,
    policy: object = None,
    forbidden: dict[int, np.ndarray] | None = None,
    stopped: Callable[[], bool] = lambda: False,
    report: Callable[[], None] = lambda: None,
    randoms: Sequence[np.random.Generator] | None = None,
    visits: np.ndarray | None = None,
) -> np.ndarray:
    """Grow tree t under the position roots[t], for all t, until the limit or until `stopped()`.

    What a tree already holds is kept and counts towards the limit's visits. `policy` is the game's for rollouts.
    `forbidden[t]` are moves that the history of game t rules out at its root. `report` is called from this thread
    between waves. `randoms[t]` draws the root noise and the Gumbel scores of tree t; without, the seed decides, and two
    calls draw alike. `visits` [T], where given, are those of each tree in place of the limit's. Returns the Gumbel
    scores that `gumbel.chosen` needs, float32 [T, widest root], or [T, 0].
    """
    run = SearchRun(game, roots, tree, evaluator, settings, limit, policy, stopped, randoms, visits)
    with np.errstate(over="ignore"):
        run.expand_roots(forbidden or {})
        if settings.threads == 1:
            _carry_waves(run, report)
            return run.gumbel
        with ThreadPoolExecutor(settings.threads - 1, "yomi-wave") as pool:
            others = [pool.submit(_carry_waves, run) for _ in range(settings.threads - 1)]
            try:
                _carry_waves(run, report)
            finally:
                run.over = True
            for other in others:
                other.result()
    return run.gumbel


def _carry_waves(run: "SearchRun", report: Callable[[], None] = lambda: None) -> None:
    wave = Wave(run)
    try:
        while not run.interrupted():
            if not _simulate(run, wave):
                if run.reached():
                    return
                time.sleep(0.0001)  # every leaf is in other hands
            report()
    except BaseException:
        run.over = True
        raise


def _simulate(run: "SearchRun", wave: "Wave") -> int:
    """Carry one wave through the five steps; return how many leaves it held."""
    game, settings, tree = run.game, run.settings, run.tree
    with run.lock:
        leaves, owners, paths, lengths = run.select(wave)
        first_tick, run.ticks = run.ticks, run.ticks + len(leaves)
        ripe, values = run.ripe(leaves)
    if not len(leaves):
        return 0
    states = game.replay(run.roots, owners, paths, lengths)
    if settings.follow:
        follow(run, leaves, owners, states)
        return len(leaves)
    turns = game.turn(states)
    over = turns == NOBODY
    ended = bool(over.any())
    growing = _chosen(~over & ripe if ended else ripe)  # the network is not asked about a finished game
    offspring = run.ask(states[growing], turns[growing]) if growing is not None else None
    if offspring:
        values[growing] = offspring.values
    scores = game.score(states[over]) if ended else None
    if settings.rollout_weight > 0:
        values = blend(values, game.rollout(states, run.seeds(first_tick, len(leaves)), run.policy), settings)
    if scores is not None:
        values[over] = scores
    with run.lock:
        if ended:
            tree.ints[TURN, leaves[over]] = NOBODY
        if offspring:
            run.expand(leaves[growing], owners[growing], turns[growing], offspring)
        backup(tree.ints, tree.floats, tree.bounds, leaves, owners, values, settings.normalise)
    return len(leaves)


def _chosen(rows: np.ndarray | bool) -> np.ndarray | slice | None:
    """Return what picks the rows that are true, bool [B]: all of them without a copy; None where there are none."""
    return slice(None) if rows is True or np.all(rows) else np.flatnonzero(rows) if np.any(rows) else None


def blend(values: np.ndarray, played_out: np.ndarray, settings: SearchSettings) -> np.ndarray:
    """Return what goes up: network values [B] and rollouts [B], weighed."""
    weight = np.float32(settings.rollout_weight)
    return (1 - weight) * values + weight * played_out


class Wave:
    """The buffers of one thread's waves."""

    def __init__(self, run: "SearchRun"):
        trees, settings = run.tree.regions.shape[1], run.settings
        self.each = max(1, settings.wave // trees)
        size = max(settings.wave, trees)
        self.scores = np.empty(run.game.move_count(run.roots[0]), np.float32)
        self.leaves, self.owners, self.lengths = np.empty((3, size), np.int32)
        self.paths = np.empty((size, DEEPEST), np.int32)


class Offspring(NamedTuple):
    """The children of B positions that are to be expanded, as `expand` takes them, and the values of the positions."""

    moves: np.ndarray
    odds: np.ndarray
    counts: np.ndarray
    priors: np.ndarray
    listed: bool
    values: np.ndarray


def likeliest(found: Offspring, turns: np.ndarray, widest: int) -> Offspring:
    """Keep the `widest` moves with the greatest priors, in their order; every roll of the dice stays.

    turns [B]. Without priors the first moves are kept.
    """
    wide = (found.counts > widest) & (turns != CHANCE)
    if not wide.any():
        return found
    rows = np.arange(len(found.moves))[:, None]
    priors = found.priors if found.listed or not found.priors.shape[1] else found.priors[rows, found.moves]
    ranks = -priors if priors.shape[1] else np.arange(found.moves.shape[1])[None].repeat(len(rows), 0)
    kept = np.arange(found.moves.shape[1])[None].repeat(len(rows), 0)
    for row in np.flatnonzero(wide):
        count = found.counts[row]
        kept[row, :widest] = np.sort(np.argpartition(ranks[row, :count], widest - 1)[:widest])
    return Offspring(
        moves=found.moves[rows, kept],
        odds=found.odds,
        counts=np.where(wide, np.int32(widest), found.counts),
        priors=priors[rows, kept] if priors.shape[1] else priors,
        listed=True,
        values=found.values,
    )


class SearchRun:
    """One call of `search`: what its threads share."""

    def __init__(self, game, roots, tree, evaluator, settings, limit, policy, stopped, randoms=None, visits=None):
        if settings.follow and game.players != 1:
            raise ValueError("only in games of one player are leaves followed to the end")
        self.game, self.roots, self.tree, self.evaluator, self.settings = game, roots, tree, evaluator, settings
        self.weights = tuple(np.float32(w) for w in (settings.c_puct, settings.virtual_loss, settings.first_play))
        self.targets = np.full(tree.regions.shape[1], limit.visits or NO_LIMIT, np.int32)
        if visits is not None:
            self.targets[:] = visits
        self.deadline = time.perf_counter() + limit.seconds if limit.seconds is not None else np.inf
        self.policy, self.stopped = policy, stopped
        self.lock = threading.Lock()
        self.spent = np.zeros(len(roots), np.int64)  # positions that the evaluator has looked at, for each tree
        self.allowance = limit.evaluations if limit.evaluations is not None else np.inf
        self.stopped_trees = np.zeros(len(roots), bool)
        self.ticks, self.over = 0, False
        self.randoms = randoms or [np.random.default_rng([settings.seed, t]) for t in range(len(roots))]
        self.gumbel, self.plan = np.empty((len(roots), 0), np.float32), np.empty((len(roots), 1), np.int32)

    def interrupted(self) -> bool:
        return self.over or time.perf_counter() >= self.deadline or self.stopped()

    def reached(self) -> bool:
        roots = self.tree.regions[ROOT]
        done = (self.tree.ints[VISITS, roots] >= self.targets) | (self.tree.ints[IN_FLIGHT, roots] >= CLOSED)
        return bool(done.all())

    def stop(self, trees: np.ndarray) -> None:
        """Grow some trees no further."""
        self.stopped_trees[trees] = True
        self.targets[trees] = 0

    def seeds(self, first: int, n: int) -> np.ndarray:
        """Mix the numbers of n simulations with the search's seed, uint64 [n]."""
        return np.arange(first, first + n, dtype=np.uint64) + np.uint64(self.settings.seed << 32)

    def ripe(self, leaves: np.ndarray) -> tuple[np.ndarray | bool, np.ndarray]:
        """Return which leaves [B] have the visits to be expanded, and the network's values of their parents [B]."""
        if self.settings.expand_at == 1:
            return True, np.zeros(len(leaves), np.float32)
        visits, above = self.tree.ints[VISITS, leaves], self.tree.ints[PARENT, leaves]
        return (visits + 1 >= self.settings.expand_at) | (above == NO_PARENT), self.tree.floats[VALUE, above]

    def ask(self, states: np.ndarray, turns: np.ndarray, more: int = 0) -> Offspring:
        """Have the evaluator look at positions [B, W]; `more` children than `widest` may be kept."""
        priors, values, *named = self.evaluator(self.game, states)
        if named:
            moves, odds = named[0], np.empty((len(states), 0), np.float32)
            counts = (moves >= 0).sum(1).astype(np.int32)
        else:
            moves, odds, counts = self.game.legal(states)
        found = Offspring(moves, odds, counts, priors, bool(named), values)
        return likeliest(found, turns, self.settings.widest + more) if self.settings.widest else found

    def select(self, wave: Wave):
        tree, weight = self.tree, self.settings.rollout_weight
        share = weight == 1 or (weight > 0 and self.settings.expand_at > 1)  # each visit has a rollout of its own
        found = select(
            tree.ints, tree.floats, tree.regions[ROOT], tree.bounds, self.targets, wave.each, share,
            self.weights, self.gumbel, self.plan, wave.scores, wave.leaves, wave.owners, wave.paths, wave.lengths,
        )  # fmt: skip
        return wave.leaves[:found], wave.owners[:found], wave.paths[:found], wave.lengths[:found]

    def expand(self, leaves: np.ndarray, owners: np.ndarray, turns: np.ndarray, found: Offspring) -> None:
        """Give leaves [B] their children; their trees pay for the evaluations."""
        tree = self.tree
        if self.allowance < np.inf:
            self.spent += np.bincount(owners, minlength=len(self.spent))
            self.stop(np.flatnonzero(self.spent >= self.allowance))
        expand(
            tree.ints, tree.floats, tree.regions[USED], leaves, owners, turns, found.moves, found.counts, found.priors,
            found.listed, found.values, found.odds, self.settings.prior_temperature,
        )  # fmt: skip

    def expand_roots(self, forbidden: dict[int, np.ndarray]) -> None:
        """Give every root its children, less the forbidden ones, and stir in noise or Gumbel draws."""
        roots = self.tree.regions[ROOT]
        bare = np.flatnonzero(self.tree.ints[FIRST_CHILD, roots] == UNEXPANDED).astype(np.int32)
        if len(bare):
            states, turns = self.roots[bare], self.game.turn(self.roots[bare])
            most = max((len(moves) for moves in forbidden.values()), default=0)
            self.expand(roots[bare], bare, turns, self.ask(states, turns, most))
            if self.settings.follow:
                score_ends(self, roots[bare], bare, states)
        for t, moves in forbidden.items():
            forbid(self.tree, t, moves)
        if self.settings.noise_weight:
            for t, random in enumerate(self.randoms):
                add_noise(self.tree, t, self.settings, random)
        if self.settings.gumbel:
            visits = np.minimum(self.targets, 100_000)
            self.gumbel, self.plan = draw_scores(self.tree, self.settings.gumbel, visits, self.randoms)


def add_noise(tree: Tree, t: int, settings: SearchSettings, random: np.random.Generator) -> None:
    """Mix Dirichlet noise into the priors of a root (AlphaZero; alpha shrinks with the number of moves as KataGo's)."""
    below = children(tree, int(tree.regions[ROOT, t]))
    if len(below) > 1 and tree.ints[TURN, tree.regions[ROOT, t]] != CHANCE:
        noise = random.dirichlet(np.full(len(below), settings.noise_alpha / len(below)))
        tree.floats[PRIOR, below] += settings.noise_weight * (noise - tree.floats[PRIOR, below])
