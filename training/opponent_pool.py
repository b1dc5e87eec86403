"""The pool of earlier selves: networks as ONNX files in the folder of a run, one of which each batch of games meets."""

from pathlib import Path

import numpy as np

from training.disk import write_file


class OpponentPool:
    """A folder of networks, named by the step after which they were added."""

    def __init__(self, folder: Path):
        self.folder = folder

    def steps(self) -> list[int]:
        """List the steps whose networks are there."""
        return sorted(int(path.stem) for path in self.folder.glob("[0-9]*.onnx"))

    def add(self, step: int, onnx: bytes) -> None:
        """Keep the network of a step."""
        self.folder.mkdir(exist_ok=True)
        write_file(self._path(step), onnx)

    def drawn(self, random: np.random.Generator, before: int) -> tuple[int, bytes]:
        """Return one of the networks of before a step, all alike, and its own step."""
        step = int(random.choice([step for step in self.steps() if step < before]))
        return step, self._path(step).read_bytes()

    def drop_after(self, step: int) -> None:
        """Remove the networks of later steps, which are to be learned again."""
        for later in self.steps():
            if later > step:
                self._path(later).unlink()

    def _path(self, step: int) -> Path:
        return self.folder / f"{step:09}.onnx"
