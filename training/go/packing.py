"""Go records to packed games: SGF in any number and wrapping into files that a dataset maps into memory.

A packed folder holds `moves.npy` (uint16, the moves of all games one after another: row * size + column from the top
left, size * size a pass), `games.npy` (a `GAME` each), `dataset.json` (counts, sources, a checksum) and `skipped.txt`
(a line for whatever was left out, and why). Only even games are packed: no stones set up, Black first, in turn. A game
is kept up to an illegal move, or to a change of the board by hand.
"""

import json
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import BinaryIO, NamedTuple
from zlib import crc32

import numpy as np

from games import go
from games.go import sgf, sgf_files, sgf_words
from training.disk import write_folder
from training.go import game_lines

VERSION = 1

GAME = np.dtype([("end", "<u8"), ("komi", "<i2"), ("size", "u1"), ("rules", "u1"), ("result", "i1")])
"""One game: where its moves end in `moves.npy` (they begin where the last game's end), half points of komi, board
size, rule bits as in `go.RULESETS`, and 1 where Black won, -1 where White did, 0 a draw, UNKNOWN otherwise."""

UNKNOWN = 2

CHUNK = 1 << 22
"""Bytes of text that a process is given at once: about 3,000 games."""

Text = tuple[str, int, bytes]
"""A file, the number of a game in it (from 1), and its SGF as UTF-8."""

Progress = Callable[[float, int], None]
"""Is called now and then with the share of the sources that has been read, 0 to 1, and how many games are packed."""


class DatasetError(ValueError):
    """Games that cannot be packed or read back; the message is one sentence."""


@dataclass(frozen=True)
class PackReport:
    """What a packed folder holds, how many games it does not, and how many had an illegal move and end before it."""

    path: Path
    games: int
    positions: int
    skipped: int
    illegal: int
    bytes: int


class Packed(NamedTuple):
    """Some games in memory; `end` of the first counts from 0."""

    moves: np.ndarray
    games: np.ndarray
    remarks: list[str]
    skipped: int
    illegal: int


def pack(
    sources: Sequence[str | Path],
    out: str | Path,
    limit: int | None = None,
    progress: Progress | None = None,
    rules: str = "tromp-taylor",
    processes: int | None = None,
) -> PackReport:
    """Pack the games of SGF files, .xz and .zip archives and folders, at most `limit`, into a new folder.

    `rules` holds where a record names none. Broken and uneven games are skipped; superko is not looked at.
    `processes` is one for each core unless given. Raises `DatasetError`, and then leaves nothing behind.
    """
    files, out = _files(sources), Path(out)
    if out.is_file() or (out.is_dir() and any(out.iterdir())):
        raise DatasetError(f"{out} exists already; remove it or name another folder")
    reports = []

    def write(folder: Path) -> None:
        with closing(_Writer(folder)) as writer:
            for packed, share in _packed_chunks(files, rules, processes or os.cpu_count() or 1):
                writer.add(packed, limit)
                if progress:
                    progress(share, writer.games)
                if writer.games == limit:
                    break
            reports.append(writer.finish(out, [file.name for file in files]))

    try:
        write_folder(out, write)
    except OSError as error:
        raise DatasetError(f"{out} cannot be written: {error.strerror or error}") from None
    return reports[0]


# --- reading ----------------------------------------------------------------------------------------------


def _files(sources: Sequence[str | Path]) -> list[Path]:
    """Return the SGF files at some paths; raise `DatasetError` where there are none."""
    files: list[Path] = []
    for source in map(Path, sources):
        if not source.exists():
            raise DatasetError(f"{source}: there is no such file or folder")
        inside = [source] if source.is_file() else sorted(p for p in source.rglob("*") if _is_sgf(p))
        if not inside:
            raise DatasetError(f"{source}: there is no SGF file in the folder")
        files += inside
    if not files:
        raise DatasetError("there is nothing to pack: name an SGF file or a folder of them")
    return files


def _is_sgf(path: Path) -> bool:
    return path.name.lower().endswith(sgf_files.ENDINGS) and path.is_file()


class _Reader:
    """The texts of all games in some files; knows how far it is and what could not be read."""

    def __init__(self, files: Sequence[Path]):
        self.files = files
        self.trouble: list[str] = []
        self.skipped = 0  # games and files that cannot be read at all
        self.done, self.total = 0, sum(file.stat().st_size for file in files) or 1
        self.open: BinaryIO | None = None

    def share(self) -> float:
        return min((self.done + (self.open.tell() if self.open else 0)) / self.total, 1.0)

    def chunks(self) -> Iterator[list[Text]]:
        """Yield some megabytes of games at a time."""
        chunk, size = [], 0
        for text in self._texts():
            chunk.append(text)
            size += len(text[2])
            if size >= CHUNK:
                yield chunk
                chunk, size = [], 0
        yield chunk

    def _texts(self) -> Iterator[Text]:
        for file in self.files:
            try:
                with file.open("rb") as self.open:
                    for source, blocks in sgf_files.streams(file, self.open):
                        yield from self._games(source, blocks)
            except sgf_files.BROKEN_FILE as error:
                self._note(f"it cannot be read: {getattr(error, 'strerror', None) or error}", str(file))
            self.open, self.done = None, self.done + file.stat().st_size

    def _games(self, source: str, blocks: Iterator[bytes]) -> Iterator[Text]:
        number = 0
        for number, text in enumerate(sgf_files.split(blocks, lambda error: self._note(error.sentence, source)), 1):
            yield source, number, text
        if not number:
            self._note("there is no game in it", source)

    def _note(self, sentence: str, source: str) -> None:
        self.trouble.append(str(sgf.SgfError(sentence, source)))
        self.skipped += 1


