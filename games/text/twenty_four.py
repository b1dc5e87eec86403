"""The Game of 24: four numbers from 1 to 13, each used once, make 24 by the four operations.

A puzzle is written `2,7,8,12;`. Each step takes two numbers away and writes the result first, then what is left:

    2,7,8,12;12-8=4,2,7;7-4=3,2; ...

The last step ends with a full stop: `6*4=24.`. No step goes below zero (a solution never has to), and a fraction is
written with a colon: `8/3=8:3`.
"""

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, combinations_with_replacement, permutations
from zlib import crc32

import numpy as np

TARGET = 24
SMALLEST, GREATEST, COUNT = 1, 13, 4

ALPHABET = "0123456789+-*/=:,;."
"""Every character that puzzles and solutions are written with."""

LONGEST = 64
"""Characters that no solution exceeds."""

Numbers = tuple[int, ...]
"""A puzzle: its numbers, ascending."""

_Left = tuple[Fraction, ...]

_STEP = re.compile(r"([0-9:]{1,12})([-+*/])([0-9:]{1,12})=([0-9:,]{1,48})")
_NUMBER = re.compile(r"[0-9]{1,6}(:[0-9]{1,5})?")


# --- puzzles ----------------------------------------------------------------------------------------------


def puzzles() -> list[Numbers]:
    """List the 1,362 puzzles that have a solution, in ascending order."""
    return _puzzles(GREATEST)


def further_puzzles(greatest: int) -> list[Numbers]:
    """List what would be puzzles if numbers went up to `greatest`, without those that are puzzles.

    The game has few puzzles; whoever learns sees many more numbers in these.
    """
    return [numbers for numbers in _puzzles(greatest) if numbers[-1] > GREATEST]


def _puzzles(greatest: int) -> list[Numbers]:
    every = list(combinations_with_replacement(range(SMALLEST, greatest + 1), COUNT))
    with np.errstate(divide="ignore", invalid="ignore"):
        can = _can_reach(np.array(every, np.float64))
    return [numbers for numbers, it_can in zip(every, can, strict=True) if it_can]


def _can_reach(left: np.ndarray) -> np.ndarray:
    """Tell of many puzzles at once whether numbers [N, K] can make 24, bool [N]: fractions next to 24 are far off."""
    if left.shape[1] == 1:
        return np.abs(left[:, 0] - TARGET) < 1e-6
    found = np.zeros(len(left), bool)
    for i, j in combinations(range(left.shape[1]), 2):
        a, b, rest = left[:, i], left[:, j], np.delete(left, (i, j), 1)
        for result in (a + b, np.abs(a - b), a * b, a / b, b / a):
            found |= _can_reach(np.column_stack([result, rest]))
    return found


def held_out(numbers: Sequence[int]) -> bool:
    """Tell whether a puzzle is kept for measuring (261 are); nothing may be trained on it."""
    return _share(numbers) == 0


def for_critic(numbers: Sequence[int]) -> bool:
    """Tell whether a puzzle is kept for learning values: a policy that was trained on it would look too good there."""
    return _share(numbers) == 1


def _share(numbers: Sequence[int]) -> int:
    return crc32(" ".join(map(str, sorted(numbers))).encode()) % 5


def write(numbers: Sequence[int]) -> str:
    """Write a puzzle as solutions begin: `2,7,8,12;`."""
    return ",".join(map(str, numbers)) + ";"


def read(text: str, greatest: int = GREATEST) -> Numbers:
    """Return the numbers of a puzzle, separated by commas or blanks; raise `ValueError` where it is none."""
    words = text.replace(",", " ").replace(";", " ").split()
    numbers = tuple(sorted(int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= 2))
    if len(words) != COUNT or len(numbers) != COUNT or not SMALLEST <= numbers[0] <= numbers[-1] <= greatest:
        raise ValueError(f"a puzzle of the Game of 24 is four numbers from 1 to 13, not {text[:40]!r}")
    return numbers


# --- solutions --------------------------------------------------------------------------------------------


def solvable(numbers: Sequence[int]) -> bool:
    """Tell whether some numbers can make 24."""
    return _reaches(tuple(sorted(map(Fraction, numbers))))


@lru_cache(1 << 20)
def _reaches(left: _Left) -> bool:
    """Tell whether some numbers, ascending, can make 24."""
    if len(left) == 1:
        return left[0] == TARGET
    for i, j in combinations(range(len(left)), 2):
        a, b = left[i], left[j]
        rest = left[:i] + left[i + 1 : j] + left[j + 1 :]
        results = {a + b, b - a, a * b, a / b if b else a, b / a if a else b}
        if any(_reaches(tuple(sorted((result, *rest)))) for result in results):
            return True
    return False


def solutions(numbers: Sequence[int]) -> Iterator[str]:
    """Yield every way to make 24 from some numbers, as steps without the puzzle; what is left keeps its order."""
    return _solutions(tuple(map(Fraction, numbers)))


def _solutions(left: _Left) -> Iterator[str]:
    for step, after in _steps(left):
        if len(after) == 1:
            if after[0] == TARGET:
                yield f"{step}={TARGET}."
        elif _reaches(tuple(sorted(after))):
            for rest in _solutions(after):
                yield f"{step}={','.join(map(_number, after))};{rest}"


def first_steps(numbers: Sequence[int]) -> Iterator[tuple[str, bool]]:
    """Yield every right first step with its result, and whether what it leaves can make 24."""
    for step, after in _steps(tuple(map(Fraction, numbers))):
        yield f"{step}={','.join(map(_number, after))}", _reaches(tuple(sorted(after)))


