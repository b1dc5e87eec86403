"""What people see of a Go board: diagrams, coordinates, stones set up, handicaps.

A move is row * size + column from the top left corner, size * size for a pass; `go.notation` writes moves.
"""

import re
from collections.abc import Iterable

import numpy as np

from games import go
from games.compiling import compiled
from games.game import FIRST, SECOND
from games.go import rules as go_rules

COLUMNS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"
STONES = ".XO"
"""How a diagram shows go.EMPTY, go.BLACK and go.WHITE."""
_MEANING = {".": go.EMPTY, "+": go.EMPTY, "X": go.BLACK, "#": go.BLACK, "O": go.WHITE}

# --- start positions --------------------------------------------------------------------------------------


def setup(
    size: int = 19,
    komi: float = 7.5,
    rules: str = "tromp-taylor",
    black: Iterable[int] = (),
    white: Iterable[int] = (),
    to_play: int = FIRST,
    handicap_bonus: float = 0,
) -> np.ndarray:
    """Return a start position with stones on the board; raise `ValueError` for what no board can be.

    The stones count as played, so that territory is counted right; `to_play` is FIRST (Black) or SECOND.
    """
    state = go.start(size, komi, rules, handicap_bonus)
    black, white = _points(black, size), _points(white, size)
    if np.intersect1d(black, white).size:
        raise ValueError("a point cannot hold a black and a white stone")
    _put(state, black, go.BLACK)
    _put(state, white, go.WHITE)
    if np.count_nonzero(go.colours(state)) < len(black) + len(white):
        raise ValueError("a chain set up on the board has no liberty")
    state[go_rules.TO_PLAY] = go.BLACK if to_play == FIRST else go.WHITE
    return state


def changed(
    state: np.ndarray,
    black: Iterable[int] = (),
    white: Iterable[int] = (),
    empty: Iterable[int] = (),
    to_play: int | None = None,
) -> np.ndarray:
    """Return a board with stones put on it or taken off by hand; chains left without a liberty go, too.

    Komi, rules and prisoners stay; nobody has passed, and no ko is to be taken back.
    """
    size = int(state[go_rules.SIZE])
    stones = go.colours(state).ravel()
    for colour, points in ((go.BLACK, black), (go.WHITE, white), (go.EMPTY, empty)):
        stones[_points(points, size)] = colour
    stones = breathing(stones.reshape(size, size)).ravel()
    after = go.start(size)
    settings = [go_rules.KOMI, go_rules.RULES, go_rules.BONUS, go_rules.MOVES]
    after[settings] = state[settings]
    for colour in (go.BLACK, go.WHITE):
        _put(after, np.flatnonzero(stones == colour), colour)
        lost = int(go_rules.LOST) + colour
        after[lost] = state[lost]
        after[int(go_rules.PLAYED) + colour] += state[lost]  # so that territory is counted right
    by = to_play if to_play is not None else FIRST if state[go_rules.TO_PLAY] == go.BLACK else SECOND
    after[go_rules.TO_PLAY] = go.BLACK if by == FIRST else go.WHITE
    return after


def breathing(stones: np.ndarray) -> np.ndarray:
    """Return a board [size, size] without the chains that have no liberty, all taken off at once."""
    left, size, seen = stones.copy(), len(stones), np.zeros(stones.shape, bool)
    for row, column in np.argwhere(stones != go.EMPTY).tolist():
        if seen[row, column]:
            continue
        chain, free, todo = [], False, [(row, column)]
        seen[row, column] = True
        while todo:
            point = todo.pop()
            chain.append(point)
            for near in _around(*point, size):
                free |= stones[near] == go.EMPTY
                if stones[near] == stones[point] and not seen[near]:
                    seen[near] = True
                    todo.append(near)
        if not free:
            left[tuple(zip(*chain, strict=True))] = go.EMPTY
    return left


def _around(row: int, column: int, size: int) -> list[tuple[int, int]]:
    near = ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
    return [(r, c) for r, c in near if 0 <= r < size and 0 <= c < size]


def _points(moves: Iterable[int], size: int) -> np.ndarray:
    points = np.unique(np.array(list(moves), np.int64))
    if points.size and not 0 <= points[0] <= points[-1] < size * size:
        raise ValueError(f"a stone set up lies outside the board of size {size}")
    return points


@compiled
def _put(s, points, colour):
    for k in range(len(points)):
        p = go_rules.move_point(s, points[k])
        if s[p + go_rules.COLOUR] == go.EMPTY:
            go_rules.place(s, p, colour)
            s[p + go_rules.AGE] = 0xFFFF  # older than any move
            s[go_rules.PLAYED + np.uint64(colour)] += 1


def described(state: np.ndarray) -> dict:
    """Return the keyword arguments with which `setup` makes this board; ko, passes and prisoners are not kept."""
    stones = go.colours(state).ravel()
    words = {
        "size": int(state[go_rules.SIZE]),
        "komi": state[[go_rules.KOMI]].astype(np.int16).item() / 2,
        "rules": next(name for name, bits in go.RULESETS.items() if bits == state[go_rules.RULES]),
        "black": np.flatnonzero(stones == go.BLACK).tolist(),
        "white": np.flatnonzero(stones == go.WHITE).tolist(),
        "to_play": FIRST if state[go_rules.TO_PLAY] == go.BLACK else SECOND,
        "handicap_bonus": int(state[go_rules.BONUS]) / 2,
    }
    return {name: value for name, value in words.items() if value not in ([], 0) or name == "komi"}


