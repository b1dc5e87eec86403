"""Packed games at the door: what is mapped into memory has been checked, completely.

Compiled code plays these moves without asking, so one off the board, or on a stone, would write outside its arrays. A
folder whose checksum fits was checked when it was packed; any other is replayed, on all cores.
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from zlib import crc32

import numpy as np

from games import go, plain_files
from games.compiling import compiled
from games.go.legality import ALTERNATING, count_legal
from training.go.packing import GAME, UNKNOWN, VERSION, DatasetError

LARGEST_KOMI = 2000
"""Half points of komi at most."""

BLOCK = 1 << 20
"""Moves that are looked at together."""


def mapped(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the moves, mapped and read only, and the games of a packed folder; raise `DatasetError` in a sentence."""
    try:
        about = json.loads(plain_files.read_text(path / "dataset.json"))
        if about["game"] != go.name or about["version"] != VERSION:
            raise DatasetError(f"{path} was packed by another version of Yomi; pack it again")
        moves, games = _array(path / "moves.npy", np.dtype("<u2")), np.array(_array(path / "games.npy", GAME))
    except FileNotFoundError:
        raise DatasetError(f"{path} is not a folder of packed games; pack some first") from None
    except DatasetError:
        raise
    except (OSError, EOFError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from None
    _check_games(path, games, len(moves))
    _check_moves(path, moves, games, about.get("checksum"))
    return moves, games


def _array(path: Path, dtype: np.dtype) -> np.ndarray:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.dtype != dtype or array.ndim != 1:
        raise DatasetError(f"{path} does not hold what a packed folder holds there; pack the games again")
    return np.asarray(array)


def _check_games(path: Path, games: np.ndarray, moves: int) -> None:
    """Raise `DatasetError` unless each game has moves, and a size, rules, komi and result that can be."""
    ends = games["end"]
    if not len(games) or ends[-1] != moves:
        raise DatasetError(f"{path} cannot be read: games.npy and moves.npy do not belong together; pack it again")
    wrong = {
        "end": np.append(ends[:1] == 0, ends[1:] <= ends[:-1]),
        "size": (games["size"] < go.SMALLEST) | (games["size"] > go.LARGEST),
        "rules": ~np.isin(games["rules"], list(go.RULESETS.values())),
        "komi": np.abs(games["komi"].astype(np.int32)) > LARGEST_KOMI,
        "result": ~np.isin(games["result"], (-1, 0, 1, UNKNOWN)),
    }
    for field, at in wrong.items():
        if at.any():
            raise DatasetError(f"{path / 'games.npy'}: game {int(at.argmax()) + 1} has no {field} that can be")


def _check_moves(path: Path, moves: np.ndarray, games: np.ndarray, checksum: object) -> None:
    """Raise `DatasetError` unless the moves are those that were packed, or are all legal."""
    if checksum is not None:
        found = 0
        for begin in range(0, len(moves), BLOCK):
            found = crc32(moves[begin : begin + BLOCK].tobytes(), found)
        if crc32(games.tobytes(), found) != checksum:
            raise DatasetError(f"{path} was damaged since it was packed: its checksum differs; pack the games again")
        return
    ends = games["end"].astype(np.int64)
    begins = np.append(0, ends[:-1])
    parts = []
    for size in np.unique(games["size"]).tolist():
        here = np.flatnonzero(games["size"] == size)
        parts += [(size, part) for part in np.array_split(here, len(here) // 1000 + 1)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, made in pool.map(lambda part: _first_illegal(part[0], part[1], moves, begins, ends), parts):
            if number >= 0:
                what = f"move {made + 1} of game {number + 1} is not legal"
                raise DatasetError(f"{path / 'moves.npy'}: {what}; pack the games again")


def _first_illegal(
    size: int, numbers: np.ndarray, moves: np.ndarray, begins: np.ndarray, ends: np.ndarray
) -> tuple[int, int]:
    """Return the first of some games that holds an illegal move, -1 for none, and how many moves come before it."""
    return _replay(go.start(size), numbers, moves, begins, ends, ALTERNATING)


@compiled
def _replay(start, numbers, moves, begins, ends, alternating):
    state = start.copy()
    for k in range(len(numbers)):
        state[:] = start
        begin, end = begins[numbers[k]], ends[numbers[k]]
        made = count_legal(state, moves[begin:end], alternating)
        if made < end - begin:
            return numbers[k], made
    return -1, 0
