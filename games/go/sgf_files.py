"""SGF files as text: one game after another from files, archives and folders of any size, and back to the disk.

Knows nothing of what a game says. Source: red-bean.com/sgf.
"""

import codecs
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO


class SgfError(ValueError):
    """A record that cannot be used; the message names the file, the game in it (from 1) and what is wrong."""

    def __init__(self, sentence: str, source: str = "", game: int = 0):
        sentence = "".join(c if c.isprintable() else " " for c in sentence[:200])  # it may quote the file
        where = [part for part in (source, f"game {game}" if game else "") if part]
        super().__init__(": ".join([", ".join(where)] * bool(where) + [sentence]))
        self.sentence, self.source, self.game = sentence, source, game


BLOCK = 1 << 20  # bytes read at once, so that a collection of any length fits

BROKEN_FILE = (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
_ASCII_BASED = re.compile(r"utf-8|ascii|latin|iso8859|cp\d|gb|big5|euc|shift|koi8|mac")
_START = re.compile(rb"\(\s*;")
_BRACKETS = re.compile(rb"\[[^\\\]]*+(?:\\.?+[^\\\]]*+)*+(?:\]|\Z)|(\(\s*;\s*(?:GM|FF|SZ|CA)(?=\[))|([()])", re.DOTALL)
"""A value (or what the text has of it), or another game's start (no variation sets these properties), or a bracket."""


# --- from the disk ------------------------------------------------------------------------------------------


def files(path: Path, broken: Callable[[SgfError], None] | None) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield every SGF file at a path with its text in blocks, as UTF-8."""
    paths = [path]
    if path.is_dir():
        paths = sorted(p for p in path.rglob("*") if p.name.lower().endswith((".sgf", ".sgf.xz", ".zip")))
        if not paths:
            tell(SgfError("there is no SGF file in the folder", str(path)), broken)
    for each in paths:
        try:
            with each.open("rb") as file:
                yield from streams(each, file)
        except (*BROKEN_FILE, RuntimeError) as error:  # zipfile's word for "encrypted"
            tell(SgfError(f"it cannot be opened: {getattr(error, 'strerror', None) or error}", str(each)), broken)


def streams(path: Path, file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each SGF text in an open file and what to call it: one, or an archive's members."""
    if path.suffix.lower() == ".xz":
        with lzma.open(file) as stream:
            yield str(path), blocks_of(stream)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(file) as archive:
            for name in (name for name in archive.namelist() if name.lower().endswith(".sgf")):
                with archive.open(name) as member:
                    yield f"{path}/{name}", blocks_of(member)
    else:
        yield str(path), blocks_of(file)


def blocks_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield a text in blocks, as UTF-8, whatever its encoding."""
    block = stream.read(BLOCK)
    decoder = codecs.getincrementaldecoder(_encoding(block))("replace")
    while block:
        yield decoder.decode(block).encode("utf-8", "replace")
        block = stream.read(BLOCK)


def _encoding(data: bytes) -> str:
    """Guess an encoding: what the first game declares, else UTF-8 if these bytes are, else Latin-1 (SGF's default)."""
    declared = re.search(rb"CA\[([\w.:-]{1,40})\]", data)
    if declared and _is_ascii_based(declared[1].decode("ascii", "replace")):
        return declared[1].decode()
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # the last character may be cut
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _is_ascii_based(encoding: str) -> bool:
    """Tell whether this names a codec under which SGF's own marks are what they are in ASCII."""
    try:
        return bool(_ASCII_BASED.match(codecs.lookup(encoding).name)) and "(;[\\])".encode(encoding) == b"(;[\\])"
    except (LookupError, ValueError):
        return False


def split(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a stream of text into games; what is between them is dropped, a game that never ends is cut at the next."""
    text, at = b"", 0
    while True:
        start = _START.search(text, at)
        end = _end(text, start.start()) if start else None
        if end is not None:
            yield text[start.start() : end]
            at = end
            continue
        rest = text[start.start() if start else max(at, len(text) - 100) :]
        more = _more_than(len(rest), blocks)  # twice as much each time, so that a long game is scanned seldom
        if not more:
            break
        text, at = rest + more, 0
    if start:
        yield rest


def _more_than(size: int, blocks: Iterator[bytes]) -> bytes:
    parts, got = [], 0
    for block in blocks:
        parts.append(block)
        got += len(block)
        if got > size:
            break
    return b"".join(parts)


def _end(text: bytes, start: int) -> int | None:
    """Return where the game that starts here ends; None if the text ends first."""
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        if match[1] and match.start() > start:
            return match.start()
        if match[1] or match[2] == b"(":
            depth += 1
        elif match[2]:
            depth -= 1
            if depth == 0:
                return match.end()
    return None


def readable(blocks: Iterator[bytes], source: str) -> Iterator[bytes]:
    """Yield the blocks; raise `SgfError` where they cannot be read any further."""
    try:
        yield from blocks
    except BROKEN_FILE as error:
        raise SgfError(f"it cannot be read: {error}", source) from None


def tell(error: SgfError, broken: Callable[[SgfError], None] | None) -> None:
    """Hand an error to `broken`, or raise it where nobody wants it."""
    if broken is None:
        raise error from None
    broken(error)


# --- to the disk --------------------------------------------------------------------------------------------


def write_aside(path: Path, data: bytes) -> None:
    """Replace a file by another that is safely on the disk first; raise `SgfError` and keep the old one otherwise."""
    if path.suffix.lower() == ".xz":
        data = lzma.compress(data)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise SgfError(f"it cannot be written: {error.strerror}", str(path)) from None
