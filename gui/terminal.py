"""A game in the terminal: one line in, one command done, the board drawn again. It knows no game.

The game runs in a session, as in the window; here its work is done at once, in the same thread. A game's own terminal
(`gui/GAME/terminal.py`) is a subclass with its commands, its prompt, its board and its words.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from engine.players import Analysis
from gui.messages import Message, Resign
from gui.session import Session
from gui.terminal_look import ASCII, look_for
from gui.thinker import Job, Thinker


class DirectThinker(Thinker):
    """Does each job at once, in the caller's thread; reports come while it is done."""

    def __init__(self):
        self.job: Job | None = None
        self.working = None
        self.on_report: Callable[[object], None] = lambda found: None

    def start(self, job: Job) -> None:
        """Do a job; what comes of it is delivered by `poll`."""
        self.job = job

    def stop(self) -> None:
        """Nothing is in progress while anybody else can ask."""

    def drop(self) -> None:
        """Forget the job that waits."""
        self.job = None

    def poll(self) -> bool:
        """Do the job that waits, and deliver its result."""
        job, self.job = self.job, None
        if job is None:
            return False
        try:
            found = job.work(lambda found: self._report(job, found))
        except Exception as error:  # shown as a sentence, and the game goes on
            job.failed(error)
        else:
            job.done(found)
        return True

    def _report(self, job: Job, found: object) -> None:
        job.told(found)
        self.on_report(found)

    def close(self, seconds: float = 0.0) -> bool:
        """There is nothing to wait for."""
        return True


@dataclass(frozen=True)
class Command:
    """One word that a person may type: what it does with the rest of its line, and its line of help."""

    do: Callable
    help: str
    takes: str = ""


