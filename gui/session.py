"""One game in progress: what is on the board, who plays, what the engine thinks of it. It draws nothing.

`handle` takes messages, `poll` is called every frame and takes what the thinking thread found. Whatever changes the
position raises `generation`; what was asked before that is dropped. A game with more to it than moves (scoring, a cube)
is a subclass: `settled`, `result` and `throw` are there to be replaced.
"""

import copy
from collections.abc import Callable
from time import perf_counter

import numpy as np

from engine.clock import Clock, Limit
from engine.players import RESIGN, Analysis, Player
from engine.reading import Path, Reading, read_player
from engine.stepping import Event, Stepper
from games.game import CHANCE, FIRST, SECOND, Position
from gui import messages as say
from gui.history import History, Node
from gui.messages import Message
from gui.review import Mistake, Review, mistakes
from gui.thinker import Job, Thinker

EVERY = 0.2
"""Seconds between two reports of a search."""

PACES = {"step": None, "slow": 0.8, "fast": 0.08}
"""Seconds between two phases of a simulation, for each speed at which the search is stepped."""

ANALYSIS = Limit(visits=300_000, seconds=600)
"""When an analysis that nobody stops ends: before its tree has filled the memory."""


class Session:
    """One game, its variations, its people and its engine."""

    verbs: dict[type, Callable] = {}
    """What is done for each kind of message; a game adds its own."""

    def __init__(
        self,
        position: Position,
        make_player: Callable[[], Player],
        people: set[int],
        clocks: dict[int, Clock] | None = None,
        names: tuple[str, str] = ("First", "Second"),
        thinker: Thinker | None = None,
    ):
        """`make_player` is called in the thinking thread, when the engine is first needed."""
        self.position, self.make_player, self.people, self.names = position, make_player, set(people), names
        self.clocks = clocks or {}
        self.thinker = thinker or Thinker()
        self.player: Player | None = None
        self.met: Player | None = None  # the player of whom was said where its network runs
        self.history = History()
        self.begun = len(position.moves)  # moves that were there before this session
        self.generation = 0
        self.ended = ""  # a result that no board shows: somebody gave up, or ran out of time
        self.halted = self.lent = self.analysing = False
        self.analysed = -1  # the generation whose analysis came to its end
        self.growing: Analysis | None = None  # what the search found so far
        self.review: Review | None = None
        self.speed = "live"
        self.stepper: Stepper | None = None  # touched in the thinking thread only
        self.event: Event | None = None  # the phase carried out last
        self.stepped = 0.0
        self.said, self.alarm = "", False
        self.failed = False  # something went wrong, and nothing was asked or played since
        self.since = perf_counter()
        self.random = np.random.default_rng(1)
        for move, mover in zip(position.moves, position.movers, strict=True):
            self.history.add(move, mover)

    # --- reading off ---

    @property
    def game(self):
        return self.position.game

    @property
    def over(self) -> bool:
        return bool(self.ended) or self.position.over

    @property
    def result(self) -> str:
        """The result in a word or two, "" while the game goes on."""
        return self.ended or (f"{self.position.value():+g}" if self.position.over else "")

    @property
    def ply(self) -> int:
        return self.history.ply

    @property
    def thought(self) -> Analysis | None:
        """What is known of the position on the board: the latest report of a search of it, or an old one's end."""
        return self.history.here.thought

    @property
    def values(self) -> list[float | None]:
        """What every position of the line is worth to FIRST, None where nothing is known."""
        return [node.value for node in self.history.line]

    @property
    def awaits_person(self) -> bool:
        return not self.over and self.position.turn in self.people and not self.lent

    @property
    def thinking(self) -> str:
        """What the thread is at: "move", "analysis", "review", another word, or "" for nothing."""
        return self.thinker.job.name if self.thinker.job else ""

    @property
    def status(self) -> str:
        """One line for the person."""
        return self.said or self._usual_status()

    def _usual_status(self) -> str:
        if self.over:
            return f"the game is over: {self.result}"
        name = self.names[self.position.turn] if self.position.turn in (FIRST, SECOND) else "chance"
        if self.thinking == "move":
            return f"{name}: Yomi thinks" if self.player else "Yomi gets ready"
        if self.halted:
            return f"{name} to play: Yomi waits; Enter lets it go on"
        if self.review:
            return f"reviewing: {self.review.done} of {self.review.total} positions"
        return f"{name} to play"

    def clock_left(self, side: int) -> Clock | None:
        """Return a side's clock as it stands this moment."""
        clock = self.clocks.get(side)
        if clock is None or not self.clock_runs or side != self.position.turn:
            return clock
        now = copy.copy(clock)
        now.spend(perf_counter() - self.since)
        return now

    @property
    def clock_runs(self) -> bool:
        """Whether time is being spent: not before the first move, nor while the game rests."""
        at_rest = self.over or self.halted or self.ply < self.history.last
        return bool(self.clocks) and not at_rest and self.ply > 0 and self.thinking != "prepare"

    def tree_reading(self, depth: int = 2, width: int = 6, opened: tuple[Path, ...] = ()) -> Reading | None:
        """Read the engine's tree, also while it grows; None where it has none for this position."""
        return read_player(self.player, self.position, depth, width, opened) if self.player else None

    # --- what people ask ---

    def handle(self, message: Message) -> bool:
        """Do what a message asks; False where it is not for a session. What cannot be done is said in `status`."""
        verb = self.verbs.get(type(message))
        if verb is None:
            return False
        self.said, self.alarm, self.failed = "", False, False
        try:
            verb(self, message)
        except (ValueError, IndexError, OSError) as error:
            self.tell(str(error), alarm=True)
        return True

    def tell(self, sentence: str, alarm: bool = False) -> None:
        """Show a sentence until something else happens."""
        self.said, self.alarm = " ".join(sentence.split())[:300], alarm

    def play(self, moves: tuple[int, ...]) -> None:
        """Play moves of whoever's turn it is; raise `IllegalMove` with none of them played."""
        if self.over:
            raise ValueError("the game is over; undo or a new game goes on")
        trial = self.position.copy()
        for move in moves:
            trial.play(move)
        self._spend()
        self.halted = self.lent = False
        for move in moves:
            mover = self.position.turn
            self.position.play(move)
            self.history.add(move, mover)
        self.changed()

    def _spend(self) -> None:
        clock = self.clocks.get(self.position.turn)
        if clock and self.clock_runs:
            clock.spend(perf_counter() - self.since)

    def jump(self, ply: int) -> None:
        """Show another position of the line; the engine waits there."""
        ply = min(self.history.last, max(0, ply))
        if ply == self.ply:
            return
        self._move_to(ply)
        self.halted = True
        self.changed()

    def _move_to(self, ply: int) -> None:
        while self.history.ply > ply:
            self.position.undo()
            self.history.ply -= 1
        while self.history.ply < ply:
            self.history.line[self.history.ply + 1].play(self.position)
            self.history.ply += 1

    def undo(self) -> None:
        """Take back a resignation, or moves until the same person is to play again."""
        if self.ended:
            self.ended = ""
            self.halted = True
        elif self.ply == 0:
            raise IndexError("there is no move to take back")
        else:
            self._move_to(self._undone())
            self.halted = self.position.turn not in self.people
        self.changed()

    def _undone(self) -> int:
        """Return the ply that an undo leads to."""
        for ply in range(self.ply - 1, -1, -1):
            if self.history.line[ply + 1].mover in self.people:
                return ply
        return self.ply - 1

    def vary(self, by: int) -> None:
        """Change to another move that was played instead of the last one."""
        other = self.history.sibling(by)
        if other is None:
            raise ValueError("no other move was played here")
        self._move_to(self.ply - 1)
        self.history.follow(other)
        other.play(self.position)
        self.halted = True
        self.changed()

    def resign(self) -> None:
        """Give the game up for whoever's turn it is."""
        if self.over:
            raise ValueError("the game is over")
        self.ended = f"{self.names[1 - self.position.turn]} wins by resignation"
        self.changed()

    def set_person(self, side: int, person: bool) -> None:
        """Give a side to a person or to the engine."""
        self.people = self.people | {side} if person else self.people - {side}
        self.halted = False
        self.changed()

    def move_now(self) -> None:
        """Let the engine end its thinking with a move; where it waits, or a person is to play, let it play."""
        if self.thinking == "move":
            self.thinker.stop()
        elif not self.over:
            self.halted, self.lent = False, True
            self.changed()

    def stop_thinking(self) -> None:
        """End every search; the engine waits until it is told to go on."""
        self.thinker.drop()
        self.analysing, self.lent, self.review, self.growing = False, False, None, None
        self.speed = "step" if self.speed in PACES else self.speed
        self.halted = not self.over and self.position.turn not in self.people

    def analyse(self, on: bool) -> None:
        """Think about the position on the board, and the next ones, until told otherwise."""
        self.speed = "live"
        self.analysing, self.analysed = on, -1
        if not on and self.thinking == "analysis":
            self.thinker.drop()

    def start_review(self, visits: int) -> None:
        """Look at every position of the line in the background."""
        self.stop_thinking()
        self.review = Review(self.game, self.position.states[0], self.history.line, visits)

    def mistakes(self) -> list[Mistake]:
        """List what is known to have cost much, the worst first."""
        return mistakes(self.history.line)

    def changed(self) -> None:
        """Drop what was thought for another position, and look at the new one."""
        self.generation += 1
        self.thinker.drop()
        self.growing = self.event = None
        self.failed = False
        self.since = perf_counter()
        self.settled()

    def settled(self) -> None:
        """Look at a position that has just come on the board."""
        if self.position.over:
            self.history.here.value = self.position.value()

    # --- every frame ---

    def poll(self) -> bool:
        """Take what the thinking thread found, and give it the next thing to do; return whether anything changed."""
        news = self._meet() | self.thinker.poll()
        before = self.generation
        self._watch_clocks()
        if self.thinker.job is None and not self.failed:
            for step in (self._throw, self._answer, self.chore, self._analyse, self._review, self._step):
                if step():
                    news = True
                    break
        return news or self.generation != before

    def _meet(self) -> bool:
        """Say once where a new player's network runs, if that is not where it was meant to."""
        if self.player is self.met:
            return False
        self.met = self.player
        fallback = self.player.fallback if self.player else ""
        if fallback:
            self.tell(fallback, alarm=True)
        return bool(fallback)

    def _watch_clocks(self) -> None:
        side = self.position.turn
        clock = self.clock_left(side) if self.clock_runs else None
        if clock and clock.expired:
            self.time_out(side)
            self.changed()

    def time_out(self, side: int) -> None:
        """End the game of a side whose time is up."""
        self.ended = f"{self.names[1 - side]} wins on time"

    def _throw(self) -> bool:
        if self.over or self.halted or self.position.turn != CHANCE:
            return False
        self.throw()
        return True

    def throw(self) -> None:
        """Let chance move."""
        moves, odds, counts = self.game.legal(self.position.state[None])
        share = odds[0, : counts[0]].astype(float)
        self.play((int(self.random.choice(moves[0, : counts[0]], p=share / share.sum())),))

    def chore(self) -> bool:
        """Begin what a game's page wants worked out before anything long; return whether there was anything."""
        return False

    def ready(self) -> Player:
        """Return the player, made and compiled where it is not yet. Called in the thinking thread."""
        if self.stepper is not None:
            self.stepper.abandon()
            self.stepper = None
        if self.player is None:
            player = self.make_player()
            self.player = player
        return self.player

    def run(self, name: str, work: Callable, done: Callable[[object], None]) -> None:
        """Work something out in the thread; what fails is said in the status line, and the game waits."""

        def failed(error: Exception) -> None:
            self.tell(f"Yomi stopped: {error or type(error).__name__}", alarm=True)
            self.halted, self.analysing, self.lent, self.review = True, False, False, None
            self.failed = True

        def stop() -> None:
            if self.player is not None:
                self.player.stop()

        self.thinker.start(Job(name, work, done, self._told, failed, stop))

    def _told(self, found: object) -> None:
        if isinstance(found, Analysis):
            self.growing = found
            self.learn(self.history.here, found)

    @staticmethod
    def learn(node: Node, found: Analysis) -> None:
        """Keep what a search found of a position, unless more is known."""
        if found.lines and (node.thought is None or found.visits >= node.thought.visits):
            node.thought, node.value = found, found.value

    def _prepare(self) -> bool:
        """Make the player first, on nobody's clock."""
        if self.player is not None:
            return False
        self.run("prepare", lambda report: self.ready(), lambda made: self.prepared())
        return True

    def prepared(self) -> None:
        """The player is there: the clock starts."""
        self.since = perf_counter()

    def _answer(self) -> bool:
        side = self.position.turn
        if self.over or self.halted or (side in self.people and not self.lent):
            return False
        if self._prepare():
            return True
        position, clock, player = self.position.copy(), self.clocks.get(side), self.player

        def work(report):
            return self.ready().choose(position, clock, report, EVERY), player.thought

        self.run("move", work, self._answered)
        return True

    def _answered(self, answer: tuple[int, Analysis | None]) -> None:
        move, thought = answer
        if thought:
            self.learn(self.history.here, thought)
        if move == RESIGN and self.lent:
            self.lent = False
            self.tell("Yomi would resign here")
        elif move == RESIGN:
            self.resign()
        else:
            self.play((move,))

    def _analyse(self) -> bool:
        if not self.analysing or self.over or self.analysed == self.generation:
            return False
        position, generation = self.position.copy(), self.generation

        def work(report):
            return self.ready().think(position, ANALYSIS, report, EVERY)

        def done(found):
            self.learn(self.history.here, found)
            self.analysed = generation

        self.run("analysis", work, done)
        return True

    def _review(self) -> bool:
        review = self.review
        if review is None:
            return False
        position = review.next()
        if position is None:
            self.review = None
            self.tell(f"reviewed {review.total} positions")
            return True
        node, limit = review.node, Limit(visits=review.visits)

        def done(found):
            self.learn(node, found)
            review.finish()

        self.run("review", lambda report: self.ready().think(position, limit), done)
        return True

    # --- one simulation, phase by phase ---

    def set_speed(self, name: str) -> None:
        """Choose between a search that runs and one that is stepped through, slow or fast."""
        if name == self.speed:
            return
        self.stop_thinking()
        self.speed, self.event, self.stepped = name, None, 0.0

    def step(self) -> None:
        """Carry out the next phase of a simulation."""
        if self.speed == "live":
            self.set_speed("step")
        if not self.over and self.thinker.job is None:
            self._begin_step()

    def _step(self) -> bool:
        pace = PACES.get(self.speed)
        if pace is None or self.over or perf_counter() < self.stepped + pace:
            return False
        self._begin_step()
        return True

    def _begin_step(self) -> None:
        self.stepped = perf_counter()
        position = self.position.copy()

        def work(report):
            if self.stepper is None:
                player = self.ready()
                self.stepper = Stepper(player.searcher, position)
            return self.stepper.step()

        def done(event):
            self.event = event

        self.run("step", work, done)

    def close(self) -> None:
        """Let the thinking thread end."""
        self.stop_thinking()
        self.thinker.close()


VERBS: dict[type, Callable] = {
    say.Play: lambda session, message: session.play((message.move,)),
    say.Plays: lambda session, message: session.play(message.moves),
    say.Undo: lambda session, message: session.undo(),
    say.Redo: lambda session, message: session.jump(session.ply + 1),
    say.StepBy: lambda session, message: session.jump(session.ply + message.moves),
    say.JumpTo: lambda session, message: session.jump(message.ply),
    say.NextVariation: lambda session, message: session.vary(message.by),
    say.Resign: lambda session, message: session.resign(),
    say.SetPerson: lambda session, message: session.set_person(message.side, message.person),
    say.MoveNow: lambda session, message: session.move_now(),
    say.StopThinking: lambda session, message: session.stop_thinking(),
    say.Analyse: lambda session, message: session.analyse(not session.analysing),
    say.Step: lambda session, message: session.step(),
    say.SetSpeed: lambda session, message: session.set_speed(message.name),
    say.StartReview: lambda session, message: session.start_review(message.visits),
    say.Say: lambda session, message: session.tell(message.text, message.alarm),
}
"""What a session understands."""

Session.verbs = VERBS
