"""A full disk under every command that writes a file at its end.

    python tests/measures/fill_disk.py [words of a command]

Each command writes on a file system (tmpfs, needs root) with 0 to 19 free pages, where a file of the same name lies
already. It has to end with status 0 and a whole new file, or with one sentence and the old file as it was; nothing else
of its may be left there.
"""

import os
import signal
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.measures.fuzz_paths import GAME, say
from tests.measures.hurt_training import small_disk

PAGE = os.sysconf("SC_PAGE_SIZE")
OLD = b"of the user\n" * 1000
TIMES = 20

COMMANDS = {
    "sgf": "play go --terminal --colour none --size 5 --model rollouts --visits 2 --sgf {}",
    "mat": "play backgammon --terminal --colour none --length 1 --plies 0 --seed 1 --mat {}",
    "c4": "play connect_four --terminal --colour none --visits 2 --model rollouts --keep {}",
    "sgf of a review": "analyze --model rollouts --visits 2 GAME --sgf {}",
    "text of a review": "analyze --model rollouts --visits 2 GAME --text {}",
    "json of a review": "analyze --model rollouts --visits 2 GAME --json-file {}",
    "tree": "generate 1,2,3,4 --budget 64 --tokens 8 --learn 0 --tree {}",
}


def attempt(words: str, place: Path, free: int) -> str:
    """Run a command with so many free pages; return what is wrong, "" where nothing is."""
    game = place / "game.sgf"
    game.write_bytes(GAME)
    used = -(-len(OLD) // PAGE)
    with small_disk(place / "disk", (used + free) * PAGE >> 10) as disk:
        path = disk / "kept"
        path.write_bytes(OLD)
        status, told = say(*(word.replace("{}", str(path)).replace("GAME", str(game)) for word in words.split()))
        after = path.read_bytes()
        left = [each.name for each in disk.iterdir() if each != path]
    lines = told.strip().splitlines()
    if left:
        return f"left behind: {left}"
    if "Traceback" in told or "YOMI_DEBUG" in told:
        return lines[-1]
    if status == 0 and after == OLD:
        return f"status 0, and nothing was written: {lines[-1:]}"
    if status != 0 and after != OLD:
        return f"status {status}, and the old file is gone"
    return "" if status == 0 or "No space left" in told else f"no sentence: {lines[-1:]}"


def attempt_to_get(place: Path, free: int) -> str:
    """Convert a small GGUF file where a twentieth of its folder finds room, two, ...; return what is wrong."""
    from tests.engine.text import test_gguf as maker

    path = place / "small.gguf"
    maker.written(path, maker.weights_of(maker.network()))
    with small_disk(place / "disk", 16 + 18 * free) as disk:
        os.environ["XDG_DATA_HOME"] = str(disk)
        status, told = say("get", str(path))
        left = [each for each in disk.rglob("*") if each.is_file()]
    if status == 0:
        return "" if len(left) >= 5 else f"status 0, and only {len(left)} files"
    if left:
        return f"left behind: {[each.name for each in left]}"
    return "" if "No space left" in told and "YOMI_DEBUG" not in told else f"no sentence: {told.splitlines()[-1:]}"


def main() -> None:
    """Try all commands."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    wanted, wrong = (sys.argv[1:] + [""])[0], 0
    if wanted in "get":
        ends: dict[str, int] = {}
        for free in range(TIMES):
            with tempfile.TemporaryDirectory() as place:
                found = attempt_to_get(Path(place), free)
            wrong += bool(found)
            ends[found or "as it should"] = ends.get(found or "as it should", 0) + 1
        print(f"get: {ends}", flush=True)
    for name, words in COMMANDS.items():
        if wanted not in name:
            continue
        ends: dict[str, int] = {}
        for free in range(TIMES):
            with tempfile.TemporaryDirectory() as place:
                os.environ["XDG_DATA_HOME"] = place
                found = attempt(words, Path(place), free)
            wrong += bool(found)
            ends[found or "as it should"] = ends.get(found or "as it should", 0) + 1
        print(f"{name}: {ends}", flush=True)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
