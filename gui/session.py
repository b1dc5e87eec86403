"""One game in progress: what is on the board, who plays, how it ended. It draws nothing.

`handle` takes messages; `poll` is called every frame and delivers what the thinking thread found. A change of the
position raises `generation`, and results of work that began before are dropped. A game with more to it than moves
(scoring, a cube) is a subclass, which replaces `settled`, `result` and `throw`, and reads and writes its records.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

import numpy as np

from engine.clock import Clock
from engine.players import RESIGN, Analysis, Player
from games.game import CHANCE, FIRST, NOBODY, SECOND, Position
from gui import messages as say
from gui import review_messages as ask
from gui.clocks import Clocks
from gui.course import Course
from gui.engine_work import EngineWork
from gui.history import History, Node
from gui.lesson import BlunderWatch, Lesson, lesson_at, reveal, toggle_warning, verdict_on
from gui.messages import Message
from gui.opponent import Opponent
from gui.records import Records
from gui.thinker import Thinker


class Session:
    """One game, its variations, its people and its engine."""

    verbs: dict[type, Callable] = {}
    """What is done for each kind of message; a game adds its own."""

    engine_kind = EngineWork
    how = ""  # how a move is made, said at the beginning of a game

    def __init__(
        self,
        position: Position,
        make_player: Callable[[], Player],
        people: Collection[int],
        clocks: Mapping[int, Clock] | None = None,
        names: tuple[str, str] = ("First", "Second"),
        thinker: Thinker | None = None,
        opponent: Opponent | None = None,
    ):
        """`make_player` is called in the thinking thread when the engine is first needed; it makes the `opponent`."""
        self.course, self.people, self.names = Course(position), set(people), names
        self.engine = self.engine_kind(make_player, self.tell, self.pause, thinker)
        self.opponent = opponent
        self.engine.patience = opponent.patience if opponent else 1.0
        self.clocks = Clocks(clocks)
        self.records: Records = Records(self)
        self.wants: frozenset[str] = frozenset()  # what the page shows of every position: "ownership", "hints"
        self.generation = 0
        self.ended = ""  # a result that no board shows: a resignation, or a loss on time
        self.loser = NOBODY  # who lost in such a way
        self.halted = False  # the engine waits until it is asked to go on
        self.lent = False  # the engine plays one move for the person
        self.lesson: Lesson | None = None  # the move of a review that is looked at
        self.watch = BlunderWatch()
        self.said, self.alarm = "", False
        self.random = np.random.default_rng(1)

    # --- reading off ---

    @property
    def position(self) -> Position:
        return self.course.position

    @property
    def history(self) -> History:
        return self.course.history

    @property
    def ply(self) -> int:
        return self.course.ply

    @property
    def over(self) -> bool:
        return bool(self.ended) or self.position.over

    @property
    def result(self) -> str:
        """The result in a word or two, "" while the game goes on."""
        return self.ended or (f"{self.position.value():+g}" if self.position.over else "")

    @property
    def winner(self) -> int:
        """Who has won: FIRST, SECOND; NOBODY in a draw, and while that is open."""
        if self.ended:
            return NOBODY if self.loser == NOBODY else 1 - self.loser
        value = self.position.value() if self.position.over else 0
        return NOBODY if not value else FIRST if value > 0 else SECOND

    @property
    def thought(self) -> Analysis | None:
        """The analysis with the most visits of the position on the board."""
        return self.course.here.thought

    @property
    def values(self) -> list[float | None]:
        """The value of every position of the line to FIRST, None where it is unknown."""
        return [node.value for node in self.history.line]

    @property
    def awaits_person(self) -> bool:
        return not self.over and self.position.turn in self.people and not self.lent

    @property
    def status(self) -> str:
        """One line for the person. A result stays in it, whatever else is said."""
        usual = self.usual_status()
        if self.said and self.over and self.result not in self.said:
            return f"{self.said}  ·  {usual}"
        return self.said or usual

    def usual_status(self) -> str:
        """Return the status line while nothing else is said."""
        if self.over:
            return f"the game is over: {self.result}"
        name = self.names[self.position.turn] if self.position.turn in (FIRST, SECOND) else "chance"
        if self.engine.doing == "move":
            return f"{name}: Yomi thinks" if self.engine.player else "Yomi gets ready"
        if self.halted and self.position.turn not in self.people:
            return f"{name} to play: Yomi waits; Enter lets it go on"
        if self.engine.review:
            return f"reviewing: {self.engine.review.done} of {self.engine.review.total} positions"
        return f"{name} to play" + (f": {self.how}" if self.how and self.awaits_person and self.ply < 2 else "")

    # --- what people ask ---

    def handle(self, message: Message) -> bool:
        """Do what a message asks; return False where it is not for a session. `status` says what cannot be done."""
        verb = self.verbs.get(type(message))
        if verb is None:
            return False
        self.said, self.alarm, self.engine.failed = "", False, False
        try:
            verb(self, message)
        except (ValueError, IndexError, OSError) as error:
            self.tell(str(error), alarm=True)
        return True

    def tell(self, sentence: str, alarm: bool = False) -> None:
        """Show a sentence until something else happens."""
        self.said, self.alarm = " ".join(sentence.split())[:300], alarm

    def play(self, moves: tuple[int, ...]) -> None:
        """Play moves of the side to play; raise `IllegalMove` with none of them played."""
        if self.over:
            raise ValueError("the game is over; undo or a new game goes on")
        run_clock(self)
        self.course.play(moves)
        self.clocks.spend()
        self.halted = self.lent = False
        self.changed()
        self.records.touch()

    def undo(self) -> None:
        """Take back a resignation, or moves until the same person is to play again."""
        if self.ended:
            self.ended, self.loser = "", NOBODY
            self.halted = True
        elif self.ply == 0:
            raise IndexError("there is no move to take back")
        else:
            self.course.go_to(self.undone())
            self.halted = self.position.turn not in self.people
        self.changed()

    def undone(self) -> int:
        """Return the ply that an undo leads to."""
        for ply in range(self.ply - 1, -1, -1):
            if self.history.line[ply + 1].mover in self.people:
                return ply
        return self.ply - 1

    def resign(self) -> None:
        """Give the game up for the only person, else for the side to play."""
        if self.over:
            raise ValueError("the game is over")
        self.lose(min(self.people) if len(self.people) == 1 else self.position.turn, "by resignation")

    def lose(self, side: int, how: str) -> None:
        """End the game: a side has lost it by what no board shows."""
        self.ended, self.loser = f"{self.names[1 - side]} wins {how}", side
        self.changed()
        self.records.touch()

    def move_now(self) -> None:
        """Let the engine end its thinking with a move, or go on where it waits; for a person let the teacher play."""
        if self.engine.doing == "move":
            self.engine.thinker.stop()
        elif not self.over:
            self.halted, self.lent = False, self.position.turn in self.people
            self.changed()

    def pause(self) -> None:
        """Let the engine wait until it is asked to go on."""
        self.halted, self.lent = True, False

    def stop_thinking(self) -> None:
        """End every search; the engine waits until it is asked to go on."""
        self.engine.stop()
        self.lent = False
        self.halted = not self.over and self.position.turn not in self.people

    def replace(self, course: Course) -> None:
        """Show another game; the engine goes on where it is its turn."""
        self.course, self.ended, self.halted, self.lent = course, "", False, False
        self.loser = NOBODY
        self.engine.stop()
        self.changed()

    def changed(self) -> None:
        """Drop the work for another position, and look at the new one."""
        self.generation += 1
        self.engine.forget()
        self.clocks.restart()
        self.settled()

    def settled(self) -> None:
        """Look at a position that has just come on the board."""
        if self.position.over:
            self.course.here.value = self.position.value()

    # --- every frame ---

    def poll(self, resting: bool = False) -> bool:
        """Deliver what the thinking thread found, and start its next work; return whether anything changed.

        While `resting`, nothing is played: the page still shows what happened before.
        """
        before = self.generation
        news = self.engine.poll()
        run_clock(self)
        if self.clocks.expired:
            self.lose(self.clocks.running, "on time")
        if self.engine.thinker.job is None and not self.engine.failed:
            news |= not resting and self.advance()
            if self.engine.thinker.job is None and self.generation == before:
                news |= self.chore() or self.engine.go_on(self.course, self.over)
        return news or self.generation != before

    def advance(self) -> bool:
        """Let chance or the engine move; return whether that was begun."""
        if self.over or self.halted:
            return False
        if self.watch.begin(self):
            return True
        if self.position.turn == CHANCE:
            self.throw()
            return True
        if self.position.turn in self.people and not self.lent:
            return False
        if not self.engine.prepare(self.clocks.restart):
            self.engine.choose(self.course, self.clocks.left(self.position.turn), self._answered, self.lent)
        return True

    def throw(self) -> None:
        """Let chance move."""
        moves, odds, counts = self.position.game.legal(self.position.state[None])
        share = odds[0, : counts[0]].astype(float)
        self.play((int(self.random.choice(moves[0, : counts[0]], p=share / share.sum())),))

    def _answered(self, move: int, thought: Analysis | None) -> None:
        self.course.here.learn(thought)
        if move == RESIGN and self.lent:
            self.lent = False
            self.tell("Yomi would resign here")
        elif move == RESIGN:
            self.lose(self.position.turn, "by resignation")
        else:
            self.play((move,))

    def chore(self) -> bool:
        """Begin what the page wants worked out before anything long; return whether there was anything."""
        return False


def run_clock(session: Session) -> None:
    """Let the clock run that runs now: none before the first move, nor while the game rests."""
    at_rest = session.over or session.halted or session.ply < session.history.last
    runs = bool(session.clocks) and not at_rest and session.ply > 0 and session.engine.doing != "prepare"
    session.clocks.run(session.position.turn if runs else -1)


# --- what people ask, beyond what a game may replace ------------------------------------------------------


def jump(session: Session, ply: int) -> None:
    """Show another position of the line; the engine waits there."""
    ply = min(session.history.last, max(0, ply))
    if ply != session.ply:
        session.course.go_to(ply)
        session.halted = True
        session.changed()


def vary(session: Session, by: int) -> None:
    """Change to another move that was played instead of the last one."""
    session.course.vary(by)
    session.halted = True
    session.changed()


def show_node(session: Session, node: Node) -> None:
    """Show any position of the tree; the engine waits there."""
    if node is not session.course.here:
        session.course.show(node)
        session.halted = True
        session.changed()


def set_person(session: Session, side: int, person: bool) -> None:
    """Give a side to a person or to the engine."""
    session.people = session.people | {side} if person else session.people - {side}
    session.halted = False
    session.changed()


def want(session: Session, names: Collection[str]) -> None:
    """Work out for every position what the page shows of it."""
    session.wants = frozenset(names)


def play_or_try(session: Session, moves: tuple[int, ...]) -> None:
    """Play moves; where the better move of a lesson is to be found, say how good they are instead."""
    lesson = session.lesson
    if lesson is None or not lesson.hidden or lesson.node is not session.course.here:
        session.play(moves)
        return
    session.tell(verdict_on(session, lesson, moves))
    if moves == lesson.better[: len(moves)]:
        session.lesson = replace(lesson, hidden=False)


def show_lesson(session: Session, ply: int, hidden: bool) -> None:
    """Go to a position of the line and show both moves there; or let the better one be found."""
    jump(session, ply)
    session.lesson = lesson_at(session.history.line, session.ply, hidden)
    if session.lesson and hidden:
        session.tell("Find the better move: play it on the board")


def go_on(session: Session) -> None:
    """Let the engine play on where it waits."""
    session.halted = False


def step(session: Session, speed: str = "") -> None:
    """Carry out the next phase of a simulation, or choose a speed; Yomi's own move waits until it is to go on."""
    if speed != "live" and session.position.turn not in session.people and not session.halted:
        session.stop_thinking()
    if speed:
        session.engine.set_speed(speed)
    else:
        session.engine.step(session.position)


