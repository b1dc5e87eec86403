"""Hostile paths at every door: folders, pipes, endless devices, loops of links, names that no terminal shows.

    python tests/measures/fuzz_paths.py [words of a door] [kind]

Every command that reads or writes a file gets each kind of path. It has to end within a minute and two
of processor time (four where a model is loaded first), with status 0, 1 or 2, with one sentence where it is not 0, and
without a traceback; what was there before stays as it was.
"""

import contextlib
import gzip
import io
import os
import resource
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import yomi

PATIENCE = 60
LARGE = 1 << 20
"""Kilobytes."""

GAME = b"(;GM[1]FF[4]SZ[5];B[cc];W[dd])"


def _endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _loop(path: Path) -> None:
    other = path.with_name("other" + path.suffix)
    path.symlink_to(other)
    other.symlink_to(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def _bytes(data: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data)


KINDS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "missing": ("missing", lambda path: None),
    "folder": ("folder", Path.mkdir),
    "pipe": ("pipe", os.mkfifo),
    "endless": ("endless", _endless),
    "loop": ("loop", _loop),
    "dangling": ("dangling", lambda path: path.symlink_to("nowhere")),
    "socket": ("socket", _socket),
    "empty": ("empty", _bytes(b"")),
    "spaces": ("spaces", _bytes(b"\n \t\r\n" * 1000)),
    "zeros": ("zeros", _bytes(bytes(5000))),
    "name of two lines": ("two\nlines", _bytes(GAME)),
    "name with marks": ("[bold]x[bold]{}%s", _bytes(GAME)),
    "name that is no text": ("caf\udce9", _bytes(GAME)),
    "name too long": ("x" * 300, lambda path: None),
    "below a file": ("file/below", lambda path: path.parent.write_bytes(GAME)),
    "a zero in the name": ("zero\0name", lambda path: None),
    "half a pair": ("utf16", _bytes(b"\xff\xfe" + "(;SZ[5];B[cc])".encode("utf-16-le") + b"\x00")),
    "brackets": ("brackets", _bytes(b"(;" * 100_000)),
    "brackets of lists": ("lists", _bytes(b"[" * 100_000)),
    "brackets of tables": ("tables", _bytes(b"a = " + b"[" * 100_000)),
    "numbers": ("numbers", _bytes(b'{"a": ' + b"9" * 100_000 + b"}")),
    "dots": ("dots", _bytes(b"a." * 50_000 + b"b = 1")),
    "one line": ("line", _bytes(b"x" * (8 << 20))),
    "random": ("random", _bytes(bytes(range(256)) * 40)),
    "packed": ("packed", _bytes(gzip.compress(bytes(300 << 20)))),
}

DOORS: dict[str, tuple[str, str]] = {
    "play go --load": (".sgf", "play go --terminal --model rollouts --visits 2 --load {}"),
    "play go --sgf": (".sgf", "play go --terminal --model rollouts --visits 2 --sgf {}"),
    "play backgammon --load": (".mat", "play backgammon --terminal --plies 0 --load {}"),
    "play backgammon --mat": (".mat", "play backgammon --terminal --plies 0 --mat {}"),
    "play connect_four --keep": (".txt", "play connect_four --terminal --visits 2 --model rollouts --keep {}"),
    "play go --model": ("", "play go --terminal --visits 2 --model {}"),
    "play backgammon --model": ("", "play backgammon --terminal --plies 0 --model {}"),
    "play connect_four --model": ("", "play connect_four --terminal --visits 2 --model {}"),
    "gtp --model": ("", "gtp --visits 2 --model {}"),
    "ubgi --model": ("", "ubgi --model {}"),
    "analyze sgf": (".sgf", "analyze --model rollouts --visits 2 {}"),
    "analyze mat": (".mat", "analyze --plies 0 {}"),
    "analyze --model": ("", "analyze --visits 2 GAME --model {}"),
    "analyze --sgf": (".sgf", "analyze --model rollouts --visits 2 GAME --sgf {}"),
    "analyze --text": (".txt", "analyze --model rollouts --visits 2 GAME --text {}"),
    "analyze --json-file": (".json", "analyze --model rollouts --visits 2 GAME --json-file {}"),
    "tournament": (".toml", "tournament {}"),
    "tournament check": (".toml", "tournament check {}"),
    "tournament show": ("", "tournament show {}"),
    "tournament replay": ("", "tournament replay {} 0"),
    "tournament stop": ("", "tournament stop {}"),
    "train recipe": (".toml", "train {}"),
    "train go imitation data": (".sgf", "train go imitation --preset tiny data={}"),
    "train go rollouts data": (".sgf", "train go rollouts --preset tiny data={}"),
    "train go parent": ("", "train go imitation --preset tiny parent={} data=GAME"),
    "train text data": (".txt", "train text language_model --preset tiny data={}"),
    "train text jsonl": (".jsonl", "train text language_model --preset tiny data={}"),
    "train text dpo": (".jsonl", "train text dpo --preset tiny data={}"),
    "train text reward_model": (".jsonl", "train text reward_model --preset tiny data={}"),
    "evaluate policy": (".sgf", "evaluate policy --model go {}"),
    "evaluate text": (".txt", "evaluate text --budgets 8 --limit 1 --tokens 2 --decoders sample {}"),
    "evaluate reward": (".jsonl", "evaluate reward --reward game-of-24 {}"),
    "evaluate reward --reward": ("", "evaluate reward --reward {} PAIRS"),
    "generate --reward": (".py", "generate 2 --budget 8 --tokens 2 --learn 0 --reward {}:pay"),
    "generate --model": ("", "generate 2 --budget 8 --tokens 2 --model {}"),
    "generate --tree": (".json", "generate --budget 8 --tokens 2 --learn 0 --tree {} 2"),
    "get": (".gguf", "get {}"),
}


