"""What the engine works out about a match besides moves: hints, the luck of the dice, a review. No display."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from engine.backgammon.evaluator import AfterstateEvaluator
from engine.backgammon.player import SEARCH, TREE_NODES, BackgammonPlayer
from engine.backgammon.plies import Lookahead
from engine.backgammon.review import BAD, Reviewed
from engine.players import Analysis, SearchPlayer
from engine.reading import Path, Reading, read_player
from games.game import CHANCE, Position
from gui.backgammon import hints
from gui.backgammon.hints import Hint
from gui.backgammon.luck import Luck, weigh
from gui.backgammon.review import MatchReview, mistake_of
from gui.course import Course
from gui.engine_work import EngineWork, warns_from
from gui.history import Node
from gui.review import Mistake


class MatchEngine(EngineWork):
    """The engine of a match. What is analysed and stepped through is a tree search, also where the player has none."""

    usual_loss = BAD
    plies = 2
    """How far hints look ahead, and who plays for a person."""

    def __init__(self, *given):
        super().__init__(*given)
        self.analyst: SearchPlayer | None = None
        self.substitute: BackgammonPlayer | None = None  # who plays for a person
        self.judged: dict[Node, Reviewed] = {}  # by the position that a decision led to

    def lookahead(self) -> Lookahead:
        """Return what looks plies ahead for the player. Called in the thinking thread."""
        return cast(BackgammonPlayer, self.ready()).lookahead

    def searcher(self) -> SearchPlayer:
        """Return the player whose tree is analysed and stepped through. Called in the thinking thread."""
        player = self.ready()
        if player.searcher is not None:
            return player.searcher
        if self.analyst is None:
            evaluator = AfterstateEvaluator(self.lookahead())
            self.analyst = SearchPlayer(player.name, evaluator, SEARCH, nodes=TREE_NODES)
        return self.analyst

    def stand_in(self, position: Position) -> BackgammonPlayer:
        """Return who plays for a person: as hints look ahead, and nothing is drawn, however weak the opponent is.

        Called in the thinking thread.
        """
        lookahead = self.lookahead()
        if self.substitute is None:
            self.substitute = BackgammonPlayer("hints", lookahead, self.plies)
        return self.substitute

    def interrupt(self) -> None:
        """Ask the work in progress to end soon; called from any thread."""
        super().interrupt()
        if self.analyst is not None:
            self.analyst.stop()

    def tree_reading(
        self, position: Position, depth: int = 4, width: int = 6, opened: tuple[Path, ...] = ()
    ) -> Reading | None:
        """Read the tree of the analysis where there is one, else the player's."""
        found = read_player(self.analyst, position, depth, width, opened) if self.analyst else None
        return found or super().tree_reading(position, depth, width, opened)

    def review_line(self, course: Course, visits: int, names: Sequence[str]) -> None:
        """Begin to judge every decision of the line, by plies and not by visits."""
        self.review = MatchReview(course.end(), course.history.line, self.judged, names, self.lookahead)

    def blunder(self, before: Position, moves: Sequence[int]) -> tuple[Analysis, str]:
        """Judge a turn by plies; return what it lost in words, "" where that was little."""
        hint = hints.ask(self.lookahead(), before.state, 1)
        found, after = hints.as_analysis(hint), before.copy()
        for move in moves:
            after.play(move)
        best, equity = hints.answers(hint)[0][1], best_of(hint, before, after)
        loss = 0.0 if equity is None else best - equity
        return found, self.loss_words(loss) if loss >= warns_from(self) else ""

    def loss_words(self, loss: float) -> str:
        """Write a loss of value in points."""
        return f"{loss:.3f} points"

    def mistakes(self, line: Sequence[Node]) -> list[Mistake]:
        """List the decisions of a line that lost much by a review, the worst first."""
        judged = (self.judged[node] for node in line if node in self.judged)
        return sorted(filter(None, map(mistake_of, judged)), key=lambda mistake: -mistake.loss)


def best_of(hint: Hint, before: Position, after: Position) -> float | None:
    """Return the equity of the choice that led from a position to another; None where it is not among them."""
    for moves, equity in hints.answers(hint):
        future = before.copy()
        for move in moves:
            future.play(move)
        if np.array_equal(future.state, after.state):
            return equity
    return None


class Advice:
    """Hints and luck: what is wanted of them, and what is known."""

    def __init__(self, engine: MatchEngine, weighs: bool):
        """`weighs`: luck is found for every throw once there is a player."""
        self.engine, self.weighs = engine, weighs
        self.hint: Hint | None = None
        self.asked = False  # for one hint, also where hints are not shown all the time
        self.luck = Luck()

    def about(self, state: np.ndarray) -> Hint | None:
        """Return the hint if it is about a position."""
        return self.hint if self.hint is not None and np.array_equal(self.hint.state, state) else None

    def ask(self, position: Position) -> None:
        """Ask for the best plays, or for the decision about the cube; raise `ValueError` where nothing is to choose."""
        if position.over or position.turn == CHANCE:
            raise ValueError("there is nothing to choose now")
        self.asked = True

    def work_out_hint(self, course: Course, wanted: bool) -> bool:
        """Begin the hint if it is wanted and not known; return whether that was begun."""
        position, node = course.position, course.here
        if not (wanted or self.asked) or self.about(position.state) or position.over or position.turn == CHANCE:
            self.asked = False
            return False

        def done(hint: Hint) -> None:
            self.asked, self.hint = False, hint
            node.learn(hints.as_analysis(hint))

        state, plies = position.state, self.engine.plies
        self.engine.run("hint", lambda report: hints.ask(self.engine.lookahead(), state, plies), done)
        return True

    def weigh(self, game: int, position: Position, wanted: bool) -> bool:
        """Begin to find the luck of a throw: if it is wanted, or the engine is there anyhow."""
        throw = self.luck.unknown(game, position)
        if throw is None or not (wanted or (self.weighs and self.engine.player is not None)):
            return False
        work = lambda report: weigh(self.engine.lookahead(), throw)  # noqa: E731
        self.engine.run("luck", work, lambda found: self.luck.learn(throw, found))
        return True
