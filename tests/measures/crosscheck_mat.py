"""Matches read from real .mat files against GNU Backgammon's own import of the same files.

    python tests/measures/crosscheck_mat.py FOLDER... [--every 10]

Of each game are compared: the score before it, every roll with the position it was rolled in, every action of the cube,
the winner and the points. Points are compared up to what the match needed and up to three times the cube: programs
differ in what they count beyond that. Prints how many games we read whole, in part and not at all, each difference with
its file, and how many results we read that GNU Backgammon does not.
"""

import argparse
import json
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.backgammon.gnubg import find_program
from games import backgammon
from games.backgammon import gnubg_id, mat
from games.backgammon.rules import DICE, DOUBLE, DROP, FIRST_REPLY, FIRST_ROLL, MOVER, OPENING, ROLL, TAKE, WINNER
from games.game import FIRST, NOBODY, SECOND, Record

SCRIPT = """
import json
import gnubg

found = {{}}
for command in ("set confirm new off", "set display off", "set automatic game off", "set threads 1"):
    gnubg.command(command)
for path, target in json.load(open({jobs!r})):
    gnubg.command("new match 1")
    gnubg.command('import mat "%s"' % path)
    try:
        found[target] = gnubg.match(analysis=0, boards=1, statistics=0)
    except Exception as error:
        found[target] = {{"error": str(error)}}
with open({answers!r}, "w") as file:
    json.dump(found, file)
"""
"""What runs inside GNU Backgammon."""

BATCH = 200
MOST_GAIN = 3
CUBE = {DOUBLE: "double", TAKE: "take", DROP: "drop"}


@dataclass(frozen=True)
class Game:
    """A game as both readers are asked for it: events are (what, side, dice, position ID before a roll)."""

    score: tuple[int, int]
    events: list[tuple]
    result: tuple[int, int]  # the winner and the points; (-1, 0): none
    unplayed: bool = False  # the last roll's play is not recorded: GNU Backgammon may leave out the roll, too


# --- GNU Backgammon ---------------------------------------------------------------------------------------


def ask_gnubg(paths: list[Path]) -> list[dict]:
    """Return what GNU Backgammon makes of files; raise `RuntimeError` where it is missing."""
    program = find_program()
    if program is None:
        raise RuntimeError("GNU Backgammon (gnubg) is not installed")
    with tempfile.TemporaryDirectory() as folder:
        script, jobs, answers = (Path(folder, name) for name in ("script.py", "jobs.json", "answers.json"))
        copies = []
        for k, path in enumerate(paths):  # under a plain name: its command line splits the others
            copies.append(Path(folder, f"{k}.mat"))
            copies[-1].write_bytes(path.read_bytes())
        jobs.write_text(json.dumps([(str(copy), str(k)) for k, copy in enumerate(copies)]))
        script.write_text(SCRIPT.format(jobs=str(jobs), answers=str(answers)))
        command = [program, "-t", "-q", "-r", "-p", str(script)]
        subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=3600, check=False)
        if answers.exists():
            found = json.loads(answers.read_text())
            return [found[str(k)] for k in range(len(paths))]
    half = len(paths) // 2  # it died at one of them
    if not half:
        return [{"error": "GNU Backgammon did not finish"}]
    return ask_gnubg(paths[:half]) + ask_gnubg(paths[half:])


def theirs(match: dict) -> list[Game]:
    """Return GNU Backgammon's reading; its player X is the left one, FIRST here."""
    games = []
    for game in match["games"]:
        info, side = game["info"], {"X": FIRST, "O": SECOND}
        events: list[tuple] = []
        for action in game["game"]:
            if action["action"] in _THEIR_ACTIONS and not _repeats(event := _their_event(action, side), events):
                events.append(event)
        won = (side[info["winner"]], info["points-won"]) if info.get("winner") else (-1, 0)
        games.append(Game((info["score-X"], info["score-O"]), events, won))
    return games


def _repeats(event: tuple, events: list[tuple]) -> bool:
    """Tell whether a roll stands twice, as a "Losses" line makes GNU Backgammon write it."""
    return bool(events) and event[:3] == events[-1][:3] and event[0] == "move"


_THEIR_ACTIONS = {"move", "double", "take", "drop"}


def _their_event(action: dict, side: dict) -> tuple:
    dice = tuple(sorted(action["dice"], reverse=True)) if action["action"] == "move" else ()
    return action["action"], side[action["player"]], dice, action.get("board", "") if dice else ""


