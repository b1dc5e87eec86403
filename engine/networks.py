"""Every torch network of the project: how it is built, saved, loaded and written as ONNX.

    planes -> stem -> blocks -> policy head: a logit for every point, then one for the pass
                             -> value head: tanh, what the side to play may expect

Nothing here has a size: convolutions, and heads that see the whole board by pooling (Wu, Accelerating self-play
learning in Go, 2019), so that one network serves every board. Networks speak from the mover's view; the evaluator
turns that into the first player's. Only training and the torch evaluator import this file.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from games import go_features

KINDS = ("residual", "plain")
POLICY, VALUE = "policy", "value"
"""The heads, which are also the names of the ONNX outputs. The input is `planes`."""

OPSET = 20


@dataclass(frozen=True)
class NetworkShape:
    """What a network is built from: all that is needed to make it again, except its weights."""

    kind: str = "residual"  # or "plain": AlphaGo's tower of convolutions without short cuts
    blocks: int = 6  # residual blocks of two convolutions, or single convolutions
    channels: int = 96
    planes: int = go_features.COUNT
    pool_every: int = 3  # every so many residual blocks one sees the whole board; 0: only the heads do
    head_channels: int = 32
    heads: tuple[str, ...] = (POLICY, VALUE)  # one alone for AlphaGo's separate networks

    def __post_init__(self):
        object.__setattr__(self, "heads", tuple(self.heads))  # JSON and TOML know only lists
        if self.kind not in KINDS:
            raise ValueError(f"there is no network of kind {self.kind!r}; choose one of {', '.join(KINDS)}")
        if self.heads not in ((POLICY, VALUE), (POLICY,), (VALUE,)):
            raise ValueError(f"a network has the heads policy and value, or one of them, not {list(self.heads)}")
        if min(self.blocks, self.channels, self.planes, self.head_channels) < 1 or self.pool_every < 0:
            raise ValueError("a network needs at least one block, channel, plane and head channel")

    @staticmethod
    def read(words: Mapping) -> "NetworkShape":
        """Return the shape that a model file or a recipe describes; raise `ValueError` for unknown names."""
        known = [field.name for field in fields(NetworkShape)]
        unknown = sorted(set(words) - set(known))
        if unknown:
            raise ValueError(f"a network has no setting {unknown[0]!r}; there are {', '.join(known)}")
        return NetworkShape(**words)

    def write(self) -> dict:
        """Return what `read` reads, fit for JSON."""
        return asdict(self) | {"heads": list(self.heads)}

    def __str__(self) -> str:
        return f"{self.kind} {self.blocks}x{self.channels}"


# --- parts ------------------------------------------------------------------------------------------------


class Convolution(nn.Sequential):
    """A convolution and its batch norm, which export folds into one."""

    def __init__(self, inputs: int, outputs: int, side: int):
        super().__init__(
            nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=False),
            nn.BatchNorm2d(outputs),
        )
        nn.init.kaiming_normal_(self[0].weight, nonlinearity="relu")


def on_board(x: Tensor, mask: Tensor | None) -> Tensor:
    """Set what lies off the board to 0, as if the planes ended there; mask [B, 1, H, W], or None where none does."""
    return x if mask is None else x * mask


def pooled(x: Tensor, mask: Tensor | None) -> Tensor:
    """Return what the whole board shows of x >= 0 [B, C, H, W]: mean, mean by size, and most, [B, 3C].

    The mean scaled with the board's side, as in KataGo: it lets a network count, which the mean alone does not.
    """
    if mask is None:
        mean, sides = x.mean((2, 3)), x.shape[3]
    else:
        points = mask.sum((2, 3))
        mean, sides = x.sum((2, 3)) / points, points.sqrt()
    return torch.cat([mean, mean * ((sides - 14) / 10), x.amax((2, 3))], 1)


class ResidualBlock(nn.Module):
    """Two convolutions and a short cut (He et al. 2016); a pooling block also tells each channel of the whole board."""

    def __init__(self, channels: int, pools: bool):
        super().__init__()
        self.first, self.second = Convolution(channels, channels, 3), Convolution(channels, channels, 3)
        self.whole = nn.Linear(3 * channels, channels) if pools else None
        nn.init.zeros_(self.second[1].weight)  # a new block changes nothing

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


class PolicyHead(nn.Module):
    """A logit for each point, then one for the pass, [B, H * W + 1]; off the board they are too low to matter."""

    OFF_BOARD = 1e4

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.here, self.around = nn.Conv2d(channels, width, 1, bias=False), Convolution(channels, width, 1)
        self.whole = nn.Linear(3 * width, width)
        self.point, self.skip = nn.Conv2d(width, 1, 1), nn.Linear(3 * width, 1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        whole = pooled(on_board(F.relu(self.around(x)), mask), mask)
        points = self.point(F.relu(self.here(x) + self.whole(whole)[:, :, None, None]))
        if mask is not None:
            points = points - (1 - mask) * self.OFF_BOARD
        return torch.cat([points.flatten(1), self.skip(whole)], 1)


class ValueHead(nn.Module):
    """What the side to play may expect, in [-1, 1], [B]."""

    def __init__(self, channels: int, width: int):
        super().__init__()
        self.around = Convolution(channels, width, 1)
        self.hidden, self.last = nn.Linear(3 * width, 2 * width), nn.Linear(2 * width, 1)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        whole = pooled(on_board(F.relu(self.around(x)), mask), mask)
        return torch.tanh(self.last(F.relu(self.hidden(whole)))).squeeze(1)


# --- the network ------------------------------------------------------------------------------------------


class PolicyValueNet(nn.Module):
    """A tower of convolutions with a policy head, a value head or both.

    `forward` takes planes uint8 [B, planes, H, W] and returns logits [B, H * W + 1] and values [B], or None for a
    head that is not there. With `padded`, boards may be smaller than the planes and lie in their top left corner;
    without, which is quicker, all boards must fill them. Batch norm takes its statistics over whole planes, so
    train padded boards only beside full ones, or in batches of their own size.
    """

    def __init__(self, shape: NetworkShape):
        super().__init__()
        self.shape, self.padded = shape, True
        stem = 5 if shape.kind == "plain" else 3  # AlphaGo's first layer looks twice as far
        self.stem = PlainLayer(shape.planes, shape.channels, stem)
        self.blocks = nn.ModuleList(_block(shape, number) for number in range(1, shape.blocks + 1))
        self.policy = PolicyHead(shape.channels, shape.head_channels) if POLICY in shape.heads else None
        self.value = ValueHead(shape.channels, shape.head_channels) if VALUE in shape.heads else None
        scale = go_features.SCALE if shape.planes == go_features.COUNT else np.ones(shape.planes, np.float32)
        self.register_buffer("scale", torch.from_numpy(scale.reshape(1, -1, 1, 1).copy()), persistent=False)

    def forward(self, planes: Tensor) -> tuple[Tensor | None, Tensor | None]:
        x = planes.to(self.scale.dtype) * self.scale
        mask = x[:, go_features.MASK : go_features.MASK + 1] if self.padded else None
        x = self.stem(x, mask)
        for block in self.blocks:
            x = block(x, mask)
        return self.policy and self.policy(x, mask), self.value and self.value(x, mask)


def _block(shape: NetworkShape, number: int) -> nn.Module:
    if shape.kind == "plain":
        return PlainLayer(shape.channels, shape.channels)
    return ResidualBlock(shape.channels, bool(shape.pool_every) and number % shape.pool_every == 0)
