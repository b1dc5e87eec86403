"""How many moves of Connect Four keep the perfect result: a random move, rollouts, and the network that ships.

python tests/measures/connect_four_exact.py [VISITS ...]
"""

import sys
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.networks import model
from engine.networks.evaluator import choose
from engine.search import uniform
from engine.searching import NETWORK, ROLLOUTS
from training.connect_four import exact


def main(visits: list[int]) -> None:
    """Print a line for each number of visits."""
    positions = exact.shipped()
    print(f"a random move: {positions.random_floor:.1%} of {len(positions.states)} positions")
    network = model.find("connect_four")
    evaluator = choose(network)
    settings = replace(NETWORK, **{"wave": exact.AT_ONCE} | network.search)
    print(f"the network's policy: {exact.of_policy(evaluator, positions):.1%}")
    for each in visits:
        right = exact.of_search(uniform, ROLLOUTS, each, positions)
        print(f"{each} visits by rollouts: {right:.1%}")
        print(f"{each} visits as the network plays: {exact.of_search(evaluator, settings, each, positions):.1%}")


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [200])
