"""Files that are whole or absent, whatever kills the process, and folders in which one process writes."""

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from games.plain_files import writing


def write_folder(path: Path, write: Callable[[Path], None]) -> None:
    """Fill a folder aside and rename it into place: whole or absent, whatever happens in between."""
    aside, old = path.with_name(f".{path.name}.aside"), path.with_name(f".{path.name}.old.aside")
    try:
        with writing(path):
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir(parents=True)
            write(aside)
            _let_read(aside)
            for each in [*aside.rglob("*"), aside]:
                _sync(each)
            if path.exists():
                path.rename(old)
            aside.rename(path)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        if old.exists() and not path.exists():
            old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
    with writing(path):
        _sync(path.parent)


def _let_read(folder: Path) -> None:
    """Let all read the files in a folder who may read the folder; safetensors writes for its own user alone."""
    mode = folder.stat().st_mode & 0o666
    for each in folder.rglob("*"):
        if each.is_file():
            each.chmod(mode)


def write_file(path: Path, data: bytes) -> None:
    """Replace a file at once or not at all; what a kill left aside is written over, for one process writes here."""
    aside = path.with_name(f".{path.name}.aside")
    try:
        with writing(path):
            aside.write_bytes(data)
            _sync(aside)
            aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def append_line(path: Path, line: str, sync: bool = False) -> None:
    """Add a line to a file, and have the disk write it now if `sync`; on a full disk the file ends as before."""
    with writing(path):
        size = path.stat().st_size if path.exists() else 0
        try:
            with path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                if sync:
                    file.flush()
                    os.fsync(file.fileno())
        except OSError:
            with suppress(OSError):
                os.truncate(path, size)
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


def checksums(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in a folder."""
    return {path.name: checksum(path) for path in sorted(folder.iterdir()) if path.is_file()}


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file."""
    made = sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            made.update(block)
    return made.hexdigest()


def clear_aside(folder: Path) -> None:
    """Remove the steps that a killed process left half-written."""
    for each in folder.glob(".[0-9]*.aside"):
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
