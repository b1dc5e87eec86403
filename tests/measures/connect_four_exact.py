"""How many moves of Connect Four keep the perfect result: a random move, and searches by rollouts.

python tests/measures/connect_four_exact.py [VISITS ...]
"""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.search import uniform
from engine.searching import ROLLOUTS
from training.connect_four import exact


def main(visits: list[int]) -> None:
    """Print a line for each number of visits."""
    positions = exact.shipped()
    print(f"a random move: {positions.random_floor:.1%} of {len(positions.states)} positions")
    for each in visits:
        right = exact.of_search(uniform, ROLLOUTS, each, positions)
        print(f"{each} visits by rollouts: {right:.1%}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [200])
