"""Every torch network that looks at a board: how it is built of its layers, saved, loaded and written as ONNX.

    planes -> stem -> blocks -> policy head: a logit for every point, then one for the pass; or one for every column
                             -> value head: tanh, what the side to play may expect

Nothing here has a size: convolutions, and heads that see the whole board by pooling (Wu, Accelerating self-play
learning in Go, 2019), so that one network serves every board. Networks speak from the mover's view; the evaluator
turns that into the first player's. Only training and the torch evaluator import this file.
"""

import copy
import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import cast

import numpy as np
import onnxruntime
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_model, save_model
from torch import Tensor, nn
from torch.export import Dim
from torch.nn.utils.fusion import fuse_conv_bn_eval

from engine.networks.layers import POLICY_HEADS, Convolution, OwnerHead, PlainLayer, ResidualBlock, ValueHead
from engine.networks.model import INPUT, ONNX, POLICY, VALUE, WEIGHTS, read, write_description
from engine.networks.sight import board, sight
from games import plain_files

KINDS = ("residual", "plain")
OPSET = 20


@dataclass(frozen=True, kw_only=True)
class NetworkShape:
    """What a network is built from: all that is needed to make it again, except its weights."""

    game: str
    kind: str = "residual"  # or "plain": AlphaGo's tower of convolutions without short cuts
    blocks: int = 6  # residual blocks of two convolutions, or single convolutions
    channels: int = 96
    planes: int = 0  # 0: those that the game shows today
    pool_every: int = 3  # every so many residual blocks one sees the whole board; 0: only the heads do
    head_channels: int = 32
    heads: tuple[str, ...] = (POLICY, VALUE)  # one alone for AlphaGo's separate networks

    def __post_init__(self):
        object.__setattr__(self, "heads", tuple(self.heads))  # JSON and TOML know only lists
        object.__setattr__(self, "planes", self.planes or sight(self.game).COUNT)
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


# --- the network ------------------------------------------------------------------------------------------


class PolicyValueNet(nn.Module):
    """A tower of convolutions with a policy head, a value head or both.

    `forward` takes planes uint8 [B, planes, H, W] and returns logits [B, moves] and values [B], or None for a head
    that is not there. With `padded`, boards may be smaller than the planes and lie in their top left corner;
    without, which is quicker, all boards must fill them. Batch norm takes its statistics over whole planes, so
    train padded boards only beside full ones, or in batches of their own size.

    A stage may set `owners`, whose answers are then a third: who will own each point [B, H * W]. What this teaches the
    tower stays; the head is no part of what is written to play with.
    """

    scale: Tensor
    owners: OwnerHead | None

    def __init__(self, shape: NetworkShape):
        super().__init__()
        self.shape, self.padded = shape, True
        stem = 5 if shape.kind == "plain" else 3  # AlphaGo's first layer looks twice as far
        self.stem = PlainLayer(shape.planes, shape.channels, stem)
        self.blocks = nn.ModuleList(_block(shape, number) for number in range(1, shape.blocks + 1))
        shown = sight(shape.game)
        policy = POLICY_HEADS[shown.POLICY]
        self.policy = policy(shape.channels, shape.head_channels) if POLICY in shape.heads else None
        self.value = ValueHead(shape.channels, shape.head_channels) if VALUE in shape.heads else None
        self.owners = None
        self.mask = shown.MASK
        scale = shown.SCALE if shape.planes == shown.COUNT else np.ones(shape.planes, np.float32)
        self.register_buffer("scale", torch.from_numpy(scale.reshape(1, -1, 1, 1).copy()), persistent=False)

    def forward(self, planes: Tensor) -> tuple[Tensor | None, ...]:
        x = planes.to(self.scale.dtype) * self.scale
        mask = x[:, self.mask : self.mask + 1] if self.padded else None
        x = self.stem(x, mask)
        for block in self.blocks:
            x = block(x, mask)
        logits = None if self.policy is None else self.policy(x, mask)
        values = None if self.value is None else self.value(x, mask)
        return (logits, values) if self.owners is None else (logits, values, self.owners(x))


def _block(shape: NetworkShape, number: int) -> nn.Module:
    if shape.kind == "plain":
        return PlainLayer(shape.channels, shape.channels)
    return ResidualBlock(shape.channels, bool(shape.pool_every) and number % shape.pool_every == 0)


def lively(shape: NetworkShape, seed: int = 1) -> PolicyValueNet:
    """Return a network, to measure and to test with, that no part of is 0 or 1 as in a new one."""
    torch.manual_seed(seed)
    net = PolicyValueNet(shape)
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            nn.init.uniform_(part.weight, 0.2, 0.8)
            nn.init.normal_(part.bias, 0, 0.2)
            part.momentum = 1.0  # what it sees now is all that it has seen
    with torch.no_grad():
        shown = sight(shape.game)
        net(torch.from_numpy(_noise(np.random.default_rng(seed), board(shown, 9), shape.planes, shown.MASK)))
    return net.eval()


# --- save and load ----------------------------------------------------------------------------------------


def halved(net: PolicyValueNet) -> PolicyValueNet:
    """Return a copy in float16: half as large a file, and no move is lost by it."""
    return _played(net).half()


def _played(net: PolicyValueNet) -> PolicyValueNet:
    """Return a copy with what playing needs, on the CPU."""
    net = copy.deepcopy(net).cpu()
    net.owners = None
    return net


