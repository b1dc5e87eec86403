"""A model: a folder with a network, and what must be known before it plays.

    model.json           what it plays, what it sees, where it comes from, how strong it is
    model.onnx           the network, to play with
    model.int8.onnx      the same in eight-bit numbers (may be missing)
    model.safetensors    the same to train on (may be missing)
    9x9/                 a model that is stronger on boards of one size, and plays there (may be missing)

A model has a name if it ships with Yomi, in engine/models; any other is named by the path of its folder, or of the
training run whose newest model is meant.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.search import SearchSettings
from engine.settings import resolve
from games import plain_files, wings

SHIPPED = Path(__file__).parents[1] / "models"
DESCRIPTION, ONNX, INT8, WEIGHTS = "model.json", "model.onnx", "model.int8.onnx", "model.safetensors"

INPUT, POLICY, VALUE = "planes", "policy", "value"
"""The ONNX file's input, uint8 [batch, planes, rows, columns], and outputs: logits float32 [batch, moves], and
float32 [batch] from the view of the side to play. One of the outputs may be missing."""

SYMMETRIES = ("none", "random", "all")
"""How a network sees a position: as it is, under a random symmetry, or under all, whose answers are averaged."""

NOT_ITS_OWN = ("seed", "threads")
"""Settings of the search that no model may name: they belong to a game, and to a machine."""


@dataclass(frozen=True)
class Model:
    """A model folder whose description was read and makes sense."""

    folder: Path
    game: str
    about: dict  # all of model.json

    @property
    def name(self) -> str:
        """What the user called it, or would."""
        return self.folder.name if self.folder.parent == SHIPPED else str(self.folder)

    @property
    def search(self) -> dict[str, Any]:
        """Settings of the search with which this model plays best, where model.json names some."""
        return self._settings("search")

    @property
    def fast_search(self) -> dict[str, Any]:
        """Settings that differ from these where the network costs little."""
        return self._settings("fast_search")

    def _settings(self, key: str) -> dict[str, Any]:
        found = self.about.get(key, {})
        return {name: getattr(resolve(SearchSettings, found), name) for name in found}

    @property
    def fingerprint(self) -> str:
        """Twelve digits that another network, or another search around it, does not have.

        The wave does not count, nor what is different on fast machines: whoever was measured has named its own.
        """
        playing = next((path for path in (self.onnx, self.folder / WEIGHTS) if path.is_file()), None)
        weights = playing.read_bytes() if playing else b""
        search = {name: value for name, value in self.search.items() if name != "wave"}
        return sha256(weights + json.dumps(search, sort_keys=True).encode()).hexdigest()[:12]

    @property
    def boards(self) -> dict[int, "Model"]:
        """The models that this one has for boards of one size, by their columns."""
        paths = sorted(self.folder.glob(f"*x*/{DESCRIPTION}"))
        named = {path.parent.name: path.parent for path in paths}
        return {side: read(named[kind]) for side in range(1, 100) if (kind := f"{side}x{side}") in named}

    def on(self, kind: str) -> "Model":
        """Return the model that plays on boards of a kind, "9x9" say: one of `boards`, or this one."""
        return next((model for model in self.boards.values() if model.folder.name == kind), self)

    @property
    def onnx(self) -> Path:
        return self.folder / ONNX


def describe(game: str, **about: object) -> dict:
    """Return what model.json tells of a new model: what it plays and sees today, and whatever else is known.

    Usual words: rules, parent, run, data, steps, accuracy {top1, ...}, strength {opponent, score, interval, ...},
    search {settings of engine.search.Settings}, fast_search {those that differ where a network costs little}.
    """
    fits = _fits_of(game)
    described = fits.described() if fits else {}
    return {"format": 1, "game": game} | described | {"date": date.today().isoformat()} | about


def _fits_of(game: str) -> ModuleType | None:
    """Return the part of a game's wing that says what its models are for; None where any of them will do."""
    return wings.part("engine", game, "fits") if wings.has("engine", game, "fits") else None


def write_description(folder: Path, about: Mapping) -> None:
    """Write model.json."""
    (folder / DESCRIPTION).write_text(json.dumps(about, indent=2) + "\n", "utf-8")


# --- finding ----------------------------------------------------------------------------------------------


def find(name: str | Path) -> Model:
    """Return the model of a shipped name, a folder or a training run; raise `ValueError` saying why there is none."""
    return read(_folder(name))


def shipped(game: str = "") -> list[str]:
    """List the names of the models that ship with Yomi, or of those that play a game."""
    names = sorted(path.parent.name for path in SHIPPED.glob(f"*/{DESCRIPTION}"))
    return [name for name in names if find(name).game == game] if game else names


def _folder(name: str | Path) -> Path:
    path = Path(name).expanduser()
    places = [SHIPPED / name] if str(name) in shipped() else [path, _newest(path / "models"), _newest(path)]
    for place in places:
        if place and (place / DESCRIPTION).is_file():
            return place
    if path.is_file():
        raise ValueError(f"{name} is a file; a model is a folder with {DESCRIPTION} and {ONNX} in it")
    if path.is_dir():
        raise ValueError(f"{name} is no model and no run that has one yet: there is no {DESCRIPTION} in it")
    names = ", ".join(shipped()) or "none"
    raise ValueError(f"there is no model {str(name)!r}: name a folder, or one of those that ship: {names}")


def _newest(folder: Path) -> Path | None:
    """Return the model of the highest step in a run's folder of models."""
    steps = sorted((path for path in folder.glob("*") if path.name.isdecimal()), key=lambda path: int(path.name))
    return steps[-1] if steps else None


def read(folder: Path) -> Model:
    """Read a model folder's description; raise `ValueError` where it is broken."""
    path = Path(folder) / DESCRIPTION
    try:
        about = plain_files.read_json(path)
        model = Model(path.parent, wings.check(about["game"]), about)
        fits = _fits_of(model.game)
        if fits:
            fits.check(about)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is not JSON: {error}") from None
    except KeyError as error:
        raise ValueError(f"{path} does not say {error.args[0]!r}") from None
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} describes no model that this Yomi plays with: {error}") from None
    if about.get("format") != 1:
        raise ValueError(f"{path} is of format {about.get('format')}, and this Yomi reads format 1")
    for key in ("search", "fast_search"):
        _check_search(about.get(key, {}), key, path)
    return model


def _check_search(search: object, key: str, path: Path) -> None:
    """Raise `ValueError` where the settings of the search are not what a search has."""
    if not isinstance(search, dict):
        raise ValueError(f"{path}: {key!r} holds settings of the search, by name")
    known = [each.name for each in fields(SearchSettings) if each.name not in NOT_ITS_OWN]
    for name in search:
        if name not in known:
            raise ValueError(f"{path}: no search has the setting {name!r}; a model may set {', '.join(known)}")
    try:
        resolve(SearchSettings, search)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


# --- fitting ----------------------------------------------------------------------------------------------


def why_not(model: Model, game: str, **start: Any) -> str:
    """Say why a model cannot play a game that begins with the keywords `start`; "" if it can."""
    if model.game != game:
        return f"the model {model.name} plays {model.game}, not {game}"
    fits = _fits_of(game)
    reason = fits.why_not(model.about, **start) if fits else ""
    return f"the model {model.name} {reason}" if reason else ""


def check(model: Model, game: str, **start: Any) -> None:
    """Raise `ValueError` with the reason where a model cannot play this."""
    reason = why_not(model, game, **start)
    if reason:
        raise ValueError(reason)