# --- diagrams ---------------------------------------------------------------------------------------------


def diagram(state: np.ndarray, last: int | None = None) -> str:
    """Draw the board with coordinates; the stone of the move `last` stands in parentheses."""
    board = go.colours(state)
    size = len(board)
    letters = "   " + " ".join(COLUMNS[:size])
    rows = [_drawn_row(board, row, last) for row in range(size)]
    return "\n".join([letters, *rows, letters])


def _drawn_row(board: np.ndarray, row: int, last: int | None) -> str:
    size = len(board)
    cells = " " + " ".join(STONES[colour] for colour in board[row]) + " "
    if last is not None and last // size == row:
        at = 2 * (last % size)
        cells = f"{cells[:at]}({cells[at + 1]}){cells[at + 3 :]}"
    return f"{size - row:2}{cells}{size - row}"


def parse(
    text: str, komi: float = 7.5, rules: str = "tromp-taylor", to_play: int = FIRST
) -> tuple[np.ndarray, dict[str, list[int]]]:
    """Read a diagram, with or without coordinates: the position, and the moves that each letter in it names.

    X or # is Black, O is White, . or + is empty; any other letter is an empty point under test.
    """
    cells = "".join(rows := _diagram_rows(text))
    size = len(rows)
    if any(len(row) != size for row in rows):
        raise ValueError(f"a diagram of {size} rows needs {size} points in each")
    strange = [cell for cell in cells if cell not in _MEANING and not cell.isalpha()]
    if strange:
        raise ValueError(f"{strange[0]!r} means nothing in a diagram")
    black = [move for move, cell in enumerate(cells) if _MEANING.get(cell) == go.BLACK]
    white = [move for move, cell in enumerate(cells) if _MEANING.get(cell) == go.WHITE]
    letters: dict[str, list[int]] = {}
    for move, cell in enumerate(cells):
        if cell not in _MEANING:
            letters.setdefault(cell, []).append(move)
    return setup(size, komi, rules, black, white, to_play), letters


def _diagram_rows(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    numbered = [line for line in lines if line[0].isdigit()]  # then the other lines name the columns
    return [re.sub(r"[\d\s()|]", "", line) for line in numbered or lines]


# --- coordinates ------------------------------------------------------------------------------------------


def move(text: str, size: int) -> int:
    """Read a coordinate such as D4, or "pass", in either case; raise `ValueError` for anything else."""
    word = text.strip().upper()
    if word == "PASS":
        return size * size
    match = re.fullmatch(r"([A-HJ-Z])([1-9][0-9]?)", word, re.ASCII)
    if match:
        column, row = COLUMNS.index(match[1]), size - int(match[2])
        if column < size and row >= 0:
            return row * size + column
    raise ValueError(f"{text!r} is not a point of a {size}x{size} board")


# --- handicap ---------------------------------------------------------------------------------------------

_HANDICAPS = {
    2: "ld ru",
    3: "ld ru lu",
    4: "ld ru lu rd",
    5: "ld ru lu rd cc",
    6: "ld ru lu rd lc rc",
    7: "ld ru lu rd lc rc cc",
    8: "ld ru lu rd lc rc cu cd",
    9: "ld ru lu rd lc rc cu cd cc",
}
"""GTP 2's fixed handicaps: columns left, centre, right; rows up, centre, down."""


def most_handicap(size: int) -> int:
    """Return the largest fixed handicap of a board: 9, 4 where it is small or has no centre, 0 where it is tiny."""
    return 0 if size < 7 else 4 if size == 7 or size % 2 == 0 else 9


def fixed_handicap(size: int, stones: int) -> list[int]:
    """Return where GTP 2's fixed handicap stones go; raise `ValueError` for a number that it does not define."""
    most = most_handicap(size)
    if not 2 <= stones <= most:
        allowed = f"2 to {most}" if most else "no"
        raise ValueError(f"a {size}x{size} board has {allowed} fixed handicap stones, not {stones}")
    edge = 3 if size >= 13 else 2
    line = {"l": edge, "u": edge, "c": size // 2, "r": size - 1 - edge, "d": size - 1 - edge}
    return [line[point[1]] * size + line[point[0]] for point in _HANDICAPS[stones].split()]


def free_handicap(size: int, stones: int) -> list[int]:
    """Suggest where to put any number of handicap stones: the fixed points first, then wherever is emptiest."""
    if not 2 <= stones < size * size:
        raise ValueError(f"a {size}x{size} board takes 2 to {size * size - 1} handicap stones, not {stones}")
    most = most_handicap(size)
    chosen = fixed_handicap(size, min(stones, most)) if most else []
    while len(chosen) < stones:
        chosen.append(_emptiest(size, chosen))
    return chosen


def _emptiest(size: int, taken: list[int]) -> int:
    """Return the point farthest from all stones, as if a stone stood just outside every edge."""
    line = np.minimum(np.arange(size), np.arange(size)[::-1]) + 1
    distance = np.minimum(line[:, None], line).astype(float).ravel()
    rows, columns = np.divmod(np.arange(size * size), size)
    for stone in taken:
        distance = np.minimum(distance, np.hypot(rows - stone // size, columns - stone % size))
    return int(np.argmax(distance))


def handicap_bonus(rules: str, stones: int) -> int:
    """Return the points that a ruleset gives White for so many handicap stones: N, N - 1 or none."""
    if stones < 2:
        return 0
    return {"chinese": stones, "aga": stones - 1}.get(rules, 0)