def _steps(left: _Left) -> Iterator[tuple[str, _Left]]:
    """Yield every step from some numbers, as text without its result, and what it leaves; each only once."""
    seen = set()
    for i, j in combinations(range(len(left)), 2):
        rest = left[:i] + left[i + 1 : j] + left[j + 1 :]
        for a, b in ((left[i], left[j]), (left[j], left[i])):
            for operation in "+-*/":
                result = _result(a, operation, b)
                step = f"{_number(a)}{operation}{_number(b)}"
                if result is not None and step not in seen:
                    seen.add(step)
                    yield step, (result, *rest)


def _result(a: Fraction, operation: str, b: Fraction) -> Fraction | None:
    """Return a op b; None for a division by zero and for what lies below zero."""
    if operation == "/":
        return a / b if b else None
    result = a + b if operation == "+" else a * b if operation == "*" else a - b
    return result if result >= 0 else None


def _number(number: Fraction) -> str:
    return str(number).replace("/", ":")


# --- the checker ------------------------------------------------------------------------------------------


def solves(numbers: Sequence[int], text: str) -> bool:
    """Tell whether a text is a solution of a puzzle, every step of it right."""
    return text.endswith(f"={TARGET}.") and not why_wrong(numbers, text)  # most texts need no more than a look


def why_wrong(numbers: Sequence[int], text: str) -> str:
    """Return in a few words what is wrong with a solution, "" where nothing is."""
    left = sorted(map(Fraction, numbers))
    if not text.endswith("."):
        return "it does not end with a full stop"
    for step in text[:-1].split(";"):
        why, left = _check_step(left, step)
        if why:
            return f"{step[:48]}: {why}"
    return "" if left == [TARGET] else f"{', '.join(map(_number, left))} is left"


def hopeful(numbers: Sequence[int], text: str) -> int:
    """Return how many characters of a text are good: whole steps that are right and leave what can still make 24."""
    good = 0
    for end in _ends(text):
        left = _after(tuple(numbers), text[:end])
        if left is None or not _reaches(left):
            break
        good = end
    return good


def possible(numbers: Sequence[int], text: str) -> bool:
    """Tell whether a text can begin right steps: it takes numbers that are there, and every result is right so far.

    Whether 24 can still be made is another question: see `hopeful`.
    """
    end = _last_end(text)
    return text[end:] in _next_steps(tuple(numbers), text[:end])


def possible_after(numbers: Sequence[int], text: str, pieces: Sequence[str]) -> list[bool]:
    """Tell the same of a text with each of some pieces behind it."""
    end = _last_end(text)
    begun, steps = text[end:], _next_steps(tuple(numbers), text[:end])
    return [
        possible(numbers, text + piece) if ";" in piece or "." in piece else begun + piece in steps for piece in pieces
    ]


def _last_end(text: str) -> int:
    """Return where the last whole step of a text ends, 0 where there is none."""
    return 1 + max(text.rfind(";", 0, 4 * LONGEST), text.rfind(".", 0, 4 * LONGEST))


@lru_cache(1 << 16)
def _next_steps(numbers: Numbers, steps: str) -> frozenset[str]:
    """Return all beginnings of the step after some whole ones, none where one of those is wrong."""
    left = _after(numbers, steps)
    return frozenset() if left is None else _beginnings(left)


def _ends(text: str) -> list[int]:
    """Return where each whole step of a text ends."""
    return [place + 1 for place, letter in enumerate(text[: 4 * LONGEST]) if letter in ";."]


@lru_cache(1 << 16)
def _after(numbers: Numbers, steps: str) -> _Left | None:
    """Return what whole steps leave, ascending; None where one is wrong, or the last does not make 24."""
    if not steps:
        return tuple(sorted(map(Fraction, numbers)))
    *_, begin, _ = [0, *_ends(steps)]
    before = _after(numbers, steps[:begin])
    if before is None:
        return None
    why, left = _check_step(list(before), steps[begin:-1])
    if why or (steps[-1] == ".") != (len(left) == 1) or (len(left) == 1 and left != [TARGET]):
        return None
    return tuple(left)


@lru_cache(1 << 12)
def _beginnings(left: _Left) -> frozenset[str]:
    """Return all beginnings of the next step, what is left after it in any order; of a solution nothing comes next."""
    found = {""}
    for step, (result, *rest) in _steps(left):
        for order in permutations(rest):
            text = f"{step}={','.join(map(_number, (result, *order)))}"
            found.update(text[: end + 1] for end in range(len(text)))
    return frozenset(found)


def _check_step(left: list[Fraction], step: str) -> tuple[str, list[Fraction]]:
    """Return what is wrong with a step from some numbers, "" where nothing is, and what it leaves, ascending."""
    parts = _STEP.fullmatch(step)
    written = [_read_number(word) for word in parts[4].split(",")] if parts else []
    if not parts or None in written:
        return "it is no step", left
    a, b = _read_number(parts[1]), _read_number(parts[3])
    rest = left.copy()
    for number in (a, b):
        if number is None or number not in rest:
            return f"{parts[1] if number is a else parts[3]} is not there", left
        rest.remove(number)
    assert a is not None
    assert b is not None
    result = _result(a, parts[2], b)
    if result is None:
        return "it goes below zero or divides by it", left
    if written[0] != result:
        return f"the result is {_number(result)}", left
    if sorted(number for number in written[1:] if number is not None) != rest:
        return f"what is left is {', '.join(map(_number, rest)) or 'nothing'}", left
    return "", sorted([result, *rest])


def _read_number(word: str) -> Fraction | None:
    """Return a number as solutions write it, None for anything else."""
    if not _NUMBER.fullmatch(word):
        return None
    above, _, below = word.partition(":")
    return Fraction(int(above), int(below or 1)) if int(below or 1) else None
