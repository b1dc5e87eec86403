"""Go records in SGF (FF[4]): read lazily, replay, write, and edit without losing variations.

`read` yields `Record`s: the main line only. `Document` keeps the whole tree of a file, and what is not edited is saved
as it was. How files are cut into games is in `sgf_files.py`, their encodings in `sgf_text.py`, the grammar in
`sgf_tree.py`, the meaning of a game in `sgf_record.py` and of its words in `sgf_words.py`. Trees under editing are
sgfmill's. Source: red-bean.com/sgf.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from sgfmill import sgf_grammar
from sgfmill.sgf import Sgf_game, Tree_node

from games import go
from games.game import FIRST, SECOND, IllegalMove, Position, Record
from games.go import board as go_board
from games.go import sgf_record, sgf_tree
from games.go.sgf_error import SgfError
from games.go.sgf_files import BROKEN_FILE, blocks_of, files, readable, split, tell, write_aside
from games.go.sgf_record import raw_point
from games.go.sgf_text import declared_encoding
from games.go.sgf_words import RULE_NAMES, read_rules

Broken = Callable[[SgfError], None]
"""Is called with what is wrong with a file or a game, where reading goes on behind it."""


def read(path: str | Path, rules: str = "tromp-taylor", broken: Broken | None = None) -> Iterator[Record]:
    """Yield the games of an .sgf, .sgf.xz, .sgf.gz or .zip file or of a folder, one at a time, whatever their number.

    `rules` holds where a record names none. A game that cannot be used raises `SgfError`, or goes to `broken`.
    """
    for source, stream in files(Path(path), broken):
        yield from _games(stream, source, rules, broken)


def one(path: str | Path, number: int = 1, rules: str = "tromp-taylor") -> Record:
    """Return one game of a file; raise `SgfError` where it cannot be used, whatever the others are."""
    source, found = str(path), 0
    for source, stream in files(Path(path), None):
        for game in split(readable(stream, source), broken=lambda error: None):
            found += 1
            if found == number:
                return _told(game, rules, source, number)
    raise SgfError(f"there is no game {number} in it" if found else "there is no game in it", source)


def parse(
    data: bytes | str, rules: str = "tromp-taylor", broken: Broken | None = None, source: str = ""
) -> Iterator[Record]:
    """Yield the games in the text of an SGF file, as `read` does."""
    blocks = iter([data.encode("utf-8", "replace")]) if isinstance(data, str) else blocks_of(io.BytesIO(data))
    yield from _games(blocks, source, rules, broken)


def _games(blocks: Iterator[bytes], source: str, rules: str, broken: Broken | None) -> Iterator[Record]:
    number = 0
    problems: list[SgfError] = []
    try:
        for number, game in enumerate(split(blocks, problems.append), 1):
            try:
                yield _told(game, rules, source, number)
            except SgfError as error:
                tell(error, broken)
    except BROKEN_FILE as error:
        problems.append(SgfError(f"it cannot be read any further: {error}"))
    if not number and not problems:
        problems.append(SgfError("there is no game in it"))
    for problem in problems:
        tell(SgfError(problem.sentence, source), broken)


def _told(game: bytes, rules: str, source: str, number: int) -> Record:
    """Return the record of a game; an error names the file and the game."""
    try:
        return sgf_record.read(game, rules)
    except SgfError as error:
        raise SgfError(error.sentence, source, number) from None


# --- between records and positions ------------------------------------------------------------------------


def position(record: Record, moves: int | None = None) -> Position:
    """Replay a record, or its first so many moves; raise `SgfError` that says which move is illegal and why.

    Superko refuses nothing: these moves have been played. The board goes on from what was set up between them.
    """
    try:
        game = Position(go, go_board.setup(**record.start))
        for number, move in enumerate(record.moves[:moves], 1):
            game.play(move, record.turns[number - 1] if record.turns else None, recorded=True)
            if number in record.setups:
                game.set_up(go_board.changed(game.state, **record.setups[number]))
    except IllegalMove as error:
        raise SgfError(f"move {number}: {error}") from None
    except ValueError as error:
        raise SgfError(str(error)) from None
    return game


def from_position(game: Position, result: str = "", players: tuple[str, str] = ("", "")) -> Record:
    """Return the record of a game in progress."""
    start = go_board.described(game.states[0])
    setups = {made: _change(game, made) for made in sorted(game.setups) if made}
    return Record(go.name, start, game.moves.copy(), game.movers.copy(), result, players, setups=setups)


def _change(game: Position, made: int) -> dict:
    """Return how the board was changed after so many moves, as `go_board.changed` takes it."""
    before = game.after(made - 1)
    before.play(game.moves[made - 1], game.movers[made - 1], recorded=True)
    old, new = go.colours(before.state).ravel(), go.colours(game.states[made]).ravel()
    names = {"black": go.BLACK, "white": go.WHITE, "empty": go.EMPTY}
    change = {name: np.flatnonzero((new == colour) & (old != new)).tolist() for name, colour in names.items()}
    player = go_board.described(game.states[made]).get("to_play", FIRST)
    return {name: points for name, points in change.items() if points} | {"to_play": player}


# --- writing ----------------------------------------------------------------------------------------------


def write(*records: Record) -> bytes:
    """Write records, a line each (comments may hold more)."""
    return b"".join(_tree(record).serialise(wrap=None) for record in records)


def save(path: str | Path, records: Iterable[Record]) -> None:
    """Write a file of records, all of it or nothing; compressed where the name ends in .xz or .gz."""
    write_aside(Path(path), write(*records))


def _tree(record: Record) -> Sgf_game:
    """Return a new tree of a record."""
    start = record.start
    size = start.get("size", 19)
    game = Sgf_game(size, "UTF-8")
    for name, text in _header(record).items():
        _set(game.root, name, text)
    _set_up(game.root, start, size)
    first = start.get("to_play", FIRST)
    turns = record.turns or [(first + k) % 2 for k in range(len(record.moves))]
    nodes, last = [game.root], game.root
    for move, turn in zip(record.moves, turns, strict=True):
        last = play(last, move, turn)
        nodes.append(last)
        if change := record.setups.get(len(nodes) - 1):
            last = last.new_child()
            _set_up(last, change, size)
            if "to_play" in change:
                _set(last, "PL", "BW"[change["to_play"]])
    for made, text in record.comments.items():
        set_comment(nodes[made], text)
    return game


def _set_up(node: Tree_node, stones: dict, size: int) -> None:
    for name, colour in (("AB", "black"), ("AW", "white"), ("AE", "empty")):
        if stones.get(colour):
            node.set_raw_list(name, [raw_point(move, size) for move in stones[colour]])


def _header(record: Record) -> dict[str, str]:
    """Return the root properties that are text."""
    start, komi = record.start, record.start.get("komi", 7.5)
    rules = start.get("rules", "tromp-taylor")
    header = {name: text for name, text in record.info.items() if name in sgf_record.INFO or name == "RE"}
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


# --- editing ----------------------------------------------------------------------------------------------


class Document:
    """An SGF file under editing: `games` are sgfmill's trees, whose nodes the functions below read and edit.

    A node holds a move, or stones set up, or neither. A game is parsed when it is first asked for, and one that
    nobody asks for is saved as it was read.
    """

    def __init__(self, games: "_Games"):
        self.games = games

    @classmethod
    def open(cls, path: str | Path) -> "Document":
        """Read one file with all its variations; raise `SgfError` where there is no game in it."""
        texts: list[bytes] = []
        for source, blocks in files(Path(path), None):
            texts += split(readable(blocks, source))
        if not texts:
            raise SgfError("there is no game in it", str(path))
        return cls(_Games(texts, str(path)))

    @classmethod
    def of(cls, *records: Record) -> "Document":
        """Return new trees of records."""
        return cls(_Games([write(record) for record in records]))

    def record(self, game: int = 0, rules: str = "tromp-taylor") -> Record:
        """Return the main line of a game as it now stands, with what was remarked when the file was read."""
        tree = self.games[game]
        record = _told(tree.serialise(wrap=None).strip(), rules, self.games.source, game + 1)
        record.remarks[:0] = self.games.remarks[game]
        return record

    def save(self, path: str | Path) -> None:
        """Write the file, all of it or nothing."""
        write_aside(Path(path), self.games.serialise())


class _Games(Sequence):
    """The games of a file: texts that become trees one by one."""

    def __init__(self, texts: list[bytes], source: str = ""):
        self.texts, self.source = texts, source
        self.trees: dict[int, Sgf_game] = {}
        self.remarks: dict[int, list[str]] = {}
        """What was remarked about each game when it became a tree."""

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, number):
        number = range(len(self.texts))[number]
        if number not in self.trees:
            self.trees[number], self.remarks[number] = _editable(self.texts[number], self.source, number + 1)
        return self.trees[number]

    def serialise(self) -> bytes:
        """Return the text of the file: of trees anew, of other games as it was, unless that would not be strict."""
        return b"".join(self._text(number) for number in range(len(self.texts)))

    def _text(self, number: int) -> bytes:
        text = self.texts[number]
        if number not in self.trees:
            try:
                if (text.isascii() or declared_encoding(text) == "utf-8") and not sgf_tree.tree(text)[1]:
                    return text.strip() + b"\n"
                return self[number].serialise()
            except SgfError:  # no game of ours
                return text.strip() + b"\n"
        return self.trees[number].serialise()


def _editable(game: bytes, source: str, number: int) -> tuple[Sgf_game, list[str]]:
    """Return the tree of a game, and what is to be remarked about its text."""
    try:
        record = sgf_record.read(game, "tromp-taylor")
        tree, remarks = sgf_tree.tree(game)
        tree.sequence[0]["SZ"] = [b"%d" % record.start["size"]]  # sgfmill refuses "19:19"
        return Sgf_game.from_coarse_game_tree(tree, "UTF-8"), remarks
    except ValueError as error:
        raise SgfError(getattr(error, "sentence", f"it is not SGF ({error})"), source, number) from None


def move_of(node: Tree_node) -> tuple[int, int] | None:
    """Return a node's move and who makes it (FIRST or SECOND); None where there is none.

    Raise `SgfError` where the move is no point of the board.
    """
    size, properties = node.get_size(), node.get_raw_property_map()
    name = "B" if "B" in properties else "W" if "W" in properties else ""
    if not name:
        return None
    move = sgf_record.move(properties[name][0], size)
    if move is None:
        raise SgfError(f"{sgf_record.text(properties[name][0])[:20]!r} is not a point of a {size}x{size} board")
    return move, FIRST if name == "B" else SECOND


def is_still(node: Tree_node) -> bool:
    """Tell whether a node holds no move."""
    return "B" not in node.get_raw_property_map() and "W" not in node.get_raw_property_map()


def change_of(node: Tree_node) -> dict:
    """Return how a node changes the board by hand, as keyword arguments of `go_board.changed`; {} where it does not."""
    size, properties = node.get_size(), node.get_raw_property_map()
    names = {"AB": "black", "AW": "white", "AE": "empty"}
    change: dict = {
        colour: sgf_record.point_list(properties[name], size, [])
        for name, colour in names.items()
        if name in properties
    }
    if "PL" in properties and node.parent is not None:
        change["to_play"] = sgf_record.read_player(properties)
    return change


def play(node: Tree_node, move: int, by: int) -> Tree_node:
    """Return the node after a move by FIRST or SECOND: the child that is there, or a new last variation."""
    size, name = node.get_size(), "B" if by == FIRST else "W"
    for child in node:
        raw = child.get_raw_property_map().get(name, [None])[0]
        if raw is not None and sgf_record.move(raw, size) == move:
            return child
    child = node.new_child()
    child.set_raw(name, raw_point(move, size))
    return child


def set_comment(node: Tree_node, text: str) -> None:
    """Replace a node's comment; none where the text is empty."""
    _set(node, "C", text)


def set_result(game: Sgf_game, result: str) -> None:
    """Replace a game's result."""
    _set(game.root, "RE", result)


def _set(node: Tree_node, name: str, text: str) -> None:
    text = text.replace("\0", "")  # a file with many of them looks like UTF-16
    if text:
        raw = sgf_grammar.escape_text(text.encode("utf-8", "replace"))
        node.set_raw(name, raw.replace(b"[", rb"\["))  # lest a reader take it for a value that is not closed
    elif node.has_property(name):
        node.unset(name)
