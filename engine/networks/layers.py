"""The parts of every torch network: convolutions with their norms, blocks, and heads that see the whole board.

Nothing here has a size. A mask is 1 on the board, where boards lie in the corner of larger planes; None where they
fill them.
"""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.networks.sight import COLUMNS, POINTS


class Convolution(nn.Sequential):
    """A convolution and its batch norm, which export folds into one."""

    def __init__(self, inputs: int, outputs: int, side: int):
        convolution = nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=False)
        super().__init__(convolution, nn.BatchNorm2d(outputs))
        nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")


def on_board(x: Tensor, mask: Tensor | None) -> Tensor:
    """Set what lies off the board to 0, as if the planes ended there; mask [B, 1, H, W], or None where none does."""
    return x if mask is None else x * mask


def pooled(x: Tensor, mask: Tensor | None) -> Tensor:
    """Return what the whole board shows of x >= 0 [B, C, H, W]: mean, mean by size, and most, [B, 3C].

    The mean scaled with the board's side, as in KataGo: it lets a network count, which the mean alone does not.
    """
    columns: Tensor | int
    if mask is None:
        mean, columns = x.mean((2, 3)), x.shape[3]
    else:
        mean, columns = x.sum((2, 3)) / mask.sum((2, 3)), mask.amax(2).sum(2)
    return torch.cat([mean, mean * ((columns - 14) / 10), x.amax((2, 3))], 1)


class ResidualBlock(nn.Module):
    """Two convolutions and a short cut (He et al. 2016); a pooling block also tells each channel of the whole board."""

    def __init__(self, channels: int, pools: bool):
        super().__init__()
        self.first, self.second = Convolution(channels, channels, 3), Convolution(channels, channels, 3)
        self.whole = nn.Linear(3 * channels, channels) if pools else None
        nn.init.zeros_(cast(nn.BatchNorm2d, self.second[1]).weight)  # a new block changes nothing

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        y = self.first(x)
        if self.whole is not None:
            y = y + self.whole(pooled(x, mask))[:, :, None, None]
        y = on_board(F.relu(y), mask)
        return on_board(F.relu(self.second(y) + x), mask)


class PlainLayer(nn.Module):
    """One convolution of a tower without short cuts."""

    def __init__(self, inputs: int, channels: int, side: int = 3):
        super().__init__()
        self.only = Convolution(inputs, channels, side)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        return on_board(F.relu(self.only(x)), mask)


class Readout(nn.Module):
    """One number of C channels [B, C, ...] -> [B, ...], in float32 also where products are rounded to bfloat16.

    Engines in bfloat16 round what convolutions and matrix products return, and moves would tie; a plain sum they
    leave alone.
    """

    def __init__(self, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(channels).uniform_(-1, 1) / channels**0.5)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        weight = self.weight.view(1, -1, *(1,) * (x.dim() - 2))
        return (x.float() * weight.float()).sum(1) + self.bias.float()


OFF_BOARD = 1e4
"""How much lower a move off the board is: too low to matter."""

LAST = 8
"""Channels that are read out: few, because they are in float32."""


class PointPolicy(nn.Module):
    """A logit for each point, then one for the pass, [B, H * W + 1]."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.here, self.around = nn.Conv2d(channels, width, 1, bias=False), Convolution(channels, width, 1)
        self.whole, self.skipping = nn.Linear(3 * width, width), nn.Linear(3 * width, width)
        self.narrow = nn.Conv2d(width, LAST, 1)
        self.point, self.skip = Readout(LAST), Readout(width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        whole = pooled(on_board(F.relu(self.around(x)), mask), mask)
        y = F.relu(self.here(x) + self.whole(whole)[:, :, None, None])
        points = self.point(F.relu(self.narrow(y)))
        if mask is not None:
            points = points - (1 - mask[:, 0]) * OFF_BOARD
        skip = self.skip(F.relu(self.skipping(whole)))
        return torch.cat([points.flatten(1), skip[:, None]], 1)


class ColumnPolicy(nn.Module):
    """A logit for each column, from the mean and the most of its points and from the whole board, [B, W]."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.here, self.around = nn.Conv2d(channels, width, 1, bias=False), Convolution(channels, width, 1)
        self.whole, self.narrow = nn.Linear(3 * width, width), nn.Conv1d(2 * width, LAST, 1)
        self.column = Readout(LAST)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        whole = pooled(on_board(F.relu(self.around(x)), mask), mask)
        y = on_board(F.relu(self.here(x) + self.whole(whole)[:, :, None, None]), mask)
        logits = self.column(F.relu(self.narrow(torch.cat([y.mean(2), y.max(2).values], 1))))
        return logits if mask is None else logits - (1 - mask[:, 0].amax(1)) * OFF_BOARD


class ValueHead(nn.Module):
    """What the side to play may expect, in [-1, 1], [B]."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.around = Convolution(channels, width, 1)
        self.hidden, self.last = nn.Linear(3 * width, 2 * width), Readout(2 * width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        whole = pooled(on_board(F.relu(self.around(x)), mask), mask)
        return torch.tanh(self.last(F.relu(self.hidden(whole))))


POLICY_HEADS = {POINTS: PointPolicy, COLUMNS: ColumnPolicy}
"""The policy head by what a game's moves are."""


class OwnerHead(nn.Module):
    """Who will own each point, in [-1, 1] as the side to play sees it, [B, H * W]: learned beside the others."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.here, self.last = nn.Conv2d(channels, width, 1), Readout(width)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.last(F.relu(self.here(x)))).flatten(1)
