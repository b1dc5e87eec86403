"""Random and mutated GTP lines against a GTP engine: always one well-formed answer, no change by a failure.

As a script: python tests/measures/fuzz_gtp.py [lines] [seed], in an empty folder (records get written there).
"""

import inspect
import io
import random
import re
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.go.gtp import Gtp

COLOURS = ["b", "w", "B", "White", "black", "e", "g", ""]
VERTICES = ["a1", "C3", "d4", "e5", "J9", "pass", "PASS", "resign", "i5", "a0", "z99", "t19", "b2", "c2", "b1", "a2"]
NUMBERS = ["0", "1", "2", "3", "4", "5", "7", "9", "-1", "6.5", "7.25", "1e3", "nan", "inf", "9" * 40, "0x10", "", "٣"]
WORDS = ["dead", "alive", "seki", "japanese", "chinese", "new_zealand", "ing", "none", "canadian", "byoyomi", "fischer"]
WORDS += ["absolute", "interval", "ownership", "true", "rootInfo", "maxmoves", "avoid", "allow", "maxVisits", "maxTime"]
WORDS += ['{"ko":"SIMPLE"}', "{}", "[]", "null", '{"ko":[]}', "[" * 2000, "game.sgf", "broken.sgf", "list_commands"]
SIZES = ["2", "5", "5", "7", "9", "9", "13", "0", "1", "26", "19"]
OFTEN = ["play", "play", "play", "play", "genmove", "undo", "komi", "boardsize", "gogui-play_sequence", "gogui-setup"]
NOISE = "\x00\x07\t\r\x7f\x85\u2028 #\\[](){}\"';:=?-+*%é漢😀0123456789abcXYZ"


def lines(count: int, seed: int) -> list[str]:
    """Return so many lines: commands with fitting and unfitting words, a third of them mutated, some pure noise."""
    dice = random.Random(seed)
    return [_line(dice) for _ in range(count)]


def _line(dice: random.Random) -> str:
    chance = dice.random()
    if chance < 0.02:
        return "".join(dice.choices(NOISE, k=dice.randrange(40)))
    line = _command(dice)
    if dice.random() < 0.3:
        line = f"{dice.randrange(10**6)} {line}"
    return _mutated(dice, line) if chance < 0.35 else line


def _command(dice: random.Random) -> str:
    names = sorted(set(Gtp.commands) - {"quit"})
    name = dice.choice(OFTEN if dice.random() < 0.5 else names)
    pair = (COLOURS[:5], VERTICES)
    shapes = {
        "play": pair,
        "genmove": pair[:1],
        "undo": (),
        "boardsize": (SIZES,),
        "komi": (NUMBERS,),
        "gogui-play_sequence": pair * dice.randrange(5),
        "gogui-setup": (COLOURS, VERTICES) * dice.randrange(5),
        "time_settings": (NUMBERS,) * 3,
        "time_left": (COLOURS[:5], NUMBERS, NUMBERS),
        "kgs-time_settings": (WORDS[7:12], *[NUMBERS] * dice.randrange(4)),
        "final_status_list": (WORDS[:3],),
        "loadsgf": (["game.sgf", "broken.sgf"], NUMBERS)[: dice.randrange(1, 3)],
    }
    anything = [COLOURS, VERTICES, NUMBERS, WORDS]
    alone = len(inspect.signature(Gtp.commands[name]).parameters) == 1
    shape = shapes.get(name, () if alone else dice.choices(anything, k=dice.randrange(5)))
    return " ".join([name, *map(dice.choice, shape)])


def _mutated(dice: random.Random, line: str) -> str:
    """Change a line a little; no slash, so that no record is written elsewhere."""
    at = dice.randrange(len(line) + 1)
    word = line.split()[dice.randrange(len(line.split()))] if line.split() else ""
    return dice.choice(
        [
            line[:at] + dice.choice(NOISE) + line[at:],
            line[:at] + line[at + 1 :],
            line[:at],
            line[at:],
            line.replace(word, dice.choice(NUMBERS + WORDS), 1),
            f"{line} {word * dice.randrange(1, 300)}",
            line.upper(),
            line.replace(" ", ""),
        ]
    )


class Driven(Gtp):
    """An engine that is given its lines one by one; an analysis ends as soon as it begins."""

    input_waits = True

    def wait_for_input(self) -> None: ...


def state(gtp: Gtp) -> tuple:
    """Return everything that a failed command must leave alone."""
    position = gtp.table.position
    limit = getattr(gtp.player, "limit", None)
    moves, start = tuple(position.moves), repr(gtp.table.start)
    return position.state.tobytes(), moves, start, repr(gtp.clocks), repr(gtp.time), limit


def check(line: str, text: str) -> None:
    """Assert that the text is the one well-formed answer to a line, or nothing where it has no command."""
    command = re.sub(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]", "", line.split("#")[0]).replace("\t", " ").strip()
    if not command:
        assert text == ""
        return
    number = re.match("[0-9]*", command)[0]
    assert re.fullmatch(rf"[=?]{number}( [^\n]+)?(\n[^\n]*[^\s][^\n]*)*\n\n|={number}\n\n\n?", text), text
    assert "internal error" not in text, text


def fuzz(gtp: Gtp, count: int, seed: int) -> tuple[int, int]:
    """Send lines and check every answer; return how many commands succeeded and how many failed."""
    tally = [0, 0]
    for line in lines(count, seed):
        before = state(gtp)
        gtp.out.seek(0)
        gtp.out.truncate()
        gtp.answer(line)
        text = gtp.out.getvalue()
        check(line, text)
        if text.startswith("?"):
            assert state(gtp) == before, line
        tally[text.startswith("?")] += bool(text)
    return tally[0], tally[1]


if __name__ == "__main__":
    from engine.players import SearchPlayer
    from engine.spec import PlayerSpec, make
    from games import go

    def player() -> SearchPlayer:
        return make(PlayerSpec(model="rollouts", visits=64), go)

    count, seed = (int(word) for word in (*sys.argv[1:], *("10000", "1")[len(sys.argv) - 1 :]))
    began = time.perf_counter()
    good, bad = fuzz(Driven(player, io.StringIO(), size=9), count, seed)
    print(f"{count} lines, seed {seed}: {good} done, {bad} refused, {time.perf_counter() - began:.0f} s")
