"""What runs a network: onnxruntime on a GPU or the CPU, OpenVINO on a CPU, torch for training's own games.

Each is a `Network`: callable from several threads, with planes of any number of positions.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from queue import Empty, LifoQueue
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.networks.model import INPUT, POLICY, VALUE

if TYPE_CHECKING:
    from engine.networks.towers import PolicyValueNet

Network = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""planes uint8 [B, P, H, W] -> priors float32 [B, moves] (or [B, 0] from a value network), values float32 [B]
from the view of the side to play (0 from a policy network)."""

BATCHES = (1, 2, 4, 8, 16, 24, 32, 48, 64)
"""The batches that engines compile for: others are filled up with empty boards, or cut."""


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities, float32, over the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True), dtype=np.float32)
    powers /= powers.sum(-1, keepdims=True)
    return powers


def _answers(policy: np.ndarray | None, value: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return priors and values of the logits and values of a network's heads; one of the heads may be missing."""
    head = policy if policy is not None else value
    count = 0 if head is None else len(head)
    priors = np.empty((count, 0), np.float32) if policy is None else softmax(policy)
    return priors, np.zeros(count, np.float32) if value is None else np.array(value, np.float32)


def _in_batches(planes: np.ndarray, run: Callable) -> list[np.ndarray | None]:
    """Run planes of any number in batches of the allowed sizes; return the heads' answers, rows as they came."""
    answers = []
    for first in range(0, len(planes), BATCHES[-1]):
        piece = planes[first : first + BATCHES[-1]]
        batch = next(size for size in BATCHES if size >= len(piece))
        full = piece if len(piece) == batch else _filled(piece, batch)
        answers.append([None if head is None else head[: len(piece)] for head in run(full)])
    if len(answers) == 1:
        return answers[0]
    return [None if heads[0] is None else np.concatenate(heads) for heads in zip(*answers, strict=True)]


def _filled(planes: np.ndarray, batch: int) -> np.ndarray:
    full = np.zeros((batch, *planes.shape[1:]), np.uint8)
    full[: len(planes)] = planes
    return full


def reason(error: Exception) -> str:
    """Return a library's message as one line, without its file names and checks."""
    lines = [line.strip() for line in str(error).splitlines()]
    telling = [line for line in lines if line and not line.startswith(("Exception from", "Check '", "FrontEnd API"))]
    return " ".join(telling)[:300] or type(error).__name__


class OnnxNetwork:
    """A network in onnxruntime, float32: CPUExecutionProvider, CUDAExecutionProvider, ...

    On the CPU a call runs in the thread that makes it. Raises `ValueError` for a file that holds no network of ours,
    and `RuntimeError` where the provider does not really work.
    """

    def __init__(self, path: Path | str, provider: str = "CPUExecutionProvider"):
        import onnxruntime

        onnxruntime.set_default_logger_severity(4)  # a provider that does not load is told in one sentence, below
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=[provider])
        except Exception as error:  # onnxruntime's own kinds of error have no common name
            raise ValueError(f"{path} cannot be run: {reason(error)}") from None
        self.provider = self._session.get_providers()[0]
        if self.provider != provider:
            raise RuntimeError(f"{provider} did not load")
        self._heads = [output.name for output in self._session.get_outputs()]
        taken = [(each.name, each.type, each.shape) for each in self._session.get_inputs()]
        self.planes = _plane_count(path, taken, self._heads, "tensor(uint8)")

    def __call__(self, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        if self.provider == "CPUExecutionProvider":
            return _answers(*self._run(planes))
        return _answers(*_in_batches(planes, self._run))  # each new shape would be tuned anew

    def _run(self, planes: np.ndarray) -> list[np.ndarray | None]:
        said = dict(zip(self._heads, self._session.run(self._heads, {INPUT: planes}), strict=True))
        return [said.get(POLICY), said.get(VALUE)]


def _plane_count(path: Path | str, inputs: list[tuple[str, str, list]], outputs: list[str], byte: str) -> int:
    """Return how many planes a network takes; raise `ValueError` for one with other inputs or outputs than ours."""
    if [(name, kind, len(shape)) for name, kind, shape in inputs] != [(INPUT, byte, 4)]:
        found = ", ".join(f"{name} {kind} [{', '.join(map(str, shape))}]" for name, kind, shape in inputs)
        raise ValueError(f"{path} takes {found or 'nothing'}, not {INPUT}, bytes of [batch, planes, side, side]")
    if not outputs or not set(outputs) <= {POLICY, VALUE}:
        raise ValueError(f"{path} answers {', '.join(outputs) or 'nothing'}, not {POLICY} and {VALUE}")
    try:
        return int(str(inputs[0][2][1]))
    except ValueError:
        raise ValueError(f"{path} does not say how many planes it takes") from None


@cache
def _openvino_core() -> Any:
    """Return the one core of this process, which is never let go.

    Its plugin gives the thread that loads it a stack for signals, and takes that away from the thread that drops it:
    if that is another one, the next signal, Ctrl C for one, would kill the first. Its telemetry, which would keep an
    id of the user in the home folder, is as if it were not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    from openvino import Core

    return Core()


class OpenVinoNetwork:
    """A network in OpenVINO on the CPU, in "bf16" or "f32".

    Compiled for each shape that comes (a tenth of a second, and a tenth quicker than one program for all shapes), and
    for as many threads as really call at once; a call runs in the thread that makes it.
    """

    def __init__(self, path: Path | str, precision: str = "f32"):
        self.precision, self._core = precision, _openvino_core()
        from openvino.frontend import FrontEndManager

        self._settings = {
            "INFERENCE_PRECISION_HINT": precision,
            "NUM_STREAMS": 1,
            "INFERENCE_NUM_THREADS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        try:
            reader = FrontEndManager().load_by_framework("onnx")  # the core would try all formats, and be loud about it
            self._model = reader.convert(reader.load(str(path)))
        except Exception as error:  # the front end's own kind is no RuntimeError
            raise ValueError(f"{path} cannot be read: {reason(error)}") from None
        taken = [(i.any_name, i.element_type.get_type_name(), list(i.partial_shape)) for i in self._model.inputs]
        heads = [output.any_name for output in self._model.outputs]
        self.planes = _plane_count(path, taken, heads, "u8")
        self._places = [heads.index(head) if head in heads else None for head in (POLICY, VALUE)]
        self._idle: dict[tuple, LifoQueue] = {}

    def __call__(self, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return _answers(*_in_batches(planes, self._run))

    def _run(self, planes: np.ndarray) -> list[np.ndarray | None]:
        with self._request(planes.shape) as request:
            request.get_input_tensor(0).data[:] = planes  # handing arrays to `infer` takes a tenth of a millisecond
            request.infer(share_outputs=True)
            return [None if at is None else request.get_output_tensor(at).data.copy() for at in self._places]

    @contextmanager
    def _request(self, shape: tuple[int, ...]) -> Iterator:
        """Lend a request for a shape: an idle one, or a new one if all are at work."""
        idle = self._idle.setdefault(shape, LifoQueue())
        try:
            request = idle.get_nowait()
        except Empty:
            request = self._new_request(shape)
        yield request
        idle.put(request)

    def _new_request(self, shape: tuple[int, ...]):
        model = self._model.clone()
        model.reshape(list(shape))
        return self._core.compile_model(model, "CPU", self._settings).create_infer_request()


class TorchNetwork:
    """A torch network as it is now, on a device, in bfloat16 or float32.

    `threads`, if given, is how many torch uses on a CPU, in the whole process: one is best where several call.
    """

    def __init__(self, net: "PolicyValueNet", device: str = "cpu", bfloat16: bool = False, threads: int = 0):
        import torch

        self.device, self.bfloat16 = device, bfloat16
        if threads:
            torch.set_num_threads(threads)
        self.update(net)

    def update(self, net: "PolicyValueNet") -> None:
        """Copy the weights that the network has learned since."""
        import torch

        from engine.networks.towers import folded

        kind = torch.bfloat16 if self.bfloat16 else torch.float32
        self._net = folded(net).to(device=self.device, dtype=kind)
        self._net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # its stubs know no such word

    def __call__(self, planes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        import torch

        with torch.inference_mode():
            answers = self._net(torch.from_numpy(planes).to(self.device))
            return _answers(*(None if answer is None else answer.float().cpu().numpy() for answer in answers))