def review(session: Session, visits: int) -> None:
    """Look at every position of the line in the background."""
    session.stop_thinking()
    session.engine.review_line(session.course, visits, session.names)


VERBS: dict[type, Callable] = {
    say.Play: lambda session, message: play_or_try(session, (message.move,)),
    say.Plays: lambda session, message: play_or_try(session, message.moves),
    ask.ShowLesson: lambda session, message: show_lesson(session, message.ply, message.hidden),
    ask.ShowNode: lambda session, message: show_node(session, message.node),
    ask.RevealLesson: lambda session, message: reveal(session),
    ask.ToggleWarning: lambda session, message: toggle_warning(session),
    ask.KeepReview: lambda session, message: session.records.keep_review(session.engine.mistakes(session.history.line)),
    say.Undo: lambda session, message: session.undo(),
    say.Redo: lambda session, message: jump(session, session.ply + 1),
    say.StepBy: lambda session, message: jump(session, session.ply + message.moves),
    say.JumpTo: lambda session, message: jump(session, message.ply),
    say.NextVariation: lambda session, message: vary(session, message.by),
    say.Resign: lambda session, message: session.resign(),
    say.SetPerson: lambda session, message: set_person(session, message.side, message.person),
    say.MoveNow: lambda session, message: session.move_now(),
    say.GoOn: lambda session, message: go_on(session),
    say.StopThinking: lambda session, message: session.stop_thinking(),
    say.Analyse: lambda session, message: session.engine.analyse(not session.engine.analysing),
    say.StepSearch: lambda session, message: step(session),
    say.LeaveStep: lambda session, message: session.engine.leave_step(),
    say.SetSpeed: lambda session, message: step(session, message.name),
    say.StartReview: lambda session, message: review(session, message.visits),
    say.Open: lambda session, message: session.records.open(message.path),
    say.ShowRecord: lambda session, message: session.records.take(message.opened),
    say.Save: lambda session, message: session.records.save(message.path),
    say.PasteText: lambda session, message: session.records.paste(message.text),
    say.Say: lambda session, message: session.tell(message.text, message.alarm),
}
"""What a session understands."""

Session.verbs = VERBS
