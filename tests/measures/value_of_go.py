"""How well does a model's value know Go? Compare it with a long search of the same model, by colour and by komi.

    python tests/measures/value_of_go.py [MODEL] [--size 9] [--positions 130] [--visits 2000] [--games-of OTHER]
    python tests/measures/value_of_go.py [MODEL] --visits 300 --katago PROGRAM NETWORK CONFIG [--teachers 16 64]

Positions are of games that the model's own policy played, at komi 7, after 4 to half of the board's points moves.
Printed: the correlation of the raw value with the search's, which with rollouts in it is only a stand-in for another,
stronger program, so that KataGo may judge instead (its g170-b6c96 and analysis_example.cfg); the mean of raw value less
search, as Black sees it, by who is to move (the bias by colour); and what the value says of the same positions at other
komi: it is to fall as White is given more. `--teachers` asks how good the model's own searches of so many visits, by
the network alone, would be as teachers of its value: their correlation with the judge's. A better policy's games are
closer, and harder to judge: to compare models, take the positions of one of them (`--games-of`).
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.clock import Limit
from engine.gumbel import visit_policies
from engine.resources import Resources
from engine.search import Evaluator, SearchSettings, search
from engine.searching import evaluated
from engine.spec import PlayerSpec
from engine.tree import allocate
from games import go
from games.game import FIRST, SECOND
from training.go.self_play import playable

KOMI = 7.0
FIRST_PLY = 4
AT_ONCE = 10
"""Positions that are searched side by side, a leaf of each in a batch."""

STEPS = range(-20, 21, 2)
"""Points more or less than the fair komi."""


def games(evaluator: Evaluator, size: int, count: int, longest: int) -> np.ndarray:
    """Return moves that the priors drew from the empty board on, int32 [count, longest]."""
    random, moves = np.random.default_rng(1), np.zeros((count, longest), np.int32)
    states = np.repeat(go.start(size, komi=KOMI)[None], count, axis=0)
    for ply in range(longest):
        weights = np.where(playable(states, go.features(states)), evaluator(go, states)[0], 0)
        sums = weights.cumsum(1)
        moves[:, ply] = (sums > random.random((count, 1)) * sums[:, -1:]).argmax(1)
        go.play(states, moves[:, ply])
    return moves


def searched(
    states: np.ndarray, evaluator: Evaluator, settings: SearchSettings, policy: object, visits: int
) -> np.ndarray:
    """Return what searches of so many visits find positions worth, as Black sees them [N]."""
    found = []
    for some in np.array_split(states, -(-len(states) // AT_ONCE)):
        tree = allocate(len(some), (visits + 2) * go.move_count(some[0]))
        search(go, some, tree, evaluator, replace(settings, wave=len(some)), Limit(visits=visits), policy)
        found.append(visit_policies(tree).values)
    return np.concatenate(found)


def judged(size: int, moves: np.ndarray, plies: np.ndarray, visits: int, katago: Sequence[str]) -> np.ndarray:
    """Return what KataGo's searches of so many visits find positions worth, as Black sees them [N]."""
    program, network, config = katago
    with TemporaryDirectory() as folder:
        words = [program, "analysis", "-model", network, "-config", config]
        words += ["-override-config", f"reportAnalysisWinratesAs=BLACK,logDir={folder},nnRandomize=false"]
        asked = (
            _query(number, size, line[:count], visits)
            for number, (line, count) in enumerate(zip(moves, plies, strict=True))
        )
        told = subprocess.run(words, input="\n".join(asked), capture_output=True, text=True, check=True).stdout
    answers = sorted((json.loads(line) for line in told.splitlines()), key=lambda answer: int(answer["id"]))
    return np.array([2 * answer["rootInfo"]["winrate"] - 1 for answer in answers])


def _query(number: int, size: int, moves: np.ndarray, visits: int) -> str:
    board = go.start(size, komi=KOMI)
    line = [["BW"[ply % 2], go.notation(board, int(move))] for ply, move in enumerate(moves)]
    rules = {"rules": "tromp-taylor", "komi": KOMI, "boardXSize": size, "boardYSize": size}
    return json.dumps({"id": str(number), "moves": line, "maxVisits": visits} | rules)


def main() -> None:
    """Do what the words say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="go")
    parser.add_argument("--size", type=int, default=9)
    parser.add_argument("--positions", type=int, default=130)
    parser.add_argument("--visits", type=int, default=2000)
    parser.add_argument(
        "--katago", nargs=3, metavar=("PROGRAM", "NETWORK", "CONFIG"), help="judge by KataGo's searches"
    )
    parser.add_argument("--teachers", nargs="*", type=int, default=[], metavar="VISITS", help="judge own searches, too")
    parser.add_argument("--games-of", metavar="MODEL", help="let this model's policy play the games")
    options = parser.parse_args()
    spec = PlayerSpec(model=options.model, visits=options.visits)
    _, evaluator, settings, policy = evaluated(spec, go, 1, Resources())
    longest, rows = options.size**2 // 2, np.arange(options.positions, dtype=np.int32)
    player = evaluated(replace(spec, model=options.games_of), go, 1, Resources())[1] if options.games_of else evaluator
    moves = games(player, options.size, options.positions, longest)
    plies = np.random.default_rng(2).integers(FIRST_PLY, longest, options.positions).astype(np.int32)

    def at(komi: float) -> np.ndarray:
        start = go.start(options.size, komi=komi)
        return go.replay(np.repeat(start[None], options.positions, axis=0), rows, moves, plies)

    states = at(KOMI)
    raw = evaluator(go, states)[1]
    if options.katago:
        long = judged(options.size, moves, plies, options.visits, options.katago)
    else:
        long = searched(states, evaluator, settings, policy, options.visits)
    teachers = {each: searched(states, evaluator, SearchSettings(), None, each) for each in options.teachers}
    turns = go.turn(states)
    print(f"{options.size}x{options.size}, {len(raw)} positions, {options.visits} visits")
    print(f"correlation {np.corrcoef(raw, long)[0, 1]:.3f}, mean distance {np.abs(raw - long).mean():.3f}")
    for visits, found in teachers.items():
        print(f"own search of {visits} visits, network alone: correlation {np.corrcoef(found, long)[0, 1]:.3f}")
    for side, name in ((FIRST, "Black"), (SECOND, "White")):
        away = (raw - long)[turns == side]
        error = away.std() / np.sqrt(len(away))
        print(f"{name} to move: raw less search {away.mean():+.3f} (s.e. {error:.3f}) in {len(away)}")
    answers = np.stack([evaluator(go, at(KOMI + step))[1] for step in STEPS])
    rises = np.diff(answers, axis=0)
    print("komi  " + "  ".join(f"{KOMI + step:g}" for step in STEPS))
    print("value " + "  ".join(f"{mean:+.2f}" for mean in answers.mean(1)))
    print(f"steps that raise it: {(rises > 0).mean():.1%}, by over 0.05: {(rises > 0.05).mean():.1%}")
    print(f"means that rise: {(np.diff(answers.mean(1)) > 0).sum()} of {len(rises)}")


if __name__ == "__main__":
    main()
