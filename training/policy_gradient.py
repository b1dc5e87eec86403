"""A policy that learns from the results of its games: REINFORCE against a pool of earlier selves, no search.

    games against an earlier self -> some own moves of each -> gradient of log probability x (result - value)

Source: Silver et al., Nature 529 (2016), "RL policy network"; PPO's clipped ratio (Schulman et al. 2017) is an option.
Where we differ: AlphaGo's step multiplies a sum over the moves of a game, ours a mean over a few drawn moves, and the
optimiser takes the scale out; the norms keep the parent's statistics, so that the policy that learns is the one that
played. Which moves a raw policy may choose among is the wing's word (`playable`), here and in the games.
"""

from collections.abc import Generator
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.networks.runtimes import Network
from engine.networks.towers import PolicyValueNet
from games import wings
from training.devices import ProcessGroup
from training.learner import Learner
from training.network_stage import NetworkStage
from training.opponent_pool import OpponentPool
from training.parents import parent_of
from training.playing import Snapshot, network_of
from training.policy_games import PolicyGames, half_and_half
from training.policy_gradient_settings import Settings
from training.policy_losses import clipped_policy_loss, reinforce_loss
from training.report import Curve
from training.run import Run
from training.self_play import SelfPlayTask, check_boards
from training.stage import carry_out

__all__ = ["PolicyGradient", "Settings", "train"]

POOL = "pool"
"""The folder of a run that holds its earlier selves."""

FORBIDDEN = -1e9
"""The logit of a move that may not be played."""

MEASURING = 2**31
"""The version of the games of measurements: random numbers that no iteration has."""


def train(run: Run) -> None:
    """Play and learn until the last iteration, an interrupt or the time limit, going on from the newest checkpoint."""
    carry_out(run, PolicyGradient(run.settings, run.folder / POOL))


