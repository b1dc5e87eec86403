"""The replay memory of deep Q-learning: the latest transitions, drawn from at random."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Transition(NamedTuple):
    """Steps of B poles."""

    states: np.ndarray  # float32 [B, 4]
    pushes: np.ndarray  # int64 [B]
    nexts: np.ndarray  # float32 [B, 4]
    fell: np.ndarray  # bool [B]


class TransitionMemory:
    """A ring of so many transitions."""

    def __init__(self, size: int):
        self.rows = Transition(
            np.zeros((size, 4), np.float32),
            np.zeros(size, np.int64),
            np.zeros((size, 4), np.float32),
            np.zeros(size, bool),
        )
        self.size, self.added = size, 0

    def __len__(self) -> int:
        return min(self.added, self.size)

    def add(self, new: Transition) -> None:
        """Keep transitions, in the place of the oldest ones."""
        places = (self.added + np.arange(len(new.pushes))) % self.size
        for kept, each in zip(self.rows, new, strict=True):
            kept[places] = each
        self.added += len(new.pushes)

    def draw(self, count: int, random: np.random.Generator) -> Transition:
        """Return so many of the kept transitions."""
        chosen = random.integers(len(self), size=count)
        return Transition(*(kept[chosen] for kept in self.rows))

    def tables(self) -> dict[str, np.ndarray]:
        """Return all that is kept, to be written."""
        kept = {f"memory.{name}": rows[: len(self)] for name, rows in self.rows._asdict().items()}
        return kept | {"memory.added": np.array(self.added)}

    def reload(self, tables: Mapping[str, np.ndarray]) -> None:
        """Keep what was written; raise `ValueError` where that has another size."""
        self.added = int(tables["memory.added"])
        for name, rows in self.rows._asdict().items():
            found = tables[f"memory.{name}"]
            if found.shape != rows[: len(self)].shape:
                raise ValueError("the replay memory was written for another size than the settings name")
            rows[: len(self)] = found
