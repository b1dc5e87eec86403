"""The game that a run plays now, as a record in its folder, so that people can watch it: `playing.sgf`, say.

The part `self_play` of a wing in training/ says how a record is written (`record`) and how its name ends (`SUFFIX`).
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from time import perf_counter

import numpy as np

from games import wings
from training.disk import write_file

STEM = "playing"
"""The record's name, without its suffix."""

EVERY = 0.5
"""Seconds between two writings: a person hardly sees more, and each costs time."""


class LiveGame:
    """Writes one game after the other, each while it is played."""

    def __init__(self, folder: Path, game: str):
        self.wing = wings.part("training", game, "self_play")
        self.path, self._written = Path(folder) / f"{STEM}{self.wing.SUFFIX}", 0.0

    def show(self, start: np.ndarray, moves: Sequence[int], over: bool) -> None:
        """Write a game as far as it was played, its end always; a full disk does not stop the games."""
        if not over and perf_counter() < self._written + EVERY:
            return
        self._written = perf_counter()
        with suppress(OSError, ValueError):
            write_file(self.path, self.wing.record(start, moves))
