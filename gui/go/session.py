"""A game of Go in progress: scoring with dead stones that people may correct, and records with their variations."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from sgfmill.sgf import Tree_node

from engine.players import Player
from engine.rollouts import shipped_policy
from games import go
from games.game import FIRST, SECOND, IllegalMove, Position
from games.go import board as go_board
from games.go import rules as go_rules
from games.go import sgf
from gui import messages as say
from gui.history import History, Node
from gui.opponent import Opponent, check
from gui.session import Session
from gui.thinker import Thinker

SIDES = ("Black", "White")


class GoSession(Session):
    """One game of Go."""

    def __init__(
        self,
        position: Position,
        make: Callable[[], Player],
        people: set[int],
        clocks=None,
        thinker: Thinker | None = None,
        opponent: Opponent | None = None,
    ):
        self.opponent = opponent or Opponent()
        self.dead: np.ndarray | None = None  # bool [size, size], once the game is over and they are proposed
        self.code = ""  # the result of a game that was not counted: "W+R"
        self.document: sgf.Document | None = None  # the file that the game came from, with all that it holds
        self.sources: dict[Node, Tree_node] = {}
        self.stated: Node | None = None  # where the file's own result holds: the end of its main line
        self.results: dict[Node, str] = {}  # how the lines ended that were played here, by their last positions
        self.path = self.kept_in = ""
        self.wants: set[str] = set()  # "ownership", "heat": what the board shows of each position
        self.maps: dict[tuple[str, Node], np.ndarray] = {}
        super().__init__(position, make, people, clocks, SIDES, thinker)

    @property
    def size(self) -> int:
        return int(self.position.state[go_rules.SIZE])

    # --- the end ---

    @property
    def written_result(self) -> str:
        """The result as SGF writes it, "" while the game goes on."""
        if self.ended:
            return self.code
        if not self.position.over or self.dead is None:
            return ""
        return sgf.write_result(go.final_lead(self.position.state, self.dead))

    @property
    def result(self) -> str:
        """The result in words; where stones are taken as dead and it matters, the count without that, too."""
        if self.ended:
            return self.ended
        if not self.position.over:
            return ""
        if self.dead is None:
            return "counting"
        alive = sgf.write_result(go.final_lead(self.position.state))
        other = "" if alive == self.written_result else f"; with every stone alive {alive}"
        return verdict(self.written_result) + other

    def _usual_status(self) -> str:
        if self.position.over and not self.ended and self.dead is not None:
            return f"{self.result}; click stones {'to change which' if self.dead.any() else 'that'} are dead"
        return super()._usual_status().replace("the game is over: ", "")

    def resign(self) -> None:
        """Give the game up for whoever's turn it is."""
        side = self.position.turn
        super().resign()
        self.code = f"{'BW'[1 - side]}+R"
        self._note_result(self.code)

    def time_out(self, side: int) -> None:
        """End the game of a side whose time is up."""
        super().time_out(side)
        self.code = f"{'BW'[1 - side]}+T"
        self._note_result(self.code)

    def settled(self) -> None:
        """Begin scoring where the game is over, forget it where it goes on."""
        self.dead = None
        if not self.ended and self.code:  # a resignation was taken back
            self.code = ""
            self.results.pop(self.history.line[-1], None)
        self.maps = {key: found for key, found in self.maps.items() if key[1] is self.history.here}
        self.keep()

    def mark_dead(self, move: int) -> None:
        """Change the judgement of the chain on a point."""
        if self.dead is None or self.ended:
            raise ValueError("stones are marked as dead when the game is over, after two passes")
        chain = chain_of(self.position, move)
        if chain is None:
            raise ValueError("there is no stone")
        self.dead = self.dead ^ chain
        self._note_score()
        self._note_result(self.written_result)
        self.keep()

    def _note_score(self) -> None:
        self.history.here.value = sgf.value(self.written_result)
        if self.history.here is not self.stated:
            self._note_result(self.written_result)

    def _note_result(self, result: str) -> None:
        """Keep how the line on the board ended."""
        self.results[self.history.line[-1]] = result

    # --- what the thread works out besides moves ---

    def chore(self) -> bool:
        """Propose dead stones; work out the maps that the board shows."""
        here = self.history.here
        if self.position.over and not self.ended and self.dead is None:
            return self._propose()
        for name in sorted(self.wants):
            if (name, here) not in self.maps and not self.position.over:
                return self._draw_map(name, here)
        return False

    def _propose(self) -> bool:
        position, area = self.position.copy(), go_board.described(self.position.state)["rules"] == "tromp-taylor"

        def work(report):
            if area:
                return np.zeros(go.colours(position.state).shape, bool)
            return go.dead_stones(position.state, shipped_policy(go))

        def done(dead):
            self.dead = dead
            self._note_score()
            self.keep()

        self.run("count", work, done)
        return True

    def _draw_map(self, name: str, node: Node) -> bool:
        position = self.position.copy()

        def work(report):
            if name == "ownership":
                return go.ownership(position.state, shipped_policy(go))
            return policy_map(self.ready(), position)

        def done(found):
            self.maps[name, node] = found

        self.run(name, work, done)
        return True

    def map(self, name: str) -> np.ndarray | None:
        """Return a map of the position on the board, [size, size]; None where it is not there yet."""
        return self.maps.get((name, self.history.here))

    # --- records ---

    def open(self, path: str) -> None:
        """Replace the game by the first one of a file, variations included, and show where it ends."""
        document = sgf.Document.open(Path(path).expanduser())
        self.take(document)
        self.path = str(Path(path).expanduser())
        more = f"; the file holds {len(document.games)} games" if len(document.games) > 1 else ""
        self.tell((self.said or f"{Path(path).name}: {self.history.last} moves") + more, self.alarm)

    def paste(self, text: str) -> None:
        """Replace the game by one given as text."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "pasted.sgf"
            path.write_text(text, "utf-8", "replace")
            try:
                document = sgf.Document.open(path)
            except sgf.SgfError as error:
                raise ValueError(f"what was pasted is no game of Go: {error.sentence}") from None
        self.take(document)

    def take(self, document: sgf.Document) -> None:
        """Play a document's first game through, all its variations; the engine waits at the end."""
        record = document.record()
        start = Position(go, go_board.setup(**record.start))
        size, komi = int(start.state[go_rules.SIZE]), record.start["komi"]
        check(self.opponent.spec.model, go.name, size=size, komi=komi)
        root = Node()
        self.sources = {root: document.games[0].root}
        broken = grow(root, document.games[0].root, start, self.sources)
        self.document, self.position, self.history, self.begun = document, start, History(root), 0
        self.ended, self.code, self.clocks, self.results = "", "", {}, {}
        self.stated = self.history.line[-1]
        self._move_to(self.history.last)
        self.halted = True
        self.changed()
        self._take_result(record.result)
        told = record.remarks or [f"{broken}; the game is shown up to there"] * bool(broken)
        if told:
            self.tell("; ".join(told), alarm=True)

    def _take_result(self, result: str) -> None:
        if result[2:] in ("R", "T", "F"):
            self.ended, self.code = verdict(result), result

    def written(self) -> sgf.Document:
        """Return the game as a document: its own, or the one it came from with what was added."""
        names = tuple("person" if side in self.people else f"Yomi ({self.opponent.words})" for side in (FIRST, SECOND))
        start = Position(go, self.position.states[0])
        document = self.document or sgf.Document.of(sgf.from_position(start, "", names))
        tree = document.games[0]
        merge(self.history, tree.root, self.sources if self.document else {})
        end = self._end_of_main_line() if self.document else self.history.line[-1]
        if end in self.results:
            sgf.set_result(tree, self.results[end])
        elif end is not self.stated:  # the game went on, and the result that the file stated is no longer its own
            sgf.set_result(tree, "")
        return document

    def _end_of_main_line(self) -> Node:
        node = self.history.line[0]
        while node.children:
            node = node.children[0]
        return node

    def keep_in(self, path: str) -> None:
        """Write the game now, and again whenever it changes."""
        self.written().save(path)
        self.kept_in = path

    def keep(self) -> None:
        """Bring the file up to date; a full disk is no reason to end the game."""
        try:
            if self.kept_in:
                self.written().save(self.kept_in)
        except (ValueError, OSError) as error:
            self.tell(f"the game is not saved: {error}", alarm=True)

    def save(self, path: str) -> None:
        """Write the game with all its variations."""
        self.written().save(Path(path).expanduser())
        self.path = path
        self.tell(f"saved to {path}")

    def text(self) -> str:
        """Return the record as text, to be copied."""
        return b"".join(game.serialise() for game in self.written().games).decode("utf-8", "replace")


