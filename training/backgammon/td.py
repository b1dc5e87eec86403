"""Backgammon from nothing: a network plays itself, and each value learns from the values that came after it.

    games of the network against itself -> targets, backwards from the end -> cross entropy of five outputs -> Adam

Source: Tesauro, Practical issues in temporal difference learning (1992), and TD-Gammon (1995). Differences: the
network is frozen for a batch of games, so TD(lambda) is its forward view, batched; Adam in place of plain gradient
steps; what is measured and kept is a running average of the weights; contact and races have a network each.
The ladder of later programs is this stage again and again with other settings (recipes/backgammon.toml): first
only wins count (`stakes`), then gammons too, from the weights of before (`parent`), with more hidden units (`hidden`),
at last with exact backups over all 21 rolls in place of the one that fell (`exact`).
"""

import math
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.backgammon import afterstates, bearoff
from engine.backgammon import model as afterstates_model
from engine.backgammon.afterstates import RACE, Network
from engine.backgammon.bearoff import NO_TABLES
from engine.backgammon.outputs import LOSE_GAMMON, OUTPUTS, WIN_GAMMON
from engine.machine import usable_cores
from games.backgammon.rules import BOARD
from training import checkpoints
from training.backgammon.td_baselines import measure
from training.backgammon.td_games import Experience, encode, joined, play_batch
from training.backgammon.td_kinds import draw
from training.backgammon.td_network import AfterstateNet
from training.backgammon.td_settings import AIMED_PLIES, STAKES, Settings
from training.devices import ProcessGroup
from training.learner import STATE, Learner, read_tensors
from training.learning_stage import LearningStage
from training.report import Curve
from training.run import Run
from training.stage import carry_out

__all__ = ["Settings", "TD", "train"]


def train(run: Run) -> None:
    """Play and learn until the last game, an interrupt or the time limit, going on from the newest checkpoint."""
    carry_out(run, TD(run.settings))


