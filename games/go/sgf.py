"""Go records in SGF (FF[4]), over sgfmill: read lazily, replay, write, and edit without losing variations.

`read` yields `Record`s: the main line only. `Document` keeps the whole tree of a file, and what is not edited is saved
as it was. How files are cut into games is in `sgf_files.py`; how they write rules, komi and results, in `sgf_words.py`.
Source: red-bean.com/sgf.
"""

import io
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path

from sgfmill import sgf_grammar, sgf_properties
from sgfmill.sgf import Sgf_game, Tree_node

from games import go
from games.game import FIRST, SECOND, IllegalMove, Position, Record
from games.go import board as go_board
from games.go.sgf_files import BROKEN_FILE, SgfError, blocks_of, files, readable, split, tell, write_aside
from games.go.sgf_words import RULE_NAMES, lead, read_komi, read_result, read_rules, value, write_result

__all__ = [
    "Document",
    "SgfError",
    "from_position",
    "lead",
    "parse",
    "play",
    "position",
    "read",
    "read_komi",
    "read_result",
    "read_rules",
    "save",
    "set_comment",
    "set_result",
    "value",
    "write",
    "write_result",
]

Properties = dict[str, list[bytes]]
"""One node: raw values, still escaped, UTF-8."""


def read(
    path: str | Path, rules: str = "tromp-taylor", broken: Callable[[SgfError], None] | None = None
) -> Iterator[Record]:
    """Yield the games of an .sgf, .sgf.xz or .zip file or of a folder, one at a time, whatever their number.

    `rules` holds where a record names none. A game that cannot be used raises `SgfError`, or goes to `broken`.
    """
    for source, stream in files(Path(path), broken):
        yield from _games(stream, source, rules, broken)


def parse(
    data: bytes | str,
    rules: str = "tromp-taylor",
    broken: Callable[[SgfError], None] | None = None,
    source: str = "",
) -> Iterator[Record]:
    """Yield the games in the text of an SGF file, as `read` does."""
    blocks = iter([data.encode("utf-8", "replace")]) if isinstance(data, str) else blocks_of(io.BytesIO(data))
    yield from _games(blocks, source, rules, broken)


def _games(blocks: Iterator[bytes], source: str, rules: str, broken) -> Iterator[Record]:
    number = 0
    try:
        for number, game in enumerate(split(blocks), 1):
            try:
                yield _record(game, rules)
            except SgfError as error:
                tell(SgfError(error.sentence, source, number), broken)
    except BROKEN_FILE as error:
        tell(SgfError(f"it cannot be read any further: {error}", source), broken)
        return
    if not number:
        tell(SgfError("there is no game in it", source), broken)


# --- one game: from properties to a record ----------------------------------------------------------------

# fmt: off
_INFO = {"AN", "AP", "BR", "BT", "CP", "DT", "EV", "GC", "GN", "HA", "KM", "ON", "OT", "PC", "RO", "RU", "SO", "TM",
         "US", "WR", "WT"}
# fmt: on
"""The root properties that are information about the game and plain text."""


def _record(game: bytes, rules: str) -> Record:
    nodes = _nodes(game)
    root = nodes[0]
    if _first(root, "GM") not in ("1", ""):
        raise SgfError(f"it is not a game of Go but GM[{_first(root, 'GM')}]")
    size = _size(_first(root, "SZ"))
    moves, turns = _moves(nodes, size)
    info = {name: _text(values[0]) for name, values in root.items() if name in _INFO}
    result = read_result(raw := _first(root, "RE"))
    if raw and not result:
        info["RE"] = raw
    start = _start(nodes, size, turns, rules)
    players = (_first(root, "PB"), _first(root, "PW"))
    return Record(go.name, start, moves, turns, result, players, info, _comments(nodes))


def _nodes(game: bytes) -> list[Properties]:
    """Return the properties of each node of the main line."""
    try:
        return list(sgf_grammar.main_sequence_iter(sgf_grammar.parse_sgf_game(game)))
    except ValueError as error:
        raise SgfError(f"it is not SGF ({error})") from None


def _text(raw: bytes) -> str:
    if b"\\" in raw or b"\n" in raw or b"\r" in raw:
        raw = sgf_grammar.text_value(raw)
    return raw.decode("utf-8", "replace")


def _first(properties: Properties, name: str) -> str:
    return _text(properties[name][0]).strip() if name in properties else ""


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d{1,3})(?::(\d{1,3}))?", text or "19", re.ASCII)
    columns, rows = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if columns != rows or not go.SMALLEST <= columns <= go.LARGEST:
        raise SgfError(f"a board of size {text!r} is not supported; choose a square of {go.SMALLEST} to {go.LARGEST}")
    return columns


