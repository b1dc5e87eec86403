"""How everything compiled is compiled, and where its machine code is kept.

Numba's disk cache does not notice an edit in *another* file whose function was inlined, so the cache
folder is named after a hash of every source that holds compiled functions: an edit opens a new folder.
"""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from shutil import rmtree
from time import time

ROOT = Path(__file__).resolve().parent.parent


def _sources() -> list[bytes]:
    files = sorted(path for room in ("games", "engine", "training") for path in (ROOT / room).rglob("*.py"))
    return [text for text in (path.read_bytes() for path in files) if b"games.compiling import" in text]


def _home() -> Path:
    if os.access(ROOT, os.W_OK):
        return ROOT / "__pycache__"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "yomi"


CACHE = _home() / f"numba-{sha256(b''.join(_sources())).hexdigest()[:12]}"
os.environ.setdefault("NUMBA_CACHE_DIR", str(CACHE))

A_WEEK = 7 * 24 * 3600

WARM = Path(os.environ["NUMBA_CACHE_DIR"]) / f"warm-{CACHE.name}"


def is_warm(game: str) -> bool:
    """Tell whether everything that playing a game needs was compiled before, by any process."""
    return _mark(game).exists()


def _mark(game: str) -> Path:
    return WARM.with_name(f"{WARM.name}-{game}")


def mark_warm(game: str) -> None:
    """Remember that everything is compiled now."""
    with suppress(OSError):  # a folder that nobody may write to: compiling repeats, playing goes on
        WARM.parent.mkdir(parents=True, exist_ok=True)
        _mark(game).touch()
        for old in _home().glob("numba-*"):
            if old != WARM.parent and old.stat().st_mtime < time() - A_WEEK:
                rmtree(old, ignore_errors=True)  # of sources that were edited since


from numba import njit  # only now: numba reads the folder when it is imported

compiled = njit(cache=True, nogil=True, error_model="numpy")
"""Compile a function: disk cache, no interpreter lock, division as in numpy (nothing raises)."""

inlined = njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
"""The same for the small functions of inner loops.

Two habits keep atomic reference counts out of those loops, where they cost twenty times the work: combine
conditions with & and | in a returned value (numba does not prune the counts around a returned `and`), and give
each row of a batch to a function of its own instead of naming it in the loop.
"""

summed = njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract", "reassoc"})
"""The same for networks: floats may be added up in any order, which vector registers need."""

inlined_sum = njit(cache=True, nogil=True, error_model="numpy", forceinline=True, fastmath={"contract", "reassoc"})


@inlined
def copy_row(target, source):
    """Copy one array over another of the same length (numba's own slice assignment is five times slower)."""
    for i in range(len(target)):
        target[i] = source[i]
