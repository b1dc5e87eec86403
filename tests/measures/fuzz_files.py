"""Damaged model folders, tournament and recipe files, and options with extreme numbers: one sentence or a good end.

    python tests/measures/fuzz_files.py models [count 500] [seed 1]
    python tests/measures/fuzz_files.py toml [count 300] [seed 1]
    python tests/measures/fuzz_files.py options [count 300] [seed 1]

Every case ends within two seconds of processor time, below 1 GiB more memory, with a result or one sentence, and in
options with exit status 0, 1 or 2 and no traceback.
"""

import contextlib
import io
import random
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import yomi
from engine.backgammon import model as backgammon_model
from engine.networks import model
from training import pipeline
from training.tournament import settings as tournament_settings

SLOW, LARGE = 2.0, 1 << 20
"""Seconds, and kilobytes."""

NUMBERS = ["0", "-1", "1", "2147483648", "4294967296", "-9223372036854775809", "1e400", "-1e-400", "nan", "inf", "1.5"]
NUMBERS += ["9" * 400, "0x10", "٣", "", "true", "null", "{}", "[]", '"x"', "1_000", "+3", "1e9"]
TOURNAMENT = """
name = "t"
game = "go"
size = 5
komi = 2.5
kind = "pair"
games = 4
openings = 2
parallel = 2
seed = 1
[[players]]
name = "a"
kind = "random"
[[players]]
name = "b"
kind = "policy"
model = "rollouts"
temperature = 1
visits = 10
search = ["c_puct=1.5"]
"""
RECIPE = """
[imitation]
steps = 300
rate = 4e-3
optimiser = "muon"
blocks = 6
channels = 96
batch = 256
[presets.tiny.imitation]
steps = 3
rate = 1e-3
threads = 1
seed = 7
"""
OPTIONS = [
    "play go --visits {} --model rollouts --terminal",
    "play go --seed {} --terminal --visits 2 --model rollouts",
    "play go --komi {} --terminal --visits 2 --model rollouts",
    "play go --size {} --terminal --visits 2 --model rollouts",
    "play go --handicap {} --terminal --visits 2 --model rollouts",
    "play go --threads {} --terminal --visits 2 --model rollouts",
    "play connect_four --level {} --terminal",
    "play backgammon --points {} --terminal",
    "play backgammon --seed {} --terminal",
    "gtp --visits {} --model rollouts",
    "gtp --size {} --visits 2 --model rollouts",
    "gtp --seconds {} --model rollouts",
    "ubgi --plies {}",
    "train go imitation steps={} --list",
    "train go imitation rate={} --list",
    "train backgammon td-wins seed={} --list",
    "tournament check tournament.toml games={}",
    "tournament check tournament.toml size={}",
    "bench rules --seconds {} --help",
]


def mutated(dice: random.Random, data: bytes) -> bytes:
    """Return bytes with a few pieces changed, doubled, removed or cut off."""
    for _ in range(dice.randrange(1, 5)):
        at, length = dice.randrange(len(data) + 1), dice.choice([1, 1, 4, 30, 1000])
        data = dice.choice(
            [
                data[:at],
                data[:at] + dice.randbytes(length) + data[at + length :],
                data[:at] + data[at + length :],
                data[:at] + data[at : at + length] * 2 + data[at + length :],
                data.replace(dice.choice([b"1", b"true", b'"', b":", b"="]), dice.choice(NUMBERS).encode(), 1),
            ]
        )
    return data


# --- the cases --------------------------------------------------------------------------------------------


def a_model(dice: random.Random, place: Path) -> None:
    """Damage a copy of a shipped model and load it."""
    name = dice.choice(model.shipped())
    folder = place / "model"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(model.find(name).folder, folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".onnx")
    path = dice.choice(files)
    if dice.random() < 0.1:
        path.unlink()
    else:
        path.write_bytes(mutated(dice, path.read_bytes()))
    found = model.find(folder)
    if found.game == "backgammon":
        backgammon_model.load(folder)
    else:
        from engine.networks import towers

        towers.load(folder)
        assert isinstance(found.search, dict)
        assert found.fingerprint


def a_toml(dice: random.Random, place: Path) -> None:
    """Damage a tournament or a recipe and read it."""
    whole = dice.choice([TOURNAMENT, RECIPE])
    path = place / "damaged.toml"
    if dice.random() < 0.5:
        lines = whole.splitlines()
        at = dice.choice([k for k, line in enumerate(lines) if "=" in line])
        lines[at] = f"{lines[at].partition('=')[0]}= {dice.choice(NUMBERS)}"
        path.write_text("\n".join(lines))
    else:
        path.write_bytes(mutated(dice, whole.encode()))
    if whole is TOURNAMENT:
        tournament_settings.read(path)
    else:
        pipeline.plan(str(path), [], dice.choice(["", "tiny"]))


def an_option(dice: random.Random, place: Path) -> None:
    """Give a command an extreme number."""
    (place / "tournament.toml").write_text(TOURNAMENT)
    sys.argv = ["yomi", *(word.format(dice.choice(NUMBERS)) for word in dice.choice(OPTIONS).split(" "))]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(place):
        sys.stdin = io.TextIOWrapper(io.BytesIO(b"quit\n"))
        try:
            yomi.main()
            status: object = 0
        except SystemExit as end:
            status = end.code or 0
    told = f"{status if isinstance(status, str) else ''}{out.getvalue()}{err.getvalue()}"
    assert isinstance(status, str) or status in (0, 1, 2), f"{sys.argv}: status {status}"
    assert "Traceback" not in told, told
    assert "YOMI_DEBUG" not in told, f"{sys.argv}: {told}"


def check_sentence(words: str) -> None:
    """Raise `AssertionError` for what is no sentence in one line."""
    assert words.strip(), "an error without a word"
    assert "\n" not in words, f"more than one line: {words}"


CASES = {"models": (a_model, 500), "toml": (a_toml, 300), "options": (an_option, 300)}


def main() -> None:
    """Try so many cases."""
    kind, *given = sys.argv[1:] or ["toml"]
    case, usual = CASES[kind]
    count, seed = [int(word) for word in given] + [usual, 1][len(given) :]
    counts = {"good": 0, "refused": 0}
    slowest = 0.0
    with tempfile.TemporaryDirectory() as place:
        for number in range(count):
            dice = random.Random(f"{seed} {number}")
            began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            try:
                case(dice, Path(place))
                counts["good"] += 1
            except ValueError as error:
                check_sentence(str(error))
                counts["refused"] += 1
            except BaseException:
                print(f"{kind}, seed {seed}, case {number}", file=sys.stderr)
                raise
            spent = time.process_time() - began
            if spent > SLOW:
                print(f"case {number}: {spent:.1f} s {sys.argv[1:] if kind == 'options' else ''}", flush=True)
            slowest = max(slowest, spent if number else 0)
            assert number < 3 or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < LARGE, f"case {number}"
    print(f"{count} {kind}, seed {seed}: {counts}, slowest {slowest:.1f} s")


if __name__ == "__main__":
    main()
