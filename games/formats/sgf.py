"""Go records in SGF (FF[4]), over sgfmill: read lazily, replay, write, and edit without losing variations.

`read` yields `Record`s: the main line only. `Document` keeps the whole tree of a file, and what is not edited
is saved as it was. Source: red-bean.com/sgf.
"""

import codecs
import io
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from sgfmill import sgf_grammar, sgf_properties
from sgfmill.sgf import Sgf_game, Tree_node

from games import go, go_board, go_rules
from games.game import FIRST, SECOND, IllegalMove, Position, Record

Properties = dict[str, list[bytes]]
"""One node: raw values, still escaped, UTF-8."""


class SgfError(ValueError):
    """A record that cannot be used; the message names the file, the game in it (from 1) and what is wrong."""

    def __init__(self, sentence: str, source: str = "", game: int = 0):
        sentence = "".join(c if c.isprintable() else " " for c in sentence[:200])  # it may quote the file
        where = [part for part in (source, f"game {game}" if game else "") if part]
        super().__init__(": ".join([", ".join(where)] * bool(where) + [sentence]))
        self.sentence, self.source, self.game = sentence, source, game


# --- reading files: bytes of one game after another -------------------------------------------------------

BLOCK = 1 << 20  # bytes read at once, so that a collection of any length fits

BROKEN_FILE = (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, zlib.error)
_ASCII_BASED = re.compile(r"utf-8|ascii|latin|iso8859|cp\d|gb|big5|euc|shift|koi8|mac")
_START = re.compile(rb"\(\s*;")
_BRACKETS = re.compile(rb"\[[^\\\]]*+(?:\\.?+[^\\\]]*+)*+(?:\]|\Z)|(\(\s*;\s*(?:GM|FF|SZ|CA)(?=\[))|([()])", re.DOTALL)
"""A value (or what the text has of it), or another game's start (no variation sets these properties), or a bracket."""


def read(
    path: str | Path, rules: str = "tromp-taylor", broken: Callable[[SgfError], None] | None = None
) -> Iterator[Record]:
    """Yield the games of an .sgf, .sgf.xz or .zip file or of a folder, one at a time, whatever their number.

    `rules` holds where a record names none. A game that cannot be used raises `SgfError`, or goes to `broken`.
    """
    for source, stream in _files(Path(path), broken):
        yield from _games(stream, source, rules, broken)


def parse(
    data: bytes | str,
    rules: str = "tromp-taylor",
    broken: Callable[[SgfError], None] | None = None,
    source: str = "",
) -> Iterator[Record]:
    """Yield the games in the text of an SGF file, as `read` does."""
    blocks = iter([data.encode("utf-8", "replace")]) if isinstance(data, str) else _blocks(io.BytesIO(data))
    yield from _games(blocks, source, rules, broken)


def _games(blocks: Iterator[bytes], source: str, rules: str, broken) -> Iterator[Record]:
    number = 0
    try:
        for number, game in enumerate(split(blocks), 1):
            try:
                yield _record(game, rules)
            except SgfError as error:
                _tell(SgfError(error.sentence, source, number), broken)
    except BROKEN_FILE as error:
        _tell(SgfError(f"it cannot be read any further: {error}", source), broken)
        return
    if not number:
        _tell(SgfError("there is no game in it", source), broken)


def _tell(error: SgfError, broken: Callable[[SgfError], None] | None) -> None:
    if broken is None:
        raise error from None
    broken(error)


