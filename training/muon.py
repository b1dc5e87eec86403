"""Muon: steps of one length in every direction of a matrix, for convolutions and hidden matrices.

    gradient -> its running mean -> the nearest matrix of orthonormal rows or columns -> a step of the rate's size

Source: Jordan et al., Muon, 2024 (kellerjordan.github.io/posts/muon). A convolution counts as one matrix of
[outputs, inputs * side * side]. Steps are scaled to the size of AdamW's (Liu et al., Muon is scalable, 2025, eq. 4), so
that one rate serves both.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim import Optimizer

ROUND = (3.4445, -4.7750, 2.0315)
"""Of the quintic that draws singular values to about 1: steepest at 0, so that five rounds do."""

ROUNDS = 5

ADAMW_SIZE = 0.2
"""How large AdamW's steps are, for a rate of 1, by their root mean square."""


class Muon(Optimizer):
    """Move weights of two or more dimensions; those of fewer belong to another optimiser."""

    def __init__(self, weights: Sequence[Tensor], rate: float, momentum: float = 0.95, weight_decay: float = 0.0):
        super().__init__(weights, {"lr": rate, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """Take a step by the gradients of the weights."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._move(weight, group)

    def _move(self, weight: Tensor, group: dict) -> None:
        assert weight.grad is not None
        state = self.state[weight]
        if not state:
            state["mean"] = torch.zeros_like(weight)
        mean = state["mean"].lerp_(weight.grad, 1 - group["momentum"])
        ahead = torch.lerp(weight.grad, mean, group["momentum"])  # Nesterov's
        direction = orthogonal(ahead.flatten(1)).view_as(weight)
        size = ADAMW_SIZE * max(direction.shape[0], direction[0].numel()) ** 0.5
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(direction, alpha=-group["lr"] * size)


def orthogonal(matrix: Tensor) -> Tensor:
    """Return about the nearest matrix whose singular values are all 1, by Newton and Schulz's iteration in bfloat16."""
    a, b, c = ROUND
    wide = matrix.shape[0] <= matrix.shape[1]
    x = (matrix if wide else matrix.T).bfloat16()
    x = x / (x.norm() + 1e-7)
    for _ in range(ROUNDS):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return (x if wide else x.T).to(matrix.dtype)