class TD(LearningStage):
    """A network that plays itself and learns from the games, measured against fixed opponents."""

    counted, gathering = "games", "playing"
    curves = {
        "plies": Curve("moves", "Length of a game: it falls from hundreds to about 55; aimed games are shorter."),
        "gammons": Curve("of the games", "How often a side loses a gammon or more; about 0.25 among good players."),
        "against_random": Curve("points a game", "Gain against random play; more is better."),
        "against_rule": Curve("points a game", "Gain against a rule of thumb; more is better."),
    }

    def __init__(self, settings: Settings):
        self.settings = settings
        self.steps, self.batch = settings.batches, settings.batch
        self.threads = settings.threads or usable_cores()
        if settings.aimed and not settings.memory:
            raise ValueError("aimed games begin at positions of the memory: set `memory` to some thousand positions")
        group = ProcessGroup.join(settings.device)
        if group.ranks > 1:
            raise ValueError("temporal difference learning runs in one process: start it without torchrun")
        if settings.taught and not settings.parent:
            raise ValueError("a network is taught by its parent: name one with `parent`")
        self.tables = bearoff.load() if settings.bearoff else NO_TABLES
        if settings.taught:
            self.teacher = afterstates_model.load(settings.parent)._replace(tables=self.tables)
        self.learner = Learner(AfterstateNet(_beginning(settings)), settings, self.steps, group)
        self.boards, self.targets = np.empty((0, BOARD), np.int8), np.empty((0, OUTPUTS), np.float32)
        if settings.inherit:
            self.boards, self.targets = _remembered(Path(settings.parent))

    # --- games --------------------------------------------------------------------------------------------

    def data(self, done: int) -> Generator[Experience]:
        """Yield the games of each batch, played by the network as it is then."""
        for step in range(done + 1, self.steps + 1):
            yield self.play(step)

    def play(self, step: int) -> Experience:
        """Play the games of a step; their seeds depend on nothing but their numbers and the run's seed."""
        settings = self.settings
        seeds = game_seeds(settings.seed, (step - 1) * settings.batch, settings.batch)
        openings = self.openings(step)
        player = self.player(step)
        whole = self._play_from(player, seeds[len(openings) :])
        if not len(openings):
            return whole
        return joined(whole, self._play_from(player, seeds[: len(openings)], openings, AIMED_PLIES))

    def player(self, step: int) -> Network:
        """Return the network that plays the games of a step, and values what it meets."""
        if step <= self.settings.taught:
            return self.teacher
        return self.network() if self.settings.steady else self.net.network()._replace(tables=self.tables)

    def openings(self, step: int) -> np.ndarray:
        """Return where the aimed games of a step begin, int8 [N, 52]: none before there are positions to draw from."""
        random = np.random.default_rng([self.settings.seed, step, 1])
        return draw(self.boards, round(self.settings.aimed * self.settings.batch), random)

    def _play_from(self, network: Network, seeds: np.ndarray, *beginning: Any) -> Experience:
        settings, stakes = self.settings, STAKES[self.settings.stakes]
        return play_batch(network, stakes, seeds, settings.trace, settings.exact, self.threads, *beginning)

    @property
    def net(self) -> AfterstateNet:
        """The network that learns and plays."""
        return self.learner.net

    def network(self) -> Network:
        """Return the averaged weights, to play with."""
        return self.learner.average.network()._replace(tables=self.tables)

    # --- learning -----------------------------------------------------------------------------------------

    def learn(self, step: int, data: Experience) -> None:
        """Go over the positions of a batch, or over as many that are drawn from the latest ones."""
        self.learner.begin(step)
        random, new = np.random.default_rng([self.settings.seed, step]), len(data.boards)
        keep = max(new, self.settings.memory)
        self.boards = np.concatenate([self.boards, data.boards])[-keep:]
        self.targets = np.concatenate([self.targets, data.targets])[-keep:]
        for _ in range(self.settings.passes):
            order = random.permutation(len(self.boards))[:new]
            for part in np.array_split(order, math.ceil(new / self.settings.minibatch)):
                self.learner.update(self.loss(self.boards[part], self.targets[part]), len(part))
        gammons = data.ends[:, [WIN_GAMMON, LOSE_GAMMON]].sum()
        about = {"plies": new / data.games, "gammons": float(gammons) / data.games}
        self.learner.count(
            {name: torch.tensor(value, dtype=torch.float64) for name, value in about.items()}, data.games
        )

    def loss(self, boards: np.ndarray, targets: np.ndarray) -> dict[str, Tensor]:
        """Return the cross entropy of positions, those of each phase by their own network."""
        inputs, races = encode(boards, self.net.inner.shape[1]), afterstates.phases(boards) == RACE
        phases = [np.flatnonzero(~races), np.flatnonzero(races)]
        logits = self.learner.forward(*(self._tensor(inputs[chosen]) for chosen in phases))
        total = torch.zeros((), device=self.learner.group.device)
        for found, chosen in zip(logits, phases, strict=True):
            wanted = self._tensor(targets[chosen])
            total = total + F.binary_cross_entropy_with_logits(found.float(), wanted, reduction="sum")
        return {"loss": total.double() / len(boards)}

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.from_numpy(array).to(self.learner.group.device)

    def measure(self) -> dict[str, float]:
        """Return points a game of the averaged weights against the baselines."""
        return measure(self.network(), self.settings.measured, self.threads)

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        kept = self.settings.memory
        boards, targets = (each[-kept:] if kept else each[:0] for each in (self.boards, self.targets))
        self.learner.write(folder, {"boards": torch.from_numpy(boards), "targets": torch.from_numpy(targets)})

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        tensors = self.learner.resume(checkpoint)
        try:
            self.boards, self.targets = _positions(tensors)
        except KeyError:
            raise ValueError(f"{checkpoint} was written by another stage than this one") from None
        return self.learner.step

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights as a model to play with."""
        self.learner.check()
        about = afterstates_model.describe(
            parent=Path(self.settings.parent).name,
            run=run.folder.name,
            games=step * self.settings.batch,
            measured=run.latest("against_rule"),
        )
        afterstates_model.write(self.network(), folder, about)


def game_seeds(seed: int, first: int, count: int) -> np.ndarray:
    """Return the seeds of games from a number on: the run's seed in bits that no number of a game reaches."""
    bits = (seed & 0xFFFFFF) << 40 | seed >> 24 << 32
    return np.arange(first, first + count, dtype=np.uint64) + np.uint64(bits)


def _positions(tensors: Mapping[str, Tensor]) -> tuple[np.ndarray, np.ndarray]:
    """Return the boards and targets of a checkpoint; raise `KeyError` where it has none."""
    return tensors["boards"].numpy(), tensors["targets"].numpy()


def _remembered(run: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the boards and targets that the newest checkpoint of a run remembers; raise `ValueError` without them."""
    kept = checkpoints.steps(run / "checkpoints")
    try:
        return _positions(read_tensors(kept[-1] / STATE))
    except LookupError:
        raise ValueError(f"{run} is no run of backgammon that keeps positions to inherit") from None


def _beginning(settings: Settings) -> Network:
    """Return new weights, or those of `parent`, widened to as many hidden units as the settings ask for.

    A network that is taught begins anew, but for races.
    """
    new = afterstates.fresh(settings.hidden, settings.seed, settings.counted, settings.second)
    if not settings.parent:
        return new
    network = afterstates_model.load(settings.parent)
    hidden, second = network.bias.shape[1], network.threshold.shape[1]
    if hidden > settings.hidden:
        raise ValueError(f"{settings.parent} has {hidden} hidden units, which do not fit into {settings.hidden}")
    wider = afterstates.widened(network, settings.hidden, settings.seed, settings.counted)
    if settings.taught:
        return afterstates.with_races_of(new, wider)
    if settings.second not in (0, second):
        raise ValueError(
            f"{settings.parent} has {second} units in a second hidden layer, not {settings.second}: "
            "let it teach a new network (`taught`)"
        )
    return wider
