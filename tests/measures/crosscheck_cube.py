"""Yomi's own cube decisions against GNU Backgammon's 2-ply, with the network that ships.

    python tests/measures/crosscheck_cube.py [--positions 500] [--seed 1] [--plies 0 1 2] [--near 0.25]

GNU Backgammon plays games against itself, for money with and without Jacoby's rule and matches of four lengths, and
judges decisions drawn from them 2-ply with the cube. Yomi decides the same positions with its own network, reading 0, 1
or 2 plies ahead. Beside that stand three baselines: never doubling, GNU Backgammon's own 0-ply, and Yomi's theory of
the cube fed with GNU Backgammon's 2-ply outputs (which says nothing about the network).

Most decisions are clear, so that never doubling already agrees with most of them: `--near 0.25` takes only decisions in
which doubling gains or loses no more than that by GNU Backgammon's 0-ply. For each player are printed how often double
and take agree, with a standard error clustered by game, and what the disagreements cost by GNU Backgammon's equities.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.backgammon import model as afterstates_model
from engine.backgammon.cube import decide
from engine.backgammon.player import judge_cube
from engine.backgammon.plies import Lookahead
from games.backgammon.board import set_up
from games.backgammon.rules import CHECKERS_EACH
from games.game import FIRST, NOBODY
from tests.measures.statistics_of_games import clustered_error

PROGRAM = shutil.which("gnubg") or shutil.which("/usr/games/gnubg")

SCRIPT = """
import json, random
import gnubg

OPTIONS = json.loads({options!r})
LENGTHS = [0, 3, 5, 0, 7, 11]
SETTINGS = ["gnubg", "cubedecision evaluation plies 0", "chequerplay evaluation plies 0"]
AUTOMATIC = ["set automatic roll on", "set automatic bearoff on", "set automatic move on"]
chance = random.Random(OPTIONS["seed"])


def play(length, jacoby):
    gnubg.command("set automatic game " + ("on" if length else "off"))
    gnubg.command("set jacoby " + ("on" if jacoby else "off"))
    gnubg.command("new match %d" % length if length else "new session")
    for _ in range(0 if length else 3):
        gnubg.command("new game")
    return gnubg.match(analysis=0, boards=1, statistics=0)["games"]


def decisions(game, length, jacoby, number):
    info, cube, owner = game["info"], 1, None
    for ply, action in enumerate(game["game"]):
        who = action.get("player")
        if action["action"] == "take":
            cube, owner = 2 * cube, who
        if action["action"] in ("move", "double") and ply and owner in (None, who) and not info.get("crawford"):
            score = [info["score-" + who], info["score-" + ("O" if who == "X" else "X")]] if length else [0, 0]
            if not length or length - score[0] > cube:
                yield {{"board": gnubg.positionfromid(action["board"]), "cube": cube, "owned": owner is not None,
                       "length": length, "jacoby": jacoby, "score": score, "game": number}}


def situation(decision):
    length, score = decision["length"], tuple(decision["score"])
    cube = gnubg.cubeinfo(decision["cube"], 0 if decision["owned"] else -1, 0, length, score, 0, 0)
    cube["jacoby"] = int(decision["jacoby"] and not length)
    return cube


def equities(decision, plies):
    how = gnubg.evalcontext(1, plies, 1, 1, 0.0)
    return gnubg.cfevaluate(decision["board"], situation(decision), how)[1:4]


def is_near(decision):
    decision["equities 0"] = no_double, take, drop = equities(decision, 0)
    return OPTIONS["near"] is None or abs(min(take, drop) - no_double) < OPTIONS["near"]


def judge(decision):
    cubeless = gnubg.evalcontext(0, 2, 1, 1, 0.0)
    decision["outputs"] = gnubg.evaluate(decision["board"], situation(decision), cubeless)[:5]
    at_sight = gnubg.evalcontext(0, 0, 1, 1, 0.0)
    decision["outputs 0"] = gnubg.evaluate(decision["board"], situation(decision), at_sight)[:5]
    decision["equities"] = equities(decision, 2)
    return decision


def sample(number):
    taken = []
    for k, game in enumerate(games):
        found = [each for each in decisions(game, length, jacoby, 100 * number + k) if is_near(each)]
        taken += chance.sample(found, min(len(found), OPTIONS["a_game"]))
    return chance.sample(taken, min(len(taken), OPTIONS["a_round"]))


for command in ["set rng mersenne", "set seed %d" % OPTIONS["seed"], "set display off"] + AUTOMATIC:
    gnubg.command(command)
for setting in SETTINGS:
    gnubg.command("set player 0 " + setting)
    gnubg.command("set player 1 " + setting)
judged, rounds = [], 0
while len(judged) < OPTIONS["positions"]:
    length, jacoby = LENGTHS[rounds % len(LENGTHS)], rounds % 2 == 0
    games = play(length, jacoby)
    judged += [judge(decision) for decision in sample(rounds)]
    rounds += 1
with open(OPTIONS["file"], "w") as file:
    json.dump(judged[:OPTIONS["positions"]], file)
