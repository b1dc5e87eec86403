"""How strong players are, from the games between them: Elo by maximum likelihood, with 95 % intervals.

Elo means the expected score and nothing else: a player that is d Elo stronger scores 1 / (1 + 10^(-d / 400)), a draw
counting half (Bradley & Terry 1952). Draws follow Davidson (1970): draws^2 = nu^2 * wins * losses, with one nu for all.
Whoever begins is a constant number of Elo stronger. Ratings, nu and that advantage are fitted together.

Intervals are profile likelihood: all values of one rating that lower the likelihood, everything else fitted anew, by
no more than chi-squared with one degree of freedom allows. So they may be lopsided, and are open (infinite) where
a player has only won or only lost. Games count as independent; of paired games that makes them a little too wide.

Priors are weak. The advantage has a standard deviation of 200 Elo, lest twenty games that Black happened to win make it
infinite, and the logarithm of nu one of 3. Ratings have no prior while the likelihood has a maximum (Ford 1957). Where
it has none, because some only won against others, one game more is counted, half won and half lost and spread over
those pairings, so that there is a number to show; the interval comes from the likelihood without that game.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

ELO = 400 / math.log(10)
"""Elo in one unit of log odds, the unit of everything private here."""

Z95 = 1.959964
ADVANTAGE_SPREAD = 200 / ELO
DRAWS_MIDDLE, DRAWS_SPREAD = math.log(0.5), 3.0
OPEN = 5000 / ELO
"""A bound that is not found within this is none."""

LONGEST_STEP, MOST_STEPS, ENOUGH, RIDGE = 2.0, 100, 1e-9, 1e-9


@dataclass(frozen=True)
class RatedGame:
    """One finished game; `score` is the first player's: 1, 0.5 or 0."""

    first: str
    second: str
    score: float


@dataclass(frozen=True)
class Estimate:
    """A number of Elo with its 95 % interval, whose bounds may be infinite; nan where the games do not tell."""

    elo: float
    low: float
    high: float


@dataclass(frozen=True)
class RatingRow:
    """One player: its Elo and what it is made of. `error` is the standard error by the Fisher information."""

    name: str
    elo: float
    low: float
    high: float
    error: float
    games: int
    wins: int
    draws: int
    losses: int
    first_games: int
    first_score: float

    @property
    def score(self) -> float:
        return self.wins + self.draws / 2

    @property
    def rated(self) -> bool:
        """Tell whether games connect the player to the anchor."""
        return not math.isnan(self.elo)


@dataclass(frozen=True)
class Pair:
    """Two players: their games with each other, and what all games say of their difference.

    `superiority` is the likelihood that the first named is the stronger; `expected` its expected score. nan where
    the games do not connect them.
    """

    name: str
    other: str
    games: int
    wins: int
    draws: int
    losses: int
    difference: float
    error: float
    superiority: float
    expected: float

    def turned(self) -> "Pair":
        """Return the same seen by the other."""
        counts = self.games, self.losses, self.draws, self.wins
        likely = -self.difference, self.error, 1 - self.superiority, 1 - self.expected
        return Pair(self.other, self.name, *counts, *likely)


@dataclass(frozen=True)
class Ratings:
    """All players, strongest first. `draw_rate` is that of equal players."""

    rows: list[RatingRow]
    first_advantage: Estimate
    draw_rate: float
    anchor: str
    pairwise: list[Pair]

    def of(self, name: str) -> RatingRow:
        """Return a player's row; raise `ValueError` for one that has not played."""
        for row in self.rows:
            if row.name == name:
                return row
        raise ValueError(f"{name!r} has played no game yet")

    def between(self, name: str, other: str) -> Pair:
        """Return the pair of two players, as the first named sees it."""
        for pair in self.pairwise:
            if {pair.name, pair.other} == {name, other}:
                return pair if pair.name == name else pair.turned()
        raise ValueError(f"{name!r} and {other!r} have not both played")


def expected_score(difference: float) -> float:
    """Return the expected score of a player so many Elo stronger."""
    return 1 / (1 + 10 ** (-difference / 400))


