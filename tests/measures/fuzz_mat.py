"""Damaged and invented .mat files: each is read or refused in a sentence, at once, and what was read can be replayed.

    python tests/measures/fuzz_mat.py [files] [seed]

A file is a correct match of some games with a few pieces of it replaced, repeated, cut, joined or put in another order,
or in a hundredth of all cases stretched to a line of 50,000 characters.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from games.backgammon import ids, mat

GAME = [
    "  1) 31: 8/5 6/5                  42: 8/4 6/4",
    "  2)  Doubles => 2                Takes",
    "  3) 61: 13/7 8/7                 66: 24/18(2) 13/7(2)",
    "  4) 21: 13/11 6/5                Resigns",
    "      Wins 2 points",
]
PIECES = (
    *(
        "Wins",
        "Loses 3 points",
        "9" * 11,
        "(",
        "[",
        "{",
        ")",
        "31:",
        "66:",
        "7-7:",
        "bar/",
        "/off*",
        "x9",
        "²",
        "?" * 4,
    ),
    *("Doubles", "Drops => 64", "Beavers", "Resigns the match", "\t", "\x00", "\u2028", ":", ";", "; [", '"', "Game 2"),
    *("5 point match", "Ann : 4  Bob : 4", " " * 40, "-1", "*", "XGID=", "4HPwATDgc/ABMA:cAkAAAAAAAAA", "ÿ", "\ud800"),
)
LIMIT = 2.0
"""Seconds that no file may take."""


def correct(random: np.random.Generator) -> list[str]:
    """Return the lines of a match of one to three games."""
    length = int(random.integers(0, 16))
    lines = ['; [Site "Somewhere"]', f" {length} point match"]
    for number in range(int(random.integers(1, 4))):
        score = 2 * number if length > 2 * number else 0
        lines += ["", f" Game {number + 1}", f" {f'Ann : {score}':<31}Bob : 0", *GAME[: int(random.integers(1, 6))]]
    return lines


def damaged(random: np.random.Generator) -> str:
    """Return a text that may be a match."""
    lines = correct(random)
    for _ in range(int(random.integers(1, 6))):
        at, piece = int(random.integers(len(lines))), PIECES[random.integers(len(PIECES))]
        line, times = lines[at], int(random.integers(0, 4))
        begin, end = sorted(random.integers(0, len(line) + 1, 2).tolist())
        if random.random() < 0.01:
            times = 50_000 // len(piece)
        lines[at] = line[:begin] + piece * times + line[end if random.random() < 0.3 else begin :]
        if random.random() < 0.1:
            lines.insert(int(random.integers(len(lines))), lines[at])
        if random.random() < 0.05:
            random.shuffle(lines)
    return "\n".join(lines) + "\n"


def check(text: str) -> str:
    """Read a text and write it again; return "read", "in part" or "refused". Raise for anything that must not be."""
    began = time.process_time()
    found, refusal = attempt(mat.read, text)
    _, no_id = attempt(ids.find, text)
    assert "\n" not in refusal + no_id, "a sentence is one line"
    if found:
        for record in found.records:
            mat.position(record)
        again, refusal = attempt(mat.read, mat.write(found) + "\n")
        assert again or found.left_out, refusal  # a game that was cut short keeps its points, which may need its cube
        assert not again or len(again.records) == len(found.records) or again.left_out
        if again and not again.left_out:
            for one, other in zip(found.records, again.records, strict=True):
                assert other.moves[: len(one.moves)] == one.moves  # a drop that was left out may have been added
    assert time.process_time() - began < LIMIT, "too slow"
    return "refused" if not found else "in part" if found.left_out else "read"


def attempt(read: Callable, text: str) -> tuple[Any, str]:
    """Return what a reader returns and "", or None and its refusal."""
    try:
        return read(text), ""
    except ValueError as error:
        return None, str(error)


def main() -> None:
    """Try so many files."""
    words = [int(word) for word in sys.argv[1:]]
    files, seed = words + [2000, 1][len(words) :]
    counts: dict[str, int] = {}
    for number in range(files):
        text = damaged(np.random.default_rng((seed, number)))
        try:
            outcome = check(text)
        except Exception:
            print(f"seed {seed}, file {number}:\n{text[:2000]}", file=sys.stderr)
            raise
        counts[outcome] = counts.get(outcome, 0) + 1
    print(f"{files} files, seed {seed}: {counts}")


if __name__ == "__main__":
    main()
