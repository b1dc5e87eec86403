"""Packed games to batches: positions drawn at random, turned, replayed and encoded by threads, ahead of time.

Read in this order: `Batch`, `Dataset`, `encode` (the whole way of a batch), then the two ways through a dataset:
`Batches` for training, without end, and `in_order` for measuring. `pack` makes the folder that a dataset reads.
"""

import copy
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from games import go
from games.compiling import compiled
from games.game import Record
from games.go import planes as go_features
from games.go import rules as go_rules
from games.go import symmetries
from training.go.checking import mapped
from training.go.packing import UNKNOWN, DatasetError, PackReport, pack

__all__ = ["Batch", "Batches", "Dataset", "DatasetError", "PackReport", "encode", "in_order", "pack"]


class Batch(NamedTuple):
    """Positions of games and what happened in them, seen by the side to play.

    Boards smaller than `side` lie in the top left corner, and so do their moves: row * side + column, side * side
    for a pass. Positions of one board size lie together.
    """

    planes: np.ndarray
    """uint8 [B, go_features.COUNT, side, side]"""
    moves: np.ndarray
    """The move played here, int64 [B]."""
    outcomes: np.ndarray
    """1 where the side to play won the game, -1 where it lost, 0 for a draw or where nobody knows; float32 [B]."""
    weights: np.ndarray
    """1 where the outcome is known, else 0; float32 [B]."""


