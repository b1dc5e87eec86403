"""Go in the terminal: its commands, its board, what it says."""

import numpy as np
from rich.console import Console, Group, RenderableType

from engine.players import Analysis, Player
from games import go
from games.game import Position
from games.go import board as go_board
from games.go import sgf_words
from gui import messages as say
from gui import terminal
from gui.course import Course
from gui.go.record import read
from gui.go.session import GoSession, proposed_dead
from gui.go.start import PEOPLE
from gui.go.start import opening as opening_of
from gui.go.terminal_view import NAMES, Thought, thoughts, verdict, view
from gui.terminal import Command, DirectThinker, Terminal


class GoTerminal(Terminal):
    """A game of Go at a keyboard."""

    session: GoSession
    hint_line = "type a point such as E5 to play there; help lists the commands"
    examples = (("E5", "play on a point"),)

    def __init__(self, session: GoSession, console: Console, save_to: str = ""):
        super().__init__(session, console, save_to)
        self.thought: Thought | None = None
        self.generation = -1  # of the position that was drawn last

    @property
    def result(self) -> str:
        """The result as SGF writes it, "" while the game goes on."""
        return self.session.written_result

    def prompt(self) -> str:
        """Return what is asked for a line."""
        return "game over> " if self.session.over else f"{NAMES[self.session.position.turn]}> "

    def enter(self, line: str) -> None:
        """Play a person's move."""
        if not line:
            return
        self.ensure_going_on()
        try:
            move = go_board.move(line[:40], self.session.size)
        except ValueError as error:
            raise ValueError(f"{error}; help lists the commands") from None
        self.send(say.Play(move))

    def drawn(self, found: Analysis | None = None) -> RenderableType:
        """Draw the position, and the last analysis or the one that grows."""
        thought = Thought(found, self.session.position.turn) if found else self.thought
        return Group(view(self.session.position, self.look, thought, self.session.dead))

    def tell_moves(self) -> None:
        """Draw a new position where a person looks at it, and say how the game ended."""
        session = self.session
        if session.generation == self.generation or (session.position.over and session.dead is None):
            return
        self.generation = session.generation
        self.thought = self._last_thought()
        if session.over or self.awaits_line or not (session.people or self.animated):
            self.show()
        if session.over:
            self.say(verdict(self.result), "bold")
            self.compare_counts(session.dead)

    def _last_thought(self) -> Thought | None:
        """Return what the engine thought before its last move."""
        session = self.session
        before = session.course.here.parent
        if session.position.over or before is None or before.thought is None or not session.position.movers:
            return None
        return Thought(before.thought, session.position.movers[-1])

    def compare_counts(self, dead: np.ndarray | None) -> None:
        """Say what is taken as dead, and the count without that judgement where it differs."""
        position = self.session.position
        if self.session.ended or dead is None or not dead.any():
            return
        alive = sgf_words.write_result(go.final_lead(position.state))
        self.say(f"stones marked {self.look.dead} are taken as dead: {np.count_nonzero(dead)}")
        if alive != sgf_words.write_result(go.final_lead(position.state, dead)):
            self.say(f"with every stone alive it would be {alive}; dead POINT changes the judgement of a chain")


# --- commands ---------------------------------------------------------------------------------------------


def undo(game: GoTerminal, rest: str) -> None:
    """Take back a resignation, or moves until the same person is to play again."""
    session = game.session
    if not session.ended and not session.people.intersection(session.position.movers):
        raise ValueError("there is no move of yours to take back")
    game.send(say.Undo())
    while not session.awaits_person:
        game.send(say.Undo())


def hint(game: GoTerminal, rest: str) -> None:
    """Show what the engine would play."""
    game.ensure_going_on()
    session = game.session
    player = session.engine.searcher()
    with game.reporting():
        found = player.think(session.position, player.limit, game.thinker.on_report, 0.2)
    for part in thoughts(session.position, Thought(found, session.position.turn), game.look):
        game.console.print(part)


def score(game: GoTerminal, rest: str) -> None:
    """Count the position as if the game ended here, or as it did."""
    session = game.session
    dead = proposed_dead(session.position) if session.dead is None else session.dead
    game.console.print(view(session.position, game.look, game.thought, dead))
    counted = verdict(sgf_words.write_result(go.final_lead(session.position.state, dead)))
    game.say(counted if session.position.over else f"if the game ended here: {counted}", "bold")
    game.compare_counts(dead)


def mark_dead(game: GoTerminal, rest: str) -> None:
    """Change the judgement of the chain on a point."""
    game.send(say.MarkDead(go_board.move(rest, game.session.size)))
    game.generation = -1


def new(game: GoTerminal, rest: str) -> None:
    """Begin again."""
    session = game.session
    session.records.begin_anew()
    session.replace(Course(Position(go, session.position.states[0])))
    if session.engine.player:
        session.engine.player.forget()


GoTerminal.commands = COMMANDS = {
    "pass": Command(lambda game, rest: game.enter("pass"), "pass; two passes in a row end the game"),
    "undo": Command(undo, "take your last move back, and the answer to it"),
    "hint": Command(hint, "show what the engine would play"),
    "score": Command(score, "count the position, dead stones proposed"),
    "dead": Command(mark_dead, "change the judgement of the stones on a point", "POINT"),
    "resign": Command(terminal.resign, "give up"),
    "save": Command(terminal.save, "write the game as SGF", "FILE"),
    "new": Command(new, "begin again"),
    "help": Command(terminal.show_help, "this list"),
    "quit": Command(terminal.leave, "leave"),
}


# --- the way in -------------------------------------------------------------------------------------------


def opening(size: int, komi: float | None, rules: str, handicap: int, load: str = "") -> Position:
    """Return the position to begin with, or the one that a file holds; raise `ValueError` for what cannot be."""
    if load:
        return read(load, rules=rules).course.position
    chosen = {"size": size, "komi": "" if komi is None else komi, "rules": rules, "handicap": handicap}
    return opening_of(chosen)


def begin(
    position: Position, player: Player, people: set[int], console: Console, save_to: str = "", load: str = ""
) -> GoTerminal:
    """Return a game at a keyboard, from a position on or in the file that it came from."""
    session = GoSession(position, lambda: player, people, thinker=DirectThinker())
    session.engine.ready()
    if load:
        session.records.take(read(load, rules=go_board.described(position.states[0])["rules"]))
        session.handle(say.GoOn())
    return GoTerminal(session, console, save_to)


def play(position: Position, player: Player, colour: str, save_to: str = "", load: str = "") -> None:
    """Play one game in the terminal."""
    terminal.play(begin(position, player, PEOPLE[colour], Console(highlight=False), save_to, load))
