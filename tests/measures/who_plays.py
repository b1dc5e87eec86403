"""Play the same tasks of self-play in this process, in two others, and by two Ray actors; compare every number.

    python tests/measures/who_plays.py [GAME] [--boards 9] [--games 48]

In the second and third round one of those who play is killed as soon as the first games are over. Each has to give the
same records, byte for byte; the network's weights are drawn.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.networks.towers import NetworkShape, lively
from training.played_games import PlayedGames
from training.playing import ProcessRunner, RayRunner, SerialRunner, Snapshot, TaskRunner
from training.self_play import SelfPlayTask, tasks_of
from training.self_play_settings import SelfPlaySettings
from training.snapshots import maker_of

Found = dict[SelfPlayTask, PlayedGames]


def kill_process(runner: ProcessRunner) -> None:
    """End one of the processes that play."""
    pool = runner._pool
    assert pool is not None
    os.kill(next(iter(pool._processes)), signal.SIGKILL)


def kill_actor(runner: RayRunner) -> None:
    """End one of the actors that play."""
    runner._ray.kill(runner._actors[0], no_restart=False)


def differing(ours: Found, theirs: Found) -> list[str]:
    """Return the names of arrays that are not the same."""
    if set(ours) != set(theirs):
        return ["tasks"]
    pairs = [(ours[task], theirs[task]) for task in ours]
    names = [each.name for each in fields(PlayedGames)]
    return [name for name in names if any(not np.array_equal(getattr(a, name), getattr(b, name)) for a, b in pairs)]


def main() -> None:
    """Do what the words say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("game", nargs="?", default="go")
    parser.add_argument("--boards", default="9")
    parser.add_argument("--games", type=int, default=48)
    options = parser.parse_args()
    settings = SelfPlaySettings(
        boards=tuple(options.boards.split(",")), visits=12, at_once=8, opening=10, longest=60, resign=0.95, cache=8
    )
    tasks = tasks_of(options.game, settings, seed=3, version=7, games=options.games, size=8)
    shape = NetworkShape(game=options.game, blocks=2, channels=16, pool_every=2, head_channels=8)
    snapshot = Snapshot(options.game, maker_of(shape).snapshot(lively(shape, seed=9)))

    def games_of(runner: TaskRunner, kill: Callable | None = None) -> Found:
        found: Found = {}
        try:
            for task, games in runner.played(tasks, snapshot, settings):
                if kill and not found:
                    kill(runner)
                found[task] = games
        finally:
            runner.close()
        return found

    serial = games_of(SerialRunner())
    moves = sum(len(games.moves) for games in serial.values())
    print(f"{options.game} {options.boards}: {options.games} games, {moves} moves in {len(tasks)} tasks", flush=True)
    rounds = {
        "again": lambda: games_of(SerialRunner()),
        "two processes, one killed": lambda: games_of(ProcessRunner(2), kill_process),
        "two Ray actors, one killed": lambda: games_of(RayRunner("local", 2), kill_actor),
    }
    for name, play in rounds.items():
        wrong = differing(play(), serial)
        print(f"{name}: {'differ in ' + ', '.join(wrong) if wrong else 'the same records'}", flush=True)
        assert not wrong


if __name__ == "__main__":
    main()
