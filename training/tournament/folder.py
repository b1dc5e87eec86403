"""A tournament's folder: what is finished stays, whatever kills the process, and nothing is in it twice.

    tournament.toml   the settings, resolved
    openings.json     the openings that were made
    games.jsonl       one line for each game: appended whole and synced, a line cut short by a kill is removed
    records/          the games themselves, in the game's own format
    stop              if it is there, no game is begun any more

A record is written before its line: a game without a line has not been played.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import IO, Any

from games import plain_files
from training.disk import append_line, locked, write_file
from training.run import RUNS
from training.tournament.settings import Tournament, read

TOML, OPENINGS, LINES, RECORDS, STOP = "tournament.toml", "openings.json", "games.jsonl", "records", "stop"

Line = dict[str, Any]

KINDS = {"id": int, "pair": int, "first": str, "second": str, "end": str, "points": float, "luck": float}
KINDS |= {"result": str, "fault": str, "note": str, "moves": int, "seconds": list}
ALWAYS = {"id", "end", "points", "first", "second"}
"""What a line of games.jsonl tells, and what none is without."""


def locate(path: str | Path, runs: Path = RUNS, changes: Mapping[str, str] | None = None) -> tuple[Tournament, Path]:
    """Return a tournament and its folder, given its TOML file or its folder, and what is to be changed in it."""
    path = Path(path)
    if path.is_dir():
        if not (path / TOML).is_file():
            raise ValueError(f"{path} holds no tournament: there is no {TOML} in it")
        return read(path / TOML, changes), path
    tournament = read(path, changes)
    kept = path.name == TOML and (path.parent / RECORDS).is_dir()  # a folder's own file
    return tournament, path.parent if kept else Path(runs) / tournament.settings.name


def read_lines(folder: Path) -> list[Line]:
    """Return the lines of the games that were played, void ones too; what was cut short is left out."""
    path, lines = Path(folder) / LINES, []
    data = path.read_bytes() if path.exists() else b""
    for number, text in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
        try:
            line = plain_files.parse_json(text)
        except ValueError:
            line = None
        if not _tells_of_a_game(line):
            raise ValueError(f"line {number} of {path} tells of no game: repair it or remove it")
        lines.append(line)
    return lines


def _tells_of_a_game(line: Any) -> bool:
    """Tell whether a line has what every game has, and nothing in it is of another kind."""
    if not isinstance(line, dict) or not line.keys() >= ALWAYS:
        return False
    for name, kind in KINDS.items():
        value = line.get(name, kind())
        if isinstance(value, bool) or not isinstance(value, (int, float) if kind is float else kind):
            return False
    numbers = [line["points"], line.get("luck", 0.0), *line.get("seconds", [])]
    return all(isinstance(each, int | float) and isfinite(each) for each in numbers)


def finished(lines: Sequence[Line]) -> dict[int, Line]:
    """Return the games that count, by their numbers: all but the void ones."""
    return {line["id"]: line for line in lines if line["end"] != "void"}


class Folder:
    """The folder while games are played: nobody else may write into it. Raises `ValueError` where that is not so."""

    def __init__(self, path: Path, tournament: Tournament):
        self.path, self.tournament = Path(path), tournament
        self.lines: list[Line] = []
        self._lock: IO | None = None

    def __enter__(self) -> "Folder":
        (self.path / RECORDS).mkdir(parents=True, exist_ok=True)
        self._lock = locked(self.path, "plays")
        try:
            self._check_settings()
            write_file(self.path / TOML, self.tournament.to_toml().encode())
            self.lines = read_lines(self.path)
            _cut_to_whole(self.path / LINES)
            (self.path / STOP).unlink(missing_ok=True)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock:
            self._lock.close()

    @property
    def stop_wanted(self) -> bool:
        return (self.path / STOP).exists()

    def append(self, line: Line, record: bytes) -> None:
        """Keep a game: after this it is on the disk."""
        write_file(self.path / RECORDS / f"{line['id']:06}.{self.tournament.arena.suffix}", record)
        append_line(self.path / LINES, json.dumps(line), sync=True)
        self.lines.append(line)

    def openings(self) -> list[list[int]]:
        """Return the openings that are kept here."""
        path = self.path / OPENINGS
        with suppress(ValueError):
            return plain_files.parse_json(path.read_text("utf-8")) if path.exists() else []
        return []

    def keep_openings(self, openings: Sequence[Sequence[int]]) -> None:
        """Keep openings for the games to come."""
        write_file(self.path / OPENINGS, json.dumps(openings).encode())

    def _check_settings(self) -> None:
        """Refuse to mix games that were played under other settings."""
        if (self.path / TOML).exists():
            changed = self.tournament.differs_from(read(self.path / TOML))
            if changed and read_lines(self.path):
                raise ValueError(
                    f"{self.path} holds games played with other settings ({', '.join(changed)}): "
                    f"give this tournament another name"
                )


def _cut_to_whole(path: Path) -> None:
    """Remove what a kill left of the last line."""
    with path.open("a+b") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)


def is_played(folder: Path) -> bool:
    """Tell whether a process plays in a folder now."""
    if not (Path(folder) / ".lock").exists():
        return False
    try:
        locked(Path(folder), "plays").close()
    except ValueError:
        return True
    return False


def about(line: Mapping[str, Any]) -> str:
    """Tell a game in a few words."""
    return f"game {line['id']}: {line['first']} - {line['second']} {line['result'] or line['end']}"