def say(*words: str) -> tuple[object, str]:
    """Run a command in this process; return its status and what it printed."""
    sys.argv = ["yomi", *words]
    sys.stdin = io.TextIOWrapper(io.BytesIO(b"quit\n"))
    out = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="backslashreplace", write_through=True)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            yomi.main()
            status: object = 0
        except SystemExit as end:
            status = end.code or 0
    told = out.buffer.getvalue().decode()
    return (1, f"{told}{status}\n") if isinstance(status, str) else (status, told)


def _late(*_: object) -> None:
    raise TimeoutError("it does not end")


def attempt(door: str, kind: str, place: Path) -> str:
    """Give a door a path of a kind; return what is wrong with what it did, "" where nothing is."""
    suffix, command = DOORS[door]
    name, make = KINDS[kind]
    (place / "home").mkdir()
    (place / "GAME.sgf").write_bytes(GAME)
    (place / "PAIRS.jsonl").write_text('{"prompt": "2", "chosen": "1", "rejected": "3"}\n')
    path = place / f"{name}{suffix if name != 'x' * 300 else ''}"
    make(path)
    given = {"GAME": str(place / "GAME.sgf"), "PAIRS": str(place / "PAIRS.jsonl")}
    words = [given.get(word, word.replace("{}", str(path))) for word in command.split()]
    before = path.read_bytes() if os.path.isfile(path) and not path.is_symlink() else None
    began, memory = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.alarm(PATIENCE)
    try:
        with contextlib.chdir(place):
            status, told = say(*words)
    except TimeoutError:
        return "it does not end"
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.alarm(0)
    spent = time.process_time() - began
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    lines = [line for line in told.splitlines() if line.strip()]
    found = []
    if "Traceback" in told or "YOMI_DEBUG" in told or "it does not end" in told:
        found.append(lines[-1])
    if status not in (0, 1, 2):
        found.append(f"status {status}")
    if status == 1 and not (lines and lines[-1].startswith("yomi: ")):
        found.append(f"no sentence: {lines[-1:]}")
    if spent > 4:
        found.append(f"{spent:.1f} s")
    if grown > LARGE:
        found.append(f"{grown >> 10} MiB")
    if before is not None and path.read_bytes() != before and not any(w in door for w in ("--sgf", "--mat", "--keep")):
        found.append("the file has changed")
    if os.environ.get("SHOW"):
        print(f"    {door} | {kind} | {status} | {lines[-1:]}"[:400].encode("utf-8", "backslashreplace").decode())
    return "; ".join(found)


def main() -> None:
    """Try every door with every kind."""
    only_door, only_kind = (sys.argv[1:] + ["", ""])[:2]
    signal.signal(signal.SIGALRM, _late)
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    wrong = tried = 0
    for door in (each for each in DOORS if only_door in each):
        for kind in (each for each in KINDS if only_kind in each):
            with tempfile.TemporaryDirectory() as place:
                os.environ["XDG_DATA_HOME"] = os.environ["HOME"] = f"{place}/home"
                found = attempt(door, kind, Path(place))
            tried += 1
            wrong += bool(found)
            if found:
                print(f"{door} | {kind}: {found}"[:400].encode("utf-8", "backslashreplace").decode(), flush=True)
    print(f"{tried} paths, {wrong} wrong")


if __name__ == "__main__":
    main()
