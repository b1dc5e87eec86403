"""Random and mutated UBGI lines against the engine: answers of known forms, no change by a refused line.

As a script: python tests/measures/fuzz_ubgi.py [lines] [seed].
"""

import random
import re
import sys
import time
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.backgammon.ubgi import COMMANDS, Ubgi
from engine.backgammon.ubgi_options import OPTIONS, UbgiSettings

IDS = [
    "4HPwATCwZ/ABMA",
    "4HPwATDgc/ABMA:cAkAAAAAAAAA",
    "AAAAAAAAAAAAAA",
    "4HPwAT",
    "////////////",
    "4HPwATCwZ/ABMA:AAAA",
]
XGIDS = ["XGID=-b----E-C---eE---c-e----B-:0:0:1:31:0:0:0:0:10", "XGID=-a-B--C-dE---eE---c-e----B-:1:1:-1:00:3:2:0:7:10"]
XGIDS += ["XGID=-b----E-C---eE---c-e----B-:0:0:1:00:0:0:0:0:10", "XGID=" + "-" * 26 + ":0:0:1:31:0:0:0:0:10", "XGID="]
NUMBERS = ["0", "1", "2", "3", "6", "7", "-1", "64", "1.5", "1e3", "nan", "inf", "9" * 40, "0x10", "٣", ""]
WORDS = ["p0", "p1", "center", "owner", "value", "gnubgid", "xgid", "role", "chequer", "cube", "turn", "match", "money"]
WORDS += ["name", "on", "off", "true", "false", "plies", "visits", "infinite", "length", "jacoby", "crawford", *OPTIONS]
NOISE = "\x00\x07\t\r\x7f\x85\u2028#\\[](){}\"';:=?-+*%é漢😀0123456789abcXYZ"
SLOW = 2.0
"""Seconds that an answer may take."""

LONG = re.compile(r"^\s*go\b.*(plies|visits|seconds|infinite|time)", re.IGNORECASE)
"""What asks for a long search by itself."""

ANSWER = re.compile(r"(id|option|ubgiok|readyok|bestmove|bestcube|bestturn|info|error [a-z_]+ \S)")


def lines(count: int, seed: int) -> list[str]:
    """Return so many lines: commands with fitting and unfitting words, a third of them mutated, some pure noise."""
    dice = random.Random(seed)
    found = []
    while len(found) < count:
        line = _line(dice)
        if not LONG.search(line):
            found.append(line)
    return found


def _line(dice: random.Random) -> str:
    if dice.random() < 0.02:
        return "".join(dice.choices(NOISE, k=dice.randrange(40)))
    line = _command(dice)
    return _mutated(dice, line) if dice.random() < 0.35 else line


def _command(dice: random.Random) -> str:
    name = dice.choice(sorted(set(COMMANDS) - {"quit"}))
    some = dice.choices(WORDS + NUMBERS, k=dice.randrange(6))
    shapes = {
        "position": [dice.choice(["gnubgid", "xgid"]), dice.choice(IDS + XGIDS)],
        "dice": dice.choices(NUMBERS, k=2),
        "go": ["role", dice.choice(["chequer", "cube", "turn"])],
        "setscore": dice.choices(NUMBERS, k=2),
        "setcube": ["value", dice.choice(NUMBERS), "owner", dice.choice(WORDS[:3])],
        "setturn": [dice.choice(WORDS[:3])],
        "setoption": ["name", dice.choice([*OPTIONS, "Plies"]), "value", dice.choice(NUMBERS[:5] + WORDS)],
    }
    return " ".join([name, *(shapes.get(name, some) if dice.random() < 0.8 else some)])


def _mutated(dice: random.Random, line: str) -> str:
    at, words = dice.randrange(len(line) + 1), line.split() or [""]
    word = dice.choice(words)
    return dice.choice(
        [
            line[:at] + dice.choice(NOISE) + line[at:],
            line[:at] + line[at + 1 :],
            line[:at],
            line[at:],
            line.replace(word, dice.choice(NUMBERS + WORDS), 1) if word else line,
            f"{line} {word * dice.randrange(1, 300)}",
            line.upper(),
            line.replace(" ", ""),
        ]
    )


def fuzz(settings: UbgiSettings, count: int, seed: int) -> tuple[int, int]:
    """Say lines and check what is answered; return how many were done and how many refused."""
    answers: list[str] = []
    engine = Ubgi(settings, answers.append)
    engine.isready([])
    refused = 0
    for line in lines(count, seed):
        answers.clear()
        before, began = (engine.table, engine.settings), time.process_time()
        engine.hear(line)
        engine.wait()
        assert time.process_time() - began < SLOW, f"slow: {line!r}, {engine.settings}"
        for answer in answers:
            assert ANSWER.match(answer), f"{line!r}: {answer!r}"
            assert "\n" not in answer, f"{line!r}: {answer!r}"
            assert not answer.startswith("error internal"), f"{line!r}: {answer!r}"
        if any(answer.startswith("error") for answer in answers):
            refused += 1
            assert (engine.table, engine.settings) == before, f"{line!r} was refused and changed something"
        engine.settings = replace(engine.settings, plies=min(1, engine.settings.plies), visits=0, seconds=0)
    return count - refused, refused


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    count, seed = given + [10000, 1][len(given) :]
    began = time.perf_counter()
    done, refused = fuzz(UbgiSettings(), count, seed)
    print(f"{count} lines, seed {seed}: {done} done, {refused} refused, {time.perf_counter() - began:.0f} s")
