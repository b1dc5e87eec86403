"""A text in progress: a prompt, what was written after it, the branches that were tried, the search that writes.

The window and the terminal share it. It draws nothing.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from threading import Event
from typing import Any

from engine.clock import Limit
from engine.players import Analysis, Player
from engine.text.comparing import DecodingPlan, decode
from engine.text.evaluator import Judge
from engine.text.generating import row
from engine.text.players import TextPlayer
from engine.text.tasks import WritingTask
from engine.text.tree_decoder import PUCT, fitted
from games.game import FIRST, Position
from gui import messages as say
from gui.course import Course
from gui.engine_work import EVERY
from gui.history import Node
from gui.session import VERBS, Session
from gui.text.records import TextRecords
from gui.thinker import Report, Thinker

NODES = 1 << 20
"""Nodes of the search tree at most."""

Opens = Callable[[str], WritingTask]
"""Returns the task of a prompt with its model; raises `ValueError` for a prompt that it cannot use."""

MakeCritic = Callable[[WritingTask, str, Callable[[str], None]], Judge | None]
"""(task, prompt, tell) -> the critic that guides the search; called in the thinking thread."""


class TextSession(Session):
    """One prompt and the texts after it."""

    def __init__(
        self,
        prompt: str,
        opens: Opens,
        make_critic: MakeCritic = lambda task, prompt, tell: None,
        budget: int = 200,
        seed: int = 1,
        people: Collection[int] = (FIRST,),
        thinker: Thinker | None = None,
    ):
        """`budget`: token evaluations before each token."""
        self.opens, self.make_critic, self.budget, self.seed = opens, make_critic, budget, seed
        self.prompt, self.task = prompt, opens(prompt)
        self.writer = self._writer()
        self.picks: dict[Node, int] = {}  # the token that the search would write next
        self.compared: tuple[dict[str, Any], ...] = ()  # what decoders made of the prompt, at equal cost
        super().__init__(self._start(), self._prepared, people, None, ("the text", ""), thinker)
        self.records: TextRecords = TextRecords(self)

    def _writer(self) -> TextPlayer:
        lanes = self.task.lanes(self.budget)
        settings = replace(fitted(PUCT, self.task.reward.ends), wave=lanes, seed=self.seed)
        return TextPlayer(self.task, None, settings, Limit(evaluations=self.budget), nodes=NODES)

    def _start(self) -> Position:
        return Position(self.writer.game, self.task.roots([self.prompt])[0])

    def _prepared(self) -> Player:
        """Return the writer with its critic. Called in the thinking thread."""
        self.writer.evaluator.critic = self.make_critic(self.task, self.prompt, self.tell)
        return self.writer

    # --- reading off ---

    @property
    def pick(self) -> int | None:
        """The token that the search would write next, None where it was not asked."""
        return self.picks.get(self.course.here)

    @property
    def evaluations(self) -> int:
        """Token evaluations that reading ahead has cost so far."""
        return self.writer.evaluator.looked

    @property
    def written(self) -> str:
        """What was written behind the prompt so far."""
        return self.task.text(self.position.state)

    @property
    def result(self) -> str:
        """What the finished text is paid, "" while it goes on."""
        if not self.position.over:
            return ""
        if not self.task.reward.name:
            return "the end"
        lacks = self.task.reward.verdict(self.prompt, self.written)
        return f"paid {self.position.value():g}" + (f": {lacks}" if lacks else "")

    def usual_status(self) -> str:
        """Return the status line while nothing else is said."""
        if self.over:
            return f"the text is at its end: {self.result}"
        if self.engine.doing == "decoding":
            return "two decoders write with the same number of token evaluations"
        if self.engine.doing in ("opening", "prepare"):
            return "the language model gets ready"
        if self.engine.doing in ("move", "look"):
            return "Yomi reads ahead"
        return "click a token to write it; Enter writes Yomi's" if self.awaits_person else "Yomi waits: Enter goes on"

    # --- what people ask ---

    def ask(self, prompt: str) -> None:
        """Begin with another prompt once its model is open; where that cannot be, keep the text, and say why."""
        prompt = prompt.strip()

        def work(report: Report) -> WritingTask | str:
            try:
                return self.opened(prompt)
            except ValueError as error:
                return str(error)

        def done(found: WritingTask | str) -> None:
            if isinstance(found, str):
                self.tell(found, alarm=True)
            else:
                self.begin_with(prompt, found)

        self.engine.run("opening", work, done)

    def opened(self, prompt: str) -> WritingTask:
        """Return the task of a prompt with its model; raise `ValueError` where that cannot be."""
        task = self.opens(prompt)
        task.roots([prompt])
        return task

    def begin_with(self, prompt: str, task: WritingTask) -> None:
        """Begin with another prompt now."""
        self.prompt, self.compared = prompt, ()
        self.task, self.writer, self.picks = task, self._keep_or_make(task), {}
        self.replace(Course(self._start()))
        self.records.begin_anew()

    def _keep_or_make(self, task: WritingTask) -> TextPlayer:
        if task is self.task:
            return self.writer
        self.task, self.engine.player = task, None
        return self._writer()

    def undo(self) -> None:
        """Take the last token back."""
        if not self.ply:
            raise IndexError("there is no token to take back")
        super().undo()

    def undone(self) -> int:
        """Return the ply before the last token."""
        return self.ply - 1

    def resign(self) -> None:
        """Refuse: nobody wins."""
        raise ValueError("a text is not resigned: take tokens back, or give another prompt")

    def revisit(self, moves: tuple[int, ...]) -> None:
        """Show the position after these tokens, which were written before; raise `ValueError` where they were not."""
        line = [node.move for node in self.history.line[1 : self.ply + 1]]
        common = next(
            (k for k, (a, b) in enumerate(zip(line, moves, strict=False)) if a != b), min(len(line), len(moves))
        )
        self.course.go_to(common)
        for move in moves[common:]:
            child = next((child for child in self.course.here.children if child.move == move), None)
            if child is None:
                raise ValueError("no such text was written yet")
            self.history.follow(child)
            child.play(self.position)
        self.write_on(False)

    def move_now(self) -> None:
        """Write the search's token: the one that it found already, or let it think now."""
        if self.pick is not None and self.awaits_person and not self.over:
            self.play((self.pick,))
        else:
            super().move_now()

    def write_on(self, on: bool) -> None:
        """Let Yomi write on to the end, or wait after each token."""
        self.people = set() if on else {FIRST}
        self.halted = False
        self.changed()

    # --- the thread ---

    def chore(self) -> bool:
        """Read ahead once where a person chooses, so that there is something to choose by."""
        if self.over or self.halted and not self.people or self.pick is not None:
            return False
        if self.engine.speed != "live" or self.engine.analysing:
            return False
        self.engine.run(
            "look", self._look(self.position.copy()), self._looked(self.course.here), self.course.here.learn
        )
        return True

    def _look(self, position: Position) -> Callable[[Report], object]:
        def work(report: Report) -> tuple[int, Analysis]:
            self.engine.ready()
            pick = self.writer.choose(position, None, report, EVERY)
            return pick, self.writer.thought or self.writer.think(position, self.writer.limit)

        return work

    def _looked(self, node: Node) -> Callable[[tuple[int, Analysis]], None]:
        def done(found: tuple[int, Analysis]) -> None:
            self.picks[node] = found[0]
            node.learn(found[1])

        return done

    def _answered(self, move: int, thought: Analysis | None) -> None:
        self.picks[self.course.here] = move
        super()._answered(move, thought)

    def compare(self, names: tuple[str, ...], budget: int) -> None:
        """Have decoders write after the prompt, each with the same number of token evaluations."""
        self.stop_thinking()
        task, prompt, seed, stopped = self.task, self.prompt, self.seed, Event()

        def work(report: Report) -> tuple[dict[str, Any], ...]:
            self.engine.ready()
            roots, plan = task.roots([prompt]), DecodingPlan(budget, seed=seed)
            critic = self.writer.evaluator.critic
            return tuple(row(task, prompt, decode(name, task, roots, plan, critic, stopped.is_set)) for name in names)

        def done(found: tuple[dict[str, Any], ...]) -> None:
            self.compared = found

        self.engine.run("decoding", work, done, stop=stopped.set)


TextSession.verbs = VERBS | {
    say.AskPrompt: lambda session, message: session.ask(message.prompt),
    say.Revisit: lambda session, message: session.revisit(message.moves),
    say.Compare: lambda session, message: session.compare(message.names, message.budget),
    say.SetPerson: lambda session, message: session.write_on(not message.person),
}
"""What a text understands beyond every game's messages."""
