"""Networks of two small layers, which numpy runs ten times as fast as torch where only a few poles are pushed."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from training.lab.episodes import Chooser, seen


def two_layers(inputs: int, hidden: int, outputs: int, unit: type[nn.Tanh | nn.ReLU] = nn.Tanh) -> nn.Sequential:
    """Return a network of two layers of units."""
    return nn.Sequential(
        nn.Linear(inputs, hidden), unit(), nn.Linear(hidden, hidden), unit(), nn.Linear(hidden, outputs)
    )


class PolicyAndBaseline(nn.Module):
    """Logits of the two pushes [..., 2], and what a state is worth [...], each from layers of its own."""

    def __init__(self, hidden: int):
        super().__init__()
        self.policy, self.value = two_layers(4, hidden, 2), two_layers(4, hidden, 1)
        with torch.no_grad():
            for each in list(self.policy.parameters())[-2:]:  # at first both pushes are equally likely
                each.mul_(0.01)

    def forward(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and values of states as they are seen [..., 4]."""
        return self.policy(states), self.value(states)[..., 0]


def in_numpy(net: nn.Sequential) -> Callable[[np.ndarray], np.ndarray]:
    """Return a network of `two_layers`, as it is now, as a function of arrays."""
    linear = [each for each in net if isinstance(each, nn.Linear)]
    bend = np.tanh if isinstance(net[1], nn.Tanh) else _relu
    arrays = [(each.weight.detach().cpu().numpy().T.copy(), each.bias.detach().cpu().numpy().copy()) for each in linear]

    def run(states: np.ndarray) -> np.ndarray:
        for weights, biases in arrays[:-1]:
            states = bend(states.astype(np.float32) @ weights + biases)
        weights, biases = arrays[-1]
        return states @ weights + biases

    return run


def _relu(values: np.ndarray) -> np.ndarray:
    return np.maximum(values, 0.0)


def drawing(net: nn.Sequential, random: np.random.Generator) -> Chooser:
    """Return a player that draws its pushes by the odds of a network's logits."""
    run = in_numpy(net)

    def choose(states: np.ndarray) -> np.ndarray:
        logits = run(seen(states))
        odds = 1 / (1 + np.exp(np.clip(logits[:, 0] - logits[:, 1], -50, 50)))
        return (random.random(len(states)) < odds).astype(np.int64)

    return choose


def choosing_best(net: nn.Sequential) -> Chooser:
    """Return a player that takes the push with the larger output."""
    run = in_numpy(net)
    return lambda states: run(seen(states)).argmax(1)
