"""Games of two raw policies, many at once: no search, every move is drawn from the priors of whoever is to play.

One policy learns and plays each side in half of the games. A game draws all its random numbers from (seed, version,
number). How it begins, and which moves a raw policy may choose among, says the part `self_play` of the game's wing in
training/: `start(board, random)` and `playable(states, planes)`. Nothing here needs torch.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.networks.runtimes import Network
from games import wings
from games.game import NOBODY, SECOND, Game
from training.self_play import SelfPlayTask

Shares = Sequence[tuple[Network | None, np.ndarray, float]]
"""Which network chooses in which games, bool [G], and at what temperature; None chooses among all moves alike."""

Share = Callable[[int, np.ndarray], Shares]


@dataclass(frozen=True)
class PolicyGames:
    """G games of up to L moves; values are the first player's."""

    starts: np.ndarray  # [G, W]
    moves: np.ndarray  # int32 [G, L]
    movers: np.ndarray  # int8 [G, L], NOBODY behind the end
    outcomes: np.ndarray  # float32 [G]
    learners: np.ndarray  # int8 [G], the side of the policy that learns

    @cached_property
    def lengths(self) -> np.ndarray:
        """How many moves each game has, int32 [G]."""
        return (self.movers != NOBODY).sum(1).astype(np.int32)

    @property
    def gains(self) -> np.ndarray:
        """What the policy that learns got from each game, float32 [G]."""
        return np.where(self.learners == SECOND, -self.outcomes, self.outcomes)

    def positions(self, game: Game, rows: np.ndarray, plies: np.ndarray) -> np.ndarray:
        """Return the positions before moves `plies` [B] of games `rows` [B], [B, W]."""
        return game.replay(self.starts, rows, self.moves[rows], plies.astype(np.int32))

    def drawn(self, each: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and plies of up to `each` own moves of the learner from every game; 0: of all of them."""
        own = self.movers == self.learners[:, None]
        if each:
            ranks = np.where(own, random.random(own.shape), np.inf).argsort(1).argsort(1)
            own &= ranks < each
        rows, plies = np.nonzero(own)
        return rows.astype(np.int32), plies.astype(np.int32)


def joined(parts: Sequence[PolicyGames]) -> PolicyGames:
    """Return the games of several parts as one, in their order."""
    longest = max(games.moves.shape[1] for games in parts)

    def whole(name: str, behind: int) -> np.ndarray:
        rows = [getattr(games, name) for games in parts]
        return np.concatenate(
            [np.pad(each, ((0, 0), (0, longest - each.shape[1])), constant_values=behind) for each in rows]
        )

    starts, outcomes, learners = (
        np.concatenate([getattr(games, name) for games in parts]) for name in ("starts", "outcomes", "learners")
    )
    return PolicyGames(starts, whole("moves", 0), whole("movers", NOBODY), outcomes, learners)


def play_policies(
    task: SelfPlayTask, ours: Network, theirs: Network, longest: int, temperature: float = 1.0
) -> PolicyGames:
    """Play the games of a task between two networks, which take planes and return priors.

    A game is scored as it stands after the `longest` number of moves. At `temperature` 0 the likeliest move is played.
    """
    learners = np.array([(task.first + k) % 2 for k in range(task.count)], np.int8)  # FIRST and SECOND

    def share(ply: int, turns: np.ndarray) -> Shares:
        return (ours, turns == learners, temperature), (theirs, turns != learners, temperature)

    return PolicyGames(*play_shared(task, randoms_of(task), share, longest), learners)


def randoms_of(task: SelfPlayTask) -> list[np.random.Generator]:
    """Return what draws the random numbers of each game of a task."""
    return [np.random.default_rng([task.seed, task.version, task.first + k]) for k in range(task.count)]


def play_shared(
    task: SelfPlayTask, randoms: Sequence[np.random.Generator], share: Share, longest: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Play the games of a task; return starts, moves, movers and outcomes, as `PolicyGames` has them.

    `share(ply, turns)` says who chooses in the games.
    """
    game, wing = wings.game(task.game), wings.part("training", task.game, "self_play")
    states = np.array([wing.start(task.board, random) for random in randoms])
    starts, moves, movers = states.copy(), list[np.ndarray](), list[np.ndarray]()
    while len(moves) < longest:
        turns = game.turn(states)
        going = turns != NOBODY
        if not going.any():
            break
        played = np.zeros(task.count, np.int32)
        for network, theirs, temperature in share(len(moves), turns):
            rows = np.flatnonzero(going & theirs)
            if len(rows):
                planes = game.features(states[rows])
                may = wing.playable(states[rows], planes)
                priors = network(planes)[0] if network else np.ones(may.shape, np.float32)
                played[rows] = _draw(priors, may, [randoms[int(row)] for row in rows], temperature)
        after = states[going]
        game.play(after, played[going])
        states[going] = after
        moves.append(played)
        movers.append(turns)
    return starts, np.stack(moves, 1), np.stack(movers, 1), game.score(states)


def _draw(priors: np.ndarray, may: np.ndarray, randoms: list[np.random.Generator], temperature: float) -> np.ndarray:
    """Return a move for each row of priors [B, M], among those that may be played, bool [B, M]."""
    weights = np.where(may, np.maximum(priors, 1e-30), 0.0).astype(np.float64)
    if not temperature:
        return weights.argmax(1)
    if temperature != 1:
        weights = weights ** (1 / temperature)
    sums = weights.cumsum(1)
    marks = np.array([random.random() for random in randoms]) * sums[:, -1]
    return (sums > marks[:, None]).argmax(1)


def half_and_half(games: PolicyGames) -> tuple[float, float]:
    """Return the share of points that the learner got from the games, a draw being half of one, and its s.e."""
    points = (np.sign(games.gains) + 1) / 2
    return float(points.mean()), float(points.std() / np.sqrt(len(points)))
