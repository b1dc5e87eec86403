"""Finding and opening language models.

A model is a Hugging Face folder of the Llama family: config.json, tokenizer.json, and weights as model.onnx (runs
without torch), model.int8.onnx (the same in eight-bit numbers) or model.safetensors (runs in torch). Our own also have
model.json, which says where they come from and what was measured.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.text.language_model import LanguageModel
from engine.text.shape import CONFIG, read_shape
from engine.text.tokenizer import read_tokenizer
from engine.text.weights import INDEX, WEIGHTS
from games import plain_files

DESCRIPTION, ONNX, INT8 = "model.json", "model.onnx", "model.int8.onnx"
SHIPPED = Path(__file__).parents[1] / "models"
RUNTIMES = ("auto", "int8", "onnx", "torch")

PADDED = 2
"""How many times larger than its tokenizer a vocabulary may be: some are filled up to a round number."""


def open_model(name: str | Path, runtime: str = "auto", threads: int = 1) -> LanguageModel:
    """Open a model that ships, was fetched, or lies in a folder or a training run.

    `runtime` is int8, onnx or torch; auto takes the first of them whose file is there. Raise `ValueError` in one
    sentence that names the file.
    """
    if runtime not in RUNTIMES:
        raise ValueError(f"there is no runtime {runtime!r}; the runtimes are: {', '.join(RUNTIMES)}")
    folder = find_folder(name)
    shape, tokenizer, about = read_shape(folder), read_tokenizer(folder), read_description(folder)
    if not tokenizer.size <= shape.vocabulary <= PADDED * tokenizer.size:
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
        from engine.text.torch_model import TorchLanguageModel

        return TorchLanguageModel.open
    from engine.text.onnx_model import OnnxLanguageModel

    file = folder / (INT8 if wanted[0] == "int8" else ONNX)
    return lambda _, *about: OnnxLanguageModel(file, *about)


def _has(folder: Path, runtime: str) -> bool:
    files = {"int8": (INT8,), "onnx": (ONNX,), "torch": (WEIGHTS, INDEX)}[runtime]
    return any((folder / name).is_file() for name in files)


def read_description(folder: Path) -> dict[str, Any]:
    """Read model.json; {} where there is none, as in folders from elsewhere."""
    path = folder / DESCRIPTION
    try:
        about = plain_files.read_json(path)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
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
    steps = [path for path in folder.glob("*") if path.name.isdecimal()]
    return sorted(steps, key=lambda path: int(path.name), reverse=True)
