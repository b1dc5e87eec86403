"""Memory and open files over many games.

    python tests/measures/soak_tournament.py [--games 1000] [--command "gnugo --mode gtp"]

Quick games on 5x5 in one process: raw policy, search with a network, random play, and, if a command is given, a GTP
program that is started anew for every game. Prints both after every tenth of the games, and how they grew after the
first fifth, when everything has been used once. Linux only.
"""

import argparse
import os
import tempfile
from pathlib import Path

from training.tournament.contestants import Contestants
from training.tournament.director import Director
from training.tournament.folder import Folder
from training.tournament.settings import parse


def memory() -> float:
    """Return the resident memory of this process in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def open_files() -> int:
    """Return how many files this process has open."""
    return len(os.listdir("/proc/self/fd"))


def main() -> None:
    """Play and look."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--games", type=int, default=1000)
    parser.add_argument("--command", default="")
    options = parser.parse_args()
    players = [
        {"name": "random", "kind": "random"},
        {"name": "policy", "kind": "policy", "model": "go", "temperature": 1},
        {"name": "search", "kind": "search", "model": "go", "visits": 8},
    ]
    if options.command:
        players.append({"name": "program", "kind": "gtp", "command": options.command + " --seed {seed}"})
    pairings = len(players) * (len(players) - 1) // 2
    games = 2 * -(-options.games // (2 * pairings))
    tables = {"size": 5, "komi": 2.5, "openings": 2, "games": games, "parallel": 4, "players": players}
    planned, seen = parse(tables, "soak"), []

    def look(director: Director) -> None:
        done = len(director.folder.lines)
        if done * 10 // director.total > len(seen):
            seen.append((memory(), open_files()))
            print(f"{done} games: {seen[-1][0]:.0f} MiB, {seen[-1][1]} open files", flush=True)

    with tempfile.TemporaryDirectory() as place, Contestants(planned) as contestants:
        contestants.warm_up()
        with Folder(Path(place), planned) as folder:
            Director(planned, folder, contestants).play(look)
        faults = sum(bool(line["fault"]) for line in folder.lines)
    (early, files), (late, files_late) = seen[1], seen[-1]
    print(f"grew by {late - early:+.1f} MiB and {files_late - files:+d} files; {faults} faults")


if __name__ == "__main__":
    main()
