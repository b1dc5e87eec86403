"""One game of SGF as a `Record`: how it began, what was played, how it ended.

One odd thing never costs the game: what can be used is used, and the record's remarks say the rest. Moves are checked
here, completely: a record holds legal ones only (repetition aside), up to the first that is not.
"""

import re
from functools import lru_cache

import numpy as np
from sgfmill import sgf_grammar

from games import go
from games.game import FIRST, SECOND, Record
from games.go import board as go_board
from games.go import sgf_tree
from games.go.legality import count_legal
from games.go.sgf_error import SgfError, printable
from games.go.sgf_tree import Properties
from games.go.sgf_words import LONGEST, read_komi, read_result, read_rules, usual_komi

# fmt: off
INFO = {"AN", "AP", "BR", "BT", "CP", "DT", "EV", "GC", "GN", "HA", "KM", "ON", "OT", "PC", "RO", "RU", "SO", "TM",
        "US", "WR", "WT"}
# fmt: on
"""The root properties that are information about the game and plain text."""

_COLOURS = {"AB": "black", "AW": "white", "AE": "empty"}
_LARGEST_KOMI = 1000

ILLEGAL = "is not legal here"
KEPT = "the game is kept up to there"
"""What a remark says about a move that a game cannot go on with."""


def read(game: bytes, rules: str) -> Record:
    """Return the main line of a game; raise `SgfError` where it cannot be a game of Go on a board of ours."""
    nodes, remarks = sgf_tree.main_line(game)
    if not any(nodes[0]) and len(nodes) == 1 and not game.replace(b" ", b"").startswith(b"(;)"):
        raise SgfError(remarks[0] if remarks else "there is no property in it")
    root, remarks = _Root(nodes[0], remarks), remarks.copy()
    line = _Line(root.size, nodes, remarks)
    start = _start(root, line, rules, remarks)
    _keep_legal(line, start, remarks)
    result = read_result(raw := root.text("RE"))
    info = {name: text(values[0]) for name, values in nodes[0].items() if name in INFO}
    if raw and not result:
        info["RE"] = raw
    players = (root.text("PB"), root.text("PW"))
    comments = {made: said for made, said in _comments(nodes).items() if made <= len(line.moves)}
    setups = {made: change for made, change in line.setups.items() if 0 < made <= len(line.moves)}
    told = [printable(remark) for remark in remarks]
    return Record(go.name, start, line.moves, line.turns, result, players, info, comments, setups, told)


def text(raw: bytes) -> str:
    """Return a raw value as text."""
    if b"\\" in raw or b"\n" in raw or b"\r" in raw:
        raw = sgf_grammar.text_value(raw)
    return raw.decode("utf-8", "replace")


# --- the root ---------------------------------------------------------------------------------------------


class _Root:
    """What the root says about the whole game."""

    def __init__(self, properties: Properties, remarks: list[str]):
        self.properties = properties
        kind = self.text("GM")
        if kind.isdecimal() and int(kind[:9]) != 1:
            raise SgfError(f"it is not a game of Go but GM[{kind[:20]}]")
        if kind and not kind.isdecimal():
            remarks.append(f"GM[{kind[:20]}] names no game; it was read as Go")
        self.size = _size(self.text("SZ"), remarks)

    def text(self, name: str) -> str:
        return text(self.properties[name][0]).strip() if name in self.properties else ""

    @property
    def handicap(self) -> int:
        match = re.fullmatch(r"(\d{1,3})(?:\.0*)?", self.text("HA")[:LONGEST], re.ASCII)
        return int(match[1]) if match else 0

    @property
    def fox(self) -> bool:
        """Whether the Fox server wrote the record."""
        return any(b"foxwq" in value.lower() for value in self.properties.get("AP", ()))


def _size(written: str, remarks: list[str]) -> int:
    match = re.match(r"(\d{1,3})(?:\s?[:x×*]\s?(\d{1,3}))?(?!\d)", written[:LONGEST] or "19", re.ASCII)
    if not match:
        remarks.append(f"SZ[{written[:20]}] is no size; the board has 19 lines")
        return 19
    columns, rows = int(match[1]), int(match[2] or match[1])
    if columns != rows or not go.SMALLEST <= columns <= go.LARGEST:
        squares = f"choose a square of {go.SMALLEST} to {go.LARGEST}"
        raise SgfError(f"a board of size {written!r} is not supported; {squares}")
    return columns


