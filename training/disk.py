"""Files that are whole or absent, whatever kills the process, and folders in which one process writes."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO


def write_folder(path: Path, write: Callable[[Path], None]) -> None:
    """Fill a folder aside and rename it into place: whole or absent, whatever happens in between."""
    aside = path.with_name(f".{path.name}.aside")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        write(aside)
        for each in [*aside.rglob("*"), aside]:
            _sync(each)
        if path.exists():
            shutil.rmtree(path)
        aside.rename(path)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    _sync(path.parent)


def write_file(path: Path, data: bytes) -> None:
    """Replace a file at once or not at all."""
    aside = path.with_name(f".{path.name}.aside")
    try:
        aside.write_bytes(data)
        _sync(aside)
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _sync(path: Path) -> None:
    """Have the disk write a file or folder now."""
    if os.name != "posix" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_aside(folder: Path) -> None:
    """Remove what a killed process left half-written."""
    for each in folder.glob(".*.aside"):
        shutil.rmtree(each, ignore_errors=True)


def locked(folder: Path, does: str) -> IO:
    """Hold a folder while the file that is returned is open; raise `ValueError` where another process `does` so."""
    file = (folder / ".lock").open("w")
    with suppress(ImportError):  # no fcntl on Windows: no lock
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            raise ValueError(f"another process {does} in {folder}") from None
    return file