def rate(games: Iterable[RatedGame], anchor: str = "", anchor_elo: float = 0.0) -> Ratings:
    """Rate all players of some games; the anchor (unless named: who played most) has `anchor_elo` by definition."""
    games = list(games)
    table = _count(games)
    if not table.names:
        return Ratings([], Estimate(math.nan, math.nan, math.nan), math.nan, anchor, [])
    anchor = anchor or table.names[int(np.argmax(table.played()))]
    if anchor not in table.names:
        raise ValueError(f"the anchor {anchor!r} has played no game; who has: {', '.join(table.names)}")
    return _rated(table, table.names.index(anchor), anchor_elo)


# --- counting ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Table:
    """Games counted by who began: `first`, `second` [M] index the N names; `counts` [M, 3] are first's results.

    Columns of `counts` are wins, draws, losses. `design` [M, N + 1] maps ratings and advantage to log odds.
    """

    names: list[str]
    first: np.ndarray
    second: np.ndarray
    counts: np.ndarray
    design: np.ndarray

    def results(self) -> np.ndarray:
        """Return wins, draws, losses of every player against every other, [N, N, 3]."""
        table = np.zeros((len(self.names), len(self.names), 3))
        np.add.at(table, (self.first, self.second), self.counts)
        return table + table.transpose(1, 0, 2)[:, :, ::-1]

    def played(self) -> np.ndarray:
        return self.results().sum((1, 2))

    def kept(self, rows: np.ndarray, counts: np.ndarray) -> "_Table":
        """Return some of the rows, with other counts."""
        return _Table(self.names, self.first[rows], self.second[rows], counts[rows], self.design[rows])


def _count(games: list[RatedGame]) -> _Table:
    cells: dict[tuple[str, str], np.ndarray] = defaultdict(lambda: np.zeros(3))
    for game in games:
        if game.score not in (0, 0.5, 1) or game.first == game.second:
            raise ValueError(f"{game} is no result of two players: a score is 1, 0.5 or 0")
        cells[game.first, game.second][round(2 - 2 * game.score)] += 1
    names = list(dict.fromkeys(name for pair in cells for name in pair))
    first, second = (np.array([names.index(pair[k]) for pair in cells], int) for k in (0, 1))
    rows, design = np.arange(len(cells)), np.zeros((len(cells), len(names) + 1))
    design[rows, first], design[rows, second], design[:, -1] = 1, -1, 1
    return _Table(names, first, second, np.array(list(cells.values())).reshape(-1, 3), design)


def _reached(links: np.ndarray) -> np.ndarray:
    """Return who can be reached from whom over any number of links, bool [N, N]."""
    reached = links | np.eye(len(links), dtype=bool)
    for k in range(len(links)):
        reached |= reached[:, k : k + 1] & reached[k]
    return reached


# --- the likelihood ---------------------------------------------------------------------------------------


