"""Count finished games by the dead stones that Yomi proposes.

    python tests/measures/count_games.py RECORDS.sgf.xz [games]

Takes the games that players counted (not resigned), judges the final position (`go.judge`), counts territory, and
compares with the recorded result: how often it is the same to the point, and how often the winner is.
"""

import sys
import time
from collections.abc import Iterator

import numpy as np

from games import go
from games.go import sgf, sgf_words


def counted(path: str, most: int) -> Iterator[tuple[np.ndarray, float]]:
    """Yield the final positions of counted games, and Black's recorded lead."""
    for record in sgf.read(path, rules="japanese", broken=lambda error: None):
        lead = sgf_words.lead(record.result) if record.result else None
        if lead is None:
            continue
        yield sgf.position(record).state, lead
        most -= 1
        if not most:
            return


def main() -> None:
    """Print one line."""
    path, most = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 150
    rows = []
    for state, lead in counted(path, most):
        began = time.process_time()
        ours = go.judge(state).lead
        rows.append((abs(ours - lead) < 0.6, np.sign(ours) == np.sign(lead), time.process_time() - began))
    exact, winner, seconds = np.mean(rows, axis=0)
    print(f"{len(rows)} games, exact {exact:.1%}, winner {winner:.1%}, {1000 * seconds:.0f} ms a game")


if __name__ == "__main__":
    main()
