"""What the window remembers from one day to the next: a small JSON file in the user's configuration folder."""

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from games import plain_files
from gui.safe_write import write_safely

RECENT = 8

WIDEST = 1 << 14
"""Pixels of a window's side, at most."""


@dataclass(frozen=True)
class Remembered:
    """All of it. A scale of 0 means that the screen decides."""

    scale: float = 0.0
    mute: bool = False
    size: tuple[int, int] = (0, 0)
    recent: tuple[str, ...] = ()
    start: dict[str, dict[str, object]] = field(default_factory=dict)  # what was chosen for each game
    levels: dict[str, dict[str, object]] = field(default_factory=dict)  # where opponents stand that follow
    colours: str = "usual"  # the name of a palette


def folder() -> Path:
    """Return where programs of this system keep a user's settings."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "yomi"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "yomi"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "yomi"


def data_folder() -> Path:
    """Return where programs of this system keep a user's data."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "yomi"
    if sys.platform == "darwin":
        return folder()
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "yomi"


def load(path: Path | None = None) -> Remembered:
    """Read the file; whatever of it is missing or makes no sense is as at first."""
    try:
        found = plain_files.read_json(path or folder() / "window.json")
    except (OSError, ValueError):
        return Remembered()
    return _checked(found) if isinstance(found, dict) else Remembered()


def _checked(found: dict) -> Remembered:
    kept, usual = Remembered(), Remembered()
    for name in (each.name for each in fields(Remembered)):
        value = found.get(name)
        with suppress(TypeError, ValueError):
            change: dict[str, Any] = {name: _same_kind(value, getattr(usual, name))}
            kept = replace(kept, **change)
    return kept


def _same_kind(value: object, usual: object) -> object:
    """Return a value as one of the kind of another; raise `ValueError` where it is none."""
    if isinstance(usual, tuple) and isinstance(value, list):
        if not usual and all(isinstance(each, str) for each in value):
            return tuple(value)
        if len(value) == len(usual) and all(0 <= each <= WIDEST for each in value):
            return tuple(map(int, value))
    elif isinstance(usual, float) and isinstance(value, int | float) and 0 <= value <= 4:
        return float(value)
    elif isinstance(usual, dict) and isinstance(value, dict):
        return {str(game): dict(chosen) for game, chosen in value.items()}
    elif isinstance(usual, bool | str) and isinstance(value, type(usual)):
        return value
    raise ValueError("it is of another kind")


def save(remembered: Remembered, path: Path | None = None) -> None:
    """Write the file as a whole; where that fails, nothing is remembered, and no message is shown."""
    path = path or folder() / "window.json"
    with suppress(OSError, TypeError, ValueError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_safely(path, (json.dumps(asdict(remembered), indent=2) + "\n").encode())


def with_recent(remembered: Remembered, path: str) -> Remembered:
    """Put a file at the head of those used last."""
    path = str(Path(path).expanduser().absolute())
    others = [each for each in remembered.recent if each != path]
    return replace(remembered, recent=(path, *others)[:RECENT])
