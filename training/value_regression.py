"""A value that is learned from the results of a policy's games, one position a game.

    games of the policy -> files of positions -> squared error of the value, and the parent's policy kept -> a model

Source: Silver et al., Nature 529 (2016), "value network". Where we differ: policy and value share one network, so that
the parent's policy is learned beside the value, or it would be forgotten. Whether it overfits, the errors in games that
were learned from and in others say; whether it learned anything, the error of always guessing the mean.
"""

import copy
from collections.abc import Generator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.networks.sight import sight
from engine.networks.towers import PolicyValueNet
from games import wings
from training.devices import ProcessGroup
from training.kept_positions import KeptPositions
from training.learner import Learner
from training.network_stage import NetworkStage
from training.parents import parent_of
from training.playing import Snapshot, network_of
from training.report import Curve
from training.run import Run
from training.self_play import SelfPlayTask, check_boards, tasks_of
from training.snapshots import maker_of
from training.stage import carry_out
from training.value_games import ValuePositions, gathered, moves_before, play_for_values
from training.value_regression_settings import Settings

__all__ = ["Settings", "ValueRegression", "train"]

POSITIONS = "positions"
"""The folder of a run that holds what was played."""

TRAIN, TEST = "train", "test"
VERSIONS = {TRAIN: 0, TEST: 1}
"""The versions of the tasks, so that their games have other random numbers."""


class JudgedPositions(NamedTuple):
    """Positions of one board as the network learns them."""

    states: np.ndarray  # [N, W]
    results: np.ndarray  # float32 [N], of the side to play


class SquaredError(NamedTuple):
    """How far values are from results."""

    mean: float
    error: float  # the standard error of that mean
    spread: float  # the standard deviation of the values


def train(run: Run) -> None:
    """Play, then learn until the last step, an interrupt or the time limit, going on from what is there."""
    carry_out(run, ValueRegression(run.settings, run.folder / POSITIONS, run.say))