class Dataset:
    """A packed folder, or some of its games; its positions are all those before a move, numbered game by game."""

    def __init__(self, path: str | Path, chosen: np.ndarray | None = None):
        """Map a folder into memory, all games or the `chosen` numbers; raise `DatasetError` where it is not one."""
        self.path = Path(path)
        self.moves, games = mapped(self.path)
        begins = np.append(np.uint64(0), games["end"][:-1]).astype(np.int64)
        self.chosen = np.arange(len(games))
        """Their numbers in the folder."""
        self._keep(games, begins, self.chosen if chosen is None else chosen)

    def _keep(self, games: np.ndarray, begins: np.ndarray, chosen: np.ndarray) -> None:
        self.games, self.begins, self.chosen = games[chosen], begins[chosen], self.chosen[chosen]
        """GAME [G], and where the moves of each begin in `moves`, int64 [G]."""
        self.ends = np.cumsum(self.games["end"].astype(np.int64) - self.begins)
        """Number of the first position that belongs to a later game, int64 [G]."""

    def part(self, chosen: np.ndarray) -> "Dataset":
        """Return a dataset of the games with these numbers."""
        part = copy.copy(self)
        part._keep(self.games, self.begins, chosen)
        return part

    def __len__(self) -> int:
        return len(self.games)

    @property
    def positions(self) -> int:
        return int(self.ends[-1]) if len(self.ends) else 0

    @property
    def sizes(self) -> list[int]:
        """The board sizes in it."""
        return np.unique(self.games["size"]).tolist()

    def __getitem__(self, k: int) -> Record:
        """Return a game; its result is "B+", "W+", "0" or "", all that was kept."""
        game, begin = self.games[k], self.begins[k]
        rules = next(name for name, bits in go.RULESETS.items() if bits == game["rules"])
        start = {"size": int(game["size"]), "komi": int(game["komi"]) / 2, "rules": rules}
        result = {1: "B+", -1: "W+", 0: "0"}.get(int(game["result"]), "")
        return Record(go.name, start, self.moves[begin : int(game["end"])].tolist(), result=result)

    def find(self, positions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the game of each position, and how many moves come before it there: int64 [B] each."""
        games = np.searchsorted(self.ends, positions, "right")
        return games, positions - np.append(0, self.ends)[games]

    def split(self, held_out: float, seed: int = 0) -> tuple["Dataset", "Dataset"]:
        """Return two datasets: most games, and a random share of them that the first does not hold."""
        held = int(len(self) * held_out)
        order = np.random.default_rng(seed).permutation(len(self))
        rest, some = np.sort(order[held:]), np.sort(order[:held])
        return self.part(rest), self.part(some)


# --- one batch --------------------------------------------------------------------------------------------


def encode(
    dataset: Dataset, positions: np.ndarray, symmetries: np.ndarray, side: int, rules: np.ndarray | None = None
) -> Batch:
    """Return a batch of positions, int64 [B], each turned as `symmetries.turned` does by its symmetry, int8 [B].

    `rules`, bits as in `go.RULESETS` [B], take the place of the recorded ones.
    """
    games, _ = dataset.find(positions)
    order = np.argsort(dataset.games["size"][games], kind="stable")
    positions, symmetries, rules = positions[order], symmetries[order], None if rules is None else rules[order]
    games, numbers = dataset.find(positions)
    about, moves = dataset.games[games], np.empty(len(games), np.int64)
    planes = np.empty((len(games), go_features.COUNT, side, side), np.uint8)
    rules = np.ascontiguousarray(about["rules"] if rules is None else rules, np.uint16)
    komi = about["komi"].astype(np.int16).view(np.uint16)
    for size in np.unique(about["size"]).tolist():
        here = slice(*np.searchsorted(about["size"], (size, size + 1)))
        states = _empty_board(size)[None].repeat(here.stop - here.start, 0)
        _replay(states, rules[here], komi[here], dataset.moves, dataset.begins[games[here]], numbers[here])
        go_features.encode(states, symmetries[here], side, planes[here])
        played = dataset.moves[dataset.begins[games[here]] + numbers[here]]
        moves[here] = _targets(size, side)[symmetries[here], played]
    return Batch(planes, moves, *_outcomes(about["result"], numbers))


def _outcomes(results: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what Black's results mean to whom it is to play after so many moves, and which are known."""
    known = results != UNKNOWN
    return (np.where(known, results, 0) * (1 - numbers % 2 * 2)).astype(np.float32), known.astype(np.float32)


@lru_cache
def _empty_board(size: int) -> np.ndarray:
    return go.start(size, 0)


@lru_cache
def _targets(size: int, side: int) -> np.ndarray:
    """Return how a move is numbered when turned and laid in the corner of a larger board, [8, size * size + 1]."""
    larger = np.append(np.arange(size)[:, None] * side + np.arange(size), side * side)
    return np.stack([larger[symmetries.symmetry(k, size)] for k in range(8)])


@compiled
def _replay(states, rules, komi, moves, begins, numbers):
    for b in range(len(states)):
        states[b, go_rules.RULES], states[b, go_rules.KOMI] = rules[b], komi[b]
        _play_through(states[b], moves, begins[b], numbers[b])


@compiled
def _play_through(s, moves, begin, number):
    for k in range(begin, begin + number):
        go_rules.make_move(s, np.int64(moves[k]))


# --- training: without end, at random ---------------------------------------------------------------------


class Batches:
    """An endless iterator of training batches, encoded by threads ahead of time; close it or use it in a `with`.

    Every position of the dataset comes once, in random order and in a random symmetry, before any comes again. What
    batch number k holds depends on the seed, the batch size, k and the rank alone: to resume, give `step` the number
    of batches that were used. Of several processes each has a `rank` among `ranks` and gets its own share.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch: int = 256,
        seed: int = 0,
        step: int = 0,
        threads: int = 2,
        side: int = 19,
        rank: int = 0,
        ranks: int = 1,
        any_rules: bool = False,
        finish: Callable[[Batch], Any] | None = None,
    ):
        """Begin with batch number `step`; raise `DatasetError` where the dataset holds no position that fits.

        `any_rules` shows each position under a random ruleset, for records that do not name theirs. `finish` is
        done to each batch by the thread that encoded it, e.g. to pin its memory.
        """
        _check_side(dataset, side)
        self.dataset, self.batch, self.seed, self.side, self.any_rules = dataset, batch, seed, side, any_rules
        self.rank, self.ranks, self.step = rank, ranks, step
        self._finish = finish or (lambda made: made)
        self._stream: Generator[Batch] = _ahead(self._make, count(step), threads)

    def __iter__(self) -> "Batches":
        return self

    def __next__(self) -> Batch:
        made = next(self._stream)
        self.step += 1
        return made

    def __enter__(self) -> "Batches":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Stop the threads."""
        self._stream.close()

    def _make(self, k: int) -> Any:
        turn = np.uint64((k * self.ranks + self.rank) * self.batch) + np.arange(self.batch, dtype=np.uint64)
        chance = _mix(turn ^ _mix(np.array([2 * self.seed + 1], np.uint64)))
        rules = _RULE_BITS[chance % np.uint64(len(_RULE_BITS))] if self.any_rules else None
        symmetries = (chance >> np.uint64(61)).astype(np.int8)
        drawn = drawn_positions(turn, self.dataset.positions, self.seed)
        return self._finish(encode(self.dataset, drawn, symmetries, self.side, rules))


_RULE_BITS = np.array(sorted(go.RULESETS.values()), np.uint16)


def _check_side(dataset: Dataset, side: int) -> None:
    if not dataset.positions:
        raise DatasetError(f"there is no game in this part of {dataset.path}")
    largest = dataset.sizes[-1]
    if largest > side:
        raise DatasetError(f"{dataset.path} holds boards of {largest}x{largest}, which do not fit into {side}x{side}")


def drawn_positions(turns: np.ndarray, positions: int, seed: int) -> np.ndarray:
    """Return which position is drawn at each turn, uint64 -> int64 [B]: all of them once, shuffled, then again.

    The shuffle is a cipher on just enough bits (a Feistel network, walked on until the result is a position; Black
    and Rogaway 2002), so any turn is found at once and nothing is kept.
    """
    n = np.uint64(positions)
    keys = _mix(turns // n ^ _mix(np.array([2 * seed], np.uint64)))
    drawn = turns % n
    half = np.uint64(((positions - 1).bit_length() + 1) // 2)
    outside = np.ones(len(turns), bool)
    while outside.any():
        drawn[outside] = _enciphered(drawn[outside], keys[outside], half)
        outside = drawn >= n
    return drawn.astype(np.int64)


def _enciphered(x: np.ndarray, keys: np.ndarray, half: np.uint64) -> np.ndarray:
    """Permute the numbers of twice `half` bits: uint64 [B]."""
    low = (np.uint64(1) << half) - np.uint64(1)
    left, right = x >> half, x & low
    for number in range(6):
        left, right = right, left ^ (_mix(right + (keys + np.uint64(number) << half)) & low)
    return left << half | right


def _mix(x: np.ndarray) -> np.ndarray:
    """Hash numbers, uint64 [B]: splitmix64 (Steele, Lea and Flood 2014)."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


# --- measuring: in order, once ----------------------------------------------------------------------------


def in_order(dataset: Dataset, batch: int = 256, every: int = 1, threads: int = 2, side: int = 19) -> Iterator[Batch]:
    """Yield every n-th position, unturned and in order, once; the last batch may be smaller."""
    _check_side(dataset, side)
    chosen = np.arange(0, dataset.positions, every)
    parts = (chosen[k : k + batch] for k in range(0, len(chosen), batch))
    return _ahead(lambda part: encode(dataset, part, np.zeros(len(part), np.int8), side), parts, threads)


def _ahead(make: Callable, tasks: Iterator, threads: int) -> Generator:
    """Yield make(task) in order while threads work on the next ones."""
    pool = ThreadPoolExecutor(threads, "batches")
    try:
        waiting = deque(pool.submit(make, task) for task in islice(tasks, threads + 2))
        while waiting:
            made = waiting.popleft().result()
            waiting.extend(pool.submit(make, task) for task in islice(tasks, 1))
            yield made
    finally:
        pool.shutdown(cancel_futures=True)