@lru_cache
def _points(size: int) -> dict[bytes, int]:
    """Return what each raw point or pass means on a board."""
    passes = {b"": size * size} | ({b"tt": size * size} if size <= 19 else {})
    return passes | {_raw_point(move, size): move for move in range(size * size)}


def _raw_point(move: int, size: int) -> bytes:
    if move == size * size:
        return b"tt" if size <= 19 else b""  # "tt" for the sake of old programs
    return bytes((97 + move % size, 97 + move // size))


def _moves(nodes: list[Properties], size: int) -> tuple[list[int], list[int]]:
    """Return the moves, and who made each."""
    points, moves, turns = _points(size), [], []
    for properties in nodes:
        black, white = properties.get("B", ()), properties.get("W", ())
        if not black and not white:
            continue
        if len(black) + len(white) > 1:
            raise SgfError(f"move {len(moves) + 1} is more than one move")
        raw = (black or white)[0]
        if raw not in points:
            raise SgfError(f"move {len(moves) + 1} is not a point of a {size}x{size} board: {_text(raw)!r}")
        moves.append(points[raw])
        turns.append(FIRST if black else SECOND)
    return moves, turns


def _comments(nodes: list[Properties]) -> dict[int, str]:
    """Return what is said about the position after so many moves."""
    comments, made = {}, 0
    for properties in nodes:
        made += "B" in properties or "W" in properties
        text = "".join(map(_text, properties.get("C", ())))
        if text:
            comments[made] = f"{comments[made]}\n\n{text}" if made in comments else text
    return comments


def _start(nodes: list[Properties], size: int, turns: list[int], rules: str) -> dict:
    """Return the keyword arguments with which `go_board.setup` makes the start position."""
    root = nodes[0]
    rules = read_rules(_first(root, "RU")) or rules
    handicap = int(_first(root, "HA")) if re.fullmatch(r"\d{1,3}", _first(root, "HA"), re.ASCII) else 0
    black, white, player = _stones(nodes, size)
    if player is None:
        player = turns[0] if turns else SECOND if handicap > 1 and black else FIRST
    komi, bonus = read_komi(_first(root, "KM"), rules, handicap), go_board.handicap_bonus(rules, handicap)
    _check_start(size, komi, rules, tuple(black), tuple(white))
    words = {"black": black, "white": white, "to_play": player, "handicap_bonus": bonus}
    return {"size": size, "komi": komi, "rules": rules} | {name: word for name, word in words.items() if word}


@lru_cache
def _check_start(*start) -> None:
    try:
        go_board.setup(*start)
    except ValueError as error:
        raise SgfError(str(error)) from None


def _stones(nodes: list[Properties], size: int) -> tuple[list[int], list[int], int | None]:
    """Return the stones set up before the first move, black and white, and the player named to begin, if any."""
    stones, player, made = {}, None, 0
    for properties in nodes:
        for name in ("AB", "AW", "AE"):
            if name in properties:
                if made:
                    raise SgfError(f"stones are set up after move {made}")
                stones |= dict.fromkeys(_point_list(properties[name], size), name)
        if "PL" in properties and not made:
            player = SECOND if _first(properties, "PL")[:1].upper() in ("W", "2") else FIRST
        made += "B" in properties or "W" in properties
    black, white = (sorted(move for move, name in stones.items() if name == colour) for colour in ("AB", "AW"))
    return black, white, player


def _point_list(values: list[bytes], size: int) -> list[int]:
    if values == [b""]:
        return []
    try:
        points = sgf_properties.interpret_point_list(values, sgf_properties.Presenter(size, "UTF-8"))
    except ValueError:
        raise SgfError(f"stones are set up off the {size}x{size} board") from None
    return [(size - 1 - row) * size + column for row, column in points]


# --- between records and positions ------------------------------------------------------------------------


def position(record: Record, moves: int | None = None) -> Position:
    """Replay a record, or its first so many moves; raise `SgfError` that says which move is illegal and why."""
    try:
        game = Position(go, go_board.setup(**record.start))
    except ValueError as error:
        raise SgfError(str(error)) from None
    for number, move in enumerate(record.moves[:moves]):
        try:
            game.play(move, record.turns[number] if record.turns else None)
        except IllegalMove as error:
            raise SgfError(f"move {number + 1}: {error}") from None
    return game


def from_position(game: Position, result: str = "", players: tuple[str, str] = ("", "")) -> Record:
    """Return the record of a game in progress."""
    start = go_board.described(game.states[0])
    return Record(go.name, start, game.moves.copy(), game.movers.copy(), result, players)


# --- writing and editing ----------------------------------------------------------------------------------


def write(*records: Record) -> bytes:
    """Write records, a line each (comments may hold more)."""
    return b"".join(_tree(record).serialise(wrap=None) for record in records)


def save(path: str | Path, records: Iterable[Record]) -> None:
    """Write a file of records, all of it or nothing; compressed where the name ends in .xz."""
    write_aside(Path(path), write(*records))


class Document:
    """An SGF file under editing: `games` are sgfmill's trees, whose nodes the functions below edit."""

    def __init__(self, games: list[Sgf_game]):
        self.games = games

    @classmethod
    def open(cls, path: str | Path) -> "Document":
        """Read one file with all its variations; raise `SgfError` if any game in it is broken."""
        games = []
        for source, blocks in files(Path(path), None):
            for number, game in enumerate(split(readable(blocks, source)), 1):
                games.append(_editable(game, source, number))
        if not games:
            raise SgfError("there is no game in it", str(path))
        return cls(games)

    @classmethod
    def of(cls, *records: Record) -> "Document":
        """Return new trees of records."""
        return cls([_tree(record) for record in records])

    def record(self, game: int = 0, rules: str = "tromp-taylor") -> Record:
        """Return the main line of a game as it now stands."""
        return _record(self.games[game].serialise(wrap=None).strip(), rules)

    def save(self, path: str | Path) -> None:
        """Write the file, all of it or nothing."""
        write_aside(Path(path), b"".join(game.serialise() for game in self.games))


def play(node: Tree_node, move: int, by: int) -> Tree_node:
    """Return the node after a move by FIRST or SECOND: the child that is there, or a new last variation."""
    size, name = node.get_size(), "B" if by == FIRST else "W"
    for child in node:
        raw = child.get_raw_property_map().get(name, [None])[0]
        if _points(size).get(raw) == move:
            return child
    child = node.new_child()
    child.set_raw(name, _raw_point(move, size))
    return child


def set_comment(node: Tree_node, text: str) -> None:
    """Replace a node's comment; none where the text is empty."""
    _set(node, "C", text)


def set_result(game: Sgf_game, result: str) -> None:
    """Replace a game's result."""
    _set(game.root, "RE", result)


def _set(node: Tree_node, name: str, text: str) -> None:
    if text:
        node.set_raw(name, sgf_grammar.escape_text(text.encode("utf-8", "replace")))
    elif node.has_property(name):
        node.unset(name)


def _editable(game: bytes, source: str, number: int) -> Sgf_game:
    try:
        tree = sgf_grammar.parse_sgf_game(game)
        root = tree.sequence[0]
        if "SZ" in root:
            root["SZ"] = [b"%d" % _size(_first(root, "SZ"))]  # sgfmill refuses "19:19"
        return Sgf_game.from_coarse_game_tree(tree, "UTF-8")
    except ValueError as error:
        raise SgfError(getattr(error, "sentence", f"it is not SGF ({error})"), source, number) from None


def _tree(record: Record) -> Sgf_game:
    """Return a new tree of a record."""
    start = record.start
    size = start.get("size", 19)
    game = Sgf_game(size, "UTF-8")
    for name, text in _header(record).items():
        _set(game.root, name, text)
    for name, moves in (("AB", start.get("black")), ("AW", start.get("white"))):
        if moves:
            game.root.set_raw_list(name, [_raw_point(move, size) for move in moves])
    first = start.get("to_play", FIRST)
    turns = record.turns or [(first + k) % 2 for k in range(len(record.moves))]
    nodes = [game.root]
    for move, turn in zip(record.moves, turns, strict=True):
        nodes.append(play(nodes[-1], move, turn))
    for made, text in record.comments.items():
        set_comment(nodes[made], text)
    return game


def _header(record: Record) -> dict[str, str]:
    """Return the root properties that are text."""
    start, komi = record.start, record.start.get("komi", 7.5)
    rules = start.get("rules", "tromp-taylor")
    header = {name: text for name, text in record.info.items() if name in _INFO or name == "RE"}
    if read_rules(header.get("RU", "")) != rules:
        header["RU"] = RULE_NAMES.get(rules, "Tromp-Taylor")
    if bonus := start.get("handicap_bonus"):
        header.setdefault("HA", f"{bonus + (rules == 'aga'):g}")
    header["KM"] = f"{komi:.1f}"  # with a point, lest 150 be taken for 1.5
    names = {"PB": record.players[0], "PW": record.players[1], "RE": record.result}
    first = start.get("to_play", FIRST)
    if first == SECOND or "black" in start or "white" in start or record.turns[:1] == [SECOND]:
        names["PL"] = "W" if first == SECOND else "B"
    return header | {name: text for name, text in names.items() if text}
