"""Writing a file as a whole or not at all, so that a full disk or a crash leaves the old one."""

import lzma
import os
from contextlib import suppress
from pathlib import Path
from threading import get_ident


def write_safely(path: Path, data: bytes) -> None:
    """Replace a file once its new contents are on the disk; raise `ValueError` and keep the old one otherwise.

    A name that ends in .xz is compressed.
    """
    if path.suffix.lower() == ".xz":
        data = lzma.compress(data)
    aside = path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}")  # two threads may write one file
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        with suppress(OSError):
            aside.unlink(missing_ok=True)
        raise ValueError(f"{path}: it cannot be written: {error.strerror}") from None
