"""Learn once in one process and once in two that `torchrun` starts, and compare the curves.

    python tests/measures/two_processes.py [WORDS]

WORDS are what follows `yomi train`, by default a small run of policy gradients. Printed is for every logged number its
mean over the steps, the mean distance of the two curves, and that of one process with another seed: the noise.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.metrics import read_metrics

ROOT = Path(__file__).resolve().parents[2]
SMALL = "go policy_gradient parent=go boards=5 iterations=8 games=64 longest=60 measure_every=4 measured=64 compile=no"
TIMES = ("_per_s", "_share", "step")


def learned(words: Sequence[str], folder: Path, processes: int) -> list[dict[str, float]]:
    """Return what a run of so many processes has logged."""
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)] * (processes > 1)
    command = [sys.executable, *launcher, str(ROOT / "yomi.py"), "train", *words, "threads=1", "--name", str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return read_metrics(folder)


def curve(lines: list[dict[str, float]], name: str) -> np.ndarray:
    """Return the values of a number, step by step."""
    return np.array([line[name] for line in lines if name in line])


def main() -> None:
    """Do what the words say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", default=SMALL.split())
    words = parser.parse_args().words
    with tempfile.TemporaryDirectory() as place:
        one, two = (learned(words, Path(place) / f"in-{count}", count) for count in (1, 2))
        other = learned([*words, "seed=77"], Path(place) / "other", 1)
    names = dict.fromkeys(name for line in one for name in line if not name.endswith(TIMES))
    for name in names:
        first, second, noise = (curve(lines, name) for lines in (one, two, other))
        assert len(first) == len(second), f"two processes have logged {name} {len(second)} times, not {len(first)}"
        apart = [float(np.abs(first - each[: len(first)]).mean()) for each in (second, noise)]
        print(f"{name:24} mean {first.mean():9.4f}  two processes apart {apart[0]:9.5f}  another seed {apart[1]:9.5f}")


if __name__ == "__main__":
    main()
