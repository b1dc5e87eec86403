"""The grammar of SGF, read with patience: nodes of properties from the text of one game, as FF[4] would write them.

Whatever can be understood is understood: missing marks, the long names and the two moves a node of old files, text
between properties. A remark says what was left out, and where. Linear in the text, and never deeper than one call.
"""

import re
from functools import lru_cache

from sgfmill.sgf_grammar import Coarse_game_tree

from games.go.sgf_error import SgfError

Properties = dict[str, list[bytes]]
"""One node: raw values, still escaped, UTF-8."""

MOST_NODES = 500_000
"""Nodes of a game with all its variations; the largest dictionaries of openings have a tenth."""

MOST_REMARKS = 20

MENDED = 1000
"""Bytes of a value that may be found to have no closing bracket, so that reading takes time in proportion to a text."""

_VALUE = rb"([^\\\]]*+(?:\\.[^\\\]]*+)*+)\]"
_TOKEN = re.compile(
    rb"\s*+(?:([A-Za-z][A-Za-z0-9]*+)\s*+\[%b|\[%b|([;()])|(\Z)|([A-Za-z][A-Za-z0-9]*+)?\s*+(\[)|"
    rb"([A-Za-z][A-Za-z0-9]*+|[^\s;()\[A-Za-z]++))" % (_VALUE, _VALUE),
    re.DOTALL,
)
NAME, VALUE, MORE, MARK, END, OPEN_NAME, OPEN, JUNK = range(1, 9)
"""The groups of a token: a property's name and value, another value, a mark, the end, a value that never ends, junk."""

_MOVES = ("B", "W")
_STONES = ("AB", "AW", "AE")
_POINTS = {*_MOVES, *_STONES}
_RUN_ON = re.compile(rb"\s*([A-Za-z]{2}|)\s*(?=[;()])")
"""A point without its closing bracket."""

_A_MOVE = re.compile(rb";\s*[BW]\s*\[[A-Za-z]{2}\Z")
_A_NAME = re.compile(rb"(?<=[^A-Z\\])([A-Z]{2})\[[^\[]++\Z")
"""How a value ends that has no closing bracket and swallowed what comes next."""

_CUT_MOVE = re.compile(rb"\b[BW]\s{0,9}\[\s{0,9}\Z")
"""How a text ends that was cut off before the point of a move."""

# fmt: off
ROOT = {"AN", "AP", "BR", "BT", "CA", "CP", "DT", "EV", "FF", "GC", "GM", "GN", "HA", "KM", "ON", "OT", "PB", "PC",
        "PL", "PW", "RE", "RO", "RU", "SO", "ST", "SZ", "TM", "US", "WR", "WT", *_STONES}
# fmt: on
"""Properties that stay in the root where a move stands there, too."""


def main_line(game: bytes) -> tuple[list[Properties], list[str]]:
    """Return the nodes of the main line, and what is to be remarked about them."""
    parser = _Parser(game, whole=False)
    return parser.tree.sequence, parser.remarks


def tree(game: bytes) -> tuple[Coarse_game_tree, list[str]]:
    """Return a game with all its variations, and what is to be remarked about it."""
    parser = _Parser(game, whole=True)
    return parser.tree, parser.remarks


@lru_cache(4096)
def _name(raw: bytes) -> str:
    """Return a property's name; the small letters of old files (`GaMe`) do not count."""
    name = raw.decode()
    return name.upper() if name.islower() else "".join(letter for letter in name if not letter.islower())


