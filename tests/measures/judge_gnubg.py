"""Two backgammon networks on the same positions, judged by GNU Backgammon 2-ply, with errors by kind of position.

    python tests/measures/judge_gnubg.py OLD NEW [--judge 3000] [--seed 7] [--keep answers.jsonl]

The positions are unforced plays of the first model in games against itself, those of `match_gnubg.py --judge`. Every
model chooses its play of each at 0-ply, and its error is what GNU Backgammon's best play gains on that, in thousandths
of a point (mEMG). Differences are paired by position and clustered by game. Judging costs minutes: with `--keep` GNU
Backgammon's answers stay in a file, and a second call asks only what is new.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.backgammon import model as afterstates_model
from games.backgammon.rules import BOARD
from tests.measures.match_gnubg import (
    JUDGE_PLIES,
    MILLI,
    MOST_FROM_ONE_GAME,
    Choose,
    Pool,
    network_player,
    play_match,
    values_after,
)
from tests.measures.statistics_of_games import clustered_error
from training.backgammon.td_kinds import KINDS, kinds


class Judge:
    """GNU Backgammon's answers about boards, asked once each, and kept in a file."""

    def __init__(self, pool: Pool, keep: Path | None):
        self.pool, self.keep = pool, keep
        self.answers: dict[str, list] = {}
        if keep and keep.exists():
            for line in keep.read_text("utf-8").splitlines():
                self.answers |= json.loads(line)

    def best(self, boards: np.ndarray, dice: np.ndarray) -> np.ndarray:
        """Return the boards after GNU Backgammon's best plays, [N, 2, 26]."""
        names = [f"play {board.tobytes().hex()} {a} {b}" for board, (a, b) in zip(boards, dice, strict=True)]
        return self._ask(names, lambda g, *row: g.best_board(*row, JUDGE_PLIES), boards, dice.tolist())

    def equities(self, boards: np.ndarray) -> np.ndarray:
        """Return the equities of boards for the player on roll, [N]."""
        names = [f"value {board.tobytes().hex()}" for board in boards]
        return self._ask(names, lambda g, board: g.evaluate_board(board, JUDGE_PLIES)[-1], boards)

    def _ask(self, names: Sequence[str], question, *columns) -> np.ndarray:
        rows = [k for k, name in enumerate(names) if name not in self.answers]
        for some in np.array_split(rows, len(rows) // 100 + 1) if rows else []:
            found = self.pool.map(question, *([column[k] for k in some] for column in columns))
            new = {names[k]: answer.tolist() for k, answer in zip(some, found, strict=True)}
            self.answers |= new
            if self.keep:
                with self.keep.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(new) + "\n")
        return np.array([self.answers[name] for name in names])


def errors(judge: Judge, boards: np.ndarray, dice: np.ndarray, choose: Choose) -> np.ndarray:
    """Return what GNU Backgammon's best plays gain on a player's, in points, float64 [N]; at least 0."""
    best, made = judge.best(boards, dice).astype(np.int8), choose(boards, dice)
    differ = np.flatnonzero((best != made).any(axis=(1, 2)))
    found = np.zeros(len(boards))
    gained = values_after(best[differ], judge.equities) - values_after(made[differ], judge.equities)
    found[differ] = np.maximum(gained, 0)
    return found


def report(names: Sequence[str], found: np.ndarray, games: np.ndarray, kind: np.ndarray) -> None:
    """Print the errors of models [M, N] in all and by kind, and how they differ from the first model's."""
    print(f"{'mEMG by gnubg 2-ply':36}{'share':>7}" + "".join(f"{name[-20:]:>22}" for name in names))
    for title, rows in [("all", kind >= 0), *((name, kind == k) for k, name in enumerate(KINDS))]:
        if rows.sum() > 1:
            values = [MILLI * row[rows] for row in found]
            cells = [f"{row.mean():.2f} ({clustered_error(row, games[rows]):.2f})" for row in values]
            print(f"{title:36}{rows.mean():7.1%}" + "".join(f"{cell:>22}" for cell in cells))
    for name, row in zip(names[1:], found[1:], strict=True):
        less = MILLI * (row - found[0])
        print(f"{name} less {names[0]}: {less.mean():+.2f} +- {clustered_error(less, games):.2f} mEMG, paired")


def main() -> None:
    """Play, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", help="models that ship, folders or runs")
    parser.add_argument("--judge", type=int, default=3000, help="unforced plays")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--processes", type=int, default=2, help="gnubgs at once")
    parser.add_argument("--keep", type=Path, help="a file for gnubg's answers")
    options = parser.parse_args()
    players = [network_player(afterstates_model.load(name)) for name in options.models]
    match = play_match(players[0], players[0], None, max(1, options.judge // MOST_FROM_ONE_GAME), options.seed)
    chosen = np.random.default_rng(options.seed).permutation(len(match.decisions))[: options.judge]
    boards = np.array([match.decisions[k][0] for k in chosen])
    dice, games = np.array([match.decisions[k][1] for k in chosen]), np.array(match.games_of)[chosen]
    with Pool(options.processes) as pool:
        judge = Judge(pool, options.keep)
        found = np.array([errors(judge, boards, dice, player) for player in players])
    report(options.models, found, games, kinds(boards.reshape(len(boards), BOARD)))


if __name__ == "__main__":
    main()