def _files(path: Path, broken) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield every SGF file at a path with its text in blocks, as UTF-8."""
    paths = [path]
    if path.is_dir():
        paths = sorted(p for p in path.rglob("*") if p.name.lower().endswith((".sgf", ".sgf.xz", ".zip")))
        if not paths:
            _tell(SgfError("there is no SGF file in the folder", str(path)), broken)
    for each in paths:
        try:
            with each.open("rb") as file:
                yield from streams(each, file)
        except (*BROKEN_FILE, RuntimeError) as error:  # zipfile's word for "encrypted"
            _tell(SgfError(f"it cannot be opened: {getattr(error, 'strerror', None) or error}", str(each)), broken)


def streams(path: Path, file: BinaryIO) -> Iterator[tuple[str, Iterator[bytes]]]:
    if path.suffix.lower() == ".xz":
        with lzma.open(file) as stream:
            yield str(path), _blocks(stream)
    elif path.suffix.lower() == ".zip":
        with zipfile.ZipFile(file) as archive:
            for name in (name for name in archive.namelist() if name.lower().endswith(".sgf")):
                with archive.open(name) as member:
                    yield f"{path}/{name}", _blocks(member)
    else:
        yield str(path), _blocks(file)


def _blocks(stream: BinaryIO) -> Iterator[bytes]:
    block = stream.read(BLOCK)
    decoder = codecs.getincrementaldecoder(_encoding(block))("replace")
    while block:
        yield decoder.decode(block).encode("utf-8", "replace")
        block = stream.read(BLOCK)


def _encoding(data: bytes) -> str:
    """Guess an encoding: what the first game declares, else UTF-8 if these bytes are, else Latin-1 (SGF's default)."""
    declared = re.search(rb"CA\[([\w.:-]{1,40})\]", data)
    if declared and _is_ascii_based(declared[1].decode("ascii", "replace")):
        return declared[1].decode()
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)  # the last character may be cut
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _is_ascii_based(encoding: str) -> bool:
    """Tell whether this names a codec under which SGF's own marks are what they are in ASCII."""
    try:
        return bool(_ASCII_BASED.match(codecs.lookup(encoding).name)) and "(;[\\])".encode(encoding) == b"(;[\\])"
    except (LookupError, ValueError):
        return False