class _Parser:
    """One pass over a text."""

    def __init__(self, text: bytes, whole: bool):
        self.text, self.whole = text, whole
        self.remarks: list[str] = []
        self.tree = Coarse_game_tree()
        self.open = [(self.tree, False)]  # trees that have not ended, and which of them no bracket began
        self.node: Properties | None = None
        self.name = ""  # of the property read last
        self.values: list[bytes] | None = None  # and what it has so far
        self.fresh = True  # whether a variation began just now
        self.nodes = 0
        self._run()
        self._close_node()
        self.tree = _tidied(self.tree)
        if not self.tree.sequence:
            raise SgfError("there is no node in it")

    def _run(self) -> None:
        begin = self.text.find(b"(")
        at, match = begin + 1, _TOKEN.match
        while token := match(self.text, at):
            kind, at = token.lastindex, token.end()
            if kind == VALUE:
                at = self._property(token)
            elif kind == MORE:
                at = self._more(token)
            elif kind == MARK:
                if self._mark(token[MARK], token.start(MARK)):
                    return
            elif kind == JUNK:
                self._junk(token)
            elif kind == OPEN:
                at = self._close_values(token)
            else:
                self._remark("it ends without a closing bracket", at)
                return

    def _remark(self, sentence: str, at: int) -> None:
        if len(self.remarks) < MOST_REMARKS:
            line = self.text.count(b"\n", 0, at) + 1
            self.remarks.append(f"line {line}: {sentence}")

    # --- tokens ---

    def _mark(self, mark: bytes, at: int) -> bool:
        """Begin a node or a variation, or end one; return whether the game is over."""
        if mark == b";":
            self._begin_node()
        elif mark == b"(":
            self._close_node()
            self.fresh = True
            if self.whole:
                self._begin_tree(False)
        elif not self.whole:
            over, self.fresh = not self.fresh, False
            return over
        else:
            return self._end_tree()
        return False

    def _begin_tree(self, implied: bool) -> None:
        child = Coarse_game_tree()
        self.open[-1][0].children.append(child)
        self.open.append((child, implied))

    def _end_tree(self) -> bool:
        self._close_node()
        while self.open.pop()[1]:
            pass
        return not self.open

    def _begin_node(self) -> Properties:
        self._close_node()
        if self.open[-1][0].children:  # a node behind variations
            self._begin_tree(True)
        node: Properties = {}
        self.node = node
        self.values, self.fresh = None, False
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise SgfError(f"it has more than {MOST_NODES:,} nodes")
        return node

    def _property(self, token: re.Match) -> int:
        """Add a property to the node; return where the text goes on."""
        name = _name(token[NAME])
        node = self.node
        if node is None or (name in _MOVES and not node.keys().isdisjoint(_MOVES)):  # FF[3] has both moves in a node
            node = self._begin_node()
        self.name, self.values = name, node.setdefault(name, [])
        return self._take(self.values, token, VALUE)

    def _more(self, token: re.Match) -> int:
        if self.values is None:
            self._remark(f"{_quoted(token[MORE])} belongs to no property and was left out", token.start(MORE))
            return token.end()
        if self.name in _MOVES:
            self._remark(f"a second value of {self.name} was left out", token.start(MORE))
            return token.end()
        return self._take(self.values, token, MORE)

    def _take(self, values: list[bytes], token: re.Match, group: int) -> int:
        """Keep a value; where it has no closing bracket, end it before what it swallows."""
        value, begin = token[group], token.start(group)
        end = self._own_length(value) if 2 < len(value) <= MENDED else len(value)
        values.append(value[:end].strip() if end < len(value) else value)
        if end == len(value):
            return token.end()
        self._remark(f"a value of {self.name} is not closed", begin)
        return begin + end

    def _own_length(self, value: bytes) -> int:
        """Return how much of a value is its own: not a move behind it, nor the next property of the root."""
        if self.name in _POINTS:
            point = _RUN_ON.match(value)
            return point.end() if point else len(value)
        swallowed = _A_MOVE.search(value, max(0, len(value) - 12)) if b"[" in value else None
        if not swallowed and b"[" in value and self.nodes == 1 and self.name in ROOT:
            swallowed = _A_NAME.search(value, max(0, len(value) - 200))
            if swallowed and swallowed[1].decode() not in ROOT:
                return len(value)
        return swallowed.start() if swallowed else len(value)

    def _junk(self, token: re.Match) -> None:
        junk, at = token[JUNK], token.start(JUNK)
        if junk == b"]" and self.values and b"[" in self.values[-1] and self.text[at - 1 : at] == b"]":
            self.values[-1] += rb"\]"  # PB[Anna [4d]]
            self._remark(f"a bracket in {self.name} was not escaped", at)
            return
        if not junk.strip(b"\xef\xbb\xbf\x00\x1a"):
            return
        self.values = None
        if len(self.remarks) < MOST_REMARKS:
            self._remark(f"{_quoted(junk)} was left out", at)

    def _close_values(self, token: re.Match) -> int:
        """Close every value from here on, for the text holds no closing bracket any more; return where it goes on."""
        at = token.start(OPEN)
        name = _name(token[OPEN_NAME]) if token[OPEN_NAME] else self.name
        self._remark(f"a value of {name} never ends", at)
        rest = self.text[token.start() :]
        if name in _POINTS:
            rest = re.sub(rb"\b((?:B|W|AB|AW|AE)\s*\[[A-Za-z]{2})(?=[\s;()]|\Z)", rb"\1]", rest)
        cut = _CUT_MOVE.search(rest)  # a point was to follow: no pass
        rest = rest[: cut.start()] if cut else rest.removesuffix(b"\\") + b"]"
        self.text = self.text[: token.start()] + rest
        return token.start()

    def _close_node(self) -> None:
        """Put a node into the tree: stones set up beside a move come first, and a move in the root after it."""
        node, self.node, self.values = self.node, None, None
        if node is None:
            return
        sequence = self.open[-1][0].sequence
        moves = not node.keys().isdisjoint(_MOVES)
        if moves and self.nodes == 1 and not self.tree.sequence:
            sequence += _root_and_move(node)
        elif moves and not node.keys().isdisjoint(_STONES):
            stones = {name: node.pop(name) for name in _STONES if name in node}
            sequence += [stones, node]
        else:
            sequence.append(node)


def _root_and_move(node: Properties) -> list[Properties]:
    root: Properties = {}
    move: Properties = {}
    for name, values in node.items():
        part = move if name in _MOVES or (move and name not in ROOT) else root
        part[name] = values
    return [root, move]


def _tidied(top: Coarse_game_tree) -> Coarse_game_tree:
    """Return a tree in which every part has nodes: brackets with nothing before the next one count for nothing."""
    while not top.sequence and top.children:
        first, *others = top.children
        if others and not first.sequence and not first.children:
            top.children = others
        else:
            top = first
    todo = [top]
    while todo:
        part = todo.pop()
        if any(not child.sequence for child in part.children):
            part.children = _with_nodes(part.children)
        todo += part.children
    return top


def _with_nodes(trees: list[Coarse_game_tree]) -> list[Coarse_game_tree]:
    found, todo = [], trees[::-1]
    while todo:
        part = todo.pop()
        if part.sequence:
            found.append(part)
        else:
            todo += part.children[::-1]
    return found


def _quoted(raw: bytes) -> str:
    return repr(raw[:30].decode("utf-8", "replace"))
