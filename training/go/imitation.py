"""Stage 1: a policy (and a first value) from expert games, by supervised learning.

    games -> batches of positions -> cross entropy of the expert's move + squared error of the outcome
          -> AdamW or SGD, warm-up then decay -> a running average of the weights -> a model to play with

Source: Silver et al., Nature 529 (2016), Methods, "Policy network: classification". Differences: one network has both
heads, AdamW with a falling rate in place of SGD with halvings, and the weights that play are a running average.
Under `torchrun` every process learns from its own share of each batch, and the first writes the run.
"""

import copy
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

from engine.machine import usable_cores
from engine.networks import model
from engine.networks import towers as networks
from engine.networks.int8 import write_int8
from engine.networks.towers import NetworkShape, PolicyValueNet
from engine.settings import setting
from training.devices import Crew
from training.disk import write_folder
from training.go.dataset import Batch, Batches, Dataset, in_order
from training.go.evaluate import Tally
from training.go.sources import GamesSettings, open_games
from training.muon import Muon
from training.run import Run, read_metrics


@dataclass(frozen=True)
class Settings(GamesSettings):
    """How to imitate; AlphaGo's own choices are named where they differ."""

    side: int = setting(19, "side of the planes: the largest board", least=2)
    any_rules: bool = setting(False, "show each position under a random ruleset, for records that do not name theirs")

    kind: str = setting("residual", "the tower", choices=("residual", "plain"))
    blocks: int = setting(6, "residual blocks, or plain layers (AlphaGo: 12 plain)", least=1)
    channels: int = setting(96, "filters of each convolution (AlphaGo: 192)", least=1)
    pool_every: int = setting(3, "every so many blocks one sees the whole board; 0: none", least=0)
    head_channels: int = setting(32, "filters of the heads", least=1)
    heads: tuple[str, ...] = setting(("policy", "value"), "policy, value or both")
    parent: str = setting("", "a model folder whose weights to begin with")

    steps: int = setting(100_000, "steps of learning", least=1)
    batch: int = setting(256, "positions a step, of all processes together (AlphaGo: 16)", least=1)
    optimiser: str = setting("adamw", "how gradients become steps (AlphaGo: sgd)", choices=("adamw", "muon", "sgd"))
    rate: float = setting(2e-3, "learning rate at its height", least=0)
    warm_up: int = setting(500, "steps in which the rate climbs to its height", least=0)
    decay: float = setting(1.0, "share of the steps, the last ones, in which the rate falls as a cosine", least=0)
    last_rate: float = setting(0.01, "the rate at the end, as a share of its height", least=0)
    momentum: float = setting(0.9, "momentum of sgd", least=0)
    weight_decay: float = setting(0.01, "pull of the convolutions' and matrices' weights towards 0", least=0)
    clip: float = setting(1.0, "longest gradient; 0: any", least=0)
    average: float = setting(0.999, "how much of the running average of the weights stays at each step", least=0)
    value_weight: float = setting(1.0, "weight of the outcome's squared error beside the move's cross entropy", least=0)

    precision: str = setting(
        "auto", "of convolutions; auto: bfloat16 where it is fast", choices=("auto", "float32", "bfloat16")
    )
    device: str = setting("auto", "cpu, cuda, ...; auto: a GPU if there is one")
    compile: str = setting(
        "auto", "compile the network; auto: on a GPU, or where a C++ compiler is found", choices=("auto", "yes", "no")
    )
    threads: int = setting(0, "threads of a CPU that learns; 0: as many as there are cores", least=0)
    workers: int = setting(0, "threads that encode positions; 0: as many as there are cores", least=0)
    seed: int = setting(1, "seed of weights and batches", least=0)

    minutes: float = setting(0, "stop after so many minutes, with a checkpoint to resume from; 0: never", least=0)
    log_every: int = setting(100, "steps between two lines of the log", least=1)
    measure_every: int = setting(2000, "steps between two measurements on the validation games", least=1)
    measured: int = setting(10_000, "positions of a measurement", least=1)
    checkpoint_minutes: float = setting(5, "minutes of work that a kill may cost", least=0)
    export_every: int = setting(0, "steps between two models to play with; 0: only at the end", least=0)
    int8: bool = setting(False, "write models in eight-bit numbers, too: for CPUs without AMX, and less exact")

    @property
    def shape(self) -> NetworkShape:
        """The network that is trained."""
        return NetworkShape(
            kind=self.kind,
            blocks=self.blocks,
            channels=self.channels,
            pool_every=self.pool_every,
            head_channels=self.head_channels,
            heads=self.heads,
        )


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    settings = run.settings
    crew = Crew.join(settings.device, settings.threads)
    games, held_out = open_games(run)
    learner = Learner(settings, crew, padded=games.sizes != [settings.side])
    learner.resume(run)
    with batches_of(games, settings, crew, learner.step) as batches:
        carried = crew.carried(batches)
        for step in run.steps(learner.step, settings.steps, settings.batch, settings.minutes, crew.agree):
            with run.spending("data"):
                batch = next(carried)
            with run.spending("learning"):
                learner.learn(*batch)
            if step % settings.log_every == 0:
                run.log(step, **learner.means(), **run.rates())
            if step % settings.measure_every == 0 or step == settings.steps:
                with run.spending("measuring"):
                    run.log(step, **learner.measure(held_out))
                    run.report()
            if settings.export_every and step % settings.export_every == 0 and step < settings.steps:
                learner.export(run, held_out)
            if run.checkpoint_due(settings.checkpoint_minutes):
                run.save(step, learner.write)
    run.save(learner.step, learner.write)
    learner.export(run, held_out)
    run.report()


