"""Writing a file of the window as a whole or not at all; a name that ends in .xz is compressed."""

import lzma
from pathlib import Path

from games.plain_files import replace_file


def write_safely(path: Path, data: bytes) -> None:
    """Replace a file once its new contents are on the disk; raise `ValueError` and keep the old one otherwise."""
    try:
        replace_file(path, lzma.compress(data) if path.suffix.lower() == ".xz" else data)
    except OSError as error:
        raise ValueError(f"{path}: it cannot be written: {error.strerror}") from None
