"""Games an hour with one batch server against one process a game.

    python tests/measures/bench_tournament.py [--games 48] ..

The same games (9x9, openings, seeds, players) are played in three ways, each with so many at once:

    shared       one process, the games are threads and share a batch server
    workers      a process a board that plays one game after another; what it starts with is not counted
    processes    a process a game, as match runners start engines; all of it is counted

Prints games an hour of each, and the row `tournament-shared-vs-processes`: how many times more the first is than the
last; `--json` for programs.
"""

import argparse
import json
import multiprocessing
import multiprocessing.connection
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from training.tournament.contestants import Contestants
from training.tournament.director import Director, Openings, Task, play_game, schedule
from training.tournament.folder import Folder, finished
from training.tournament.settings import Tournament, parse


def plan(kind: str, options: argparse.Namespace, parallel: int) -> Tournament:
    """Return a match of two alike: raw policies, or searches."""
    player = {"kind": kind, "model": options.model, "engine": options.engine, "wave": options.wave}
    player |= {"visits": options.visits} if kind == "search" else {"temperature": 0.5}
    tables = {"kind": "pair", "games": options.games, "parallel": parallel, "seed": 3, "size": options.size}
    return parse(tables | {"players": [player | {"name": name} for name in ("one", "other")]}, kind)


def shared(kind: str, options: argparse.Namespace) -> float:
    """Return seconds for all games in one process."""
    planned = plan(kind, options, options.parallel)
    with Contestants(planned) as contestants, tempfile.TemporaryDirectory() as place:
        contestants.warm_up()
        with Folder(Path(place), planned) as folder:
            director = Director(planned, folder, contestants)
            _ = director.openings[options.games // 2 - 1]
            for server in contestants.pool.servers:
                server.batches = server.positions = 0
            began = time.perf_counter()
            director.play()
            seconds = time.perf_counter() - began
            assert len(finished(folder.lines)) == options.games
        for server in contestants.pool.servers:
            print(f"  {server.positions / max(1, server.batches):.1f} positions a batch", flush=True)
    return seconds


def one_after_another(planned: Tournament, tasks: Sequence[tuple[Task, list[int]]], meet: Callable = int) -> None:
    """Play games in this process, one at a time; `meet` the others before (one game later) and after them."""
    with Contestants(planned) as contestants:
        contestants.warm_up()
        if meet is not int:
            play_game(*tasks[0], planned, contestants)
        meet()
        for task, opening in tasks:
            play_game(task, opening, planned, contestants)
        meet()


def in_processes(kind: str, options: argparse.Namespace, each: Callable) -> float:
    """Return seconds for all games, `parallel` processes at once: `each` game has one, or each board."""
    planned = plan(kind, options, 1)
    openings = Openings(planned)
    tasks = [(task, openings[task.opening]) for task in schedule(planned)]
    return each(planned, tasks, options.parallel)


def a_game_each(planned: Tournament, tasks: Sequence, parallel: int) -> float:
    """Start a process for every game."""
    context, began, running = multiprocessing.get_context("spawn"), time.perf_counter(), []
    for task in tasks:
        if len(running) == parallel:
            _wait_for_one(running)
        running.append(context.Process(target=one_after_another, args=(planned, [task])))
        running[-1].start()
    while running:
        _wait_for_one(running)
    return time.perf_counter() - began


def a_board_each(planned: Tournament, tasks: Sequence, parallel: int) -> float:
    """Start a process for every board; time begins when all have played a game, and ends with the last game."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(parallel + 1)
    shares = [tasks[k::parallel] for k in range(parallel)]
    boards = [context.Process(target=one_after_another, args=(planned, share, barrier.wait)) for share in shares]
    for board in boards:
        board.start()
    barrier.wait()
    began = time.perf_counter()
    barrier.wait()
    seconds = time.perf_counter() - began
    for board in boards:
        board.join()
        assert board.exitcode == 0
    return seconds


def _wait_for_one(running: list) -> None:
    done = multiprocessing.connection.wait([process.sentinel for process in running])
    for process in [process for process in running if process.sentinel in done]:
        process.join()
        assert process.exitcode == 0
        running.remove(process)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=48)
    parser.add_argument("--parallel", type=int, default=8)
    parser.add_argument("--size", type=int, default=9)
    parser.add_argument("--visits", type=int, default=32)
    parser.add_argument("--wave", type=int, default=2, help="of every search, in all three ways")
    parser.add_argument("--model", default="go")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--kinds", default="policy,search")
    parser.add_argument("--ways", default="workers,processes", help="what to compare with")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = []
    for kind in options.kinds.split(","):
        seconds = {"shared": shared(kind, options)}
        for way in options.ways.split(","):
            seconds[way] = in_processes(kind, options, {"workers": a_board_each, "processes": a_game_each}[way])
        rates = {way: 3600 * options.games / spent for way, spent in seconds.items()}
        print(f"{kind}: " + ", ".join(f"{way} {rate:,.0f} games/h" for way, rate in rates.items()), flush=True)
        rows += [_row(f"tournament-shared-vs-{way}-{kind}", rates, way) for way in options.ways.split(",")]
    print(json.dumps({"rows": rows}) if options.json else "\n".join(f"{r['name']}: {r['ratio']:.2f}" for r in rows))


def _row(name: str, rates: dict[str, float], way: str) -> dict:
    ratio = rates["shared"] / rates[way]
    return {"name": name, "rate": rates["shared"], "unit": "games/h", "limit": rates[way], "ratio": ratio}


if __name__ == "__main__":
    main()