class Terminal:
    """A session at a keyboard: people type lines, and see what happened."""

    commands: Mapping[str, Command] = {}
    examples: tuple[tuple[str, str], ...] = ()  # lines that are no commands, and what they do
    hint_line = "help lists the commands"

    def __init__(self, session: Session, console: Console, save_to: str = ""):
        """The session works with a `DirectThinker`; its record is kept in `save_to`, if any."""
        self.session, self.console, self.save_to = session, console, save_to
        self.look = look_for(console)
        self.animated = console.is_terminal and not console.is_dumb_terminal
        self.told = self.session.ply  # the moves up to here were told
        self.left = False

    # --- a game's own ---

    def prompt(self) -> str:
        """Return what is asked for a line."""
        raise NotImplementedError

    def enter(self, line: str) -> None:
        """Do what a line means that is no command; raise `ValueError` where it means nothing."""
        raise NotImplementedError

    def drawn(self, found: Analysis | None = None) -> RenderableType:
        """Draw the board, and what the search has found so far."""
        raise NotImplementedError

    def tell_moves(self) -> None:
        """Say which moves were made since the last time, and draw the board where a person wants to see it."""
        raise NotImplementedError

    def finish(self) -> None:
        """Do what follows the end of a game when no person is asked."""
        self.left = True

    # --- the loop ---

    def run(self) -> None:
        """Play until the people leave, or, where the player plays itself, until the end."""
        if self.save_to:
            self.session.records.keep_in(self.save_to)  # where this fails the game need not begin
        self.begin()
        while not self.left:
            self.step()

    def begin(self) -> None:
        """Say how to play."""
        if self.session.people:
            self.say(self.hint_line, "dim")

    def step(self) -> None:
        """Let the engine and chance move, then ask a person."""
        try:
            self.settle()
        except EOFError:  # the dice come from the input, too
            self.left = True
        if self.left:
            return
        if self.awaits_line:
            self.listen()
        elif self.session.over:
            self.finish()

    @property
    def awaits_line(self) -> bool:
        """Whether a person is to type something now."""
        return bool(self.session.people) and (self.session.over or self.session.awaits_person)

    def settle(self) -> None:
        """Let the engine and chance move until a person is to choose, and tell it."""
        with nullcontext() if self.awaits_line else self.reporting():
            while self.session.poll() or self.session.engine.doing:
                self.tell_moves()
                self.tell_session()
        self.tell_moves()
        self.left |= self.session.engine.failed

    def tell_session(self) -> None:
        """Say what the session says."""
        if self.session.alarm:
            self.say(self.session.said, "bold red")
            self.session.tell("")

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Show on a terminal, while the engine thinks, what the search has found."""
        if not self.animated:
            yield
            return
        spinner = Spinner("line" if self.look is ASCII else "dots", text="Yomi thinks", style="bold")
        with Live(spinner, console=self.console, transient=True, vertical_overflow="crop") as live:

            def report(found: object) -> None:
                if isinstance(found, Analysis):
                    rate = found.simulations / max(found.seconds, 1e-9)
                    spinner.update(text=f"Yomi thinks, {rate:,.0f} visits/s")
                    live.update(stacked(self.drawn(found), spinner), refresh=True)

            self.thinker.on_report = report
            try:
                yield
            finally:
                self.thinker.on_report = lambda found: None

    @property
    def thinker(self) -> DirectThinker:
        thinker = self.session.engine.thinker
        assert isinstance(thinker, DirectThinker)
        return thinker

    # --- people ---

    def listen(self) -> None:
        """Read a line and do what it says; the end of the input means quit."""
        try:
            self.obey(self.ask(self.prompt()))
        except EOFError:
            self.say("")
            self.left = True

    def ask(self, prompt: str) -> str:
        """Read a line from the keyboard or a pipe; one from a pipe is printed, so that the output reads well."""
        if sys.stdin.isatty():
            return input(prompt).strip()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        self.say(prompt + line.strip())
        return line.strip()

    def obey(self, line: str) -> None:
        """Do what a line says; say what cannot be done, and the game goes on."""
        word, _, rest = line.partition(" ")
        command = self.commands.get(word.lower())
        try:
            if command:
                command.do(self, rest.strip())
            else:
                self.enter(line)
        except (ValueError, IndexError, OSError) as error:
            self.say(str(error), "bold red")

    def send(self, message: Message) -> None:
        """Let the session do what a message asks; raise `ValueError` where it cannot."""
        self.session.handle(message)
        if self.session.alarm:
            said = self.session.said
            self.session.tell("")
            raise ValueError(said)

    def ensure_going_on(self) -> None:
        """Raise `ValueError` where the game is over."""
        if self.session.over:
            raise ValueError("the game is over; undo, new and quit go on")

    # --- what is said ---

    def show(self) -> None:
        """Draw the board."""
        self.console.print(self.drawn())

    def say(self, sentence: str, style: str = "") -> None:
        """Print a sentence."""
        self.console.print(Text(sentence, style))


def stacked(*parts: RenderableType) -> Table:
    """Return parts below each other."""
    table = Table.grid()
    for part in parts:
        table.add_row(part)
    return table


# --- commands of every game -------------------------------------------------------------------------------


def resign(game: Terminal, rest: str) -> None:
    """Give the game up."""
    game.ensure_going_on()
    game.send(Resign())


def save(game: Terminal, rest: str) -> None:
    """Write the record."""
    if not rest:
        raise ValueError(f"save needs a file name: save game{game.session.records.suffix}")
    game.session.records.save(rest)
    game.say(game.session.said)
    game.session.tell("")


def show_help(game: Terminal, rest: str) -> None:
    """List what can be typed."""
    table = Table.grid(padding=(0, 2))
    for example, meaning in game.examples:
        table.add_row(example, meaning)
    for name, command in game.commands.items():
        table.add_row(Text(f"{name} {command.takes}"), command.help)
    game.console.print(table)


def leave(game: Terminal, rest: str) -> None:
    """End the program."""
    game.left = True


def play(game: Terminal) -> None:
    """Play one game at the keyboard."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # a stray byte is a bad line, not the end
    with suppress(ImportError):
        import readline  # noqa: F401  line editing for input()
    try:
        game.run()
    finally:
        game.session.records.finish()
