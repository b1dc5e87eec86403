"""Stage 1: a policy (and a first value) from expert games, by supervised learning.

    games -> batches of positions -> cross entropy of the expert's move + squared error of the outcome
          -> AdamW or SGD, warm-up then decay -> a running average of the weights -> a model to play with

Source: Silver et al., Nature 529 (2016), Methods, "Policy network: classification". Differences: one network has both
heads, AdamW with a falling rate in place of SGD with halvings, and the weights that play are a running average.
Under `torchrun` every process learns from its own share of each batch, and the first writes the run.
"""

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.machine import usable_cores
from engine.networks import model, towers
from engine.networks.int8 import write_int8
from engine.networks.towers import NetworkShape, PolicyValueNet
from training.devices import ProcessGroup
from training.go.dataset import Batch, Batches, Dataset, in_order
from training.go.evaluate import PolicyTally
from training.go.imitation_settings import Settings
from training.go.sources import open_games
from training.learner import Learner
from training.learning_stage import LearningStage
from training.run import Run
from training.stage import carry_out

__all__ = ["Imitation", "Settings", "batches_of", "measure", "measure_rate", "shape_of", "train"]


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    carry_out(run, opened(run))


def opened(run: Run) -> "Imitation":
    """Return the stage of a run, with its games."""
    group = ProcessGroup.join(run.settings.device, run.settings.threads)
    return Imitation(run.settings, group, *open_games(run))


class Imitation(LearningStage):
    """A network that learns the moves and outcomes of games, measured on games that are held out."""

    def __init__(self, settings: Settings, group: ProcessGroup, games: Dataset, held_out: Dataset):
        self.settings, self.group, self.games, self.held_out = settings, group, games, held_out
        self.steps, self.batch = settings.steps, settings.batch
        self.learner = Learner(_beginning(settings), settings, settings.steps, group)
        self.learner.net.padded = games.sizes != [settings.side]  # the average stays padded: it sees any board

    def data(self, done: int) -> Generator[list[Tensor]]:
        """Yield batches on the device: planes uint8 [B, P, H, W], moves [B], outcomes [B], which are known [B]."""
        with batches_of(self.games, self.settings, self.group, done) as batches:
            yield from self.group.on_device(batches)

    def learn(self, step: int, data: list[Tensor]) -> None:
        """Take a step on a batch."""
        self.learner.begin(step)
        self.learner.update(self.loss(*data), len(data[0]))

    def loss(self, planes: Tensor, moves: Tensor, outcomes: Tensor, known: Tensor) -> dict[str, Tensor]:
        """Return the loss of a batch and its parts: means over the positions."""
        logits, values = self.learner.forward(planes.contiguous(memory_format=torch.channels_last))
        parts = {}
        if logits is not None:
            parts["policy_loss"] = F.cross_entropy(logits.float(), moves)
            parts["accuracy"] = (logits.argmax(1) == moves).float().mean()
        if values is not None:
            parts["value_loss"] = (known * (values.float() - outcomes) ** 2).mean()
        nothing = torch.zeros((), device=moves.device)
        loss = parts.get("policy_loss", nothing) + self.settings.value_weight * parts.get("value_loss", nothing)
        return {"loss": loss} | parts

    def measure(self) -> dict[str, float]:
        """Return how well the averaged weights predict games that they have not seen; {} in a helping process."""
        if self.group.rank:
            return {}
        workers = self.settings.workers or usable_cores()
        batches = in_order(self.held_out, 256, self._every(), workers, self.settings.side)
        return measure(self.learner.average, batches, self.group, self.settings.precision)

    def _every(self) -> int:
        """Return of how many held-out positions one is measured."""
        return max(1, self.held_out.positions // self.settings.measured)

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights as a model to play with."""
        self.learner.check()
        about = model.describe(
            "go",
            parent=self.settings.parent,
            run=run.folder.name,
            steps=step,
            positions=step * self.settings.batch,
            data=[Path(source).name for source in self.settings.data],
            accuracy=run.latest("top1"),
        )
        self._write_model(folder, about)

    def _write_model(self, folder: Path, about: Mapping) -> None:
        towers.write_model(self.learner.average, folder, about)
        if self.settings.int8:
            batches = in_order(self.held_out, 64, self._every(), side=self.settings.side)
            planes = [batch.planes for batch in batches]
            write_int8(model.read(folder), planes[::16], planes[1::2] or planes)


def batches_of(games: Dataset, settings: Settings, group: ProcessGroup, step: int) -> Batches:
    """Return the batches from a step on, as tensors."""
    workers = settings.workers or usable_cores()
    batch = group.share(settings.batch)
    return Batches(
        games,
        batch,
        settings.seed,
        step,
        workers,
        settings.side,
        group.rank,
        group.ranks,
        settings.any_rules,
        finish=group.tensors,
    )


def shape_of(settings: Settings) -> NetworkShape:
    """Return the shape of the network that is trained."""
    return NetworkShape(
        game="go",
        kind=settings.kind,
        blocks=settings.blocks,
        channels=settings.channels,
        pool_every=settings.pool_every,
        head_channels=settings.head_channels,
        heads=settings.heads,
    )


def _beginning(settings: Settings) -> PolicyValueNet:
    """Return a new network, or that of `parent`."""
    torch.manual_seed(settings.seed)
    shape = shape_of(settings)
    net = towers.load(model.find(settings.parent).folder) if settings.parent else PolicyValueNet(shape)
    if net.shape != shape:
        raise ValueError(f"the model {settings.parent} is {net.shape}, not {shape}: they cannot share weights")
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch leaves it out of its types


# --- measuring --------------------------------------------------------------------------------------------


@torch.no_grad()
def measure(
    net: PolicyValueNet, batches: Iterable[Batch], group: ProcessGroup, precision: str = "auto"
) -> dict[str, float]:
    """Return top1, top5, log_loss and value_mse of a network over batches."""
    tally = PolicyTally()
    for batch in batches:
        planes, *_ = (tensor.to(group.device) for tensor in group.tensors(batch))
        with group.autocast(precision):
            logits, values = net(planes.contiguous(memory_format=torch.channels_last))
        if logits is not None:
            tally.add_moves(logits.float().log_softmax(1).cpu().numpy(), batch.moves)
        if values is not None:
            known = batch.weights > 0
            tally.add_outcomes(values.float().cpu().numpy()[known], batch.outcomes[known])
    return tally.summary()


def measure_rate(run: Run, seconds: float = 20) -> dict[str, float]:
    """Return positions a second with batches as they come, and of one batch again and again: the raw limit.

    The two take turns, so that what else the machine does slows both; nothing that is learned is kept.
    """
    stage = opened(run)
    with closing(stage.data(0)) as batches:
        one = next(batches)
        streams = {"rate": lambda: next(batches), "limit": lambda: one}
        _rate(stage, streams["limit"], seconds / 10)  # compiles, and finds the quickest kernels
        rounds = [{name: _rate(stage, stream, seconds / 10) for name, stream in streams.items()} for _ in range(5)]
    return {name: sum(each[name] for each in rounds) / len(rounds) for name in streams}


def _rate(stage: Imitation, stream: Callable[[], list[Tensor]], seconds: float) -> float:
    began, steps, spent = time.perf_counter(), 0, 0.0
    while spent < seconds:
        steps += 1
        stage.learn(steps, stream())
        if steps % 4 == 0:
            stage.means()  # waits for the device
            spent = time.perf_counter() - began
    return steps * stage.batch / spent
