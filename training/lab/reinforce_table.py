"""REINFORCE at tic-tac-toe: a table of odds plays a random side, and moves of games that were won become likelier.

    gradient = mean of the sum of  grad log p(move) * (result - baseline(position))

The same loss as for poles. The other side plays at random, so that every reply comes. What the greedy policy
loses is counted over all games that there are.
"""

from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from games.lab import tic_tac_toe
from training.devices import ProcessGroup
from training.lab.reinforce_table_settings import Settings
from training.learner import Learner, write_tensors
from training.policy_losses import chosen_log_probs, masked_mean, reinforce_loss
from training.report import Curve
from training.run import Run
from training.stage import Stage, carry_out

__all__ = ["Settings", "TableLearning", "train"]


class TableGames(NamedTuple):
    """B games of up to T = 9 moves."""

    states: Tensor  # int64 [B, T], before each move
    moves: Tensor  # int64 [B, T]
    results: Tensor  # float32 [B], 1, 0 or -1 for the side that learns
    mask: Tensor  # float32 [B, T], 1 for that side's moves before the end


class PolicyTable(nn.Module):
    """Logits of the moves [..., A], and what a position is worth to the side to move [...]: a row for each state."""

    illegal: Tensor

    def __init__(self, legal: np.ndarray):
        super().__init__()
        self.logits, self.values = nn.Parameter(torch.zeros(legal.shape)), nn.Parameter(torch.zeros(len(legal)))
        self.register_buffer("illegal", torch.from_numpy(~legal & legal.any(1, keepdims=True)), persistent=False)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and values of states."""
        return self.logits[states].masked_fill(self.illegal[states], -1e9), self.values[states]


def train(run: Run) -> None:
    """Play and learn until the last batch, going on from the newest checkpoint."""
    carry_out(run, TableLearning(run.settings))


class TableLearning(Stage):
    """A policy that learns from the results of its games against random moves, as X and as O."""

    counted, gathering = "games", "playing"
    curves = {
        "lost_games": Curve("games", "How many of all possible games the greedy policy loses, as X and as O."),
        "result": Curve("a game", "1 for a won game, -1 for a lost one: the mean of the games that were learned from."),
        "variance_left": Curve("", "The gradient's variance with the baseline as a share of that without; 1: no gain."),
    }

    def __init__(self, settings: Settings):
        self.settings, self.steps, self.batch = settings, settings.steps, settings.episodes
        torch.manual_seed(settings.seed)
        self.world = tic_tac_toe.world()
        group = ProcessGroup.join(settings.device, settings.threads)
        self.learner = Learner(PolicyTable(self.world.legal), settings, settings.steps, group)

    # --- playing ------------------------------------------------------------------------------------------

    def data(self, done: int) -> Generator[TableGames]:
        """Yield the games of each batch, played by the policy as it is then."""
        for step in range(done + 1, self.steps + 1):
            yield self.games(np.random.default_rng([self.settings.seed, step]))

    @torch.no_grad()
    def games(self, random: np.random.Generator) -> TableGames:
        """Play a batch of games."""
        now, columns = np.full(self.batch, tic_tac_toe.START), []
        odds = self.learner.net(torch.arange(len(self.world.legal)))[0].softmax(-1).numpy()
        odds = np.where(self.world.legal, odds, 0.0), self.world.legal / self.world.legal.sum(1, keepdims=True).clip(1)
        learns = np.arange(self.batch) % 2 == 0  # X in every other game, O in the rest
        for _ in range(tic_tac_toe.CELLS):
            going_on, likely = self.world.legal[now].any(1), np.where(learns[:, None], odds[0][now], odds[1][now])
            likely = likely.cumsum(1)
            moves = (likely > random.random((self.batch, 1)) * likely[:, -1:]).argmax(1)
            won = np.where(going_on, self.world.rewards[now, moves], 0.0)
            columns.append((now, moves, np.where(learns, won, -won), going_on & learns))
            now, learns = np.where(going_on, self.world.nexts[now, moves, 0], now), ~learns
        states, moves, rewards, mask = (np.stack(each, 1) for each in zip(*columns, strict=True))
        tables = states, moves, rewards.sum(1).astype(np.float32), mask.astype(np.float32)
        return TableGames(*map(torch.from_numpy, tables))

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: TableGames) -> None:
        """Take one step; the baseline learns by it, too."""
        self.learner.begin(step)
        logits, values = self.learner.forward(data.states)
        advantage = data.results[:, None] - values.detach() * self.settings.baseline
        policy = reinforce_loss(chosen_log_probs(logits, data.moves), advantage, data.mask)
        value = masked_mean((values - data.results[:, None]) ** 2, data.mask)
        self.learner.update(
            {"policy_loss": policy, "value_loss": value, "result": data.results.mean(), "loss": policy + value},
            self.batch,
        )

    def means(self) -> dict[str, float]:
        """Return what was learned since this was last asked, and the rate."""
        return self.learner.means()

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Return how many games the greedy policy loses, and how much of the variance the baseline leaves."""
        logits, _ = self.learner.average(torch.arange(len(self.world.legal)))
        return {"lost_games": tic_tac_toe.lost_games(logits.numpy()), "variance_left": self.variance_left()}

    @torch.no_grad()
    def variance_left(self) -> float:
        """Return the summed variance of the gradient of single games with the baseline over that without."""
        data = self.games(np.random.default_rng([self.settings.seed, self.steps + 1]))
        logits, values = self.learner.net(data.states)
        with_baseline, without = (
            self._variance(logits, data, data.results[:, None] - values * baseline) for baseline in (1, 0)
        )
        return with_baseline / without

    @torch.no_grad()
    def _variance(self, logits: Tensor, data: TableGames, advantage: Tensor) -> float:
        """Return the variance of single games' gradients by the logits; no state comes twice in a game."""
        pushed = nn.functional.one_hot(data.moves, logits.shape[-1]) - logits.softmax(-1)
        each = pushed * (advantage * data.mask)[..., None]  # [B, T, A]: all of a game's gradient that is not 0
        mean = torch.zeros_like(self.learner.net.logits).index_put_((data.states,), each / self.batch, accumulate=True)
        return float(((each**2).sum() - self.batch * (mean**2).sum()) / (self.batch - 1))

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        self.learner.write(folder)

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        self.learner.resume(checkpoint)
        return self.learner.step

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights."""
        self.learner.check()
        write_tensors(folder / "weights.safetensors", self.learner.average.state_dict())