# --- ours -------------------------------------------------------------------------------------------------


def ours(record: Record) -> Game:
    """Return our reading of a game in the same form."""
    position, events = mat.position(record), []
    for state, move in zip(position.states, record.moves, strict=False):
        if move >= FIRST_ROLL:
            roller = int(move >= FIRST_REPLY) if state[OPENING] else int(state[MOVER])
            text = backgammon.notation(state, move)
            dice = tuple(sorted((int(text[0]), int(text[1])), reverse=True))
            events.append(("move", roller, dice, _id(state, roller)))
        elif move in CUBE:
            actor = int(state[MOVER]) if move == DOUBLE else 1 - int(state[MOVER])
            events.append((CUBE[move], actor, (), ""))
        elif move != ROLL and not events:
            raise AssertionError("a checker moves before any roll")
    winner, points, _ = mat.read_result(record.result)
    won = (winner, points) if points else (-1, 0)
    return Game(tuple(record.start["score"]), events, won, unplayed=bool(position.state[DICE]))


def _id(state: np.ndarray, player: int) -> str:
    turned = state.copy()
    turned[MOVER], turned[WINNER], turned[OPENING] = player, NOBODY, 0
    return gnubg_id.position_id(turned)


# --- both -------------------------------------------------------------------------------------------------


def difference(mine: Game, other: Game, length: int) -> str:
    """Return what differs, "" where nothing does."""
    if length and mine.score != other.score:
        return f"score {mine.score} and {other.score}"
    events = mine.events[:-1] if mine.unplayed and len(mine.events) > len(other.events) else mine.events
    for k, (ours_, theirs_) in enumerate(zip(events, other.events, strict=False)):
        if ours_ != theirs_:
            return f"event {k}: {ours_} and {theirs_}"
    if len(events) != len(other.events):
        return f"{len(events)} and {len(other.events)} events"
    if _counted(mine, length) != _counted(other, length):
        return f"result {mine.result} and {other.result}"
    return ""


def _counted(game: Game, length: int) -> tuple[int, int]:
    """Return the winner and the points that both programs count."""
    winner, points = game.result
    cube = 1 << sum(event[0] == "take" for event in game.events)
    needed = length - game.score[winner] if length else points
    return winner, min(points, needed, MOST_GAIN * cube)


def compare(path: Path, answer: dict, tally: Counter) -> None:
    """Compare one file, count what came out, print what differs."""
    try:
        match = mat.read(path)
    except mat.MatError as error:
        tally["files not read"] += 1
        tally["games not read"] += len(answer.get("games", ()))
        print(error)
        return
    for error in match.left_out:
        print(error)
    if "games" not in answer:
        tally["files that GNU Backgammon did not read"] += 1
        print(f"{path}: {answer['error']}; we read {len(match.records)} games")
        return
    others = theirs(answer)
    partial = {int(error.sentence.split()[1].rstrip(":")) for error in match.left_out if error.sentence[:5] == "game "}
    tally["games"] += max(len(others), len(match.records))
    tally["games read in part, and said"] += len(partial)
    if len(others) != len(match.records):
        tally["games not read"] += abs(len(others) - len(match.records))
        print(f"{path}: {len(match.records)} games and {len(others)}")
        return
    for number, (record, other) in enumerate(zip(match.records, others, strict=True), 1):
        tally["turns and cube actions"] += len(other.events)
        if record.result and other.result == (-1, 0):
            tally["results that only we read"] += 1
            other = replace(other, result=ours(record).result)
        if (found := difference(ours(record), other, match.length)) and number not in partial:
            tally["games read otherwise"] += 1
            print(f"{path}, game {number}: {found}")
        elif found:
            print(f"{path}, game {number} (in part): {found}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so many-th file")
    options = parser.parse_args()
    files = (path for folder in options.folders for path in sorted(folder.rglob("*")))
    paths = [path for path in files if path.suffix.lower() in (".mat", ".txt")][:: options.every]
    tally = Counter(files=len(paths))
    for begin in range(0, len(paths), BATCH):
        batch = paths[begin : begin + BATCH]
        for path, answer in zip(batch, ask_gnubg(batch), strict=True):
            compare(path, answer, tally)
    for name, count in tally.items():
        print(f"{name}: {count}")


if __name__ == "__main__":
    main()
