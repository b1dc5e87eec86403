"""What every stage that learns by gradient shares: a network, the running average of its weights, and optimisers.

    loss -> gradient -> its length clipped -> AdamW, Muon, SGD or Adam at the rate of the step -> the running average

A stage computes a dictionary of named means, with as many forward passes as it likes, and `update` moves the weights
down the one that is called "loss". Any `nn.Module` will do; what a batch is, only the stage knows.
"""

import copy
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from training.devices import ProcessGroup
from training.learning_settings import LearningSettings
from training.muon import Muon

STATE = "state.safetensors"

Net = TypeVar("Net", bound=nn.Module)
Parts = dict[str, Tensor]


class Learner(Generic[Net]):
    """A network, the running average of its weights, and the optimisers that move them.

    `steps` is the length of the rate's schedule. `net` learns and `average` is measured and exported.
    """

    def __init__(self, net: Net, settings: LearningSettings, steps: int, group: ProcessGroup):
        self.settings, self.steps, self.group = settings, steps, group
        self.net: Net = net.to(group.device).train()
        group.average(_floats(self.net))  # all processes begin with one network
        self.average: Net = copy.deepcopy(self.net).eval().requires_grad_(False)
        self.optimisers = _optimisers(self.net, settings)
        self.prepared = group.prepared(self.net, settings.compile)
        self.updates = 0
        self.rate = 0.0
        self._sums: Parts = {}  # since the last log
        self._counts: dict[str, int] = {}
        self._sound = torch.ones((), dtype=torch.bool, device=group.device)
        self.begin(0)

    # --- one step -----------------------------------------------------------------------------------------

    def begin(self, step: int) -> None:
        """Set the rate of a step."""
        self.step, self.rate = step, learning_rate(self.settings, step, self.steps)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self.rate

    def forward(self, *inputs: Any) -> Any:
        """Run the network that learns, compiled and in the precision of the settings."""
        with self.group.autocast(self.settings.precision):
            return self.prepared(*inputs)

    def update(self, means: Mapping[str, Tensor], count: int) -> None:
        """Move the weights down the gradient of means["loss"]; `count` is over how many positions the means are.

        Raise `ValueError`, before a weight moves, where the loss is not finite, or the gradient that is to be clipped.
        A GPU is not waited for: there `check` tells it later, before anything is logged or written.
        """
        loss = means["loss"]
        self.net.zero_grad(set_to_none=True)
        loss.backward()
        self.group.average(_averaged(self.net))
        self._sound &= torch.isfinite(loss.detach())
        if self.settings.clip:
            length = nn.utils.clip_grad_norm_(self.net.parameters(), self.settings.clip)
            self._sound &= torch.isfinite(length)
        if not self.group.on_gpu:
            self.check()
        for optimiser in self.optimisers:
            optimiser.step()
        self.updates += 1
        self._follow()
        self.count(means, count)

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the running average towards the weights; it is quicker at the beginning."""
        stays = min(self.settings.average, self.updates / (10 + self.updates))
        torch._foreach_lerp_(_floats(self.average), _floats(self.net), 1 - stays)

    def check(self) -> None:
        """Raise `ValueError` where a loss or a gradient was not finite."""
        if not bool(self._sound):
            raise ValueError(
                f"training stopped at step {self.step}: the loss or its gradient is not a finite number; "
                "nothing of it was written. Go on from the newest checkpoint with --resume and a lower rate"
            )

    # --- numbers ------------------------------------------------------------------------------------------

    def count(self, means: Mapping[str, Tensor], count: int) -> None:
        """Add means over `count` positions to those of the next log."""
        for name, mean in means.items():
            self._sums[name] = self._sums.get(name, 0) + count * mean.detach()
            self._counts[name] = self._counts.get(name, 0) + count

    def means(self) -> dict[str, float]:
        """Return the means since this was last asked, and the rate."""
        self.check()
        means = {name: float(total) / max(1, self._counts[name]) for name, total in self._sums.items()}
        self._sums, self._counts = {}, {}
        return means | {"rate": self.rate}

    # --- to and from the disk -----------------------------------------------------------------------------

    def write(self, folder: Path, more: Mapping[str, Tensor] | None = None) -> None:
        """Write all that learning goes on from, and `more` tensors of the stage's own."""
        self.check()
        tensors = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        tensors |= {f"average.{name}": value for name, value in self.average.state_dict().items()}
        for number, (optimiser, weight) in enumerate(self._moved()):
            state = optimiser.state[weight]
            tensors |= {f"optimiser.{number}.{name}": value for name, value in state.items() if value is not None}
        for name, total in self._sums.items():
            tensors |= {f"sum.{name}": total, f"count.{name}": torch.tensor(self._counts[name])}
        tensors["updates"] = torch.tensor(self.updates)
        write_tensors(folder / STATE, tensors | dict(more or {}))

    def resume(self, checkpoint: Path) -> Parts:
        """Go on from a checkpoint, and return all its tensors; raise `ValueError` for one of another network."""
        tensors = read_tensors(checkpoint / STATE)
        try:
            self.net.load_state_dict(below(tensors, "net."))
            self.average.load_state_dict(below(tensors, "average."))
            self._resume_optimisers(below(tensors, "optimiser."))
        except (RuntimeError, LookupError, ValueError):
            raise ValueError(
                f"{checkpoint} was written by another stage, or for another network or optimiser than the settings name"
            ) from None
        self._sums = {name: value.to(self.group.device) for name, value in below(tensors, "sum.").items()}
        self._counts = {name: int(value) for name, value in below(tensors, "count.").items()}
        step = int(checkpoint.name)
        self.updates = int(tensors.get("updates", step))  # imitation of before did not write it: one a step
        self.begin(step)
        return tensors

    def _moved(self) -> list[tuple[torch.optim.Optimizer, Tensor]]:
        """Return every weight behind its optimiser, in an order that does not change."""
        each = ((optimiser, group) for optimiser in self.optimisers for group in optimiser.param_groups)
        return [(optimiser, weight) for optimiser, group in each for weight in group["params"]]

    def _resume_optimisers(self, tensors: Parts) -> None:
        moved = self._moved()
        for key, value in tensors.items():
            number, name = key.split(".")
            optimiser, weight = moved[int(number)]
            if value.shape == weight.shape:  # in the weight's own order in memory, or steps would be slow
                value = torch.empty_like(weight, requires_grad=False).copy_(value)
            optimiser.state[weight][name] = value


