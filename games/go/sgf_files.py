"""SGF files as text: one game after another from files, archives and folders of any size, and back to the disk.

Knows nothing of what a game says. Source: red-bean.com/sgf.
"""

import codecs
import gzip
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from games.go.sgf_error import SgfError
from games.go.sgf_text import as_utf8
from games.plain_files import open_plain, replace_file

BLOCK = 1 << 20  # bytes read at once, so that a collection of any length fits

LARGEST_GAME = 1 << 24
"""Bytes of one game at most; what is longer is left out."""

EXPANSION = 100
"""How many times its size an archive may unpack to; records shrink to a tenth."""

LEAST_REFUSED = 1 << 26
"""Bytes that every archive may unpack to."""

ENDINGS = (".sgf", ".sgf.xz", ".sgf.gz", ".zip")

BROKEN_FILE = (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error, RuntimeError)
"""What reading a file may raise; the last is zipfile's word for an encrypted archive."""

_STRONG = re.compile(rb"\(\s*;\s*(?:GM|FF|SZ|CA|AP|ST)\s*\[[^][\\]{0,64}\]")
"""A game's start, wherever it stands: no variation sets these properties, and no text can hold that bracket."""

_START = re.compile(rb"\(\s*(?:;|[A-Z][A-Za-z]{0,20}\s*\[)")
_NO_BRACKET = re.compile(rb";\s*(?:GM|FF|SZ|CA|AP|P[BW]|KM|B|W|A[BW])\s*\[")
_BRACKETS = re.compile(rb"\[[^\\\]]*+(?:\\.?+[^\\\]]*+)*+(?:\]|\Z)|([()])", re.DOTALL)
"""A value (or what the text has of it), or a bracket."""


# --- from the disk ------------------------------------------------------------------------------------------


def files(path: Path, broken: Callable[[SgfError], None] | None) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield every SGF file at a path with its text in blocks."""
    paths = [path]
    if path.is_dir():
        paths = sorted(p for p in path.rglob("*") if p.name.lower().endswith(ENDINGS))
        if not paths:
            tell(SgfError("there is no SGF file in the folder", str(path)), broken)
    for each in paths:
        try:
            with open_plain(each) as file:
                yield from streams(each, file)
        except BROKEN_FILE as error:
            tell(SgfError(f"it cannot be opened: {getattr(error, 'strerror', None) or error}", str(each)), broken)


def streams(path: Path, file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield each SGF text in an open file and what to call it: one, or an archive's members."""
    ending = path.suffix.lower()
    if ending in (".xz", ".gz"):
        with (lzma.open if ending == ".xz" else gzip.open)(file) as stream:
            yield str(path), blocks_of(stream, _Allowance(file.tell))
    elif ending == ".zip":
        allowance = _Allowance(lambda: os.fstat(file.fileno()).st_size)
        with zipfile.ZipFile(file) as archive:
            for name in (name for name in archive.namelist() if name.lower().endswith(".sgf")):
                with archive.open(name) as member:
                    yield f"{path}/{name}", blocks_of(member, allowance)
    else:
        yield str(path), blocks_of(file)


class Readable(Protocol):
    """What a text is read from."""

    def read(self, size: int, /) -> bytes: ...


class _Allowance:
    """How much an archive may still unpack to: so that a small one cannot fill the memory, or keep us for hours."""

    def __init__(self, packed: Callable[[], int]):
        self.packed, self.unpacked = packed, 0

    def spend(self, size: int) -> None:
        """Count bytes; raise `OSError` where they are more than records can be."""
        self.unpacked += size
        if self.unpacked > max(LEAST_REFUSED, EXPANSION * self.packed()):
            raise OSError(f"it unpacks to more than {EXPANSION} times its size, which no records do")


