"""Change SGF files at random and read them by every door: nothing may raise, hang or fill the memory.

    python tests/measures/fuzz_sgf.py [COUNT] [SEED] [FILE ...]

Each mutation is parsed, replayed, opened as a document, saved and packed. Prints one line; ends with 1 where anything
but a sentence came of one, or one took more than two seconds.
"""

import random
import resource
import sys
import time
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

from games.go import sgf
from training.go.packing import pack_texts

SLOW = 2.0

SEEDS = [
    "(;FF[4]GM[1]SZ[9]KM[6.5]RU[jp]PB[A]PW[B]RE[W+R];B[ee];W[cc]C[a \\] b](;B[gg];W[gc])(;AE[ee]AB[dd:ff];W[aa]))",
    "(;GaMe[1]SiZe[13]HAndicap[3]KoMi[0];AddBlack[jd][dj][jj];White[dd];Black[gg])(;SZ[19]HA[2];W[dd];B[qq])",
    "(;CA[gb2312]SZ[19]KM[375]AP[foxwq]PB[王小明]RE[黑中盘胜];B[pd];W[dp];B[];W[tt];B[])",
    "(;SZ[5]AB[aa][bb]AW[cc]PL[W];W[dd];PL[W];W[ee]N[x]LB[aa:1];B[aa])",
]
MARKS = b"()[];\\:BWACKMSZPLE0129.-\n \xe9\x81\\\x00"


def mutated(data: bytes, dice: random.Random) -> bytes:
    """Return a text with pieces changed, lost, repeated or swapped for SGF's own marks."""
    text = bytearray(data)
    for _ in range(dice.randrange(1, 8)):
        at, length = dice.randrange(len(text) + 1), dice.choice((1, 1, 2, 5, 20))
        piece = bytes(text[at : at + length])
        noise = dice.randbytes(length)
        marks = bytes(dice.choice(MARKS) for _ in range(length))
        times = dice.choice((2, 2, 50, 5000)) if len(text) < 100_000 else 2
        text[at : at + dice.choice((0, length))] = dice.choice((marks, noise, b"", piece * times, marks * times))
    return bytes(text)


def read_by_every_door(data: bytes, folder: Path) -> None:
    """Read, replay, write, edit and pack a text; raise nothing."""
    errors: list[sgf.SgfError] = []
    for record in sgf.parse(data, broken=errors.append):
        sgf.position(record)
        again = next(sgf.parse(sgf.write(record)))
        assert (again.moves, again.turns) == (record.moves, record.turns)
    path = folder / "x.sgf"
    path.write_bytes(data)
    try:
        document = sgf.Document.open(path)
        document.record()
        document.save(folder / "y.sgf")
    except sgf.SgfError as error:
        errors.append(error)
    pack_texts([("x.sgf", 1, data)], "chinese")
    assert all("\n" not in str(error) for error in errors)


def main(count: int, seed: int, files: list[str]) -> int:
    """Try so many mutations; return how many went wrong."""
    texts = [text.encode("gb18030" if "gb2312" in text else "utf-8") for text in SEEDS]
    texts += [Path(name).read_bytes() for name in files]
    wrong, slowest = 0, 0.0
    with TemporaryDirectory() as folder:
        read_by_every_door(texts[0], Path(folder))  # compiles
        for number in range(count):
            data = mutated(texts[number % len(texts)], random.Random(seed * 1_000_003 + number))
            began = time.process_time()
            try:
                read_by_every_door(data, Path(folder))
            except Exception:
                wrong += 1
                print(f"mutation {number} of seed {seed}:\n{traceback.format_exc()}")
            spent = time.process_time() - began
            slowest = max(slowest, spent)
            if spent > SLOW:
                wrong += 1
                print(f"mutation {number} of seed {seed} took {spent:.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} mutations, {wrong} wrong; slowest {slowest:.2f} s, at most {peak:.0f} MiB")
    return wrong


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    sys.exit(1 if main(*(numbers + [2000, 1][len(numbers) :]), sys.argv[3:]) else 0)
