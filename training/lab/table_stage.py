"""What every stage without a network shares: what it has learned are arrays with names."""

import zipfile
from pathlib import Path

import numpy as np

from training.run import Run
from training.stage import Stage

TABLES = "tables.npz"


class TableStage(Stage):
    """A stage whose knowledge is `tables`; a subclass makes them in the shapes that its settings ask for."""

    tables: dict[str, np.ndarray]

    def means(self) -> dict[str, float]:
        """Return nothing: all numbers of a table are measured."""
        return {}

    def write(self, folder: Path) -> None:
        """Write the tables."""
        np.savez(folder / TABLES, allow_pickle=False, **self.tables)

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the tables; a picture or a test reads them."""
        self.write(folder)

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        found = read_tables(checkpoint)
        shapes = {name: (table.shape, table.dtype) for name, table in self.tables.items()}
        if {name: (table.shape, table.dtype) for name, table in found.items()} != shapes:
            raise ValueError(f"{checkpoint} was written by another stage, or for another world than the settings name")
        self.tables = found
        return int(checkpoint.name)


def read_tables(folder: Path) -> dict[str, np.ndarray]:
    """Return a checkpoint's or a model's tables; raise `ValueError` where they are damaged, missing or not finite."""
    path = folder / TABLES
    try:
        with np.load(path) as kept:
            found = dict(kept)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path} cannot be read: {error}") from None
    if not all(np.isfinite(table).all() for table in found.values()):
        raise ValueError(f"{path} holds numbers that are not finite")
    return found
