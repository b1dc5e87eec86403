"""A language model that is ready to run: its tokenizer, its sizes, and `extend`, which is all that decoding asks of it.

A model is a Hugging Face folder of the Llama family: config.json, tokenizer.json, and weights as model.onnx (runs
without torch), model.int8.onnx (the same in eight-bit numbers) or model.safetensors (runs in torch). Our own also have
model.json, which says where they come from and what was measured.
"""

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.text.shape import CONFIG, LlamaShape, read_shape
from engine.text.tokenizer import Tokenizer, read_tokenizer
from engine.text.weights import INDEX, WEIGHTS

DESCRIPTION, ONNX, INT8 = "model.json", "model.onnx", "model.int8.onnx"
SHIPPED = Path(__file__).parents[1] / "models"
RUNTIMES = ("auto", "int8", "onnx", "torch")

Answer = tuple[np.ndarray, np.ndarray, np.ndarray]
"""logits float32 [B, T, V], hidden float32 [B, T, C] after the last norm, memory float32 [B, L, 2, H, T, D]."""


class LanguageModel(ABC):
    """A language model of the Llama family with its tokenizer."""

    def __init__(self, folder: Path, shape: LlamaShape, tokenizer: Tokenizer, about: Mapping[str, Any]):
        self.folder, self.shape, self.tokenizer, self.about = folder, shape, tokenizer, about
        self.vocabulary, self.context, self.end = shape.vocabulary, shape.context, shape.end
        self.layers, self.kv_heads, self.head_size, self.width = (
            shape.layers,
            shape.kv_heads,
            shape.head_size,
            shape.width,
        )

    @property
    @abstractmethod
    def runtime(self) -> str:
        """What runs it, in words."""

    @abstractmethod
    def extend(self, tokens: np.ndarray, shared: np.ndarray, tails: np.ndarray, tail_lengths: np.ndarray) -> Answer:
        """Run new tokens, int64 [B, T], after what the rows have read before.

        What they have read is keys and values of earlier tokens, as `memory` returned them: `shared` float32
        [L, 2, H, P, D] of a beginning that all rows have in common, then `tails` float32 [B, L, 2, H, R, D], of which
        row b has the first tail_lengths[b], int64 [B]. New tokens see all that and each other causally.
        """

    def no_prefix(self) -> np.ndarray:
        """Return the keys and values of no shared beginning."""
        return np.zeros((self.layers, 2, self.kv_heads, 0, self.head_size), np.float32)

    def no_tails(self, rows: int) -> np.ndarray:
        """Return the keys and values of rows that have read nothing of their own."""
        return np.zeros((rows, self.layers, 2, self.kv_heads, 0, self.head_size), np.float32)

    def read(self, tokens: Sequence[int]) -> Answer:
        """Run one text from its beginning, B = 1; its memory[0] is the `shared` of what follows it."""
        row = np.asarray(tokens, np.int64)[None]
        return self.extend(row, self.no_prefix(), self.no_tails(1), np.zeros(1, np.int64))

    def chat(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the tokens of a conversation, up to where the assistant answers: ChatML, messages {role, content}.

        Raise `ValueError` for a model that was not taught ChatML.
        """
        opening, closing = self.tokenizer.number("<|im_start|>"), self.tokenizer.number("<|im_end|>")
        if opening is None or closing is None:
            raise ValueError(f"{self.folder} is a model of plain text: it knows no conversation")
        said = list(messages)
        system = self.about.get("system", "")
        if system and (not said or said[0]["role"] != "system"):
            said.insert(0, {"role": "system", "content": system})
        tokens = []
        for message in said:
            text = self.tokenizer.encode(f"{message['role']}\n{message['content']}", special=False)
            tokens += [opening, *text, closing, *self.tokenizer.encode("\n", special=False)]
        return [*tokens, opening, *self.tokenizer.encode("assistant\n", special=False)]


def open_model(name: str | Path, runtime: str = "auto", threads: int = 1) -> LanguageModel:
    """Open a model that ships, was fetched, or lies in a folder or a training run.

    `runtime` is int8, onnx or torch; auto takes the first of them whose file is there. Raise `ValueError` in one
    sentence that names the file.
    """
    if runtime not in RUNTIMES:
        raise ValueError(f"there is no runtime {runtime!r}; the runtimes are: {', '.join(RUNTIMES)}")
    folder = find_folder(name)
    shape, tokenizer, about = read_shape(folder), read_tokenizer(folder), read_description(folder)
    if tokenizer.size > shape.vocabulary:
        raise ValueError(
            f"{folder}: tokenizer.json has {tokenizer.size} tokens, and config.json says {shape.vocabulary}: "
            "they do not belong together"
        )
    model = _opener(folder, runtime)(folder, shape, tokenizer, about, threads)
    if not np.isfinite(model.read([model.end])[0]).all():
        raise ValueError(f"{folder}: the network's answers are not finite numbers: its weights are damaged")
    return model


def _opener(folder: Path, runtime: str) -> Callable[..., LanguageModel]:
    """Return what opens a folder's model."""
    wanted = [each for each in RUNTIMES[1:] if runtime in ("auto", each) and _has(folder, each)]
    if not wanted:
        raise ValueError(f"{folder} holds no weights for {'any runtime' if runtime == 'auto' else runtime}")
    if wanted[0] == "torch":
        from engine.text import torch_model

        return torch_model.open_torch
    from engine.text import onnx_model

    return onnx_model.open_int8 if wanted[0] == "int8" else onnx_model.open_onnx


def _has(folder: Path, runtime: str) -> bool:
    files = {"int8": (INT8,), "onnx": (ONNX,), "torch": (WEIGHTS, INDEX)}[runtime]
    return any((folder / name).is_file() for name in files)


def read_description(folder: Path) -> dict[str, Any]:
    """Read model.json; {} where there is none, as in folders from elsewhere."""
    path = folder / DESCRIPTION
    try:
        about = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not isinstance(about, dict) or about.get("format", 1) != 1:
        raise ValueError(f"{path} describes no model of this Yomi: it reads format 1")
    return about


# --- finding ----------------------------------------------------------------------------------------------


def data_folder() -> Path:
    """Return where models that were fetched are kept."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "yomi" / "models"


def find_folder(name: str | Path) -> Path:
    """Return the folder of a model that ships or was fetched, a folder, or a run's newest model."""
    path = Path(name).expanduser()
    plain = path.name == str(name)
    places = [SHIPPED / path, data_folder() / path] if plain else []
    for place in [*places, path, *_newest_first(path / "models"), *_newest_first(path)]:
        if (place / CONFIG).is_file():
            return place
    if path.is_file():
        raise ValueError(f"{name} is a file; a language model is a folder with {CONFIG} in it")
    if path.is_dir():
        raise ValueError(f"{name} is no language model, and no run that has one yet: there is no {CONFIG} in it")
    raise ValueError(f"there is no language model {str(name)!r}: name a folder, or one of: {', '.join(names())}")


def names() -> list[str]:
    """List the names of the language models that ship or were fetched."""
    return sorted({path.parent.name for root in (SHIPPED, data_folder()) for path in root.glob(f"*/{CONFIG}")})


def _newest_first(folder: Path) -> list[Path]:
    steps = [path for path in folder.glob("*") if path.name.isdigit()]
    return sorted(steps, key=lambda path: int(path.name), reverse=True)
