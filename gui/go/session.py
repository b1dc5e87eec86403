"""A game of Go in progress: scoring with dead stones that people can correct, maps of the board, the record."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from engine.clock import Clock
from engine.players import Player, SearchPlayer
from engine.rollouts import shipped_policy
from games import go
from games.game import FIRST, NOBODY, SECOND, Position
from games.go import board as go_board
from games.go import rules as go_rules
from games.go import sgf, sgf_words
from gui import messages as say
from gui.clocks import Clocks
from gui.go import record
from gui.go.annotating import annotate
from gui.go.editing import EditStone, EditTurn, show_start, with_other_turn, with_stone
from gui.go.marks import NOBODYS_NAMES, RecordMark, marks_of, names_in
from gui.go.record import OpenedGo
from gui.go.territory import territory
from gui.history import Node
from gui.opponent import Opponent, check
from gui.records import Records, names_in_record
from gui.review import Mistake
from gui.session import VERBS, Session
from gui.thinker import Thinker

SIDES = ("Black", "White")

ENDINGS = {"by resignation": "R", "on time": "T"}
"""How SGF writes the way in which a side lost."""


class GoSession(Session):
    """One game of Go."""

    records: "GoRecords"
    how = "click a crossing of the lines"

    def __init__(
        self,
        position: Position,
        make_player: Callable[[], Player],
        people: Collection[int],
        clocks: Mapping[int, Clock] | None = None,
        thinker: Thinker | None = None,
        opponent: Opponent | None = None,
    ):
        super().__init__(position, make_player, people, clocks, SIDES, thinker, opponent)
        self.dead: np.ndarray | None = None  # bool [size, size], once the game is over and they are proposed
        self.territory: np.ndarray | None = None  # float [size, size], whose each point is without the dead stones
        self.maps: dict[tuple[str, Node], np.ndarray] = {}
        self.records = GoRecords(self)

    @property
    def size(self) -> int:
        return int(self.position.state[go_rules.SIZE])

    # --- the end ---

    @property
    def written_result(self) -> str:
        """The result as SGF writes it, "" while the game goes on or is not counted yet."""
        if self.ended or self.records.is_stated:
            return self.records.results.get(self.history.line[-1], "")
        return self.counted

    @property
    def counted(self) -> str:
        """The count of the board without the dead stones, "" before they are proposed."""
        if not self.position.over or self.dead is None:
            return ""
        return sgf_words.write_result(go.final_lead(self.position.state, self.dead))

    @property
    def winner(self) -> int:
        """Who has won by the count that holds; NOBODY before the dead stones are proposed."""
        if self.ended:
            return super().winner
        return {"B": FIRST, "W": SECOND}.get(self.written_result[:1], NOBODY)

    @property
    def result(self) -> str:
        """The result in words. Where another count differs, that one, too."""
        if self.ended:
            return self.ended
        if not self.position.over:
            return ""
        if self.dead is None:
            return "counting"
        if self.records.is_stated and self.counted != self.written_result:
            return f"{verdict(self.written_result)}, as the record says; by Yomi's count {self.counted}"
        alive = sgf_words.write_result(go.final_lead(self.position.state))
        other = "" if alive == self.counted else f"; with every stone alive {alive}"
        return verdict(self.counted) + other

    def usual_status(self) -> str:
        """Return the status line while nothing else is said: a pass of the other side, too."""
        if self.position.over and not self.ended and self.dead is not None:
            return f"{self.result}; click stones {'to change which' if self.dead.any() else 'that'} are dead"
        passed = f"{SIDES[self.position.movers[-1]]} passed  ·  " if self.passed and not self.over else ""
        return passed + super().usual_status().replace("the game is over: ", "")

    @property
    def passed(self) -> bool:
        """Whether the last move was a pass."""
        return bool(self.position.moves) and self.position.moves[-1] == self.size**2

    def lose(self, side: int, how: str) -> None:
        """End the game: a side has lost it by resignation or on time."""
        self.records.end_with(f"{'BW'[1 - side]}+{ENDINGS[how]}")
        super().lose(side, how)

    def undo(self) -> None:
        """Take back a resignation, or moves until the same person is to play again."""
        if self.ended:
            self.records.end_with("")
        super().undo()

    def settled(self) -> None:
        """Begin scoring where the game is over; forget the score where it goes on."""
        super().settled()
        self.dead = self.territory = None
        self.maps = {key: found for key, found in self.maps.items() if key[1] is self.course.here}

    def mark_dead(self, move: int) -> None:
        """Change the judgement of the chain on a point."""
        chain = chain_of(self.position, move)
        if chain is None:
            raise ValueError(f"there is no stone on {go.notation(self.position.state, move)}")
        if self.dead is None or self.ended:
            raise ValueError("stones are marked as dead when the game is over, after two passes")
        self._judge(self.dead ^ chain, by_person=True)

    def _judge(self, dead: np.ndarray, by_person: bool = False) -> None:
        """Count without the dead stones; what a person has judged replaces a result that the record states."""
        self.dead, self.territory = dead, territory(go.colours(self.position.state), dead)
        if by_person or self.records.stated is not self.history.line[-1]:
            self.records.end_with(self.counted)
            self.records.touch()
        self.course.here.value = sgf_words.value(self.written_result)

    def take(self, opened: OpenedGo) -> None:
        """Show a record: the end of its main line. The engine waits; raise `ValueError` where it cannot play on it."""
        size = int(opened.course.position.state[go_rules.SIZE])
        if self.opponent:
            check(self.opponent.spec.model, go.name, size=size, komi=opened.komi)
        self.clocks = Clocks()
        self.replace(opened.course)
        stated = opened.result[2:] in ENDINGS.values() or opened.result[2:] == "F"
        self.ended = verdict(opened.result) if stated else ""
        self.loser = {"B": SECOND, "W": FIRST}.get(opened.result[:1], NOBODY) if stated else NOBODY
        self.pause()

    # --- what the thread works out besides moves ---

    def chore(self) -> bool:
        """Propose dead stones; work out the maps that the board shows."""
        here = self.course.here
        if self.position.over and not self.ended and self.dead is None:
            return self._propose()
        for name in sorted(self.wants):
            if (name, here) not in self.maps and not self.position.over:
                return self._draw_map(name, here)
        return False

    def _propose(self) -> bool:
        position = self.position.copy()
        self.engine.run("count", lambda report: proposed_dead(position), self._judge)
        return True

    def _draw_map(self, name: str, node: Node) -> bool:
        position = self.position.copy()

        def work(report):
            if name == "ownership":
                return go.ownership(position.state, shipped_policy(go))
            return policy_map(self.engine.searcher(), position)

        def done(found):
            self.maps[name, node] = found

        self.engine.run(name, work, done)
        return True

    @property
    def lead(self) -> float | None:
        """Black's lead in points by the ownership of the position, where that is worked out; about, by area."""
        owners = self.map("ownership")
        if owners is None:
            return None
        return float(owners.sum()) - float(go_board.described(self.position.states[0])["komi"])

    def map(self, name: str) -> np.ndarray | None:
        """Return a map of the position on the board, [size, size]; None where it is not there yet."""
        return self.maps.get((name, self.course.here))


