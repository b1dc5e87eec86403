"""Key-value memory: what a language model keeps of every token that it has read, one entry a node of the tree of texts.

The beginning that all rows of a call have in common is handed over once; what differs is gathered row by row.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engine.text.language_model import LanguageModel
from games.compiling import compiled

MOST_BYTES = 1 << 30
"""Memory above which entries that the current call does not need are dropped."""

ROOM = 4096
"""Entries for which there is room at first: memory that nobody has written to costs nothing."""

SLACK = 8
"""Common tokens that may be copied for each row before the shared beginning is gathered anew."""

NOTHING = np.empty(0, np.int32)


class LastToken(NamedTuple):
    """What a model returns at the last token of B texts."""

    logits: np.ndarray  # float32 [B, V]
    hidden: np.ndarray  # float32 [B, C]


class PrefixMemory:
    """Reads texts, int32 [n] each, with a language model, and reads no beginning twice."""

    def __init__(self, model: LanguageModel, most_bytes: int = MOST_BYTES):
        self.model = model
        self._shape = (model.layers, 2, model.kv_heads, model.head_size)
        self.most = max(1024, most_bytes // (4 * int(np.prod(self._shape))))
        self._scratch = np.empty(0, np.float32)
        self._clear(min(self.most, ROOM), 64)

    def _clear(self, room: int, longest: int) -> None:
        self._store = np.empty((room, *self._shape), np.float32)  # an entry: keys and values of one token
        self._paths = np.empty((room, longest), np.int32)  # the entries from the first token to this one
        self._entries: dict[bytes, int] = {}  # by all tokens so far
        self._shared_path, self._shared = NOTHING, self._gather_shared(NOTHING)

    def __len__(self) -> int:
        return len(self._entries)

    def read(self, rows: Sequence[np.ndarray]) -> LastToken:
        """Return the model's answers at the last tokens of some texts, none of them empty; equal ones are read once."""
        self._make_room(rows)
        keys = [_key(row) for row in rows]
        different = dict(zip(keys, rows, strict=True))
        self._read_common(list(different.values()))
        groups: dict[int, list[bytes]] = {}  # by how many tokens are new
        for key, row in different.items():
            groups.setdefault(len(row) - self._known(row), []).append(key)
        parts = [self._extend([different[key] for key in groups[new]], new) for new in sorted(groups)]
        order = [key for new in sorted(groups) for key in groups[new]]
        logits, hidden = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        if order == keys:  # a large vocabulary is not copied where it need not be
            return LastToken(logits, hidden)
        places = {key: place for place, key in enumerate(order)}
        some = [places[key] for key in keys]
        return LastToken(logits[some], hidden[some])

    def _read_common(self, rows: list[np.ndarray]) -> None:
        """Read a beginning that all of some texts have in common, where nobody has read it."""
        common = _common(rows) if len(rows) > 1 else 0
        common = min(common, *(len(row) - 1 for row in rows)) if common else 0
        known = self._known(rows[0][: common + 1]) if common else 0
        if common - known > SLACK:
            self._extend([rows[0][:common]], common - known)

    def keep(self, beginnings: Sequence[np.ndarray]) -> None:
        """Free what does not lie on the way to one of some texts, or behind it."""
        wanted = [_key(row) for row in beginnings]
        self._drop(lambda key: any(each.startswith(key) or key.startswith(each) for each in wanted))

    # --- entries ------------------------------------------------------------------------------------------

    def _known(self, row: np.ndarray) -> int:
        """Return how many tokens of a text have entries, the last one left out: its answer is wanted."""
        key, n = _key(row), len(row) - 1
        while n and key[: 4 * n] not in self._entries:
            n -= 1
        return n

    def _extend(self, rows: list[np.ndarray], new: int) -> tuple[np.ndarray, np.ndarray]:
        """Read the last `new` tokens of each text; return logits [B, V] and hidden [B, C] at the last ones."""
        paths = [self._path(row[:-new]) for row in rows]
        shared = self._share(paths)
        tails, lengths = self._gather_tails(paths, shared.shape[3])
        tokens = np.stack([row[-new:] for row in rows]).astype(np.int64)
        logits, hidden, memory = self.model.extend(tokens, shared, tails, lengths)
        for row, each in zip(rows, memory, strict=True):
            for j in range(new):
                self._add(row[: len(row) - new + j + 1], each[:, :, :, j])
        return np.ascontiguousarray(logits[:, -1]), hidden[:, -1]

    def _path(self, row: np.ndarray) -> np.ndarray:
        """Return the entries of all tokens of a text."""
        return self._paths[self._entries[_key(row)], : len(row)] if len(row) else NOTHING

    def _add(self, row: np.ndarray, memory: np.ndarray) -> None:
        """Keep the keys and values [L, 2, H, D] of the last token of a text."""
        key, entry, n = _key(row), len(self._entries), len(row)
        if key in self._entries:
            return
        if entry == len(self._store):
            self._store, self._paths = _doubled(self._store), _doubled(self._paths)
        if n > self._paths.shape[1]:
            self._paths = np.pad(self._paths, ((0, 0), (0, n)))
        self._paths[entry, : n - 1], self._paths[entry, n - 1] = self._path(row[:-1]), entry
        self._store[entry], self._entries[key] = memory, entry

    def _make_room(self, rows: Sequence[np.ndarray]) -> None:
        """Drop what these texts do not need, where the memory is full."""
        if len(self) + len(rows) > self.most:
            needed = {_key(row[:n]) for row in rows for n in range(1, len(row) + 1)}
            self._drop(needed.__contains__)

    def _drop(self, kept: Callable[[bytes], bool]) -> None:
        """Keep only the entries whose key is `kept`; with each are kept those of its beginnings."""
        old, paths, store = self._entries, self._paths, self._store
        keys = sorted((key for key in old if kept(key)), key=len)
        self._clear(max(min(self.most, ROOM), len(keys)), paths.shape[1])
        for key in keys:
            tokens = np.frombuffer(key, np.int32)
            self._add(tokens, store[old[key]])

    # --- gathering ----------------------------------------------------------------------------------------

    def _share(self, paths: list[np.ndarray]) -> np.ndarray:
        """Return keys and values of a beginning that all texts have in common, [L, 2, H, P, D]."""
        common = paths[0][: _common(paths)]
        old = self._shared_path
        if not (len(old) <= len(common) <= len(old) + SLACK and np.array_equal(old, common[: len(old)])):
            self._shared_path, self._shared = common.copy(), self._gather_shared(common)
        return self._shared

    def _gather_shared(self, path: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(np.moveaxis(self._store[path], 0, 3))

    def _gather_tails(self, paths: list[np.ndarray], shared: int) -> tuple[np.ndarray, np.ndarray]:
        """Return keys and values behind the shared beginning, [B, L, 2, H, R, D], and how many each text has, [B]."""
        lengths = np.array([len(path) - shared for path in paths], np.int64)
        entries = np.zeros((len(paths), int(lengths.max())), np.int64)
        for row, path in zip(entries, paths, strict=True):
            row[: len(path) - shared] = path[shared:]
        parts, size = int(np.prod(self._shape[:-1])), self._shape[-1]
        wanted = entries.size * parts * size
        if len(self._scratch) < wanted:
            self._scratch = np.empty(2 * wanted, np.float32)  # new memory for each call would cost as much as copying
        found = self._scratch[:wanted].reshape(len(paths), parts, entries.shape[1], size)
        _gather(self._store.reshape(-1, parts, size), entries, found)
        return found.reshape(len(paths), *self._shape[:-1], entries.shape[1], size), lengths


@compiled
def _gather(store, entries, found):
    """Copy the keys and values [N, M, D] of entries [B, R] to where the model reads them, [B, M, R, D]."""
    for b in range(len(entries)):
        for part in range(store.shape[1]):  # in the order of what is written: the other way takes twice as long
            for r in range(entries.shape[1]):
                entry = entries[b, r]
                for d in range(store.shape[2]):  # several times as quick as an assignment of slices
                    found[b, part, r, d] = store[entry, part, d]


def _common(rows: Sequence[np.ndarray]) -> int:
    """Return how many numbers at their beginnings all rows have in common."""
    common = len(rows[0])
    for row in rows[1:]:
        common = min(common, len(row))
        differ = np.flatnonzero(rows[0][:common] != row[:common])
        common = int(differ[0]) if len(differ) else common
    return common


def _key(row: np.ndarray) -> bytes:
    return row.astype(np.int32, copy=False).tobytes()


def _doubled(array: np.ndarray) -> np.ndarray:
    return np.concatenate([array, np.empty_like(array)])
