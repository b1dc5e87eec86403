"""Write into the levels of backgammon how much each loses a decision: `python tests/measures/level_errors.py [GAMES]`.

A level that draws its plays by a temperature plays games for money with itself, without the cube. At each of its
unforced decisions the equities of all plays, by its own network, say what it loses on the average, in thousandths of a
point; what the network itself gets wrong is not in it. Levels that always play their best get no rate.
Run it after a tournament has written engine/ladders/backgammon.json anew.
"""

import json
import sys
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine import levels
from games import backgammon
from games.backgammon.board import start
from games.game import CHANCE, Position

GAME = "backgammon"


def error_rate(level: levels.Level, games: int, seed: int = 1) -> tuple[float, int]:
    """Return the thousandths of a point that a level loses a decision, and the number of decisions."""
    lookahead, random = levels.make(level, threads=1).lookahead, np.random.default_rng(seed)
    losses = []
    for _ in range(games):
        position = Position(backgammon, start(cube=False))
        while not position.over:
            if position.turn == CHANCE:
                moves, odds, counts = backgammon.legal(position.state[None])
                share = odds[0, : counts[0]].astype(float)
                position.play(int(random.choice(moves[0, : counts[0]], p=share / share.sum())))
                continue
            found = lookahead.rank(position.state)
            equities = np.array([each.equity for each in found])
            weights = np.exp((equities - equities.max()) / level.spec.temperature)
            weights /= weights.sum()
            if len(found) > 1:
                losses.append(float(equities.max() - weights @ equities))
            for move in found[random.choice(len(found), p=weights)].moves:
                position.play(move)
    return 1000 * float(np.mean(losses)), len(losses)


def main() -> None:
    """Measure every level that has a temperature, and write the file of the levels."""
    games = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    path = levels.MEASURED / f"{GAME}.json"
    rows = json.loads(path.read_text("utf-8"))
    for level in levels.levels(GAME):
        if level.spec.temperature:
            rate, decisions = error_rate(level, games)
            next(row for row in rows if row["name"] == level.name)["error_rate"] = round(rate, 1)
            print(f"{level.name}: {rate:.1f} thousandths of a point a decision, {decisions} decisions", flush=True)
    path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
