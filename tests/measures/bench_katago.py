"""Evaluations a second in a search, beside KataGo's.

    python tests/measures/bench_katago.py KATAGO NETWORK --config CONFIG

KATAGO is its program, built for CPUs (Eigen), NETWORK its g170-b6c96; ours is the model `go`, as large. Both search the
empty board with the same number of threads, in turns; ours counts what its network really evaluated.
"""

import argparse
import re
import subprocess
import time
from dataclasses import replace
from tempfile import TemporaryDirectory

from engine.clock import Limit
from engine.networks.evaluator import choose
from engine.networks.model import find
from engine.players import SearchPlayer
from engine.searching import NETWORK
from games import go
from games.game import Position

QUIET = "nnRandomize=false,logToStderr=false,logSearchInfo=false"


class Counted:
    """An evaluator that counts positions."""

    def __init__(self, evaluator):
        self.evaluator, self.positions = evaluator, 0

    def __getattr__(self, name):
        return getattr(self.evaluator, name)

    def __call__(self, game, states):
        self.positions += len(states)
        return self.evaluator(game, states)


def ours(size: int, threads: int, seconds: float) -> float:
    """Return our evaluations a second: no cache, no rollouts."""
    counted = Counted(choose(find("go"), cache=0))
    settings = replace(NETWORK, rollout_weight=0.0, threads=threads, seed=1)
    player = SearchPlayer("go", counted, settings)
    for komi, limit in ((6.5, seconds / 4), (7.5, seconds)):  # the first compiles
        counted.positions, began = 0, time.perf_counter()
        player.think(Position(go, go.start(size, komi)), Limit(seconds=limit))
    return counted.positions / (time.perf_counter() - began)


def theirs(size: int, threads: int, options: argparse.Namespace) -> float:
    """Return what KataGo's own benchmark tells of evaluations a second."""
    with TemporaryDirectory() as folder:
        words = [options.katago, "benchmark", "-model", options.network, "-config", options.config]
        words += ["-boardsize", str(size), "-t", str(threads), "-v", "400", "-n", "4"]
        words += ["-override-config", f"{QUIET},logDir={folder}"]
        told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return float(re.findall(r"nnEvals/s = ([\d.]+)", told)[-1])


def main() -> None:
    """Measure both, and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("katago")
    parser.add_argument("network")
    parser.add_argument("--config", required=True, help="KataGo's gtp_example.cfg")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=5)
    options = parser.parse_args()
    for size in (9, 19):
        pairs = [(ours(size, options.threads, options.seconds), theirs(size, options.threads, options)) for _ in "12"]
        mine, other = (sum(rates) / len(pairs) for rates in zip(*pairs, strict=True))
        print(f"{size}x{size}: {mine:,.0f} against {other:,.0f} evaluations a second, {mine / other:.1f} times as many")


if __name__ == "__main__":
    main()