def batches_of(games: Dataset, settings: Settings, crew: Crew, step: int) -> Batches:
    """Return the batches from a step on, as tensors."""
    workers = settings.workers or usable_cores()
    batch = crew.share(settings.batch)
    return Batches(
        games,
        batch,
        settings.seed,
        step,
        workers,
        settings.side,
        crew.rank,
        crew.ranks,
        settings.any_rules,
        finish=crew.tensors,
    )


def learning_rate(settings: Settings, step: int) -> float:
    """Return the rate of a step: it climbs in the warm-up, stays, and falls as half a cosine at the end."""
    falling = max(1.0, settings.decay * settings.steps)
    fallen = max(0.0, (step - settings.steps + falling) / falling)
    share = settings.last_rate + (1 - settings.last_rate) * (1 + math.cos(math.pi * fallen)) / 2
    return settings.rate * share * min(1.0, step / max(1, settings.warm_up))


# --- the learner ------------------------------------------------------------------------------------------


class Learner:
    """A network, the running average of its weights, and the optimiser that moves them."""

    def __init__(self, settings: Settings, crew: Crew, padded: bool = True):
        """Begin anew, or with the weights of `parent`; `padded` where boards may be smaller than the planes."""
        self.settings, self.crew, self.step = settings, crew, 0
        torch.manual_seed(settings.seed)
        self.net = _beginning(settings).to(crew.device, memory_format=torch.channels_last).train()
        self.average = copy.deepcopy(self.net).eval().requires_grad_(False)  # padded: it is measured on any boards
        self.net.padded = padded
        self.optimisers = _optimisers(self.net, settings)
        self.wrapped = crew.wrapped(self.net, settings.compile)
        self.sums = torch.zeros(4, device=crew.device)
        """Since the last log: positions, cross entropy, squared error, best moves."""

    def learn(self, planes: Tensor, moves: Tensor, outcomes: Tensor, known: Tensor) -> None:
        """Take one step on a batch: planes uint8 [B, P, H, W], moves [B], outcomes [B] and which are known [B]."""
        self.step += 1
        for group in self._groups():
            group["lr"] = learning_rate(self.settings, self.step)
        with self.crew.lower_precision(self.settings.precision):
            logits, values = self.wrapped(planes.contiguous(memory_format=torch.channels_last))
        loss = self._loss(logits, values, moves, outcomes, known)
        self.net.zero_grad(set_to_none=True)
        loss.backward()
        if self.settings.clip:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), self.settings.clip)
        for optimiser in self.optimisers:
            optimiser.step()
        self._follow()

    def _groups(self) -> list[dict]:
        return [group for optimiser in self.optimisers for group in optimiser.param_groups]

    def _moved(self) -> list[tuple[torch.optim.Optimizer, Tensor]]:
        """Return every weight behind its optimiser, in an order that does not change."""
        each = ((optimiser, group) for optimiser in self.optimisers for group in optimiser.param_groups)
        return [(optimiser, weight) for optimiser, group in each for weight in group["params"]]

    def _loss(self, logits, values, moves: Tensor, outcomes: Tensor, known: Tensor) -> Tensor:
        entropy = error = hits = torch.zeros((), device=moves.device)
        if logits is not None:
            entropy, hits = F.cross_entropy(logits.float(), moves), (logits.argmax(1) == moves).float().mean()
        if values is not None:
            error = (known * (values.float() - outcomes) ** 2).mean()
        one = torch.ones_like(error)
        self.sums += len(moves) * torch.stack([one, entropy.detach(), error.detach(), hits])
        return entropy + self.settings.value_weight * error

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the running average towards the weights; it is quicker at the beginning."""
        stays = min(self.settings.average, self.step / (10 + self.step))
        ours, theirs = _floats(self.average), _floats(self.net)
        torch._foreach_lerp_(ours, theirs, 1 - stays)

    def means(self) -> dict[str, float]:
        """Return the losses since this was last asked, and the rate."""
        positions, entropy, error, hits = self.sums.tolist()
        self.sums.zero_()
        found = {"policy_loss": entropy, "accuracy": hits} if "policy" in self.settings.heads else {}
        found |= {"value_loss": error} if "value" in self.settings.heads else {}
        means = {name: value / max(1, positions) for name, value in found.items()}
        return means | {"rate": learning_rate(self.settings, self.step)}

    def measure(self, held_out: Dataset) -> dict[str, float]:
        """Return how well the averaged weights foretell games that they have not seen; {} in a helping process."""
        if self.crew.rank:
            return {}
        every = max(1, held_out.positions // self.settings.measured)
        batches = in_order(held_out, 256, every, self.settings.workers or usable_cores(), self.settings.side)
        return measure(self.average, batches, self.crew, self.settings.precision)

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        tensors = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for number, (optimiser, weight) in enumerate(self._moved()):
            state = optimiser.state[weight]
            tensors |= {f"optimiser.{number}.{name}": value for name, value in state.items() if value is not None}
        tensors["sums"] = self.sums
        save_file(
            {name: value.detach().cpu().contiguous() for name, value in tensors.items()}, folder / "state.safetensors"
        )

    def resume(self, run: Run) -> None:
        """Go on from the newest checkpoint, if there is one; raise `ValueError` for that of another network."""
        checkpoint = run.checkpoint()
        if checkpoint is None:
            return
        tensors = load_file(checkpoint / "state.safetensors")
        try:
            self.net.load_state_dict(_below(tensors, "net."))
            self.average.load_state_dict(_below(tensors, "average."))
            self._resume_optimisers(_below(tensors, "optimiser."))
        except RuntimeError:
            raise ValueError(f"{checkpoint} was written for another network than {self.settings.shape}") from None
        self.sums.copy_(tensors["sums"])
        self.step = int(checkpoint.name)

    def _resume_optimisers(self, tensors: dict[str, Tensor]) -> None:
        moved = self._moved()
        for key, value in tensors.items():
            number, name = key.split(".")
            optimiser, weight = moved[int(number)]
            if value.shape == weight.shape:  # in the weight's own order in memory, or steps would be slow
                value = torch.empty_like(weight, requires_grad=False).copy_(value)
            optimiser.state[weight][name] = value

    def export(self, run: Run, held_out: Dataset) -> None:
        """Write the averaged weights as a model to play with, unless this step's is there."""
        path = run.model(self.step)
        if run.silent or path.exists():
            return
        settings = self.settings
        last = next((line for line in reversed(read_metrics(run.folder)) if "top1" in line), {})
        about = model.describe(
            parent=settings.parent,
            run=run.folder.name,
            steps=self.step,
            positions=self.step * settings.batch,
            data=[Path(source).name for source in settings.data],
            accuracy=last,
        )
        with run.spending("exporting"):
            write_folder(path, lambda folder: self._write_model(folder, about, held_out))
        run.say(f"wrote the model {path}")

    def _write_model(self, folder: Path, about: Mapping, held_out: Dataset) -> None:
        networks.write_model(self.average, folder, about)
        if self.settings.int8:
            every = max(1, held_out.positions // self.settings.measured)
            planes = [batch.planes for batch in in_order(held_out, 64, every, side=self.settings.side)]
            write_int8(model.read(folder), planes[::16], planes[1::2] or planes)


def _beginning(settings: Settings) -> PolicyValueNet:
    if not settings.parent:
        return PolicyValueNet(settings.shape)
    net = networks.load(model.find(settings.parent).folder)
    if net.shape != settings.shape:
        raise ValueError(f"the model {settings.parent} is {net.shape}, not {settings.shape}: they cannot share weights")
    return net


def _optimisers(net: PolicyValueNet, settings: Settings) -> list[torch.optim.Optimizer]:
    """Return what moves the weights; biases and batch norms are not pulled towards 0, and are not Muon's."""
    weights = [each for each in net.parameters() if each.dim() > 1]
    others = [each for each in net.parameters() if each.dim() <= 1]
    if settings.optimiser == "muon":
        muon = Muon(weights, settings.rate, weight_decay=settings.weight_decay)
        return [muon, torch.optim.AdamW(others, settings.rate, weight_decay=0.0, fused=True)]
    groups = [{"params": weights, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    if settings.optimiser == "sgd":
        nesterov = settings.momentum > 0
        return [torch.optim.SGD(groups, settings.rate, settings.momentum, nesterov=nesterov, fused=True)]
    return [torch.optim.AdamW(groups, settings.rate, fused=True)]


def _floats(net: PolicyValueNet) -> list[Tensor]:
    """Return weights and the running statistics of batch norms."""
    return [value for value in net.state_dict().values() if value.is_floating_point()]


def _below(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}


# --- measuring --------------------------------------------------------------------------------------------


@torch.no_grad()
def measure(net: PolicyValueNet, batches: Iterable[Batch], crew: Crew, precision: str = "auto") -> dict[str, float]:
    """Return top1, top5, log_loss and value_mse of a network over batches."""
    tally = Tally()
    for batch in batches:
        planes, *_ = (tensor.to(crew.device) for tensor in crew.tensors(batch))
        with crew.lower_precision(precision):
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
    settings = run.settings
    crew = Crew.join(settings.device, settings.threads)
    games, _ = open_games(run)
    learner = Learner(settings, crew, padded=games.sizes != [settings.side])
    with batches_of(games, settings, crew, 0) as batches:
        carried = crew.carried(batches)
        one = next(carried)
        streams = {"rate": lambda: next(carried), "limit": lambda: one}
        _rate(learner, streams["limit"], seconds / 10)  # compiles, and finds the quickest kernels
        rounds = [{name: _rate(learner, stream, seconds / 10) for name, stream in streams.items()} for _ in range(5)]
    return {name: sum(each[name] for each in rounds) / len(rounds) for name in streams}


def _rate(learner: Learner, stream: Callable[[], list[Tensor]], seconds: float) -> float:
    began, steps, spent = time.perf_counter(), 0, 0.0
    while spent < seconds:
        learner.learn(*stream())
        steps += 1
        if steps % 4 == 0:
            learner.means()  # waits for the device
            spent = time.perf_counter() - began
    return steps * learner.settings.batch / spent
