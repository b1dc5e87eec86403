"""Kill training at random moments, or let the disk fill up.

    python tests/measures/hurt_training.py [--times 20] kill|disk [WORDS]

    kill    SIGKILL at --times 20 random moments of one run, which goes on with --resume each time and has to end with
            the numbers of a run that nobody disturbed
    disk    the same run on a file system (tmpfs, needs root) of 20 sizes that are too small; it has to end with one
            sentence, and what was written before it has to be whole

WORDS are what follows `yomi train`, by default a small run of temporal differences. Whatever happens, a checkpoint or a
model that was once whole stays as it was until training itself deletes it.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from training.metrics import read_metrics

ROOT = Path(__file__).resolve().parents[2]
SMALL = "backgammon td-wins --preset tiny games=1500 measure_every=5 log_every=1 checkpoint_minutes=0.01 threads=1"
TIMES = ("_per_s", "_share")


def start(words: list[str], folder: Path, resume: bool) -> subprocess.Popen:
    """Start the run."""
    command = [sys.executable, str(ROOT / "yomi.py"), "train", *words, "--name", str(folder)]
    return subprocess.Popen([*command, *(["--resume"] if resume else [])], stderr=subprocess.PIPE, text=True, cwd=ROOT)


def contents(folder: Path) -> dict[str, str]:
    """Return a fingerprint of every file of finished checkpoints and models."""
    found = [path for name in ("checkpoints", "models") for path in (folder / name).glob("[0-9]*/**/*")]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found if path.is_file()
    }


def check_kept(before: dict[str, str], after: dict[str, str]) -> None:
    """Raise `AssertionError` where a file has changed, or a model has gone."""
    assert all(after.get(name, mark) == mark for name, mark in before.items()), "a finished file has changed"
    gone = [name for name in before if name.startswith("models") and name not in after]
    assert not gone, f"{gone[0]} has gone"


def numbers(folder: Path) -> list[dict[str, float]]:
    """Return what was logged, without times."""
    lines = [{k: v for k, v in line.items() if not k.endswith(TIMES)} for line in read_metrics(folder)]
    return [line for line in lines if len(line) > 1]


# --- killing ----------------------------------------------------------------------------------------------


def kill(words: list[str], place: Path, times: int, seed: int) -> None:
    """Kill a run again and again; compare it with one that nobody disturbed."""
    began = time.monotonic()
    whole, killed = place / "whole", place / "killed"
    process = start(words, whole, False)
    assert process.wait() == 0, process.stderr.read() if process.stderr else ""
    usual, random = time.monotonic() - began, np.random.default_rng(seed)
    print(f"undisturbed: {usual:.0f} s, {len(numbers(whole))} lines", flush=True)
    for number in range(1, times + 1):
        before = contents(killed)
        process = start(words, killed, number > 1)
        time.sleep(float(random.uniform(0.2, 0.9 * usual)))
        process.kill()
        process.wait()
        check_kept(before, contents(killed))
        steps = [int(line["step"]) for line in read_metrics(killed)] if killed.exists() else []
        assert steps == sorted(steps), "the log goes back in time"
        print(f"kill {number}: step {max(steps, default=0)}", flush=True)
    process = start(words, killed, True)
    assert process.wait() == 0, process.stderr.read() if process.stderr else ""
    assert numbers(killed) == numbers(whole), "the numbers are others than those of the run that nobody disturbed"
    print("the same numbers as undisturbed")


# --- a full disk ------------------------------------------------------------------------------------------


@contextmanager
def small_disk(place: Path, kilobytes: int) -> Iterator[Path]:
    """Mount a file system of so many kilobytes."""
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def size_of(folder: Path) -> int:
    """Return the size of a folder in kilobytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1024 + 1


def fill(words: list[str], place: Path, times: int) -> None:
    """Run on disks of growing sizes, all too small for the whole run."""
    whole = place / "whole"
    process = start(words, whole, False)
    assert process.wait() == 0
    largest = size_of(whole)
    for number in range(times):
        kilobytes = max(8, largest * (number + 1) // (times + 1))
        with small_disk(place / f"disk-{number}", kilobytes) as disk:
            (disk / "mine").write_text("of the user")
            process = start(words, disk / "run", False)
            told = process.communicate()[1].strip().splitlines()
            assert "Traceback" not in "\n".join(told), "\n".join(told)
            assert (disk / "mine").read_text() == "of the user", "a file of the user has changed"
            steps = [line["step"] for line in read_metrics(disk / "run")] if (disk / "run").exists() else []
            last = told[-1] if told else ""
            print(f"{kilobytes} kB: exit {process.returncode}, step {max(steps, default=0)}: {last[-150:]}", flush=True)
            assert process.returncode in (0, 1)


def main() -> None:
    """Do what the words say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("kill", "disk"))
    parser.add_argument("words", nargs=argparse.REMAINDER)
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        if options.what == "kill":
            kill(options.words or SMALL.split(), Path(place), options.times, options.seed)
        else:
            fill(options.words or SMALL.split(), Path(place), options.times)


if __name__ == "__main__":
    main()
