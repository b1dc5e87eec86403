"""What a record of Go draws on the board: triangles, squares, circles, crosses, letters; and its players' names."""

from typing import NamedTuple

from sgfmill.sgf import Tree_node

KINDS = {"TR": "triangle", "SQ": "square", "CR": "circle", "MA": "cross"}
"""What SGF calls the marks of points."""

LONGEST = 3
"""Letters of a label that are shown."""


class RecordMark(NamedTuple):
    """A mark on a point: one of `KINDS`, or a label."""

    row: int  # from the top
    column: int
    kind: str
    label: str = ""


def marks_of(node: Tree_node) -> tuple[RecordMark, ...]:
    """Return the marks of a node; what cannot be read is left out."""
    size, found = node.get_size(), []
    for name, kind in KINDS.items():
        for row, column in sorted(_read(node, name)):
            found.append(RecordMark(size - 1 - row, column, kind))
    for (row, column), label in _read(node, "LB"):
        found.append(RecordMark(size - 1 - row, column, "label", str(label)[:LONGEST]))
    return tuple(found)


def _read(node: Tree_node, name: str) -> list:
    try:
        return list(node.get(name)) if node.has_property(name) else []
    except (ValueError, KeyError):
        return []


class Names(NamedTuple):
    """Who played a recorded game: names and ranks, "" where the record has none."""

    names: tuple[str, str]
    ranks: tuple[str, str]


NOBODYS_NAMES = Names(("", ""), ("", ""))


def names_in(root: Tree_node) -> Names:
    """Return who played, by the first node of a record."""

    def text(name: str) -> str:
        return " ".join(str(root.get(name)).split())[:40] if root.has_property(name) else ""

    return Names((text("PB"), text("PW")), (text("BR"), text("WR")))