def _likelihood(table: _Table, at: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Return log-likelihood, gradient [N + 2] and Fisher information [N + 2, N + 2].

    `at` holds N ratings, the advantage and log nu, all in log odds; -inf for the last says that nobody ever draws.
    For a given expected score p the results are an exponential family in log(wins / losses), so that a game tells
    (dp/dx)^2 / Var(score) about x = logit p, and nu, orthogonal to p, is estimated as if p were known.
    """
    x = table.design @ at[:-1]
    p, q = _logistic(x), _logistic(-x)
    total = table.counts.sum(1)
    surplus = table.counts[:, 0] + table.counts[:, 1] / 2 - total * p
    chances, weight = _chances(p, q, at[-1])
    value = np.sum(table.counts * np.log(np.where(table.counts > 0, chances, 1)))
    gradient, information = np.zeros(len(at)), np.zeros((len(at), len(at)))
    gradient[:-1] = table.design.T @ (surplus * weight)
    information[:-1, :-1] = (table.design.T * (total * p * q * weight)) @ table.design
    if np.isfinite(at[-1]):
        draws, variance = chances[:, 1], p * q / weight
        shared = draws * (0.5 - p)  # the covariance of score and draw
        gradient[-1] = np.sum(table.counts[:, 1] - total * draws - surplus * shared / variance)
        information[-1, -1] = np.sum(total * (draws * (1 - draws) - shared**2 / variance))
    return _with_priors(at, value, gradient, information)


def _logistic(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(x, -300, 300)))


def _chances(p: np.ndarray, q: np.ndarray, log_nu: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the odds of win, draw and loss [M, 3] at expected scores p = 1 - q, and p q over the score's variance.

    Davidson's draws d solve k d^2 + 2 d = 4 p q with k = 4 / nu^2 - 1; written so that nothing cancels when q is tiny.
    """
    if log_nu == -np.inf:
        return np.stack([p, np.zeros_like(p), q], 1), np.ones_like(p)
    k = 4 * math.exp(-2 * log_nu) - 1
    root = np.sqrt(1 + 4 * k * p * q)
    wins, losses = (2 * a * a * (1 + 2 * k * b / (1 + root)) / (1 + root) for a, b in ((p, q), (q, p)))
    return np.stack([wins, 4 * p * q / (1 + root), losses], 1), (1 + root) / root


def _with_priors(at, value, gradient, information):
    for index, middle, spread in ((-2, 0.0, ADVANTAGE_SPREAD), (-1, DRAWS_MIDDLE, DRAWS_SPREAD)):
        if np.isfinite(at[index]):
            away = (at[index] - middle) / spread
            value -= away**2 / 2
            gradient[index] -= away / spread
            information[index, index] += 1 / spread**2
    return float(value), gradient, information


def _climb(table: _Table, at: np.ndarray, free: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Return where the likelihood of the free parameters is greatest, its logarithm and the information there.

    Fisher scoring; where the maximum lies at infinity it stops when nothing more is to be gained.
    """
    value, gradient, information = _likelihood(table, at)
    for _ in range(MOST_STEPS):
        step = np.zeros(len(at))
        step[free] = np.linalg.solve(information[np.ix_(free, free)] + RIDGE * np.eye(len(free)), gradient[free])
        step *= min(1, LONGEST_STEP / max(np.abs(step).max(), RIDGE))
        if gradient @ step < ENOUGH:
            break
        ahead = _likelihood(table, at + step)
        while ahead[0] < value and np.abs(step).max() > ENOUGH:
            step /= 2
            ahead = _likelihood(table, at + step)
        at, (value, gradient, information) = at + step, ahead
    return at, value, information


# --- rating -----------------------------------------------------------------------------------------------


def _rated(table: _Table, anchor: int, anchor_elo: float) -> Ratings:
    results = table.results()
    connected = _reached(results.sum(2) > 0)[anchor]
    mine = table.kept(connected[table.first], table.counts)
    free = np.flatnonzero(np.append(connected, [True, mine.counts[:, 1].any()]))
    free = free[free != anchor]
    at = np.zeros(len(connected) + 2)
    at[-1] = DRAWS_MIDDLE if mine.counts[:, 1].any() else -np.inf
    best, _, information = _climb(_made_finite(mine, results), at, free)
    covariance = np.full((len(at), len(at)), np.nan)
    covariance[anchor, connected.nonzero()] = covariance[connected.nonzero(), anchor] = 0
    covariance[np.ix_(free, free)] = np.linalg.inv(information[np.ix_(free, free)])
    ratings = np.where(connected, best[:-2], np.nan) * ELO + anchor_elo
    bounds = _intervals(mine, best, free, covariance) * ELO
    bounds[:-1] += anchor_elo
    bounds[anchor] = anchor_elo
    errors = np.sqrt(covariance.diagonal()) * ELO
    order = np.argsort(-np.nan_to_num(ratings, nan=-np.inf), kind="stable")
    rows = [_row(table, results, i, ratings[i], bounds[i], errors[i]) for i in order]
    nu = math.exp(best[-1])
    advantage = Estimate(float(best[-2] * ELO), *map(float, bounds[-1]))
    pairs = _pairs(table.names, results, ratings, covariance * ELO**2, order)
    return Ratings(rows, advantage, nu / (2 + nu), table.names[anchor], pairs)


def _made_finite(table: _Table, results: np.ndarray) -> _Table:
    """Add one game, half won and half lost, where perfect scores leave no finite rating, spread over those pairings.

    They are the pairings whose loser has no way back to the winner over players who scored against one another (Ford
    1957). One game in all, not one each: else what is shown could lie outside its interval.
    """
    above = _reached((results[:, :, 0] + results[:, :, 1]) > 0)
    apart = (results.sum(2) > 0) & ~(above & above.T)
    began = np.zeros(above.shape)
    began[table.first, table.second] = 1
    shares = apart / max(1, apart.sum() / 2) / np.maximum(1, began + began.T)
    half = shares[table.first, table.second] / 2
    return table.kept(np.arange(len(half)), table.counts + half[:, None] * [1, 0, 1])


def _intervals(table: _Table, best: np.ndarray, free: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return low and high of ratings and advantage [N + 1, 2], in log odds; nan for what is not free."""
    top = _climb(table, best, free)
    bounds = np.full((len(best) - 1, 2), np.nan)
    for i in free[free < len(best) - 1]:
        error = math.sqrt(covariance[i, i])
        bounds[i] = [_bound(table, best, top[:2], free, i, sign * error) for sign in (-1, 1)]
    return bounds


def _bound(table, best, top, free, i, step) -> float:
    """Find where the profile likelihood of parameter i has fallen as far as 95 % allow, in the direction of `step`.

    `top` is where the likelihood is greatest and how great. Its signed root is nearly a line: regula falsi.
    """
    others, at = free[free != i], best.copy()

    def root(value: float) -> float:
        nonlocal at
        at[i] = value
        at, reached, _ = _climb(table, at, others)
        fallen = math.sqrt(max(0.0, 2 * (top[1] - reached)))
        return fallen - Z95 if (value - top[0][i]) * step > 0 else -fallen - Z95

    near, far = best[i], best[i] + 2 * step
    at_near, at_far = root(near), root(far)
    while at_far < 0:
        if abs(far - best[i]) > OPEN:
            return math.copysign(math.inf, step)
        near, at_near, far = far, at_far, best[i] + 2 * (far - best[i])
        at_far = root(far)
    return _zero(root, near, at_near, far, at_far)


def _zero(function, near: float, at_near: float, far: float, at_far: float) -> float:
    """Return where a rising function is nothing, by regula falsi with Illinois' halving, to 0.01 Elo."""
    kept = 0
    for _ in range(40):
        middle = near - at_near * (far - near) / (at_far - at_near)
        here = function(middle)
        if abs(here) < 1e-4 or abs(far - near) < 0.01 / ELO:
            return middle
        if here < 0:
            near, at_near, at_far, kept = middle, here, at_far / (2 if kept < 0 else 1), -1
        else:
            far, at_far, at_near, kept = middle, here, at_near / (2 if kept > 0 else 1), 1
    return middle


def _row(table: _Table, results: np.ndarray, i: int, elo: float, bounds: np.ndarray, error: float) -> RatingRow:
    began = table.counts[table.first == i].sum(0)
    wins, draws, losses = (int(n) for n in results[i].sum(0))
    low, high = (-math.inf, math.inf) if math.isnan(elo) else map(float, bounds)
    total = wins + draws + losses
    first = int(began.sum()), float(began[0] + began[1] / 2)
    return RatingRow(table.names[i], float(elo), low, high, float(error), total, wins, draws, losses, *first)


def _pairs(names: list[str], results: np.ndarray, ratings, covariance, order) -> list[Pair]:
    pairs = []
    for place, i in enumerate(order):
        for j in order[place + 1 :]:
            difference = float(ratings[i] - ratings[j])
            error = float(np.sqrt(covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]))
            wins, draws, losses = (int(n) for n in results[i, j])
            superior = _normal(difference / error) if error > 0 else math.nan
            chance = expected_score(difference)
            games = wins + draws + losses
            pairs.append(Pair(names[i], names[j], games, wins, draws, losses, difference, error, superior, chance))
    return pairs


def _normal(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2