def _start(root: _Root, line: "_Line", rules: str, remarks: list[str]) -> dict:
    """Return the keyword arguments with which `go_board.setup` makes the start position."""
    rules, handicap = read_rules(root.text("RU")) or rules, root.handicap
    stones = dict(line.setups.pop(0, {}))
    black, white = _breathing(root.size, stones, remarks)
    player = stones.get("to_play")
    if handicap > 1 and not black and not white and line.turns[:1] == [SECOND]:
        black = _missing_handicap(root, line)
        if black:
            remarks.append(f"the {handicap} handicap stones that HA names were put on the usual points")
    if player is None:
        player = line.turns[0] if line.turns else SECOND if handicap > 1 and black else FIRST
    komi, bonus = _komi(root, rules, remarks), go_board.handicap_bonus(rules, min(handicap, 999))
    words = {"black": black, "white": white, "to_play": player, "handicap_bonus": bonus}
    return {"size": root.size, "komi": komi, "rules": rules} | {name: word for name, word in words.items() if word}


def _komi(root: _Root, rules: str, remarks: list[str]) -> float:
    written, handicap = root.text("KM"), root.handicap
    if not written and re.search(r"\d|[一-十半]", root.text("KO")[:LONGEST]):
        written = root.text("KO")  # the Nihon Ki-in's name for it
    usual, komi = usual_komi(rules, handicap), read_komi(written[:LONGEST], rules, handicap)
    if komi == 0 and handicap == 0 and root.fox and written:
        remarks.append(f"komi 0 is what Fox writes in every even game; {usual:g} was taken")
        return usual
    if komi is None or abs(komi) > _LARGEST_KOMI:
        remarks.append(f"komi {written[:20]!r} is not a number of points; {usual:g} was taken")
        return usual
    if komi * 2 != round(komi * 2):
        nearest = round(komi * 2) / 2
        remarks.append(f"komi {komi:g} is not a number of half points; {nearest:g} was taken")
        return nearest
    return komi


def _missing_handicap(root: _Root, line: "_Line") -> list[int]:
    """Return where the handicap stones stood that a record only counts: where no move of it is in their way."""
    size, count = root.size, root.handicap
    try:
        usual = go_board.fixed_handicap(size, count)
    except ValueError:
        return []
    choices = [usual]
    if count == 3:  # in the East the upper left corner stays empty
        far = go_board.fixed_handicap(size, 4)
        corner = min(far)
        choices.insert(0, [point for point in far if point != corner])
    moves = np.array(line.moves[:50], np.uint16)
    turns = np.array(line.turns[:50], np.int8)
    for stones in choices:
        if count_legal(go_board.setup(size, black=stones, to_play=SECOND), moves, turns) == len(moves):
            return sorted(stones)
    return []


def _breathing(size: int, stones: dict, remarks: list[str]) -> tuple[list[int], list[int]]:
    """Return the stones that a start may have, black and white: those with a liberty."""
    if not stones:
        return [], []
    board = np.zeros(size * size, np.uint8)
    board[stones.get("black", [])], board[stones.get("white", [])] = go.BLACK, go.WHITE
    left = go_board.breathing(board.reshape(size, size)).ravel()
    gone = np.count_nonzero(board) - np.count_nonzero(left)
    if gone:
        remarks.append(f"{gone} stones set up without a liberty were left out")
    return np.flatnonzero(left == go.BLACK).tolist(), np.flatnonzero(left == go.WHITE).tolist()


# --- the nodes --------------------------------------------------------------------------------------------


@lru_cache
def points(size: int) -> dict[bytes, int]:
    """Return what each raw point or pass means on a board; small letters and capitals alike."""
    passes = {b"": size * size} | ({b"tt": size * size, b"TT": size * size} if size <= 19 else {})
    table = {raw_point(move, size): move for move in range(size * size)}
    return {raw.upper(): move for raw, move in table.items()} | table | passes