# --- some games -------------------------------------------------------------------------------------------


def pack_texts(texts: Iterable[Text], rules: str) -> Packed:
    """Pack games in memory; a remark says of each game that cannot be used why."""
    moves, games, remarks, skipped, illegal, end = [np.empty(0, np.uint16)], [], [], 0, 0, 0
    for source, number, text in texts:
        try:
            line = game_lines.read(text, rules)
        except sgf.SgfError as error:
            skipped += 1
            remarks.append(str(sgf.SgfError(error.sentence, source, number)))
            continue
        remarks += [str(sgf.SgfError(remark, source, number)) for remark in line.remarks]
        illegal += line.illegal
        end += len(line.moves)
        moves.append(line.moves)
        start = line.start
        result = _result(line.result)
        games.append((end, round(start["komi"] * 2), start["size"], go.RULESETS[start["rules"]], result))
    return Packed(np.concatenate(moves), np.array(games, GAME), remarks, skipped, illegal)


def _result(text: str) -> int:
    value = sgf_words.value(text)
    return UNKNOWN if value is None else int(value)


# --- all games --------------------------------------------------------------------------------------------


def _packed_chunks(files: Sequence[Path], rules: str, processes: int) -> Iterator[tuple[Packed, float]]:
    """Yield packed games in the order of the sources, and the share of the sources that has been read."""
    reader = _Reader(files)
    for packed in _side_by_side(partial(pack_texts, rules=rules), reader.chunks(), processes):
        yield packed, reader.share()
    if reader.trouble:
        yield Packed(np.empty(0, np.uint16), np.empty(0, GAME), reader.trouble, reader.skipped, 0), 1.0


def _side_by_side(work: Callable, tasks: Iterator, processes: int) -> Iterator:
    """Yield the results in order. The first task is done here: it compiles, and small sources need no more."""
    yield from map(work, islice(tasks, 1))
    more = list(islice(tasks, 1))
    if processes == 1 or not more:
        yield from map(work, chain(more, tasks))
        return
    spawn = get_context("spawn")  # forking a process with threads may hang
    pool = ProcessPoolExecutor(processes, spawn, _follow_parent)
    try:
        waiting = deque(pool.submit(work, task) for task in chain(more, islice(tasks, 2 * processes)))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(pool.submit(work, task) for task in islice(tasks, 1))
    except BrokenProcessPool:
        raise DatasetError("a process that was reading records died; try with fewer processes") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _follow_parent() -> None:
    """Leave interrupts to the parent process, and end with it even where it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None  # this runs in the processes of a pool only
    parent.join()
    os._exit(1)


# --- writing ----------------------------------------------------------------------------------------------


class _Writer:
    """The files of a packed folder; the moves go to the disk as they come."""

    def __init__(self, folder: Path):
        self.folder, self.games, self.positions, self.skipped, self.illegal = folder, 0, 0, 0, 0
        self.tables: list[np.ndarray] = []
        self.remarks: list[str] = []
        self.checksum = 0  # of all moves so far
        self.moves = (folder / "moves.npy").open("wb")
        self._head()

    def _head(self) -> None:
        """Write numpy's header; it leaves room for the length to grow in place."""
        shape = {"descr": "<u2", "fortran_order": False, "shape": (self.positions,)}
        self.moves.seek(0)
        np.lib.format.write_array_header_1_0(self.moves, shape)

    def add(self, packed: Packed, limit: int | None) -> None:
        table = packed.games[: None if limit is None else limit - self.games].copy()
        positions = int(table["end"][-1]) if len(table) else 0
        moves = packed.moves[:positions].astype("<u2").tobytes()
        self.moves.write(moves)
        self.checksum = crc32(moves, self.checksum)
        table["end"] += np.uint64(self.positions)
        self.tables.append(table)
        self.remarks += packed.remarks
        self.skipped += packed.skipped
        self.illegal += packed.illegal
        self.games += len(table)
        self.positions += positions

    def close(self) -> None:
        self.moves.close()

    def finish(self, out: Path, sources: list[str]) -> PackReport:
        """Close the files; raise `DatasetError` where nothing was packed."""
        if not self.games:
            why = f" ({self.remarks[0]})" if self.remarks else ""
            raise DatasetError(f"none of {self.skipped} games can be used{why}")
        table = np.concatenate(self.tables)
        self._head()
        self.close()
        np.save(self.folder / "games.npy", table, allow_pickle=False)
        (self.folder / "skipped.txt").write_bytes("".join(f"{line}\n" for line in self.remarks).encode())
        size = sum(file.stat().st_size for file in self.folder.iterdir())
        report = PackReport(out, self.games, self.positions, self.skipped, self.illegal, size)
        about = _described(report, table, sources) | {"checksum": crc32(table.tobytes(), self.checksum)}
        (self.folder / "dataset.json").write_bytes(json.dumps(about, indent=1).encode() + b"\n")
        return report


def _described(report: PackReport, table: np.ndarray, sources: list[str]) -> dict:
    counts = {name: value for name, value in asdict(report).items() if name not in ("path", "bytes")}
    sizes = {str(size): count for size, count in sorted(Counter(table["size"].tolist()).items())}
    return {"game": go.name, "version": VERSION} | counts | {"sizes": sizes, "sources": sources}