VERBS: dict[type, Callable] = {
    say.Pass: lambda session, message: session.play((session.size**2,)),
    say.MarkDead: lambda session, message: session.mark_dead(message.move),
    say.Open: lambda session, message: session.open(message.path),
    say.Save: lambda session, message: session.save(message.path),
    say.PasteText: lambda session, message: session.paste(message.text),
}


def grow(root: Node, top: Tree_node, position: Position, sources: dict[Node, Tree_node]) -> str:
    """Give a node what the tree of a record holds below it; return what is wrong with a move in it, or "".

    A branch ends where a move is illegal. One that changes the board by hand goes on from a node of its own with the
    same move. `position` is as it was afterwards.
    """
    broken, todo, beginning = "", [(root, top)], _beginning(top)
    while todo:
        node, source = todo.pop()
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
        position.copy().play(move, mover, recorded=True)
    except (IllegalMove, sgf.SgfError) as error:
        return None, f"move {len(position.moves) + 1}: {error}"
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
            todo.append(child)


def _last_still(node: Tree_node) -> Tree_node:
    """Follow nodes without a move (a comment, say) to the one behind which a move belongs."""
    while len(node) == 1 and sgf.is_still(node[0]):
        node = node[0]
    return node


def chain_of(position: Position, move: int) -> np.ndarray | None:
    """Return the stones connected with the one on a point, bool [size, size]; None where there is none."""
    state, board = position.state, go.colours(position.state)
    if not 0 <= move < board.size or board.ravel()[move] == go.EMPTY:
        return None
    heads = [state[go_rules.point(state, m) + int(go_rules.CHAIN)] for m in range(board.size)]
    stones = (np.array(heads) == heads[move]).reshape(board.shape)
    return stones & (board == board.ravel()[move])


def policy_map(player: Player, position: Position) -> np.ndarray:
    """Return the chance that the player's policy gives each point, [size, size]; what is illegal gets none."""
    state, moves = position.state, position.legal()
    priors, _ = player.evaluator(go, state[None])
    chances = np.zeros(go.move_count(state), np.float32)
    chances[moves] = priors[0, moves] if priors.shape[1] else 1
    size = int(state[go_rules.SIZE])
    return (chances / max(float(chances.sum()), 1e-9))[:-1].reshape(size, size)


def verdict(result: str) -> str:
    """Say a result such as "B+3.5" or "W+R" in words."""
    winner = {"B": "Black", "W": "White"}.get(result[:1])
    if not winner:
        return "nobody wins: a draw" if result == "0" else result
    how = {"R": "by resignation", "T": "on time", "F": "by forfeit", "": ""}.get(result[2:], f"by {result[2:]}")
    return f"{winner} wins {how}".strip()


GoSession.verbs = Session.verbs | VERBS