def save(net: PolicyValueNet, folder: Path) -> None:
    """Write the weights into a folder, as model.safetensors in the network's own precision."""
    save_model(net, str(folder / WEIGHTS), {"shape": json.dumps(net.shape.write())})
    (folder / WEIGHTS).chmod(0o644)  # safetensors hides what it writes from other users


def load(folder: Path) -> PolicyValueNet:
    """Return the network whose weights a folder holds; raise `ValueError` where it holds none that fit."""
    path = Path(folder) / WEIGHTS
    try:
        plain_files.open_plain(path).close()
        with safe_open(path, "pt") as file:
            words = plain_files.parse_json((file.metadata() or {})["shape"])
        game = {} if "game" in words else {"game": read(Path(folder)).game}  # the first models did not tell it here
        net = PolicyValueNet(NetworkShape.read(words | game))
        load_model(net, path)
        if not all(value.isfinite().all() for value in net.state_dict().values()):
            raise ValueError("it has weights that are not finite numbers")
    except FileNotFoundError:
        raise ValueError(f"{folder} holds no {WEIGHTS}: there is nothing to train on") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None
    except (SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(f"{path} holds no network of Yomi's: {_first_line(error)}") from None
    return net


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0]


def write_model(
    net: PolicyValueNet,
    folder: Path,
    about: Mapping,
    export: "Callable[[PolicyValueNet, Path], Parity] | None" = None,
) -> "Parity":
    """Fill a folder with a model: weights in float16, ONNX, and model.json with `about` and the network's shape.

    `about` is what `model.describe` lists beyond the shape; `export` may take the place of `export_onnx`. Returns how
    well the ONNX file agrees with the weights that were written.
    """
    net = halved(net)
    save(net, folder)
    parity = (export or export_onnx)(net, folder / ONNX)
    write_description(folder, dict(about) | {"shape": net.shape.write(), "export": asdict(parity)})
    return parity


# --- ONNX -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parity:
    """How well an exported network agrees with its original, both in float32."""

    positions: int
    top1: float  # share of positions with the same best move
    policy_difference: float  # greatest difference of a logit
    value_difference: float


def folded(net: PolicyValueNet) -> PolicyValueNet:
    """Return a copy to play with: boards fill their planes, and every batch norm is part of its convolution."""
    net = _played(net).float().eval()
    net.padded = False
    for part in net.modules():
        if isinstance(part, Convolution) and isinstance(part[1], nn.BatchNorm2d):
            part[0], part[1] = fuse_conv_bn_eval(cast(nn.Conv2d, part[0]), part[1]), nn.Identity()
    return net


def export_onnx(net: PolicyValueNet, path: Path) -> Parity:
    """Write a network as one ONNX file, uint8 planes in, batch and sides of squares dynamic; return how it agrees.

    Boards fill the planes in it, which spares a multiplication after every convolution: a tenth of the time.
    """
    net, boards = folded(net), sight(net.shape.game).BOARDS
    dynamic = {0: Dim("batch", min=1, max=65536)}
    if len(boards) > 1:
        dynamic[2] = dynamic[3] = Dim("side", min=2, max=25)
    example = torch.zeros(2, net.shape.planes, *boards[-1], dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            _Answers(net),
            (example,),
            dynamo=True,
            external_data=False,
            dynamic_shapes={"planes": dynamic},
            input_names=[INPUT],
            output_names=list(net.shape.heads),
            opset_version=OPSET,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx.export returned no program")
    for node in program.model.graph:  # its notes name files and folders of this machine
        node.metadata_props.clear()
    program.save(path)
    return parity(net, path)


class _Answers(nn.Module):
    """A network whose answers are those of the heads that it has."""

    heads: list[str]
    planes: int

    def __init__(self, net: PolicyValueNet):
        super().__init__()
        self.net, self.heads, self.planes = net, list(net.shape.heads), net.shape.planes

    def forward(self, planes: Tensor) -> tuple[Tensor, ...]:
        return tuple(answer for answer in self.net(planes) if answer is not None)


@contextmanager
def _quiet() -> Iterator[None]:
    """Hide the exporter's own warnings: deprecated helpers, missing torchvision, shared names of axes."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def parity(net: PolicyValueNet, path: Path, seed: int = 1) -> Parity:
    """Compare a network with its ONNX file on the boards of its game, filled at random."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    random, answers, shown = np.random.default_rng(seed), _Answers(folded(net)), sight(net.shape.game)
    same, differences = [], {POLICY: [0.0], VALUE: [0.0]}
    for tried in shown.BOARDS:
        planes = _noise(random, tried, answers.planes, shown.MASK)
        with torch.inference_mode():
            ours = [answer.numpy() for answer in answers(torch.from_numpy(planes))]
        theirs = session.run(answers.heads, {INPUT: planes})
        for head, mine, other in zip(answers.heads, ours, theirs, strict=True):
            differences[head].append(float(np.abs(mine - other).max()))
        same.append(ours[0].reshape(len(planes), -1).argmax(1) == theirs[0].reshape(len(planes), -1).argmax(1))
    agreed = np.concatenate(same)
    return Parity(len(agreed), float(agreed.mean()), max(differences[POLICY]), max(differences[VALUE]))


def _noise(random: np.random.Generator, tried: tuple[int, int], planes: int, mask: int) -> np.ndarray:
    """Return boards that no game has, uint8 [8, planes, rows, columns]."""
    noise = (random.random((8, planes, *tried)) < 0.15).astype(np.uint8)
    noise[:, mask] = 1
    return noise