class GoRecords(Records[OpenedGo]):
    """The record of a game of Go: the file that it came from, with everything that it holds, and its results."""

    read = staticmethod(record.read)
    read_text = staticmethod(record.read_text)
    session: GoSession
    suffix = ".sgf"

    def __init__(self, session: GoSession):
        super().__init__(session)
        self.document: sgf.Document | None = None
        self.sources: dict = {}
        self.results: dict[Node, str] = {}  # by the end of the line that they belong to
        self.names = NOBODYS_NAMES
        self._marked: tuple[Node | None, tuple[RecordMark, ...]] = (None, ())
        self.stated: Node | None = None  # the end of the game whose result the file states

    @property
    def is_stated(self) -> bool:
        """Whether the result of the line on the board is the one that the file states."""
        end = self.session.history.line[-1]
        return end is self.stated and bool(self.results.get(end))

    @property
    def marks(self) -> tuple[RecordMark, ...]:
        """The marks that the record draws on the position on the board."""
        here = self.session.course.here
        if here is not self._marked[0]:
            self._marked = (here, marks_of(self.sources[here]) if here in self.sources else ())
        return self._marked[1]

    def end_with(self, result: str) -> None:
        """Note the result of the line on the board, "" for none. The file's own result is no longer true then."""
        end = self.session.history.line[-1]
        self.results[end] = result
        if end is self.stated:
            self.stated = None

    def show(self, opened: OpenedGo) -> None:
        """Show a record instead of the game."""
        self.session.take(opened)
        self.document, self.sources = opened.document, opened.sources
        self.names, self._marked = names_in(opened.document.games[0].root), (None, ())
        end = opened.course.here
        self.results = {end: opened.result}
        self.stated = end if opened.document.games[0].root.has_property("RE") else None

    def begin_anew(self) -> None:
        """Keep what follows as a game of its own."""
        super().begin_anew()
        self.document, self.sources, self.results, self.stated = None, {}, {}, None
        self.names = NOBODYS_NAMES

    def written(self) -> bytes:
        """Return the game as SGF: its own tree, or the file it came from with what was added."""
        session = self.session
        if self.document is None:
            start = Position(go, session.position.states[0])
            self.document = sgf.Document.of(sgf.from_position(start, "", self._players()))
        tree = self.document.games[0]
        record.merge(session.history, tree.root, self.sources)
        result = self._result()
        if result is not None:
            sgf.set_result(tree, result)
        return self.document.games.serialise()

    def keep_review(self, found: Sequence[Mistake]) -> None:
        """Write what each mistake lost as a comment, and add the better move, with how it goes on, as a variation."""
        self.written()  # every node has its place in the file now
        assert self.document is not None
        kept = annotate(self.session.history, self.sources, found, self.session.position.states[0])
        self.session.generation += 1  # the tree has grown
        self._marked = (None, ())
        self.touch()
        self.session.tell(f"{kept} mistakes are comments and variations of the record now: Ctrl S saves it")

    def _result(self) -> str | None:
        """Return the result to write; None where the file's own stays, since it belongs to the game, not the board."""
        main = self.session.history.line[0]
        while main.children:
            main = main.children[0]
        if main is self.stated:
            return None
        return self.results.get(main) or self.results.get(self.session.history.line[-1], "")

    def _players(self) -> tuple[str, str]:
        """Return what the record calls both sides."""
        opponent, player = self.session.opponent, self.session.engine.player
        words = opponent.words if opponent else player.name if player else "nobody"
        return names_in_record(self.session.people, f"Yomi, {words}")

    def kept(self) -> tuple[bytes, str, dict[str, object]]:
        """Return the SGF, and which side the person plays."""
        return self.written(), ".sgf", self.choices("black", "white")

    def about(self) -> str:
        """Describe the game in a few words."""
        size = self.session.size
        return f"Go {size}x{size}, move {self.session.history.last}"