"""
"""What runs inside GNU Backgammon. A board is (the other's, the mover's) 24 points and bar, each from his own side."""

SAME = 1e-4
"""Equities that differ by less are the same: both answers are right."""

MILLI = 1000

Answer = tuple[bool, bool]
"""Whether to double, and whether to take."""


def ask_gnubg(positions: int, seed: int, near: float | None = None, timeout: float = 3600) -> list[dict]:
    """Return judged decisions; with `near` only those in which doubling gains or loses no more at 0-ply.

    Raise `RuntimeError` where GNU Backgammon is missing or fails.
    """
    if PROGRAM is None:
        raise RuntimeError("GNU Backgammon (gnubg) is not installed")
    with tempfile.TemporaryDirectory() as folder:
        script, answers = Path(folder, "script.py"), Path(folder, "answers.json")
        options = {"positions": positions, "seed": seed, "a_game": 12, "a_round": 30, "near": near}
        options["file"] = str(answers)
        script.write_text(SCRIPT.format(options=json.dumps(options)), "utf-8")
        command = [PROGRAM, "-t", "-q", "-r", "-p", str(script)]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )
        if not answers.exists():
            raise RuntimeError(f"GNU Backgammon did not finish: {done.stdout.strip()[-300:]}")
        return json.loads(answers.read_text("utf-8"))


def position(decision: dict) -> np.ndarray:
    """Return the state of a decision, FIRST on roll."""
    theirs, mine = ([CHECKERS_EACH - sum(side), *side] for side in decision["board"])
    rules = {"length": decision["length"], "score": tuple(decision["score"]), "jacoby": decision["jacoby"]}
    return set_up(mine, theirs, FIRST, (), decision["cube"], FIRST if decision["owned"] else NOBODY, **rules)


# --- who decides ------------------------------------------------------------------------------------------


def yomi(lookahead: Lookahead, plies: int) -> Callable[[dict], Answer]:
    """Return Yomi with its own network, as it plays."""

    def answer(decision: dict) -> Answer:
        found = judge_cube(lookahead, position(decision), plies)
        return found.double, found.take

    return answer


def theory_fed_by_gnubg(decision: dict) -> Answer:
    """Decide by Yomi's theory of the cube on GNU Backgammon's 2-ply outputs."""
    found = decide(np.array(decision["outputs"]), position(decision))
    return found.double, found.take


def gnubg_at_0_ply(decision: dict) -> Answer:
    """Decide as GNU Backgammon's own 0-ply does."""
    no_double, double_take, double_pass = decision["equities 0"]
    return min(double_take, double_pass) >= no_double, double_take <= double_pass


def never_double(decision: dict) -> Answer:
    """Never double, and take everything."""
    return False, True


# --- how they agree ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Agreement:
    """Arrays over decisions: whether double and take agree, and what the disagreements cost in mEMG."""

    double: np.ndarray
    take: np.ndarray
    cost: np.ndarray

    @property
    def both(self) -> np.ndarray:
        return self.double & self.take


def compare(decisions: Sequence[dict], answer: Callable[[dict], Answer]) -> Agreement:
    """Return how somebody's answers agree with GNU Backgammon's 2-ply."""
    doubles, takes = np.array([answer(decision) for decision in decisions]).T
    no_double, double_take, double_pass = np.array([decision["equities"] for decision in decisions]).T
    gain, loss = np.minimum(double_take, double_pass) - no_double, double_take - double_pass
    same_double = (doubles == (gain >= 0)) | (abs(gain) < SAME)
    same_take = (takes == (loss <= 0)) | (abs(loss) < SAME)
    return Agreement(same_double, same_take, MILLI * np.where(same_double, 0, abs(gain)))


def row(name: str, found: Agreement, games: np.ndarray) -> str:
    """Write one player's agreement in a line."""
    cells = []
    for values in (found.double, found.take, found.both):
        share = 100 * values.astype(float)
        cells.append(f"{share.mean():6.1f} ({clustered_error(share, games):.1f})")
    cells.append(f"{found.cost.mean():6.2f} ({clustered_error(found.cost, games):.2f})")
    return f"{name:32}" + "".join(f"{cell:>14}" for cell in cells)


def main() -> None:
    """Ask GNU Backgammon, let everybody decide, print how they agree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--positions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", default="backgammon", help="a model that ships, or a folder")
    parser.add_argument("--plies", type=int, nargs="*", default=[0, 1, 2], help="how far Yomi reads ahead")
    parser.add_argument("--near", type=float, help="only decisions whose 0-ply gain is no larger, such as 0.25")
    options = parser.parse_args()
    decisions = ask_gnubg(options.positions, options.seed, options.near)
    games = np.array([decision["game"] for decision in decisions])
    matches, near = sum(decision["length"] > 0 for decision in decisions), options.near
    print(f"{len(decisions)} decisions of {len(set(games))} games, {matches} in matches; seed {options.seed}", end="")
    print(f"; doubling gains or loses at most {near} by GNU Backgammon's 0-ply" if near else "; all decisions")
    print(f"{'% like GNU Backgammon 2-ply':32}" + "".join(f"{head:>14}" for head in ("double", "take", "both", "mEMG")))
    lookahead = Lookahead(afterstates_model.load(options.model))
    players: dict[str, Callable[[dict], Answer]] = {"never double, take all": never_double}
    players |= {f"{options.model}, {plies}-ply": yomi(lookahead, plies) for plies in options.plies}
    players |= {"GNU Backgammon 0-ply": gnubg_at_0_ply, "theory on gnubg's 2-ply outputs": theory_fed_by_gnubg}
    for name, answer in players.items():
        print(row(name, compare(decisions, answer), games), flush=True)


if __name__ == "__main__":
    main()
