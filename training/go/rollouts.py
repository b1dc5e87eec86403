"""The fast rollout policy from expert games: a softmax over every move's few terms, by stochastic gradient.

A step replays a block of games and learns from a share of their positions as they come by: no planes, no torch.
Sources: Silver et al., Nature 529 (2016), Methods, "Rollout policy"; for the terms, Coulom, "Computing Elo Ratings of
Move Patterns in the Game of Go" (2007). Adagrad takes the place of his minorisation-maximisation.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.settings import setting
from games import go, randomness
from games.compiling import compiled
from games.go import patterns as go_patterns
from games.go import rules as go_rules
from training.disk import write_folder
from training.go.dataset import Dataset
from training.go.sources import GamesSettings, open_games
from training.run import Run


@dataclass(frozen=True)
class Settings(GamesSettings):
    """How to learn the rollout policy."""

    steps: int = setting(400, "blocks of games to learn from", least=1)
    block: int = setting(64, "games a step", least=1)
    share: float = setting(0.2, "share of a game's positions that is learned from", least=0)
    rate: float = setting(0.3, "Adagrad's step size at the beginning; it falls to a tenth", least=0)
    measured: int = setting(200, "games of a measurement", least=1)
    measure_every: int = setting(100, "steps between two measurements on the validation games", least=1)
    minutes: float = setting(0, "stop after so many minutes, with a checkpoint to resume from; 0: never", least=0)
    checkpoint_minutes: float = setting(5, "minutes of work that a kill may cost", least=0)
    seed: int = setting(1, "seed of the games' order and of the positions", least=0)


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit; resume where the newest checkpoint stands."""
    settings = run.settings
    games, held_out = open_games(run)
    learner = Learner(settings.seed)
    step = done = learner.resume(run)
    for step in run.steps(done, settings.steps, settings.block, settings.minutes):
        with run.spending("learning"):
            rate = settings.rate * 0.1 ** (step / settings.steps)
            learner.learn(games, _block(len(games), settings, step), settings.share, rate)
        if step % settings.measure_every == 0 or step == settings.steps:
            with run.spending("measuring"):
                run.log(step, **learner.measure(held_out, settings.measured), **run.rates())
                run.report()
        if run.checkpoint_due(settings.checkpoint_minutes):
            run.save(step, learner.write)
    run.save(step, learner.write)
    if step == settings.steps:
        write_folder(run.model(step), learner.write_weights)


def _block(games: int, settings: Settings, step: int) -> np.ndarray:
    """Return the games of a step: each step draws by its own number, so that a resumed run draws the same."""
    return np.random.default_rng([settings.seed, step]).integers(0, games, settings.block)


class Learner:
    """Weights, the squares of their gradients, and the random state that picks positions."""

    def __init__(self, seed: int):
        self.parameters = np.zeros(go_patterns.parameter_count(), np.float32)
        self.squares = np.ones_like(self.parameters)
        self.random = randomness.random_states(np.array([seed], np.uint64))

    def learn(self, games: Dataset, chosen: np.ndarray, share: float, rate: float) -> None:
        """Take a step for a share of the positions of these games."""
        self._replay(games, chosen, self.random, share, rate)

    def measure(self, games: Dataset, most: int) -> dict[str, float]:
        """Return how well the weights predict every third move of games that they have not seen."""
        random = randomness.random_states(np.array([1], np.uint64))
        found = self._replay(games, np.arange(min(most, len(games))), random, 1 / 3, 0.0)
        loss, positions, top1, top5 = found.tolist()
        positions = max(positions, 1)
        return {"log_loss": loss / positions, "top1": top1 / positions, "top5": top5 / positions}

    def _replay(self, games: Dataset, chosen: np.ndarray, random: np.ndarray, share: float, rate: float) -> np.ndarray:
        found = np.zeros(4)
        for size in games.sizes:
            here = chosen[games.games["size"][chosen] == size]
            ends = games.games["end"][here].astype(np.int64)
            arguments = games.moves, games.begins[here], ends, random, np.float32(share), np.float32(rate)
            _replay(go.start(size), *arguments, self.parameters, self.squares, *go_patterns.shapes(), found)
        return found

    def resume(self, run: Run) -> int:
        """Take up the newest checkpoint; return its step."""
        checkpoint = run.checkpoint()
        if checkpoint is None:
            return 0
        with np.load(checkpoint / "learner.npz", allow_pickle=False) as saved:
            self.parameters, self.squares, self.random = saved["parameters"], saved["squares"], saved["random"]
        return int(checkpoint.name)

    def write(self, folder: Path) -> None:
        """Write a checkpoint."""
        np.savez(folder / "learner.npz", parameters=self.parameters, squares=self.squares, random=self.random)

    def write_weights(self, folder: Path) -> None:
        """Write the weights that play."""
        np.save(folder / "weights.npy", self.parameters.astype(np.float16))


@compiled
def _replay(start, moves, begins, ends, random, share, rate, parameters, squares, numbers, count, found):
    """Replay games and learn from a share of their positions; add loss, positions, top 1 and top 5 to found [4]."""
    state = start.copy()
    atari = np.empty((2, len(state) // 8 + 1), np.int8)
    terms = np.empty((len(start), go_patterns.WEAK_TERM + 1), np.int32)
    weights = np.empty(len(start), np.float32)
    for k in range(len(begins)):
        state[:] = start
        for at in range(begins[k], ends[k]):
            random[0] = randomness.next_random(random[0])
            if randomness.below(random[0], np.uint64(1 << 20)) < share * (1 << 20):
                loss, better = go_patterns.learn(
                    state, moves[at], parameters, squares, rate, numbers, count, atari, terms, weights
                )
                if loss >= 0:
                    found[0] += loss
                    found[1] += 1
                    found[2] += better < 1
                    found[3] += better < 5
            go_rules.make_move(state, moves[at])
