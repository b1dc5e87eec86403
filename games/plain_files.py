"""Files that people name: opened only where they are plain files, read only up to a size, replaced whole or not at all.

A pipe that nobody writes to would never end, a device would fill the memory, nested brackets the stack. Knows no game.
"""

import errno
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import get_ident
from typing import Any, BinaryIO

LARGEST_TEXT = 1 << 24
"""Bytes of a file of settings or a table of words, at most; the largest tokenizer has a third of it."""

FULL = os.strerror(errno.ENOSPC)
"""What the system says of a full disk."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


def open_plain(path: str | Path) -> BinaryIO:
    """Open a file for reading; raise `OSError` for what is no plain file, too."""
    try:
        handle = os.open(path, _FLAGS)
    except ValueError as error:  # a zero in the name
        raise OSError(errno.EINVAL, "no file has such a name", str(path)) from error
    try:
        check_plain(os.fstat(handle), path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def check_plain(found: os.stat_result, path: str | Path) -> None:
    """Raise `OSError` unless this is the description of a plain file."""
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a file", str(path))


def read_bytes(path: str | Path, most: int = LARGEST_TEXT) -> bytes:
    """Return a file's content; raise `OSError` for what is no plain file, or larger."""
    with open_plain(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most >> 20} MiB", str(path))
    return data


def read_text(path: str | Path, most: int = LARGEST_TEXT) -> str:
    """Return a file's text, UTF-8 (with or without its mark); raise `ValueError` for other bytes."""
    return read_bytes(path, most).decode("utf-8-sig")


def parse_json(text: str | bytes) -> Any:
    """Return what JSON says; raise `ValueError` for what is none, or is nested too deeply."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def read_json(path: str | Path) -> Any:
    """Return what a file of JSON says; raise `OSError` for no plain file, `ValueError` for what is no JSON."""
    return parse_json(read_text(path))


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Name what was being written in an `OSError` that names no file, or a file written aside, and on a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    except Exception as error:  # libraries have errors of their own for a full disk
        if FULL not in str(error):
            raise
        raise OSError(errno.ENOSPC, FULL, str(path)) from error


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file once its new content is on the disk; raise `OSError` that names it, and keep the old one.

    A link stays one, and its file is replaced; who may read the file stays as it was. A pipe or a device is refused.
    """
    target = Path(os.path.realpath(path))
    aside = target.with_name(f".yomi-{os.getpid()}-{get_ident()}")  # two threads may write one file
    try:
        old = os.stat(target) if target.exists() else None
        if old:
            check_plain(old, path)
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if old:
            aside.chmod(stat.S_IMODE(old.st_mode))
        aside.replace(target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
