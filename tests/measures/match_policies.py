"""Let the policies of two models of Go play each other without search, at three temperatures and a fair komi.

    python tests/measures/match_policies.py OURS THEIRS [--size 9] [--games 400]
    python tests/measures/match_policies.py OURS THEIRS --visits 16 --games 100

Moves are drawn at temperature 1 and at 0.5, or are the likeliest ones after 4 random moves, which two games share with
the sides changed. A policy that has only become surer of itself wins at temperature 1 and nowhere else.
With --visits both search so many simulations a move, as `yomi train RECIPE --progress` has them.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.networks import model
from engine.networks.evaluator import choose
from engine.networks.runtimes import Network
from games import go
from training.go import self_play as wing
from training.matches import play_match
from training.policy_games import PolicyGames, Shares, half_and_half, play_shared
from training.progress import PLAYING
from training.self_play import SelfPlayTask

KOMI = 7.0
ROUNDS = ((1.0, 0), (0.5, 0), (0.0, 4))
"""Temperatures, and how many random moves come first."""


def network(name: str) -> Network:
    """Return the network of a model or a run."""
    return choose(model.find(name), "auto", cache=0).network


def match(ours: Network, theirs: Network, size: int, count: int, temperature: float, opening: int) -> PolicyGames:
    """Play so many games; the sides change from game to game."""
    task = SelfPlayTask("go", str(size), 99, 5, 0, count)
    sides = np.arange(count, dtype=np.int8) % 2
    randoms = [np.random.default_rng([task.seed, k // 2 if opening else k]) for k in range(count)]

    def share(ply: int, turns: np.ndarray) -> Shares:
        if ply < opening:
            return [(None, np.ones(count, bool), 1.0)]
        return [(ours, turns == sides, temperature), (theirs, turns != sides, temperature)]

    return PolicyGames(*play_shared(task, randoms, share, 2 * size * size), sides)


def main() -> None:
    """Do what the words say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs=2, metavar="MODEL")
    parser.add_argument("--size", type=int, default=9)
    parser.add_argument("--games", type=int, default=400)
    parser.add_argument("--visits", type=int, default=0)
    options = parser.parse_args()
    if options.visits:
        ours, theirs = (choose(model.find(name), "auto") for name in options.models)
        task = SelfPlayTask("go", str(options.size), 77, 3, 0, options.games)
        points = (1 + play_match(task, ours, theirs, replace(PLAYING, visits=options.visits))) / 2
        print(f"{options.visits} visits: {points.mean():.1%} (s.e. {points.std() / len(points) ** 0.5:.1%})")
        return
    wing.start = lambda board, random: go.start(int(board), komi=KOMI)
    ours, theirs = map(network, options.models)
    for temperature, opening in ROUNDS:
        games = match(ours, theirs, options.size, options.games, temperature, opening)
        share, error = half_and_half(games)
        different = len({moves.tobytes() for moves in games.moves})
        print(
            f"temperature {temperature}, {opening} random moves: {share:.1%} (s.e. {error:.1%}), "
            f"{different} of {options.games} games differ",
            flush=True,
        )


if __name__ == "__main__":
    main()