def split(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Cut a stream of text into games; what is between them is dropped, a game that never ends is cut at the next."""
    text, at = b"", 0
    while True:
        start = _START.search(text, at)
        end = _end(text, start.start()) if start else None
        if end is not None:
            yield text[start.start() : end]
            at = end
            continue
        rest = text[start.start() if start else max(at, len(text) - 100) :]
        more = _more_than(len(rest), blocks)  # twice as much each time, so that a long game is scanned seldom
        if not more:
            break
        text, at = rest + more, 0
    if start:
        yield rest


def _more_than(size: int, blocks: Iterator[bytes]) -> bytes:
    parts, got = [], 0
    for block in blocks:
        parts.append(block)
        got += len(block)
        if got > size:
            break
    return b"".join(parts)


def _end(text: bytes, start: int) -> int | None:
    """Return where the game that starts here ends; None if the text ends first."""
    depth = 0
    for match in _BRACKETS.finditer(text, start):
        if match[1] and match.start() > start:
            return match.start()
        if match[1] or match[2] == b"(":
            depth += 1
        elif match[2]:
            depth -= 1
            if depth == 0:
                return match.end()
    return None


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


# --- rules, komi and results as files write them ----------------------------------------------------------

_RULES = {
    "japan": "japanese",
    "jp": "japanese",
    "korea": "japanese",
    "territory": "japanese",
    "chin": "chinese",
    "cn": "chinese",
    "area": "chinese",
    "aga": "aga",
    "bga": "aga",
    "french": "aga",
    "nz": "new-zealand",
    "newzealand": "new-zealand",
    "goe": "new-zealand",  # Ing's rules count area and allow suicide
    "ing": "new-zealand",
    "tromp": "tromp-taylor",
    "tt": "tromp-taylor",
}
"""How the names that files use begin."""

_RULE_NAMES = {"japanese": "Japanese", "chinese": "Chinese", "aga": "AGA", "new-zealand": "NZ"}
_USUAL_KOMI = {"japanese": 6.5, "new-zealand": 7.0}  # 7.5 elsewhere


@lru_cache
def read_rules(text: str) -> str:
    """Return the ruleset that RU names, "" where it names none that we know."""
    word = re.sub("[^a-z0-9]", "", text.lower())
    if "score" not in word:
        return next((rules for start, rules in _RULES.items() if word.startswith(start)), "")
    if "scoreterritory" in word:  # KataGo spells every rule out: koSITUATIONALscoreAREAtaxNONEsui1
        return "japanese"
    bits = go_rules.SUPERKO | go_rules.SUICIDE * ("sui1" in word) | go_rules.SITUATIONAL * ("situational" in word)
    return next(rules for rules, its in go.RULESETS.items() if its == bits)


@lru_cache
def read_komi(text: str, rules: str = "", handicap: int = 0) -> float:
    """Return the komi that KM means, in points; the usual one where it is empty.

    Some servers write hundredths without a point (650 is 6.5), some count Chinese fashion, where a point that
    changes hands counts once (3.75, or 375, is 7.5).
    """
    if not text:
        return 0.5 if handicap > 1 else _USUAL_KOMI.get(rules, 7.5)
    if not re.fullmatch(r"[-+]?(\d{1,9}([.,]\d{0,9})?|[.,]\d{1,9})", text, re.ASCII):
        raise SgfError(f"komi {text!r} is not a number")
    komi = float(text.replace(",", "."))
    if text.strip("+-").isdigit() and 100 <= abs(komi) < 1000 and komi % 25 == 0:
        komi /= 100
    return komi * 2 if komi * 4 % 2 == 1 else komi


@lru_cache
def read_result(text: str) -> str:
    """Return RE as "B+3.5", "W+R" (T: time, F: forfeit), "B+" (margin unknown), "0", "Void", or "" for unknown."""
    word = text.strip().lower()
    if word in ("0", "draw", "jigo", "void"):
        return "Void" if word == "void" else "0"
    match = re.fullmatch(r"([bw])\w*\s*\+\s*(\d{1,5}(?:[.,]\d{0,5})?|[a-z]*)\s*(?:points?|moku)?", word, re.ASCII)
    if not match:
        return ""
    margin = match[2].replace(",", ".")
    if margin[:1].isdigit():
        return f"{match[1].upper()}+{float(margin):g}"
    return f"{match[1].upper()}+{margin[:1].upper() if margin[:1] in ('r', 't', 'f') else ''}"


def write_result(lead: float) -> str:
    """Return the result of a counted game; `lead` is in points from Black's view."""
    return f"{'B' if lead > 0 else 'W'}+{abs(lead):g}" if lead else "0"


def value(result: str) -> float | None:
    """Return 1 where Black has won, -1 where White has, 0 for a draw, None where nobody knows."""
    return {"B": 1.0, "W": -1.0, "0": 0.0}.get(result[:1])


def lead(result: str) -> float | None:
    """Return by how many points Black is ahead in a result; None where the game was not counted."""
    margin = result[2:]
    return value(result) * float(margin) if margin[:1].isdigit() else 0.0 if result == "0" else None


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
    _write_aside(Path(path), write(*records))


class Document:
    """An SGF file under editing: `games` are sgfmill's trees, whose nodes the functions below edit."""

    def __init__(self, games: list[Sgf_game]):
        self.games = games

    @classmethod
    def open(cls, path: str | Path) -> "Document":
        """Read one file with all its variations; raise `SgfError` if any game in it is broken."""
        games = []
        for source, blocks in _files(Path(path), None):
            for number, game in enumerate(split(_readable(blocks, source)), 1):
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
        _write_aside(Path(path), b"".join(game.serialise() for game in self.games))


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


def _readable(blocks: Iterator[bytes], source: str) -> Iterator[bytes]:
    try:
        yield from blocks
    except BROKEN_FILE as error:
        raise SgfError(f"it cannot be read: {error}", source) from None


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
        header["RU"] = _RULE_NAMES.get(rules, "Tromp-Taylor")
    if bonus := start.get("handicap_bonus"):
        header.setdefault("HA", f"{bonus + (rules == 'aga'):g}")
    header["KM"] = f"{komi:.1f}"  # with a point, lest 150 be taken for 1.5
    names = {"PB": record.players[0], "PW": record.players[1], "RE": record.result}
    first = start.get("to_play", FIRST)
    if first == SECOND or "black" in start or "white" in start or record.turns[:1] == [SECOND]:
        names["PL"] = "W" if first == SECOND else "B"
    return header | {name: text for name, text in names.items() if text}


def _write_aside(path: Path, data: bytes) -> None:
    """Replace a file by another that is safely on the disk first; raise `SgfError` and keep the old one otherwise."""
    if path.suffix.lower() == ".xz":
        data = lzma.compress(data)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise SgfError(f"it cannot be written: {error.strerror}", str(path)) from None
