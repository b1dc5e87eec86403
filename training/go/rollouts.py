"""The fast rollout policy from expert games: a softmax over every move's few terms, by stochastic gradient.

A step replays a block of games and learns from a share of their positions as they come by: no planes, no torch.
Sources: Silver et al., Nature 529 (2016), Methods, "Rollout policy"; for the terms, Coulom, "Computing Elo Ratings of
Move Patterns in the Game of Go" (2007). Adagrad takes the place of his minorisation-maximisation.
"""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from engine.settings import setting
from games import go, randomness
from games.compiling import compiled
from games.go import patterns as go_patterns
from games.go import rules as go_rules
from training.go.dataset import Dataset
from training.go.sources import GamesSettings, open_games
from training.learning_settings import MOST_STEPS, RunSettings
from training.run import Run
from training.stage import Stage, carry_out

STATE = "learner.npz"


@dataclass(frozen=True)
class Settings(RunSettings, GamesSettings):
    """How to learn the rollout policy."""

    steps: int = setting(400, "blocks of games to learn from", least=1, most=MOST_STEPS)
    block: int = setting(64, "games a step", least=1, most=1 << 20)
    share: float = setting(0.2, "share of a game's positions that is learned from", least=0, most=1)
    rate: float = setting(0.3, "Adagrad's step size at the beginning; it falls to a tenth", least=0, most=1e6)
    measured: int = setting(200, "games of a measurement", least=1, most=10**9)
    log_every: int = setting(20, "steps between two lines of the log", least=1, most=MOST_STEPS)
    measure_every: int = setting(
        100, "steps between two measurements on the validation games", least=1, most=MOST_STEPS
    )


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    carry_out(run, Rollouts(run.settings, *open_games(run)))


class Rollouts(Stage):
    """Weights, the squares of their gradients, and the random state that picks positions."""

    counted = "games"

    def __init__(self, settings: Settings, games: Dataset, held_out: Dataset):
        self.settings, self.games, self.held_out = settings, games, held_out
        self.steps, self.batch = settings.steps, settings.block
        self.parameters = np.zeros(go_patterns.parameter_count(), np.float32)
        self.squares = np.ones_like(self.parameters)
        self.random = randomness.random_states(np.array([settings.seed], np.uint64))
        self.sums = np.zeros(4)
        """Since the last log: loss, positions, best moves, moves among the best five."""

    def data(self, done: int) -> Generator[np.ndarray]:
        """Yield the games of each step, drawn by its number, so that a resumed run draws the same."""
        for step in range(done + 1, self.steps + 1):
            random = np.random.default_rng([self.settings.seed, step])
            yield random.integers(0, len(self.games), self.settings.block)

    def learn(self, step: int, data: np.ndarray) -> None:
        """Take a step for a share of the positions of these games."""
        rate = self.settings.rate * 0.1 ** (step / self.steps)
        found = self._replay(self.games, data, self.random, self.settings.share, rate)
        if not (np.isfinite(found).all() and np.isfinite(self.parameters).all()):
            raise ValueError(
                f"training stopped at step {step}: the loss or a weight is not a finite number; lower rate"
            )
        self.sums += found

    def means(self) -> dict[str, float]:
        """Return the loss and accuracy since this was last asked."""
        loss, positions, top1, _ = self.sums.tolist()
        self.sums[:] = 0
        return {"loss": loss / positions, "accuracy": top1 / positions} if positions else {}

    def measure(self) -> dict[str, float]:
        """Return how well the weights predict every third move of games that they have not seen."""
        random = randomness.random_states(np.array([1], np.uint64))
        chosen = np.arange(min(self.settings.measured, len(self.held_out)))
        loss, positions, top1, top5 = self._replay(self.held_out, chosen, random, 1 / 3, 0.0).tolist()
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

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        path = checkpoint / STATE
        try:
            with np.load(path, allow_pickle=False) as saved:
                arrays: list[np.ndarray] = [saved[name] for name in ("parameters", "squares", "random")]
                arrays.append(saved.get("sums", self.sums))  # runs of before have none
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"{path} cannot be read: {error}") from None
        ours: list[np.ndarray] = [self.parameters, self.squares, self.random, self.sums]
        if [(array.shape, array.dtype) for array in arrays] != [(array.shape, array.dtype) for array in ours]:
            raise ValueError(f"{path} holds the weights of another rollout policy than this Yomi learns")
        if not all(np.isfinite(array).all() for array in arrays):
            raise ValueError(f"{path} holds numbers that are not finite")
        self.parameters, self.squares, self.random, self.sums = arrays
        return int(checkpoint.name)

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        arrays = {"parameters": self.parameters, "squares": self.squares, "random": self.random, "sums": self.sums}
        np.savez(folder / STATE, allow_pickle=False, **arrays)

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the weights that play."""
        with np.errstate(over="ignore"):
            weights = self.parameters.astype(np.float16)
        if not np.isfinite(weights).all():
            raise ValueError(f"no model of step {step} is written: some of its weights are too large; lower rate")
        np.save(folder / "weights.npy", weights)


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
