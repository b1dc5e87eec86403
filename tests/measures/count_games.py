"""Count finished games by the dead stones that playouts propose.

    python tests/measures/count_games.py RECORDS.sgf.xz [games]

Takes the games that players counted (not resigned), removes the proposed dead stones, counts territory, and compares
with the recorded result: how often it is the same to the point, and how often the winner is.
"""

import sys
import time
from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from engine.rollouts import shipped_policy
from games import go
from games.go import sgf


def counted(path: str, most: int) -> Iterator[tuple[np.ndarray, float]]:
    """Yield the final positions of counted games, and Black's recorded lead."""
    for record in sgf.read(path, rules="japanese", broken=lambda error: None):
        lead = sgf.lead(record.result) if record.result else None
        if lead is None:
            continue
        yield sgf.position(record).state, lead
        most -= 1
        if not most:
            return


def main() -> None:
    """Print a line for random playouts and one for the policy's."""
    path, most = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 150
    found = defaultdict(list)
    for state, lead in counted(path, most):
        for name, policy in (("random", None), ("policy", shipped_policy(go))):
            began = time.process_time()
            ours = go.final_lead(state, go.dead_stones(state, policy))
            found[name].append((abs(ours - lead) < 0.6, np.sign(ours) == np.sign(lead), time.process_time() - began))
    for name, rows in found.items():
        exact, winner, seconds = np.mean(rows, axis=0)
        print(f"{name}: {len(rows)} games, exact {exact:.1%}, winner {winner:.1%}, {1000 * seconds:.0f} ms a game")


if __name__ == "__main__":
    main()
