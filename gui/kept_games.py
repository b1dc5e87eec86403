"""Games that Yomi keeps by itself, in the user's data folder: so that no game is lost, and one can go on with it.

A kept game is two files of one name: the record, which other programs read, too, and a small JSON file that says how
the game was played. It knows no game.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from games import plain_files
from gui.safe_write import write_safely
from gui.settings_store import data_folder

MOST_KEPT = 200
"""Games that stay in the folder; older ones are removed."""


def folder() -> Path:
    """Return the folder of the kept games."""
    return data_folder() / "games"


@dataclass(frozen=True)
class KeptGame:
    """A game that was kept. `values` are its choices on the start page, `about` describes it in a few words."""

    record: Path
    game: str
    values: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    over: bool = False

    @property
    def when(self) -> float:
        """When its record was written, in seconds since 1970."""
        return self.record.stat().st_mtime


class Keeper:
    """Keeps one game: every call of `write` replaces what was kept of it before."""

    def __init__(self, game: str, values: Mapping[str, object], kept: KeptGame | None = None):
        """With `kept`, the game goes on in the files of that one."""
        self.game, self.values = game, {name: each for name, each in values.items() if _is_plain(each)}
        self.record = kept.record if kept else None

    def write(self, record: bytes, suffix: str, values: Mapping[str, object], about: str, over: bool) -> None:
        """Write the record and how the game is played; `values` are choices that were made since its beginning."""
        if self.record is None:
            self.record = _fresh(self.game).with_suffix(suffix)
            _remove_oldest()
        if self.record.suffix != suffix:
            self.record = self.record.with_suffix(suffix)
        about_game = {"game": self.game, "values": {**self.values, **values}, "about": about, "over": over}
        write_safely(self.record, record)
        write_safely(self.record.with_suffix(".json"), json.dumps(about_game, indent=1).encode())


def _fresh(game: str) -> Path:
    """Return a name in the folder that no kept game has, without a suffix."""
    folder().mkdir(parents=True, exist_ok=True)
    stem = f"{time.strftime('%Y-%m-%d-%H%M%S')}-{os.getpid()}-{game}"
    number = 1
    while (folder() / f"{stem}-{number}.json").exists():
        number += 1
    return folder() / f"{stem}-{number}"


def _is_plain(value: object) -> bool:
    """Tell whether JSON can hold a value."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True


def read(record: Path) -> KeptGame | None:
    """Return the kept game of a record, None where it is not a kept one."""
    try:
        found = plain_files.read_json(record.with_suffix(".json"))
        if record.parent != folder() or not record.is_file():
            return None
        return KeptGame(
            record, str(found["game"]), dict(found["values"]), str(found["about"])[:200], bool(found["over"])
        )
    except (OSError, ValueError, TypeError, KeyError):
        return None


def newest(most: int = MOST_KEPT) -> list[KeptGame]:
    """List the games that were kept, the newest first."""
    paths = [path for path in folder().glob("[0-9]*") if path.suffix not in (".json", "")]
    found = (read(path) for path in sorted(paths, key=_time_of, reverse=True))
    return [kept for kept in found if kept is not None][:most]


def unfinished(game: str) -> KeptGame | None:
    """Return the newest game of a kind if it is not over."""
    kept = next((kept for kept in newest() if kept.game == game), None)
    return kept if kept and not kept.over else None


def _time_of(path: Path) -> float:
    with suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _remove_oldest() -> None:
    """Remove the oldest games where there are too many; one that cannot be removed stays."""
    for kept in newest()[MOST_KEPT - 1 :]:
        with suppress(OSError):
            kept.record.with_suffix(".json").unlink()
            kept.record.unlink()
