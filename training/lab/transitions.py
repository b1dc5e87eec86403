"""The replay memory of deep Q-learning: the latest transitions, drawn from at random."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Transition(NamedTuple):
    """Steps of B agents. A state is what its world says it is: W numbers."""

    states: np.ndarray  # [B, W]
    actions: np.ndarray  # int64 [B]
    rewards: np.ndarray  # float32 [B]
    nexts: np.ndarray  # [B, W]
    over: np.ndarray  # bool [B]; not where the time was up: what was left would have gone on


class TransitionMemory:
    """A ring of so many transitions, whose states are like an example [W]."""

    def __init__(self, size: int, example: np.ndarray):
        states = np.zeros((size, *example.shape), example.dtype)
        self.rows = Transition(
            states, np.zeros(size, np.int64), np.zeros(size, np.float32), states.copy(), np.zeros(size, bool)
        )
        self.size, self.added = size, 0

    def __len__(self) -> int:
        return min(self.added, self.size)

    def add(self, new: Transition) -> None:
        """Keep transitions, in the place of the oldest ones."""
        places = (self.added + np.arange(len(new.actions))) % self.size
        for kept, each in zip(self.rows, new, strict=True):
            kept[places] = each
        self.added += len(new.actions)

    def draw(self, count: int, random: np.random.Generator) -> Transition:
        """Return so many of the kept transitions."""
        chosen = random.integers(len(self), size=count)
        return Transition(*(kept[chosen] for kept in self.rows))

    def in_order(self, parts: int) -> list[Transition]:
        """Return all transitions as they stand, in so many parts."""
        places = np.array_split(np.arange(len(self)), min(parts, len(self)))
        return [Transition(*(kept[each] for kept in self.rows)) for each in places]

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
