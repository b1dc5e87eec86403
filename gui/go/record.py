"""Records of Go in the window: an SGF file with all its variations becomes a game's tree, and is written back.

What was not changed is written as it was read. It knows no window.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sgfmill.sgf import Tree_node

from games import go
from games.game import IllegalMove, Position
from games.go import board as go_board
from games.go import sgf
from gui.course import Course
from gui.history import History, Node
from gui.records import Opened, Progress

LARGE = 200_000
"""Bytes from which writing a record takes so long that a thread does it."""

USUAL_RULES = "tromp-taylor"
"""Rules of a record that names none."""

READ = 0.4
"""Share of the time for a file that sgfmill takes; the rest is spent on playing all variations."""


@dataclass(eq=False, kw_only=True)
class OpenedGo(Opened):
    """A game of Go that was read: the file, which node came from where, and the result that the file states."""

    document: sgf.Document
    sources: dict[Node, Tree_node]
    komi: float
    result: str


def read(path: str, progress: Progress = lambda share: None, rules: str = USUAL_RULES) -> OpenedGo:
    """Read the first game of a file with all its variations; raise `ValueError`. `rules` hold where it names none."""
    document = sgf.Document.open(Path(path))
    progress(READ)
    opened = open_document(document, lambda share: progress(READ + (1 - READ) * share), rules)
    more = f"; the file holds {len(document.games)} games" if len(document.games) > 1 else ""
    opened.about = (opened.about or f"{Path(path).name}: {opened.course.history.last} moves") + more
    opened.path, opened.large = path, Path(path).stat().st_size > LARGE
    return opened


def read_text(text: str) -> OpenedGo:
    """Read a game given as text; raise `ValueError`."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pasted.sgf"
        path.write_text(text, "utf-8", "replace")
        try:
            document = sgf.Document.open(path)
        except sgf.SgfError as error:
            raise ValueError(f"the pasted text is no game of Go: {error.sentence}") from None
    opened = open_document(document)
    opened.large = len(text) > LARGE
    return opened


def open_document(
    document: sgf.Document, progress: Progress = lambda share: None, rules: str = USUAL_RULES
) -> OpenedGo:
    """Play a document's first game through, with all its variations; it stands at the end of its main line."""
    record, top, root = document.record(rules=rules), document.games[0].root, Node()
    start = Position(go, go_board.setup(**record.start))
    sources = {root: top}
    broken = grow(root, top, start, sources, progress)
    course = Course(start, History(root))
    course.go_to(course.history.last)
    remarks = record.remarks or [broken] * bool(broken)
    about, komi = "; ".join(remarks), record.start["komi"]
    return OpenedGo(course, about, bool(remarks), document=document, sources=sources, komi=komi, result=record.result)


# --- from a file's tree to the game's ---------------------------------------------------------------------


def grow(
    root: Node,
    top: Tree_node,
    position: Position,
    sources: dict[Node, Tree_node],
    progress: Progress = lambda share: None,
) -> str:
    """Give a node what the tree of a record holds below it; return what is wrong with a move in it, or "".

    A branch ends where a move is illegal. One that changes the board by hand goes on from a node of its own with the
    same move. `position` is as it was afterwards.
    """
    broken, todo, beginning, total = "", [(root, top)], _beginning(top), 0
    while todo:
        node, source = todo.pop()
        total += 1
        if total % 200 == 0:
            progress(total / (total + len(todo) + 1000))
        _go(position, path_to(node))
        for branch in source:
            if node.parent is None and branch in beginning:
                child, why = node, ""
            elif node.parent is None and (_changes(branch) or _changes_later(source, beginning)):
                child, why = None, "of several positions set up at the beginning, the first is shown"
            elif _changes(branch):
                child, why = _changed(node, source, branch, position, sources), ""
            else:
                child, why = _child(node, branch, position)
            broken = broken or why
            if child is not None:
                sources.setdefault(child, branch)
                todo.append((child, branch))
    _go(position, [])
    return broken


def _beginning(top: Tree_node) -> list[Tree_node]:
    """List the nodes of the main line before its first move: their stones are those of the start."""
    nodes = [top]
    while len(nodes[-1]) and sgf.is_still(nodes[-1][0]):
        nodes.append(nodes[-1][0])
    return nodes


def _changes(node: Tree_node) -> bool:
    """Tell whether a node of a record changes the stones on the board by hand."""
    return any(node.has_property(name) for name in ("AB", "AW", "AE"))


def _changes_later(source: Tree_node, beginning: list[Tree_node]) -> bool:
    return source in beginning and any(map(_changes, beginning[beginning.index(source) + 1 :]))


def _changed(
    node: Node, source: Tree_node, branch: Tree_node, position: Position, sources: dict[Node, Tree_node]
) -> Node:
    """Return the node of a branch that changes the board: this one where it is the only branch, or another like it."""
    state = go_board.changed(position.state, **sgf.change_of(branch))
    if len(source) == 1:
        node.setup = state
        position.set_up(state)
        sources[node] = branch
        return node
    other = Node(node.move, node.mover, node.parent, comment=node.comment, setup=state)
    assert node.parent is not None  # of several set-ups at the beginning the first is shown
    siblings = node.parent.children
    siblings.insert(siblings.index(node) if branch is source[0] else len(siblings), other)
    return other


def _go(position: Position, path: list[Node]) -> None:
    """Take moves back and play others until the game stands at the end of a path."""
    same = 0
    while same < min(len(path), len(position.moves)) and _is_made(position, same, path[same]):
        same += 1
    while len(position.moves) > same:
        position.undo()
    for step in path[same:]:
        step.play(position)


def _is_made(position: Position, ply: int, step: Node) -> bool:
    setup = position.states[ply + 1] if ply + 1 in position.setups else None
    return position.moves[ply] == step.move and position.movers[ply] == step.mover and setup is step.setup


def _child(node: Node, branch: Tree_node, position: Position) -> tuple[Node | None, str]:
    """Return the node of one branch: a new one for a move, the same for a comment between moves, None for neither."""
    try:
        played = sgf.move_of(branch)
        if played is None:
            return node, ""
        move, mover = played
        position.play(move, mover, recorded=True)
        position.undo()
    except (IllegalMove, sgf.SgfError) as error:
        return None, f"move {len(position.moves) + 1}: {error}; the game is shown up to there"
    same = (each for each in node.children if each.setup is None and (each.move, each.mover) == (move, mover))
    child = next(same, None)
    if child is None:
        child = Node(move, mover, node)
        child.comment = branch.get("C") if branch.has_property("C") else ""
        node.children.append(child)
    return child, ""


def path_to(node: Node) -> list[Node]:
    """List the nodes from the root's child to a node."""
    path = []
    while node.parent is not None:
        path.append(node)
        node = node.parent
    return path[::-1]


# --- and back ---------------------------------------------------------------------------------------------


def merge(history: History, top: Tree_node, sources: dict[Node, Tree_node]) -> None:
    """Write into a record whatever of a history it does not hold, the line on the board first."""
    root = history.line[0]
    sources.setdefault(root, top)
    on_line = set(history.line)
    todo = [root]
    while todo:
        node = todo.pop()
        for child in sorted(node.children, key=lambda each: each not in on_line):
            if child not in sources:
                sources[child] = sgf.play(_last_still(sources[node]), child.move, child.mover)
                if child.comment:
                    sgf.set_comment(sources[child], child.comment)
            todo.append(child)


def _last_still(node: Tree_node) -> Tree_node:
    """Follow nodes without a move (a comment, say) to the one behind which a move belongs."""
    while len(node) == 1 and sgf.is_still(node[0]):
        node = node[0]
    return node