def blocks_of(stream: Readable, allowance: _Allowance | None = None) -> Iterator[bytes]:
    """Yield a text in blocks, as UTF-8 where it is UTF-16 or UTF-32."""
    block = stream.read(BLOCK)
    wide = _wide(block)
    decoder = codecs.getincrementaldecoder(wide)("replace") if wide else None
    while block:
        if allowance:
            allowance.spend(len(block))
        yield decoder.decode(block).encode("utf-8", "replace") if decoder else block
        block = stream.read(BLOCK)


def _wide(data: bytes) -> str:
    """Return the encoding of a text whose characters have two bytes or four, "" for any other."""
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    head = data[:64]
    for name, zeros, others in (("utf-16-le", head[1::2], head[::2]), ("utf-16-be", head[::2], head[1::2])):
        if len(head) > 3 and zeros.count(0) > len(zeros) // 2 and others.count(0) < len(others) // 4:
            return name
    return ""


# --- from text to games -------------------------------------------------------------------------------------


def split(blocks: Iterator[bytes], broken: Callable[[SgfError], None] | None = None) -> Iterator[bytes]:
    """Cut a stream of text into games, as UTF-8; what is between them is dropped.

    A game that never ends is cut where the next begins. One that is too long goes to `broken`, or raises.
    """
    usual, found, first = "", 0, b""
    for part in _parts(blocks):
        if part is None:
            tell(SgfError(f"a game is longer than {LARGEST_GAME >> 20} MiB and was left out"), broken)
            continue
        text, usual = as_utf8(part, usual)
        first = first or text
        for game in _games(text):
            found += 1
            yield game
    if not found and (start := _NO_BRACKET.search(first)):
        yield b"(" + first[start.start() :]


def _parts(blocks: Iterator[bytes]) -> Iterator[bytes | None]:
    """Cut a stream where a game surely begins; None stands for a part that is too long.

    What came before a broken end of the stream is yielded before the error is raised.
    """
    text, seen, skipping, failure = b"", 0, False, None
    while True:
        try:
            more = _more_than(len(text), blocks)
        except BROKEN_FILE as error:
            more, failure = b"", error
        text += more
        begin = 0
        for start in _STRONG.finditer(text, max(0, seen - 200)):
            if start.start() > begin or skipping:
                if not skipping:
                    yield text[begin : start.start()]
                begin, skipping = start.start(), False
        text = text[begin:]
        if not more:
            break
        if skipping:
            text = text[-200:]
        elif len(text) > LARGEST_GAME:
            whole, text = _cut(text)
            skipping = not whole
            yield whole or None
        seen = len(text)
    if text and not skipping:
        yield text
    if failure:
        raise failure


def _more_than(size: int, blocks: Iterator[bytes]) -> bytes:
    """Take at least a block, and so many bytes, so that a long game is scanned seldom."""
    parts, got = [], 0
    for block in blocks:
        parts.append(block)
        got += len(block)
        if got > min(size, LARGEST_GAME):
            break
    return b"".join(parts)


def _cut(text: bytes) -> tuple[bytes, bytes]:
    """Return the games that end in a long text, and the rest; two empty texts where none does."""
    at = 0
    while (start := _START.search(text, at)) and (end := _end(text, start.start())) is not None:
        at = end
    return (text[:at], text[at:]) if at else (b"", b"")


def _games(text: bytes) -> Iterator[bytes]:
    """Yield the games in a part of a file."""
    at = 0
    while start := _START.search(text, at):
        begin = start.start()
        end = _end(text, begin) if text.find(b"(", begin + 1) >= 0 else text.rfind(b")") + 1
        at = end if end and end > begin else len(text)
        yield text[begin:at]


def _end(text: bytes, start: int) -> int | None:
    """Return where the game that starts here ends; None if the text ends first."""
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        if match[1] == b"(":
            depth += 1
        elif match[1]:
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
    elif path.suffix.lower() == ".gz":
        data = gzip.compress(data)
    try:
        replace_file(path, data)
    except OSError as error:
        raise SgfError(f"it cannot be written: {error.strerror}", str(path)) from None
