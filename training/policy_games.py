"""Games of two raw policies, many at once: no search, every move is drawn from the priors of whoever is to play.

One policy learns and plays each side in half of the games. A game draws all its random numbers from (seed, version,
number). How it begins, and which moves a raw policy may choose among, says the part `self_play` of the game's wing in
training/: `start(board, random)` and `playable(states, planes)`. Nothing here needs torch.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.networks.runtimes import Network
from games import wings
from games.game import NOBODY, SECOND, Game
from training.self_play import SelfPlayTask


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


def play_policies(
    task: SelfPlayTask, ours: Network, theirs: Network, longest: int, temperature: float = 1.0
) -> PolicyGames:
    """Play the games of a task; a game is scored as it stands after the `longest` number of moves.

    The networks take planes and return priors. At `temperature` 0 the likeliest move is played.
    """
    game, wing = wings.game(task.game), wings.part("training", task.game, "self_play")
    randoms = [np.random.default_rng([task.seed, task.version, task.first + k]) for k in range(task.count)]
    states = np.array([wing.start(task.board, random) for random in randoms])
    learners = np.array([(task.first + k) % 2 for k in range(task.count)], np.int8)  # FIRST and SECOND
    starts, moves, movers = states.copy(), list[np.ndarray](), list[np.ndarray]()
    while len(moves) < longest:
        turns = game.turn(states)
        going = np.flatnonzero(turns != NOBODY)
        if not len(going):
            break
        played = np.zeros(task.count, np.int32)
        for network, mine in ((ours, True), (theirs, False)):
            rows = going[(turns[going] == learners[going]) == mine]
            if len(rows):
                priors, may = _priors(game, wing.playable, network, states[rows])
                played[rows] = _draw(priors, may, [randoms[row] for row in rows], temperature)
        after = states[going]
        game.play(after, played[going])
        states[going] = after
        moves.append(played)
        movers.append(turns)
    return PolicyGames(starts, np.stack(moves, 1), np.stack(movers, 1), game.score(states), learners)


def _priors(game: Game, playable, network: Network, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    planes = game.features(states)
    return network(planes)[0], playable(states, planes)


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