def learning_rate(settings: LearningSettings, step: int, steps: int) -> float:
    """Return the rate of a step: it climbs in the warm-up, stays, and falls as half a cosine at the end."""
    falling = max(1.0, settings.decay * steps)
    fallen = min(1.0, max(0.0, (step - steps + falling) / falling))
    share = settings.last_rate + (1 - settings.last_rate) * (1 + math.cos(math.pi * fallen)) / 2
    return settings.rate * share * min(1.0, step / max(1, settings.warm_up))


def _optimisers(net: nn.Module, settings: LearningSettings) -> list[torch.optim.Optimizer]:
    """Return what moves the weights; biases and norms are not pulled towards 0, and are not Muon's."""
    every = [each for each in net.parameters() if each.requires_grad]
    if settings.optimiser == "adam":
        return [torch.optim.Adam(every, settings.rate, fused=True)]
    weights, others = [each for each in every if each.dim() > 1], [each for each in every if each.dim() <= 1]
    if settings.optimiser == "muon":
        muon = [Muon(weights, settings.rate, weight_decay=settings.weight_decay)] if weights else []
        return muon + ([torch.optim.AdamW(others, settings.rate, weight_decay=0.0, fused=True)] if others else [])
    groups = [{"params": weights, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    if settings.optimiser == "sgd":
        nesterov = settings.momentum > 0
        return [torch.optim.SGD(groups, settings.rate, settings.momentum, nesterov=nesterov, fused=True)]
    return [torch.optim.AdamW(groups, settings.rate, fused=True)]


def _averaged(net: nn.Module) -> list[Tensor]:
    """Return gradients, and the statistics of norms that are learning."""
    gradients = [each.grad for each in net.parameters() if each.grad is not None]
    return gradients + [each for each in net.buffers() if net.training and each.is_floating_point()]


def _floats(net: nn.Module) -> list[Tensor]:
    """Return weights and the running statistics of batch norms."""
    return [value for value in net.state_dict().values() if value.is_floating_point()]


# --- files of tensors -------------------------------------------------------------------------------------


def write_tensors(path: Path, tensors: Mapping[str, Tensor]) -> None:
    """Write tensors; raise `OSError` where the disk is full, `ValueError` for numbers that are not finite."""
    whole = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    _check_finite(path, whole)
    try:
        save_file(whole, path)
    except SafetensorError as error:  # its kind for whatever the system refuses
        raise OSError(f"{path} cannot be written: {error}") from None


def read_tensors(path: Path) -> Parts:
    """Read tensors; raise `ValueError` where they are damaged, missing or not finite."""
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    _check_finite(path, tensors)
    return tensors


def _check_finite(path: Path, tensors: Mapping[str, Tensor]) -> None:
    for name, value in tensors.items():
        if value.is_floating_point() and not bool(torch.isfinite(value).all()):
            raise ValueError(f"{path}: {name} holds numbers that are not finite")


def below(tensors: Mapping[str, Tensor], prefix: str) -> Parts:
    """Return the tensors whose names begin with a prefix, without it."""
    return {name[len(prefix) :]: value for name, value in tensors.items() if name.startswith(prefix)}
