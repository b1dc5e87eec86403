"""The command `yomi analyze`: find out which game a file or an ID holds, have it reviewed, write what was found."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.reviewing import ReviewReport, ReviewRequest
from games import wings
from games.plain_files import open_plain, replace_file

PEEK = 1 << 16
"""Bytes of a file that show what it is."""


def carry_out(request: ReviewRequest, tell: Callable[[Any, bool], None], as_json: bool = False) -> None:
    """Review the games of a file, `tell` the summary, or everything `as_json`, and write what was asked for.

    Raise `ValueError` or `OSError` with a sentence for what cannot be read, reviewed or written.
    """
    for path in (request.sgf, request.text, request.json):
        _check_writable(path)
    report = (position_of(request.path) or analysis_of(Path(request.path).expanduser())).review(request)
    tell(report.found if as_json else report.summary, as_json)
    _write_all(request, report)


def position_of(text: str) -> ModuleType | None:
    """Return the part of a wing that analyses a position by its ID; None for a file, or what may be one."""
    if os.path.exists(os.path.expanduser(text)):
        return None
    parts = (wings.part("engine", game, "positions") for game in wings.having("engine", "positions"))
    return next((part for part in parts if part.holds(text)), None)


def analysis_of(path: Path) -> ModuleType:
    """Return the part of a wing that reviews a file: by its name's ending, else by its beginning."""
    parts = [wings.part("engine", game, "analysis") for game in wings.having("engine", "analysis")]
    for part in parts:
        if path.suffix.lower() in part.SUFFIXES:
            return part
    beginning = None if path.is_dir() else _beginning(path)
    for part in parts:
        if part.holds(beginning):
            return part
    raise ValueError(f"{path} holds no game that Yomi reviews")


def _beginning(path: Path) -> bytes:
    try:
        with open_plain(path) as file:
            return file.read(PEEK)
    except OSError as error:
        raise ValueError(f"{path}: it cannot be opened: {error.strerror}") from None


def _write_all(request: ReviewRequest, report: ReviewReport) -> None:
    """Write every file; one that cannot be written does not keep the others from it."""
    found = json.dumps(report.found, indent=2) + "\n"
    jobs: list[tuple[str | None, Callable[[], None] | None]] = [
        (request.sgf, report.write_sgf),
        (request.text, lambda: _write(request.text, report.text)),
        (request.json, lambda: _write(request.json, found)),
    ]
    failed = None
    for name, write in jobs:
        try:
            if name and write:
                write()
        except (ValueError, OSError) as error:
            failed = failed or error
    if failed:
        raise failed


def _check_writable(name: str) -> None:
    """Raise `OSError` where a file could not be written, before hours are spent on it."""
    path = Path(name).expanduser()
    if name and (path.is_dir() or not os.access(path.parent, os.W_OK)):
        raise OSError(f"{name} cannot be written")


def _write(name: str, text: str) -> None:
    """Replace a file at once or not at all."""
    try:
        replace_file(Path(name).expanduser(), text.encode())
    except OSError as error:
        raise OSError(f"{name} cannot be written: {error.strerror}") from None
