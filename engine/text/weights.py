"""The weights of a language model: model.safetensors of a Hugging Face folder, read and checked without torch."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.text.shape import LlamaShape
from games import plain_files

WEIGHTS, INDEX = "model.safetensors", "model.safetensors.index.json"
LONGEST_HEADER = 100_000_000
"""Bytes of a header, as safetensors itself allows."""

_KINDS: dict[str, np.dtype] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}


def read_weights(folder: Path, shape: LlamaShape) -> dict[str, np.ndarray]:
    """Return the weights that a shape needs, float32; raise `ValueError` naming file and tensor for what is wrong."""
    folder = Path(folder)
    found: dict[str, np.ndarray] = {}
    for path in _files(folder):
        found |= read_tensors(path)
    return checked(found, shape, folder / WEIGHTS)


def checked(found: Mapping[str, np.ndarray], shape: LlamaShape, path: Path) -> dict[str, np.ndarray]:
    """Return the tensors that a shape needs; raise `ValueError` where one is missing, of other sizes or not finite."""
    weights = {}
    for name, sizes in shape.tensors().items():
        if name not in found:
            raise ValueError(f"{path} holds no tensor {name}")
        if found[name].shape != sizes:
            raise ValueError(
                f"{path}: {name} is of {list(found[name].shape)} numbers, and config.json says {list(sizes)}"
            )
        if not np.isfinite(found[name]).all():
            raise ValueError(f"{path}: {name} holds numbers that are not finite")
        weights[name] = found[name]
    return weights


def _files(folder: Path) -> list[Path]:
    """Return the file of all weights, or the files that an index names."""
    index = folder / INDEX
    if (folder / WEIGHTS).is_file() or not index.is_file():
        return [folder / WEIGHTS]
    try:
        names = set(plain_files.read_json(index)["weight_map"].values())
        if not all(isinstance(name, str) and Path(name).name == name for name in names):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise ValueError(f"{index} names no files of weights") from None
    return [folder / name for name in sorted(names)]


def read_tensors(path: Path) -> dict[str, np.ndarray]:
    """Read a file of safetensors, also in bfloat16, which numpy does not have; everything becomes float32."""
    try:
        with plain_files.open_plain(path) as file:
            return dict(_tensors(file.read()))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ValueError(f"{path} is no whole file of safetensors: {error}") from None


def _tensors(data: bytes) -> list[tuple[str, np.ndarray]]:
    (size,) = struct.unpack_from("<Q", data)
    if size > min(LONGEST_HEADER, len(data) - 8):
        raise ValueError("its header is longer than the file")
    header = plain_files.parse_json(data[8 : 8 + size])
    header.pop("__metadata__", None)
    return [(name, _tensor(data, 8 + size, entry)) for name, entry in header.items()]


def _tensor(data: bytes, origin: int, entry: Mapping[str, Any]) -> np.ndarray:
    if entry["dtype"] not in _KINDS:
        raise ValueError(f"numbers of the kind {entry['dtype']!r} are none of {', '.join(_KINDS)}")
    kind, (first, last) = _KINDS[entry["dtype"]], entry["data_offsets"]
    count = (last - first) // kind.itemsize
    if not 0 <= first <= last <= len(data) - origin or count * kind.itemsize != last - first:
        raise ValueError("a tensor lies outside the file")
    numbers = np.frombuffer(data, kind, count, origin + first).reshape(entry["shape"])
    if entry["dtype"] == "BF16":
        return (numbers.astype(np.uint32) << 16).view(np.float32)
    return numbers.astype(np.float32)


def write_weights(folder: Path, weights: Mapping[str, np.ndarray], half: bool = False) -> None:
    """Write model.safetensors, in 16 bits if `half`."""
    from safetensors.numpy import save

    kind = np.float16 if half else np.float32
    tensors = {name: np.ascontiguousarray(value, kind) for name, value in weights.items()}
    data = save(tensors, {"format": "pt"})  # `save_file` would make a file that nobody else may read
    (Path(folder) / WEIGHTS).write_bytes(data)
