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
import io
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import yomi
from engine.networks import model as models
from training.checkpoints import read_state, steps
from training.metrics import read_metrics

ROOT = Path(__file__).resolve().parents[2]
SMALL = "backgammon td-wins --preset tiny games=1500 measure_every=5 log_every=1 checkpoint_minutes=0.01 threads=1"
TIMES = ("_per_s", "_share")


class Trained:
    """A run in a process forked from this one, which has done such a run already; `told` is its stderr."""

    def __init__(self, words: list[str], folder: Path):
        self._told = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the run
        self.pid = os.fork()
        if not self.pid:
            os.dup2(self._told.fileno(), 2)
            os._exit(train(["train", *words, "--name", str(folder)]))

    def wait(self) -> int:
        """Wait for its end; return its exit status."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    @property
    def told(self) -> str:
        """What it has told so far."""
        self._told.seek(0)
        return self._told.read().decode("utf-8", "replace")


class Started:
    """A run in a new process, which has begun: networks that run here would hang in one that is forked."""

    def __init__(self, words: list[str], folder: Path, resume: bool = False):
        line = [sys.executable, "-m", "yomi", "train", *words, "--name", str(folder), *(["--resume"] if resume else [])]
        self._told = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the run
        self._process = subprocess.Popen(line, cwd=ROOT, stdout=self._told, stderr=subprocess.STDOUT)
        while not self.told and self._process.poll() is None:
            time.sleep(0.05)

    def wait(self) -> None:
        """Wait for its end; raise `AssertionError` where it failed."""
        assert self._process.wait() == 0, self.told

    def kill(self) -> None:
        """End it in the middle of whatever it does."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    @property
    def told(self) -> str:
        """What it has told so far."""
        return os.pread(self._told.fileno(), 1 << 20, 0).decode("utf-8", "replace")


def train(words: list[str]) -> int:
    """Run `yomi` with these words; return its exit status."""
    sys.argv = ["yomi", *words]
    try:
        yomi.main()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr, flush=True)
        return 1 if isinstance(end.code, str) else int(end.code or 0)
    return 0


def undisturbed(words: list[str], folder: Path) -> None:
    """Let a run come to its end in this process, from which the others are forked: all is imported and compiled."""
    told = io.StringIO()
    with redirect_stderr(told):
        status = train(["train", *words, "--name", str(folder)])
    assert status == 0, told.getvalue()


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
    whole, killed = place / "whole", place / "killed"
    Started(words, place / "first").wait()  # compiles
    alone = Started(words, whole)
    began = time.monotonic()
    while not (whole.exists() and read_metrics(whole)):
        time.sleep(0.05)
    start = time.monotonic() - began  # what each beginning costs before anything is done
    alone.wait()
    usual, random = time.monotonic() - began, np.random.default_rng(seed)
    assert numbers(whole), "the run has logged nothing: WORDS are to name one stage"
    print(f"undisturbed: {usual:.0f} s, {start:.0f} of them to the first step, {len(numbers(whole))} lines", flush=True)
    for number in range(1, times + 1):
        before = contents(killed)
        process = Started(words, killed, (killed / "settings.toml").exists())
        time.sleep(float(random.uniform(0.5 * start, start + 4 * (usual - start) / times)))
        process.kill()
        check_kept(before, contents(killed))
        steps = [int(line["step"]) for line in read_metrics(killed)] if killed.exists() else []
        assert steps == sorted(steps), "the log goes back in time"
        print(f"kill {number}: step {max(steps, default=0)}", flush=True)
    Started(words, killed, True).wait()
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


def check_whole(run: Path) -> None:
    """Raise an error where a checkpoint or a model is there and not whole, or what is half-written stays."""
    for checkpoint in steps(run / "checkpoints"):
        read_state(checkpoint)
    for folder in steps(run / "models"):
        if (folder / models.DESCRIPTION).exists():  # tables and language models have their own
            assert models.read(folder).fingerprint
        assert all(path.stat().st_size for path in folder.iterdir()), f"{folder} holds an empty file"
    left = [path.name for path in run.rglob("*aside*")]
    assert not left, f"{left} was left"


def stand_in(run: Path) -> None:
    """Let the runs to come write an ONNX file of this one: making it takes seconds and says nothing about disks."""
    made = sorted((run / "models").rglob(models.ONNX))
    if made:
        from engine.networks import towers

        data = made[-1].read_bytes()

        def write(net: object, path: Path) -> towers.Parity:
            path.write_bytes(data)
            return towers.Parity(0, 1.0, 0.0, 0.0)

        towers.export_onnx = write


def fill(words: list[str], place: Path, times: int) -> None:
    """Run on disks of growing sizes, all too small for the whole run."""
    whole = place / "whole"
    undisturbed(words, whole)
    stand_in(whole)
    largest, ends = size_of(whole), Counter()
    for number in range(times):
        kilobytes = max(8, largest * (number + 1) // (times + 1))
        with small_disk(place / f"disk-{number}", kilobytes) as disk:
            (disk / "mine").write_text("of the user")
            process = Trained(words, disk / "run")
            status, told = process.wait(), process.told
            last = (told.strip().splitlines() or [""])[-1].replace(str(place), "")
            if os.environ.get("SHOW"):
                print(f"{kilobytes} kB: exit {status}: {last[-150:]}", flush=True)
            assert "Traceback" not in told, told
            assert "YOMI_DEBUG" not in told, told
            assert (disk / "mine").read_text() == "of the user", "a file of the user has changed"
            assert status == 0 or (status == 1 and last.startswith("yomi: ") and "space" in last), f"{status}: {told}"
            if (disk / "run").exists():
                read_metrics(disk / "run")
                check_whole(disk / "run")
            ends[f"exit {status}, {'something' if (disk / 'run').exists() else 'nothing'} kept"] += 1
    print(f"{' '.join(words)}\n    {largest} kB: {dict(ends)}", flush=True)


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