class PolicyGradient(NetworkStage):
    """A policy that learns from its games, measured against the one it began as."""

    counted, gathering = "games", "playing"
    curves = {
        "won": Curve(
            "of the games", "Points against the earlier selves that were met; about 0.5 to 0.6 while it learns."
        ),
        "moves": Curve("moves", "Length of a game."),
        "policy_loss": Curve("", "The estimate whose gradient is followed; its value itself says little."),
        "value_loss": Curve("", "Squared error of the value, the baseline; always guessing 0 costs 1."),
        "entropy": Curve("nats", "How undecided the policy is; near 0 it has collapsed, and learns no more."),
        "kl": Curve("nats", "Divergence from the parent's policy; it grows slowly while all is well."),
        "against_parent": Curve(
            "of the games", "Points against the policy it began as, without search; 0.5 is no gain."
        ),
        "against_parent_error": Curve("of the games", "Standard error of that share."),
    }

    def __init__(self, settings: Settings, folder: Path):
        self.settings, self.steps, self.batch = settings, settings.iterations, settings.games
        group = ProcessGroup.join(settings.device, settings.threads)
        if min(settings.games, settings.measured) < group.ranks:
            raise ValueError(
                f"games and measured are shared by {group.ranks} processes: they are to be as many at least"
            )
        if not settings.parent:
            raise ValueError("policy gradients go on from a policy: parent = a model or a run")
        self.game = wings.game(settings.game)
        check_boards(settings.game, settings.boards)
        self.playable = wings.part("training", settings.game, "self_play").playable
        self.parent = parent_of(settings.parent, settings.game).to(group.device).eval()
        self.learner = Learner(parent_of(settings.parent, settings.game), settings, self.steps, group)
        for net in (self.parent, self.learner.net, self.learner.average):
            net.padded = False  # a batch is of boards of one size, which fill their planes
        self.learner.net.eval()  # the norms keep their statistics
        self.pool = OpponentPool(folder)
        self.measured: dict[str, float] = {}

    def _network(self, onnx: bytes) -> Network:
        return network_of(Snapshot(self.settings.game, onnx), self.settings.engine)

    # --- games --------------------------------------------------------------------------------------------

    def data(self, done: int) -> Generator[PolicyGames]:
        """Yield the games of each iteration, played by the weights of before it against a self of the pool."""
        group = self.learner.group
        group.in_first(lambda: self.pool.drop_after(done))
        for step in range(done + 1, self.steps + 1):
            current = self.snapshots.snapshot(self.learner.net)
            if (step - 1) % self.settings.pool_every == 0:
                group.in_first(partial(self.pool.add, step - 1, current))
            _, earlier = self.pool.drawn(np.random.default_rng([self.settings.seed, step]), step)
            yield self._play(step, self.settings.games, self._network(current), self._network(earlier))

    def _play(self, version: int, games: int, ours: Network, theirs: Network) -> PolicyGames:
        settings = self.settings
        board = settings.boards[version % len(settings.boards)]
        task = SelfPlayTask(settings.game, board, settings.seed, version, 0, games)
        return self.play(task, ours, theirs, settings.longest)

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: PolicyGames) -> None:
        """Take a step, or several, on some own moves of each game."""
        self.learner.begin(step)
        random = np.random.default_rng([self.settings.seed, step, 1])
        seen = self.seen(data, random)
        parts = zip(*(each.split(self.settings.batch) for each in seen), strict=True)
        before = [self.judged(planes, moves, may) for planes, moves, _, may in parts]
        old, values, parents = (torch.cat(each) for each in zip(*before, strict=True))
        inputs = [*seen, old, values, parents]
        for _ in range(self.settings.passes):
            for part in np.array_split(random.permutation(len(old)), -(-len(old) // self.settings.batch)):
                chosen = torch.from_numpy(part[self.learner.group.own]).to(old.device)
                self.learner.update(self.loss(*(each[chosen] for each in inputs)), len(chosen))
        won, _ = half_and_half(data)
        self.learner.count(
            {"won": torch.tensor(won), "moves": torch.tensor(float(data.lengths.mean()))}, len(data.gains)
        )

    def seen(self, games: PolicyGames, random: np.random.Generator) -> list[Tensor]:
        """Return planes, moves [N], results [N] and what may be played [N, M] of drawn moves.

        They are seen as they were played: under another symmetry the network has another policy.
        """
        rows, plies = games.drawn(self.settings.positions, random)
        states = games.positions(self.game, rows, plies)
        planes = self.game.features(states)
        arrays = planes, games.moves[rows, plies].astype(np.int64), games.gains[rows], self.playable(states, planes)
        return [torch.from_numpy(np.ascontiguousarray(each)).to(self.learner.group.device) for each in arrays]

    @torch.no_grad()
    def judged(self, planes: Tensor, moves: Tensor, may: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return what was before learning: log probabilities of moves [N], values [N], the parent's policy [N, M]."""
        logs, values = self._answers(self.learner.net, planes, may)
        return logs.gather(1, moves[:, None])[:, 0], values, self._answers(self.parent, planes, may)[0]

    def _answers(self, net: PolicyValueNet, planes: Tensor, may: Tensor) -> tuple[Tensor, Tensor]:
        """Return log probabilities among the moves that may be played [N, M], and values [N]."""
        with self.learner.group.autocast(self.settings.precision):
            logits, values = net(planes.contiguous(memory_format=torch.channels_last))
        return F.log_softmax(logits.float().masked_fill(~may, FORBIDDEN), 1), values.float()

    def loss(
        self, planes: Tensor, moves: Tensor, results: Tensor, may: Tensor, old: Tensor, values: Tensor, parents: Tensor
    ) -> dict[str, Tensor]:
        """Return the loss of moves that were played, and its parts: means over the positions."""
        settings = self.settings
        logs, now = self._answers(self.learner.net, planes, may)
        chosen = logs.gather(1, moves[:, None])[:, 0]
        advantages = results - values if settings.baseline else results
        policy_loss = _policy_loss(chosen, old, advantages, settings.ratio_clip)
        entropy = -(logs.exp() * logs).sum(1).mean()
        divergence = (logs.exp() * (logs - parents)).sum(1).mean()
        value_loss = (now - results).square().mean()
        loss = policy_loss + settings.value_weight * value_loss
        loss = loss - settings.entropy_weight * entropy + settings.kl_weight * divergence
        parts = {"policy_loss": policy_loss, "value_loss": value_loss, "entropy": entropy, "kl": divergence}
        return {"loss": loss} | parts

    def measure(self) -> dict[str, float]:
        """Return the share of points of the averaged policy against the parent's, both without search."""
        average, parent = (self.network(net) for net in (self.learner.average, self.parent))
        found: dict[str, float] = {}
        for k, board in enumerate(self.settings.boards):
            games = self._play(MEASURING * len(self.settings.boards) + k, self.settings.measured, average, parent)
            share, error = half_and_half(games)
            name = f"_{board}" if len(self.settings.boards) > 1 else ""
            found |= {f"against_parent{name}": share, f"against_parent{name}_error": error}
        self.measured = found
        return found

    def made(self, step: int) -> dict[str, object]:
        """Return the iterations and games up to a step."""
        return {"iterations": step, "games": step * self.settings.games}


def _policy_loss(chosen: Tensor, old: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """Return REINFORCE's loss of log probabilities [N] and advantages [N], or PPO's with a clipped ratio."""
    every = torch.ones_like(chosen)[:, None]  # each move is an episode of its own
    if clip:
        return clipped_policy_loss(chosen[:, None], old[:, None], advantages[:, None], every, clip)
    return reinforce_loss(chosen[:, None], advantages, every)
