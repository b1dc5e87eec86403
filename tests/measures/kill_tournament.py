"""Kill a tournament at random moments: python tests/measures/kill_tournament.py [--kills 20] [--games 200] [--seed 1]

A tournament of quick players on 5x5 is started again and again, and killed (SIGKILL) at a random moment: while it
starts, plays, writes. Then it is left to finish. There must be as many games as were planned, none twice, each with its
record, and no game that was once written may have changed or gone.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from games import go
from games.go import sgf, sgf_words
from training.tournament import director as tournament
from training.tournament.folder import read_lines

TOML = """
size = 5
komi = 2.5
openings = 2
parallel = 4
kind = "pair"
games = {games}
[[players]]
name = "random"
kind = "random"
[[players]]
name = "policy"
kind = "policy"
model = "rollouts"
temperature = 1
"""


def start(path: Path, runs: Path) -> subprocess.Popen:
    """Start a process that plays."""
    code = f"from training.tournament.director import run; run({str(path)!r}, {str(runs)!r})"
    return subprocess.Popen(
        [sys.executable, "-c", code], cwd=Path(tournament.__file__).parents[2], stderr=subprocess.DEVNULL
    )


def kill_at(path: Path, runs: Path, size: int, later: float) -> None:
    """Kill a process so many seconds after the lines have grown beyond a size (or it has ended)."""
    lines, process = runs / path.stem / "games.jsonl", start(path, runs)
    while process.poll() is None and (not lines.exists() or lines.stat().st_size < size):
        time.sleep(0.001)
    time.sleep(later)
    process.kill()
    process.wait()


def check(folder: Path, games: int) -> None:
    """Raise `AssertionError` for what is missing, twice or without its record."""
    lines = read_lines(folder)
    assert sorted(line["id"] for line in lines) == list(range(games)), "games are missing or twice"
    for line in lines:
        (kept,) = sgf.read(folder / "records" / f"{line['id']:06}.sgf")
        position = sgf.position(kept)
        assert position.over, f"game {line['id']} has not ended"
        assert len(position.moves) == line["moves"], f"game {line['id']} is another than its record"
        assert sgf_words.write_result(go.final_lead(position.state)) == line["result"], (
            f"game {line['id']} is counted wrongly"
        )


def main() -> None:
    """Kill, finish, check."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--games", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as place:
        runs = Path(place)
        path, lines = runs / "killed.toml", runs / "killed" / "games.jsonl"
        path.write_text(TOML.format(games=options.games))
        written = b""
        for number in range(1, options.kills + 1):
            share = options.games // (options.kills + 1)
            size = len(written) + 290 * int(random.integers(0, 2 * share))
            kill_at(path, runs, size if number > 2 else 0, float(random.uniform(0, 0.1 if number > 2 else 3)))
            whole = lines.read_bytes() if lines.exists() else b""
            assert whole.startswith(written[: written.rfind(b"\n") + 1]), "a finished game has gone"
            written = whole
            cut = "" if whole.endswith(b"\n") or not whole else ", the last line cut short"
            games = whole.count(b"\n")
            print(f"kill {number}: {games} games{cut}", flush=True)
        assert start(path, runs).wait() == 0
        check(runs / "killed", options.games)
    print(f"{options.games} valid games, none twice")


if __name__ == "__main__":
    main()