def raw_point(move: int, size: int) -> bytes:
    """Write a move as SGF does."""
    if move == size * size:
        return b"tt" if size <= 19 else b""  # "tt" for the sake of old programs
    return bytes((97 + move % size, 97 + move // size))


def move(raw: bytes, size: int) -> int | None:
    """Return what a value of B or W means, also in a person's coordinates; None where it is no point of the board."""
    known = points(size).get(raw)
    if known is None:
        known = points(size).get(raw.strip().lower())
    if known is None and 1 < len(raw := raw.strip()) < 5:
        try:
            known = go_board.move(raw.decode("ascii"), size)
        except ValueError:
            return None
    return known


class _Line:
    """The moves of the main line, who made each, and how the board was changed before or between them."""

    def __init__(self, size: int, nodes: list[Properties], remarks: list[str]):
        self.size, self.remarks = size, remarks
        self.moves: list[int] = []
        self.turns: list[int] = []
        self.setups: dict[int, dict] = {}  # by the number of moves before it, as `go_board.changed` takes it
        table, known = points(size), {"B", "W", "AB", "AW", "AE", "PL"}
        for node in nodes:
            if known.isdisjoint(node):
                continue
            name = "B" if "B" in node else "W" if "W" in node else ""
            if not name:
                self._set_up(node)
                continue
            raw = node[name][0]
            played = table.get(raw)
            if played is None and (played := move(raw, size)) is None:
                what = f"move {len(self.moves) + 1} is not a point of a {size}x{size} board: {text(raw)[:20]!r}"
                remarks.append(f"{what}; {KEPT}")
                break
            self.moves.append(played)
            self.turns.append(FIRST if name == "B" else SECOND)
        self._drop_turns()

    def _set_up(self, node: Properties) -> None:
        before = self.setups.get(len(self.moves), {})
        stones = {point: name for name in _COLOURS.values() for point in before.get(name, ())}
        for name, colour in _COLOURS.items():
            if name in node:
                stones |= dict.fromkeys(point_list(node[name], self.size, self.remarks), colour)
        change: dict = {colour: [] for colour in _COLOURS.values()}
        for point, colour in sorted(stones.items()):
            change[colour].append(point)
        change = {colour: found for colour, found in change.items() if found}
        player = read_player(node) if "PL" in node else before.get("to_play")
        if player is not None:
            change["to_play"] = player
        if change:
            self.setups[len(self.moves)] = change

    def _drop_turns(self) -> None:
        """Forget whose turn it is said to be where the next move tells."""
        for made in [made for made in self.setups if made < len(self.moves)]:
            if made:
                self.setups[made].pop("to_play", None)
                if not self.setups[made]:
                    del self.setups[made]

    def cut(self, moves: int) -> None:
        """Keep the first so many moves only."""
        del self.moves[moves:], self.turns[moves:]
        self.setups = {made: change for made, change in self.setups.items() if made <= moves}


def read_player(node: Properties) -> int:
    """Return whose turn PL says it is."""
    return SECOND if text(node["PL"][0]).strip()[:1].upper() in ("W", "2") else FIRST


def point_list(values: list[bytes], size: int, remarks: list[str]) -> list[int]:
    """Return the points of a list, rectangles included; what is off the board is left out."""
    table, found, off = points(size), [], []
    for value in values:
        point = table.get(value)
        if point is None or point == size * size:
            inside = _rectangle(value, size)
            found += inside
            if not inside and value.strip():
                off.append(value)
        else:
            found.append(point)
    if off:
        remarks.append(f"{len(off)} stones set up off the {size}x{size} board were left out: {text(off[0])[:20]!r}")
    return found


def _rectangle(value: bytes, size: int) -> list[int]:
    named = [move(corner, size) for corner in value.split(b":")] if len(value) < 20 else []
    corners = [corner for corner in named if corner is not None and corner < size * size]
    if not 1 <= len(corners) <= 2 or len(corners) < len(named):
        return []
    rows, columns = ([corner // size for corner in corners], [corner % size for corner in corners])
    return [
        row * size + column
        for row in range(min(rows), max(rows) + 1)
        for column in range(min(columns), max(columns) + 1)
    ]


def _comments(nodes: list[Properties]) -> dict[int, str]:
    """Return what is said about the position after so many moves."""
    comments: dict[int, str] = {}
    made = 0
    for properties in nodes:
        made += "B" in properties or "W" in properties
        if "C" not in properties:
            continue
        said = "".join(map(text, properties["C"]))
        if said:
            comments[made] = f"{comments[made]}\n\n{said}" if made in comments else said
    return comments


# --- the rules --------------------------------------------------------------------------------------------


def _keep_legal(line: _Line, start: dict, remarks: list[str]) -> None:
    """Cut a line at its first illegal move, and say why."""
    state = _first_state(**start) if "black" in start or "white" in start else _empty(start["size"], start["rules"])
    state = state.copy()
    moves, turns = np.array(line.moves, np.uint16), np.array(line.turns, np.int8)
    done = 0
    for stop in [*sorted(line.setups), len(moves)]:
        stop = min(stop, len(moves))
        made = count_legal(state, moves[done:stop], turns[done:stop])
        done += made
        if done < stop:
            played = int(moves[done])
            why = go.explain(state, played)
            remarks.append(f"move {done + 1}: {go.notation(state, played)} {ILLEGAL}: {why}; {KEPT}")
            line.cut(done)
            return
        if stop in line.setups:
            state = go_board.changed(state, **line.setups[stop])


@lru_cache
def _empty(size: int, rules: str) -> np.ndarray:
    return go.start(size, 0, rules)


def _first_state(**start) -> np.ndarray:
    try:
        return go_board.setup(**start)
    except ValueError as error:
        raise SgfError(str(error)) from None
