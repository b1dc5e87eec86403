"""The checkpoints of a run: a folder each, named by its step, whole or absent, with the checksums of its files.

A damaged checkpoint is set aside under another name and never removed: the one before it is used.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from games import plain_files
from training.disk import checksum, checksums, clear_aside, write_folder

KEPT = 2
"""Checkpoints that stay: the newest, and one more in case a disk lies."""

STATE = "run.json"
"""The step, the seconds of training, and the checksum of every other file of the checkpoint."""


class Checkpoints:
    """The checkpoints in a folder; `say` tells the user of a damaged one."""

    def __init__(self, folder: Path, say: Callable[[str], None]):
        self.folder, self.say = folder, say

    def open(self) -> dict[str, Any]:
        """Return the state of the newest whole checkpoint, {} where there is none; set damaged ones aside.

        Raise `ValueError` where there are checkpoints and none of them is whole.
        """
        clear_aside(self.folder)
        damaged: dict[Path, str] = {}
        for checkpoint in reversed(steps(self.folder)):
            try:
                state = read_state(checkpoint)
            except ValueError as error:
                damaged[checkpoint] = str(error)
                continue
            for broken, reason in damaged.items():
                broken.rename(_unused(broken))
                self.say(f"{reason}; the checkpoint of step {state['step']} is used")
            return state
        if damaged:
            newest = next(iter(damaged.values()))
            raise ValueError(f"{newest}, and no other checkpoint is whole: begin a new run with --name")
        return {}

    def newest(self) -> Path | None:
        """Return the checkpoint of the highest step, or None."""
        found = steps(self.folder)
        return found[-1] if found else None

    def save(self, step: int, write: Callable[[Path], None], seconds: float) -> None:
        """Keep a checkpoint that `write` fills, and remove the oldest of this run's beyond the newest two."""

        def write_all(folder: Path) -> None:
            write(folder)
            state = {"step": step, "trained_seconds": seconds, "checksums": checksums(folder)}
            (folder / STATE).write_text(json.dumps(state))

        write_folder(self.folder / f"{step:09}", write_all)
        for old in steps(self.folder)[:-KEPT]:
            if (old / STATE).is_file():
                shutil.rmtree(old)


def read_state(checkpoint: Path) -> dict[str, Any]:
    """Return what run.json of a checkpoint says; raise `ValueError` where the checkpoint is not as it was written."""
    path = checkpoint / STATE
    try:
        state = plain_files.read_json(path)
        state["trained_seconds"] = float(state["trained_seconds"])
        if int(state["step"]) != int(checkpoint.name):
            raise ValueError("it is of another step")
        written = dict(state.get("checksums", {}))  # runs of before have none
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is damaged: line {error.lineno}: {error.msg}") from None
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is damaged: {error}") from None
    for name, wanted in written.items():
        file = checkpoint / name
        if not file.is_file():
            raise ValueError(f"{file} is missing")
        if checksum(file) != wanted:
            raise ValueError(f"{file} is damaged: its checksum is not the one it was written with")
    return state


def steps(folder: Path) -> list[Path]:
    """List the subfolders that are named by a step, the highest step last."""
    named = (path for path in folder.glob("*") if path.name.isdecimal()) if folder.is_dir() else ()
    return sorted(named, key=lambda path: int(path.name))


def _unused(path: Path) -> Path:
    """Return a name beside a damaged checkpoint that nothing has yet."""
    number, aside = 1, path.with_name(f"{path.name}.damaged")
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.damaged-{number}")
    return aside