class ValueRegression(NetworkStage):
    """A network whose value learns from results."""

    curves = {
        "policy_kept": Curve("nats", "Divergence from the parent's policy; near 0 the policy is what it was."),
        "test_error": Curve("", "Squared error of the value in games that are not learned from, to be compared with:"),
        "train_error": Curve("", "the same in games that are learned from;"),
        "gap": Curve("", "the difference of the two: more than 0.02 is overfitting;"),
        "gap_error": Curve("", "the standard error of that difference, which more tested games make smaller;"),
        "floor": Curve("", "the squared error of always guessing the mean result: the value has to be below;"),
        "rollouts_error": Curve("", "the squared error of rollouts from the same positions."),
        "explained": Curve("of the variance", "How much of what results differ by the value knows beforehand."),
        "spread": Curve("", "Standard deviation of the values; near 0 the value says the same of every position."),
    }

    def __init__(self, settings: Settings, folder: Path, say=lambda sentence: None):
        self.settings, self.folder, self.say = settings, folder, say
        self.steps, self.batch = settings.steps, settings.batch
        group = ProcessGroup.join(settings.device, settings.threads)
        if not settings.parent:
            raise ValueError("value regression needs a network whose policy plays: parent = a model or a run")
        self.game = wings.game(settings.game)
        check_boards(settings.game, settings.boards)
        self.early = parent_of(settings.early or settings.parent, settings.game)
        self.parent = parent_of(settings.parent, settings.game).to(group.device).eval()
        self.kept = KeptPositions(settings, self.parent, folder, group, say) if settings.kept else None
        self.learner = Learner(parent_of(settings.parent, settings.game), settings, self.steps, group)
        for net in (self.parent, self.learner.net, self.learner.average):
            net.padded = False  # a batch is of boards of one size, which fill their planes
        self.learner.net.eval()  # the norms keep their statistics: few positions of few games would change them
        self.measured: dict[str, float] = {}
        self._rollouts: dict[str, float] = {}
        self._positions: dict[str, dict[str, JudgedPositions]] = {}

    # --- positions ----------------------------------------------------------------------------------------

    def positions(self, kind: str) -> dict[str, JudgedPositions]:
        """Return the positions to learn from or to test with, by board; play what is not there yet."""
        if kind not in self._positions:
            self._positions[kind] = self._gathered(kind)
        return self._positions[kind]

    def _gathered(self, kind: str) -> dict[str, JudgedPositions]:
        settings, turn = self.settings, self.game.turn
        games = {TRAIN: settings.games, TEST: settings.tested}[kind]
        tasks = tasks_of(settings.game, settings.boards, settings.seed, 0, games, settings.task)
        numbered = [replace(task, version=VERSIONS[kind]) for task in tasks]
        found = gathered(self.folder, kind, numbered, partial(self._play, kind), self.learner.group, self.say)
        return {
            board: JudgedPositions(each.states, each.results(turn(each.states)).astype(np.float32))
            for board, each in found.items()
        }

    def _play(self, kind: str, task: SelfPlayTask) -> ValuePositions:
        settings, prefix = self.settings, moves_before(self.settings.prefix, task)
        early, late = (
            network_of(Snapshot(settings.game, maker_of(net.shape).snapshot(net)), settings.engine)
            for net in (self.early, self.parent)
        )
        whole = settings.whole and kind == TRAIN
        return play_for_values(task, early, late, prefix, settings.longest, whole, settings.temperature)

    def data(self, done: int) -> Generator[list[Tensor]]:
        """Yield batches: planes, results; a batch is of one board, and each position under a symmetry that is drawn.

        A batch of kept positions is of planes alone: the results to learn are the parent's values.
        """
        played, shown, own = self.positions(TRAIN), sight(self.settings.game), self.learner.group.own
        boards, counts = list(played), np.array([len(positions.states) for positions in played.values()])
        for step in range(done + 1, self.steps + 1):
            random = np.random.default_rng([self.settings.seed, step])
            if self.kept and random.random() < self.settings.kept_share:
                yield [self.kept.planes(self.kept.draw(self.settings.batch, random), random)]
                continue
            chosen = played[boards[random.choice(len(boards), p=counts / counts.sum())]]
            rows = random.integers(len(chosen.states), size=self.settings.batch)[own]
            symmetries = random.integers(shown.SYMMETRIES, size=self.settings.batch).astype(np.int8)[own]
            yield self._tensors(shown.encode(chosen.states[rows], symmetries), chosen.results[rows])

    def _tensors(self, *arrays: np.ndarray) -> list[Tensor]:
        return [torch.from_numpy(np.ascontiguousarray(each)).to(self.learner.group.device) for each in arrays]

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: list[Tensor]) -> None:
        """Take a step on a batch."""
        self.learner.begin(step)
        self.learner.update(self.loss(*data), len(data[0]))

    def loss(self, planes: Tensor, results: Tensor | None = None) -> dict[str, Tensor]:
        """Return the loss of a batch and its parts: means over the positions; without results, the parent's values."""
        logits, values = self._answers(self.learner.net, planes)
        with torch.no_grad():
            parents_logits, parents_values = self._answers(self.parent, planes)
        value_loss = (values - (parents_values if results is None else results)).square().mean()
        kept = F.kl_div(logits.log_softmax(1), parents_logits.softmax(1), reduction="batchmean")
        loss = value_loss + self.settings.policy_weight * kept
        if results is None:
            return {"loss": loss}
        return {"loss": loss, "value_loss": value_loss, "policy_kept": kept}

    def _answers(self, net: PolicyValueNet, planes: Tensor) -> tuple[Tensor, Tensor]:
        with self.learner.group.autocast(self.settings.precision):
            logits, values = net(planes.contiguous(memory_format=torch.channels_last))
        return logits.float(), values.float()

    @torch.no_grad()
    def result(self) -> PolicyValueNet:
        """Return the averaged weights, with a share of the parent's (Wortsman et al. 2022: WiSE-FT)."""
        blended = copy.deepcopy(self.learner.average)
        parents = self.parent.state_dict()
        for name, weight in blended.state_dict().items():
            if weight.is_floating_point():
                weight.lerp_(parents[name].to(weight), 1 - self.settings.blend)
        return blended

    # --- measuring ----------------------------------------------------------------------------------------

    def measure(self) -> dict[str, float]:
        """Return the result's errors in games that were learned from and in others, and what to compare them with."""
        train, test, net = self.positions(TRAIN), self.positions(TEST), self.result()
        self.measured = {}
        if self.learner.group.rank:
            return {}
        for board in test:
            name = f"_{board}" if len(test) > 1 else ""
            some = np.random.default_rng(1).permutation(len(train[board].states))[: len(test[board].states)]
            learned = JudgedPositions(train[board].states[some], train[board].results[some])
            errors = [self._error(net, each) for each in (test[board], learned)]
            found = {"test_error": errors[0].mean, "train_error": errors[1].mean}
            found["gap"] = errors[0].mean - errors[1].mean
            found["gap_error"] = float(np.hypot(errors[0].error, errors[1].error))
            floor = float(np.var(test[board].results))
            found |= {"floor": floor, "explained": 1 - errors[0].mean / max(floor, 1e-9), "spread": errors[0].spread}
            if self.settings.playouts:
                if board not in self._rollouts:  # they never change
                    self._rollouts[board] = self._rollouts_error(test[board])
                found["rollouts_error"] = self._rollouts[board]
            self.measured |= {f"{key}{name}": value for key, value in found.items()}
        return self.measured

    @torch.no_grad()
    def _error(self, net: PolicyValueNet, positions: JudgedPositions) -> SquaredError:
        """Return how far the values of positions are from their results."""
        planes = sight(self.settings.game).encode(positions.states)
        values = np.concatenate(
            [
                self._answers(net, *self._tensors(planes[first : first + 512]))[1].cpu().numpy()
                for first in range(0, len(planes), 512)
            ]
        )
        squares = np.square(values - positions.results)
        return SquaredError(float(squares.mean()), float(squares.std() / np.sqrt(len(squares))), float(values.std()))

    def _rollouts_error(self, positions: JudgedPositions) -> float:
        """Return the squared error of the mean of some random rollouts from each position."""
        seeds = np.random.default_rng(1).integers(0, 2**62, (self.settings.playouts, len(positions.states)), np.uint64)
        values = np.mean([self.game.rollout(positions.states.copy(), each) for each in seeds], 0)
        turns = self.game.turn(positions.states)
        return float(np.square(ValuePositions(positions.states, values).results(turns) - positions.results).mean())

    def made(self, step: int) -> dict[str, object]:
        """Return the steps, and the games that are learned from."""
        return {"steps": step, "games": self.settings.games}