GoSession.verbs = VERBS | {
    say.Pass: lambda session, message: session.play((session.size**2,)),
    EditStone: lambda session, message: show_start(
        session, with_stone(session.position.state, message.move, message.colour)
    ),
    EditTurn: lambda session, message: show_start(session, with_other_turn(session.position.state)),
    say.MarkDead: lambda session, message: session.mark_dead(message.move),
}


def proposed_dead(position: Position) -> np.ndarray:
    """Propose the dead stones, bool [size, size]; under Tromp-Taylor's rules there are none."""
    return go.judge(position.state).dead.copy()


def chain_of(position: Position, move: int) -> np.ndarray | None:
    """Return the stones connected with the one on a point, bool [size, size]; None where there is none."""
    state, board = position.state, go.colours(position.state)
    if not 0 <= move < board.size or board.ravel()[move] == go.EMPTY:
        return None
    heads = [state[go_rules.point(state, m) + int(go_rules.CHAIN)] for m in range(board.size)]
    stones = (np.array(heads) == heads[move]).reshape(board.shape)
    return stones & (board == board.ravel()[move])


def policy_map(player: SearchPlayer, position: Position) -> np.ndarray:
    """Return the policy's probability of each point, [size, size]; illegal points have none."""
    state, moves = position.state, position.legal()
    priors, _ = player.evaluator(go, state[None])
    chances = np.zeros(go.move_count(state), np.float32)
    chances[moves] = priors[0, moves] if priors.shape[1] else 1
    size = int(state[go_rules.SIZE])
    return (chances / max(float(chances.sum()), 1e-9))[:-1].reshape(size, size)


def verdict(result: str) -> str:
    """Return a result such as "B+3.5" or "W+R" in words."""
    winner = {"B": "Black", "W": "White"}.get(result[:1])
    if not winner:
        return "nobody wins: a draw" if result == "0" else result
    how = {"R": "by resignation", "T": "on time", "F": "by forfeit", "": ""}.get(result[2:], f"by {result[2:]}")
    return f"{winner} wins {how}".strip()
