"""What the engine works on for a game: moves, analysis, reviews, one simulation step by step. It knows no game.

All work is done in the thinking thread (`thinker.py`); what comes of it is delivered by `poll`.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from time import perf_counter
from typing import Protocol

from engine import spec
from engine.clock import Clock, Limit
from engine.networks import model as models
from engine.players import Analysis, Player, SearchPlayer
from engine.reading import Path, Reading, read_player
from engine.resources import Resources
from engine.reviewing import lost
from engine.spec import PlayerSpec
from engine.stepping import Event, Stepper
from games.game import CHANCE, Position
from gui.course import Course
from gui.history import Node
from gui.lesson import BLUNDER
from gui.review import Done, Mistake, Review, Work, mistakes
from gui.thinker import Job, Report, Thinker

EVERY = 0.2
"""Seconds between two reports of a search."""

PACES = {"step": None, "slow": 0.8, "fast": 0.08}
"""Seconds between two phases of a simulation, for each speed at which the search is stepped."""

ANALYSIS = Limit(visits=300_000, seconds=600)
"""Limit of an analysis that nobody stops: its tree must not fill the memory."""

TEACHING_VISITS = 200
TEACHING = Limit(visits=TEACHING_VISITS)
"""Limit of the searches before and after a move that may be a blunder."""

MakePlayer = Callable[[], Player]


class Reviewing(Protocol):
    """A review under way: pieces of work, one after the other."""

    @property
    def done(self) -> int:
        """How many positions are reviewed."""

    @property
    def total(self) -> int:
        """How many positions there are."""

    def piece(self) -> tuple[Work, Done] | None:
        """Return the next piece of work and what its result does; None where the review is finished."""

    def summary(self) -> str:
        """Return the result in a sentence."""


class EngineWork:
    """The engine of one game: its player, what it works on now, and what a person asked it to do."""

    usual_loss = 2 * BLUNDER
    """Loss of value from which a person is warned who plays against no level."""

    def __init__(
        self,
        make_player: MakePlayer,
        tell: Callable[[str, bool], None],
        failed: Callable[[], None],
        thinker: Thinker | None = None,
    ):
        """`make_player` is called in the thinking thread when the engine is first needed.

        `tell(sentence, alarm)` shows a sentence to the person; `failed()` is called after work that failed.
        """
        self.make_player, self.thinker = make_player, thinker or Thinker()
        self._tell, self._failed = tell, failed
        self.player: Player | None = None
        self._teacher: SearchPlayer | None = None
        self._met: Player | None = None  # the player whose fallback was shown
        self.failed = False  # the last work failed, and nothing was asked or played since
        self.growing: Analysis | None = None  # the latest report of the search that runs
        self.patience = 1.0  # times the usual loss that a move may cost without a warning
        self.analysing = False
        self._analysed: object = None  # the node whose analysis ended
        self.review: Reviewing | None = None
        self.speed = "live"
        self.event: Event | None = None  # the phase carried out last
        self._stepper: Stepper | None = None  # touched in the thinking thread only
        self._stepped = 0.0

    # --- the thread ---

    @property
    def doing(self) -> str:
        """The name of the work in progress: "move", "analysis", "review", another word, or "" for none."""
        return self.thinker.job.name if self.thinker.job else ""

    @property
    def walking(self) -> bool:
        """Whether phases of a simulation follow each other by themselves."""
        return PACES.get(self.speed) is not None

    def poll(self) -> bool:
        """Deliver what the thread found, and once where a network runs that was meant to run elsewhere.

        Return whether there was anything.
        """
        new = self.player if self.player is not self._met else None
        self._met = self.player
        if new is not None and new.fallback:
            self._tell(new.fallback, True)
        return self.thinker.poll() or bool(new is not None and new.fallback)

    def run(
        self,
        name: str,
        work: Work,
        done: Done,
        told: Done = lambda found: None,
        stop: Callable[[], None] | None = None,
    ) -> None:
        """Start work in the thread. If it fails, the sentence is shown and the game waits.

        `stop` asks it to end soon, in place of `interrupt`; it is called from any thread.
        """

        def failed(error: Exception) -> None:
            self._tell(f"Yomi stopped: {error or type(error).__name__}", True)
            self.analysing, self.review, self.failed = False, None, True
            self._failed()

        def reported(found: object) -> None:
            if isinstance(found, Analysis):
                self.growing = found
            told(found)

        self.thinker.start(Job(name, work, done, reported, failed, stop or self.interrupt))

    def interrupt(self) -> None:
        """Ask the work in progress to end soon; called from any thread."""
        for player in (self.player, self._teacher):
            if player is not None:
                player.stop()

    def ready(self) -> Player:
        """Return the player, made and compiled where it is not yet. Called in the thinking thread."""
        if self._stepper is not None:
            self._stepper.abandon()
            self._stepper = None
        if self.player is None:
            self.player = self.make_player()
        return self.player

    def searcher(self) -> SearchPlayer:
        """Return the player whose tree is analysed and stepped through. Called in the thinking thread."""
        found = self.ready().searcher
        if found is None:
            raise ValueError("this player searches no tree")
        return found

    def forget(self) -> None:
        """Drop the work in progress: the position on the board is another one."""
        self.thinker.drop()
        self.growing = self.event = None
        self.failed = False

    def stop(self) -> None:
        """End all work, also what was asked for and has not begun."""
        self.thinker.drop()
        self.analysing, self.review, self.growing = False, None, None
        self.speed = "step" if self.speed in PACES else self.speed

    def close(self) -> None:
        """End all work, and the thread."""
        self.stop()
        self.thinker.close()

    # --- moves ---

    def prepare(self, done: Callable[[], None]) -> bool:
        """Make the player where there is none yet; return whether that was begun."""
        if self.player is not None:
            return False
        self.run("prepare", lambda report: self.ready(), lambda made: done())
        return True

    def choose(
        self, course: Course, clock: Clock | None, done: Callable[[int, Analysis | None], None], lent: bool = False
    ) -> None:
        """Let the player choose a move; if `lent`, who stands in for a person. `done` gets the move and the thought."""
        position, node = course.position.copy(), course.here

        def work(report: Report) -> tuple[int, Analysis | None]:
            player = self.stand_in(position) if lent else self.ready()
            return player.choose(position, clock, report, EVERY), player.thought

        self.run("move", work, lambda answer: done(*answer), node.learn)

    def stand_in(self, position: Position) -> Player:
        """Return who plays for a person: the teacher, however weak the opponent is, and never shorter than that thinks.

        Called in the thinking thread.
        """
        player = self.ready()
        if position.game.name not in models.shipped():
            return player
        teacher, own = self.teacher(position), None if player.raw else player.searcher
        teacher.limit = own.limit if own and (own.limit.visits or inf) > TEACHING_VISITS else TEACHING
        return teacher

    # --- analysis and review ---

    def analyse(self, on: bool) -> None:
        """Analyse the position on the board, and the next ones; or no longer."""
        self.speed = "live"
        self.analysing, self._analysed = on, None
        if not on and self.doing == "analysis":
            self.thinker.drop()

    def review_line(self, course: Course, visits: int, names: Sequence[str]) -> None:
        """Begin to review every position of the line."""
        start, position = course.position.states[0], course.position.copy()

        self.review = Review(position.game, start, course.history.line, visits, lambda: self.judge_of(position))

    def mistakes(self, line: Sequence[Node]) -> list[Mistake]:
        """List the known mistakes of a line, the worst first."""
        return mistakes(line)

    def judge_of(self, position: Position) -> SearchPlayer:
        """Return the player that analyses: the opponent, or its teacher if that is a policy alone. For the thread."""
        return self.teacher(position) if self.ready().raw else self.searcher()

    def teacher(self, position: Position) -> SearchPlayer:
        """Return who judges a person's moves: the game's own network where that ships, however weak the player is.

        Called in the thinking thread.
        """
        self.ready()
        name = position.game.name
        if self._teacher is None and name in models.shipped():
            with suppress(ValueError):
                described = PlayerSpec(model=name, visits=TEACHING_VISITS, wave=2)
                self._teacher = spec.make(described, position.game, 1, Resources()).searcher
        return self._teacher or self.searcher()

    def blunder(self, before: Position, moves: Sequence[int]) -> tuple[Analysis, str]:
        """Analyse a position and a turn from it; return what that lost in words, "" where it was little.

        Called in the thinking thread.
        """
        teacher, after = self.teacher(before), before.copy()
        for move in moves:
            after.play(move)
        found = teacher.think(before, TEACHING)
        loss = lost(found, teacher.think(after, TEACHING), before.turn, moves[0])
        return found, self.loss_words(loss) if loss >= warns_from(self) else ""

    def loss_words(self, loss: float) -> str:
        """Write a loss of value as players of the game do."""
        return f"{50 * loss:.0f} %"

    def go_on(self, course: Course, over: bool) -> bool:
        """Begin the next piece of analysis, review or stepping; return whether anything was begun."""
        return self._analyse(course, over) or self._review() or self._step_by_itself(course, over)

    def _analyse(self, course: Course, over: bool) -> bool:
        position, node = course.position, course.here
        if not self.analysing or over or self._analysed is node or position.turn == CHANCE:
            return False
        position = position.copy()

        def done(found: Analysis) -> None:
            node.learn(found)
            self._analysed = node

        def work(report: Report) -> Analysis:
            return self.judge_of(position).think(position, ANALYSIS, report, EVERY)

        self.run("analysis", work, done, node.learn)
        return True

    def _review(self) -> bool:
        if self.review is None:
            return False
        piece = self.review.piece()
        if piece is None:
            self._tell(self.review.summary(), False)
            self.review = None
        else:
            self.run("review", *piece)
        return True

    # --- one simulation, phase by phase ---

    def set_speed(self, name: str) -> None:
        """Choose between a search that runs and one that is stepped through."""
        if name == self.speed:
            return
        self.stop()
        self.speed, self.event, self._stepped = name, None, 0.0

    def step(self, position: Position) -> None:
        """Carry out the next phase of a simulation."""
        if self.speed == "live":
            self.set_speed("step")
        if not position.over and self.thinker.job is None:
            self._begin_step(position)

    def leave_step(self) -> None:
        """Show the game again, not the position of the last phase; steps that go by themselves end."""
        if self.doing == "step":
            self.thinker.drop()  # its phase would come on the board after all
        self.event = None
        self.speed = "step" if self.speed in PACES else self.speed

    def _step_by_itself(self, course: Course, over: bool) -> bool:
        pace = PACES.get(self.speed)
        if pace is None or over or perf_counter() < self._stepped + pace:
            return False
        self._begin_step(course.position)
        return True

    def _begin_step(self, position: Position) -> None:
        self._stepped = perf_counter()
        position = position.copy()

        def work(report: Report) -> Event:
            if self._stepper is None:
                self._stepper = Stepper(self.judge_of(position), position)
            return self._stepper.step()

        def done(event: Event) -> None:
            self.event = event

        self.run("step", work, done)

    # --- the tree ---

    def tree_reading(
        self, position: Position, depth: int = 2, width: int = 6, opened: tuple[Path, ...] = ()
    ) -> Reading | None:
        """Read the engine's tree, also while it grows; None where it has none for this position."""
        if self.player is None:
            return None
        player = self._teacher if self.player.raw and self._teacher else self.player
        return read_player(player, position, depth, width, opened)


def warns_from(engine: EngineWork) -> float:
    """Return the loss of value from which a person is warned."""
    return engine.usual_loss * engine.patience
