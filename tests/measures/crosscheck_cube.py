"""Cube decisions against GNU Backgammon's.

    python tests/measures/crosscheck_cube.py [--positions 500] [--seed 1] [--fed 2]

GNU Backgammon plays games against itself, for money with and without Jacoby's rule and matches of four lengths, and
judges decisions drawn from them 2-ply with the cube. We are given no more than its five cubeless outputs for the
same positions, so what is compared is the theory of the cube and not the network. Prints how often double and take
agree (and would if nobody ever doubled), what the disagreements cost by GNU Backgammon's own equities, and the same
for the decisions that are close.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from engine.backgammon.cube import decide
from games.backgammon.board import set_up
from games.backgammon.rules import MEN_EACH
from games.game import FIRST, NOBODY

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


def decisions(game, length, jacoby):
    info, cube, owner = game["info"], 1, None
    for number, action in enumerate(game["game"]):
        who = action.get("player")
        if action["action"] == "take":
            cube, owner = 2 * cube, who
        if action["action"] in ("move", "double") and number and owner in (None, who) and not info.get("crawford"):
            score = [info["score-" + who], info["score-" + ("O" if who == "X" else "X")]] if length else [0, 0]
            if not length or length - score[0] > cube:
                yield {{"board": gnubg.positionfromid(action["board"]), "cube": cube, "owned": owner is not None,
                       "length": length, "jacoby": jacoby, "score": score}}


def situation(decision):
    length, score = decision["length"], tuple(decision["score"])
    cube = gnubg.cubeinfo(decision["cube"], 0 if decision["owned"] else -1, 0, length, score, 0, 0)
    cube["jacoby"] = int(decision["jacoby"] and not length)
    return cube


def is_near(decision):
    if OPTIONS["near"] is None:
        return True
    glance = gnubg.evalcontext(1, 0, 1, 1, 0.0)
    no_double, take, drop = gnubg.cfevaluate(decision["board"], situation(decision), glance)[1:4]
    return abs(min(take, drop) - no_double) < OPTIONS["near"]


def judge(decision):
    cube = situation(decision)
    cubeless = [gnubg.evalcontext(0, plies, 1, 1, 0.0) for plies in (0, 2)]
    board, full = decision["board"], gnubg.evalcontext(1, 2, 1, 1, 0.0)
    decision["outputs"] = {{plies: gnubg.evaluate(board, cube, cubeless[plies // 2])[:5] for plies in (0, 2)}}
    decision["equities"] = gnubg.cfevaluate(board, cube, full)[1:4]
    return decision


def sample():
    taken = []
    for game in games:
        found = [decision for decision in decisions(game, length, jacoby) if is_near(decision)]
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
    judged += [judge(decision) for decision in sample()]
    rounds += 1
with open(OPTIONS["file"], "w") as file:
    json.dump(judged[:OPTIONS["positions"]], file)
"""
"""What runs inside GNU Backgammon. A board is (the other's, the mover's) 24 points and bar, each from his own side."""

CLOSE, SAME = 0.1, 1e-4
"""A decision is close where GNU Backgammon's equities differ by no more, and anybody's guess where they hardly do."""


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
        told = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, check=False
        )
        if not answers.exists():
            raise RuntimeError(f"GNU Backgammon did not finish: {told.stdout.strip()[-300:]}")
        return json.loads(answers.read_text("utf-8"))


def position(decision: dict) -> np.ndarray:
    """Return the state of a decision, FIRST on roll."""
    theirs, mine = ([MEN_EACH - sum(side), *side] for side in decision["board"])
    rules = {"length": decision["length"], "score": tuple(decision["score"]), "jacoby": decision["jacoby"]}
    return set_up(mine, theirs, FIRST, (), decision["cube"], FIRST if decision["owned"] else NOBODY, **rules)


def compare(decisions: list[dict], fed: int) -> dict[str, np.ndarray]:
    """Return for each decision whether double and take agree, how close they are, and what ours cost.

    `fed` tells how many plies are behind the outputs that we are given.
    """
    outputs = np.array([decision["outputs"][str(fed)] for decision in decisions])
    ours = [decide(row, position(decision)) for row, decision in zip(outputs, decisions, strict=True)]
    no_double, double_take, double_pass = np.array([decision["equities"] for decision in decisions]).T
    gain, loss = np.minimum(double_take, double_pass) - no_double, double_take - double_pass
    doubles, takes = (np.array([getattr(decision, name) for decision in ours]) for name in ("double", "take"))
    same_double, same_take = (doubles == (gain >= 0)) | (abs(gain) < SAME), (takes == (loss <= 0)) | (abs(loss) < SAME)
    return {
        "never double": (gain < 0) | (abs(gain) < SAME),
        "double": same_double,
        "take": same_take,
        "both": same_double & same_take,
        "close double": same_double[abs(gain) < CLOSE],
        "close take": same_take[abs(loss) < CLOSE],
        "doubles": same_double[gain >= 0],
        "cost of doubles": np.where(same_double, 0, abs(gain)),
        "cost of takes": np.where(same_take, 0, abs(loss)),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--positions", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--fed", type=int, choices=(0, 2), default=2, help="plies behind the outputs that we are given")
    parser.add_argument("--near", type=float, help="only decisions whose 0-ply gain is no larger, such as 0.25")
    options = parser.parse_args()
    decisions = ask_gnubg(options.positions, options.seed, options.near)
    matches = sum(decision["length"] > 0 for decision in decisions)
    print(f"{len(decisions)} positions, {matches} in matches; seed {options.seed}, fed {options.fed}-ply outputs")
    for name, row in compare(decisions, options.fed).items():
        if name.startswith("cost"):
            print(f"{name:16} {1000 * row.mean():.2f} mEMG a decision")
        else:
            print(f"{name:16} {100 * row.mean():.1f} % of {len(row)}")


if __name__ == "__main__":
    main()
