"""Go in the terminal: one line in, one entry of the table COMMANDS, the position drawn again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import numpy as np
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text
from sgfmill.sgf import Sgf_game

from engine.players import RESIGN, Analysis, Report, SearchPlayer
from engine.rollouts import shipped_policy
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import rules as go_rules
from games.go import sgf
from gui.go.terminal_view import ASCII, NAMES, Thought, look_for, thoughts, verdict, view


class TerminalGame:
    """A game between people at the keyboard and a player, read line by line from standard input."""

    def __init__(
        self,
        position: Position,
        player: SearchPlayer,
        people: set[int],
        console: Console,
        save_to: str = "",
        load: str = "",
    ):
        """`people` are the sides that lines are read for; records are kept in `save_to` and began in `load`, or ""."""
        self.position, self.player, self.people = position, player, people
        self.console, self.save_to = console, save_to
        self.loaded = sgf.Document.open(load) if load else None
        self.look = look_for(console)
        self.animated = console.is_terminal and not console.is_dumb_terminal
        self.thought: Thought | None = None
        self.dead: np.ndarray | None = None  # bool [size, size], once proposed
        self.resigned: int | None = None
        self.left = False

    @property
    def over(self) -> bool:
        return self.position.over or self.resigned is not None

    @property
    def awaits_person(self) -> bool:
        return bool(self.people) and (self.over or self.position.turn in self.people)

    @property
    def result(self) -> str:
        """The result, "" while the game goes on."""
        if self.resigned is not None:
            return "W+R" if self.resigned == FIRST else "B+R"
        return sgf.write_result(go.final_lead(self.position.state, self.dead)) if self.over else ""

    def run(self) -> None:
        """Play until the people leave, or, where the player plays itself, until the end."""
        if self.save_to:
            self.write(self.save_to)  # where this fails the game need not begin
        if self.people:
            self.say("type a point such as E5 to play there; help lists the commands", "dim")
        self.changed()
        while not self.left:
            if self.awaits_person:
                self.listen()
            elif self.over:
                self.left = True
            else:
                self.answer()

    # --- people ---

    def listen(self) -> None:
        """Read a line and do what it says; the end of the input means quit."""
        try:
            line = self.ask()
        except EOFError:
            self.say("")
            self.left = True
        else:
            self.obey(line.strip())

    def ask(self) -> str:
        """Read a line from the keyboard or a pipe; one from a pipe is printed, so that the output reads well."""
        prompt = "game over> " if self.over else f"{NAMES[self.position.turn]}> "
        if sys.stdin.isatty():
            return input(prompt)
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        self.say(prompt + line.strip())
        return line

    def obey(self, line: str) -> None:
        """Do what a line says; what cannot be done is told in a sentence, and the game goes on."""
        word, _, rest = line.partition(" ")
        command = COMMANDS.get(word.lower())
        try:
            if command:
                command.do(self, rest.strip())
            elif line:
                self.place(line[:40])
        except (ValueError, IndexError, OSError) as error:
            self.say(str(error), "bold red")

    def place(self, vertex: str) -> None:
        """Play a person's move."""
        self.ensure_going_on()
        try:
            move = go_board.move(vertex, int(self.position.state[go_rules.SIZE]))
        except ValueError as error:
            raise ValueError(f"{error}; help lists the commands") from None
        self.played(move)

    def ensure_going_on(self) -> None:
        if self.over:
            raise ValueError("the game is over; undo, new and quit go on")

    # --- the player ---

    def answer(self) -> None:
        """Let the player move, or resign; on a terminal, show how its opinion grows."""
        mover = self.position.turn
        with self.reporting() as report:
            move = self.player.choose(self.position, report=report, every=0.2)
        if self.player.thought:
            self.thought = Thought(self.player.thought, mover)
        if move == RESIGN:
            self.resigned = mover
            self.changed()
        else:
            self.played(move)

    def think(self) -> Analysis:
        """Let the player search for a hint."""
        with self.reporting() as report:
            return self.player.think(self.position, self.player.limit, report, 0.2)

    @contextmanager
    def reporting(self) -> Iterator[Report | None]:
        """Offer a place for reports of a search, shown live on a terminal."""
        if not self.animated:
            yield None
            return
        spinner = Spinner("line" if self.look is ASCII else "dots", style="bold")
        with Live(self.drawn(spinner), console=self.console, transient=True, vertical_overflow="crop") as live:

            def report(found: Analysis) -> None:
                spinner.update(text=f"Yomi thinks, {found.simulations / max(found.seconds, 1e-9):,.0f} visits/s")
                live.update(self.drawn(spinner, found))

            yield report

    def drawn(self, spinner: RenderableType | None = None, found: Analysis | None = None) -> RenderableType:
        """Draw the position and what was thought of it last, or is being thought."""
        thought = Thought(found, self.position.turn) if found else self.thought
        return Group(view(self.position, self.look, thought, self.dead), *[spinner] * bool(spinner))

    # --- what changes, what is told and kept ---

    def played(self, move: int) -> None:
        """Play a move of either side."""
        self.position.play(move)
        self.thought = None if self.position.over else self.thought
        self.dead = proposed_dead(self.position) if self.position.over else None
        self.changed()

    def changed(self) -> None:
        """Draw the position unless the next search will, tell the result if there is one, and keep the record."""
        if self.over or self.awaits_person or not (self.people or self.animated):
            self.console.print(self.drawn())
        if self.over:
            self.say(verdict(self.result), "bold")
            self.compare_counts()
        self.keep()

    def keep(self) -> None:
        """Bring the record up to date; a full disk is no reason to end the game."""
        try:
            if self.save_to:
                self.write(self.save_to)
        except (ValueError, OSError) as error:
            self.say(f"the game is not saved: {error}", "bold red")

    def compare_counts(self) -> None:
        """Say what is taken as dead, and the count without that judgement where it differs."""
        if self.resigned is not None or self.dead is None or not self.dead.any():
            return
        alive = sgf.write_result(go.final_lead(self.position.state))
        self.say(f"stones marked {self.look.dead} are taken as dead: {np.count_nonzero(self.dead)}")
        if alive != sgf.write_result(go.final_lead(self.position.state, self.dead)):
            self.say(f"with every stone alive it would be {alive}; dead POINT changes the judgement of a chain")

    def write(self, path: str) -> None:
        """Write the record of the game so far."""
        if self.loaded:
            add_game(self.loaded.games[0], self.position, self.result)
            self.loaded.save(path)
        else:
            names = ("you" if side in self.people else f"Yomi, {self.player.name}" for side in (FIRST, SECOND))
            sgf.save(path, [sgf.from_position(self.position, self.result, tuple(names))])

    def say(self, sentence: str, style: str = "") -> None:
        self.console.print(Text(sentence, style))


def add_game(record: Sgf_game, position: Position, result: str) -> None:
    """Add a game to the record that it came from: moves not in it become variations, whatever else it holds stays."""
    before, node = record.serialise(), record.root
    for move, by in zip(position.moves, position.movers, strict=True):
        while len(node) == 1 and not {"B", "W"}.intersection(node[0].properties()):
            node = node[0]  # a comment between two moves, say
        node = sgf.play(node, move, by)
    if result or record.serialise() != before:
        sgf.set_result(record, result)


def proposed_dead(position: Position) -> np.ndarray:
    """Propose the dead stones, bool [size, size]; a game finished under Tromp-Taylor's rules has none."""
    if position.over and go_board.described(position.state)["rules"] == "tromp-taylor":
        return np.zeros(go.colours(position.state).shape, bool)
    return go.dead_stones(position.state, shipped_policy(go))


def chain_of(position: Position, move: int) -> np.ndarray:
    """Return the stones connected with the one on a point, bool [size, size]."""
    state, board = position.state, go.colours(position.state)
    heads = [state[go_rules.point(state, m) + int(go_rules.CHAIN)] for m in range(board.size)]
    return (np.array(heads) == heads[move]).reshape(board.shape)


# --- commands: what a word does, with the rest of its line ------------------------------------------------


@dataclass(frozen=True)
class Command:
    """One word that a person may type."""

    do: Callable[[TerminalGame, str], None]
    help: str
    takes: str = ""


def pass_move(game: TerminalGame, rest: str) -> None:
    game.place("pass")


def undo(game: TerminalGame, rest: str) -> None:
    """Take back a resignation, or moves until the same person is to play again."""
    resigned, game.resigned = game.resigned, None
    if resigned not in game.people:
        if not game.people.intersection(game.position.movers):
            raise ValueError("there is no move of yours to take back")
        while game.position.movers[-1] not in game.people:
            game.position.undo()
        game.position.undo()
    game.thought = game.dead = None
    game.changed()


def resign(game: TerminalGame, rest: str) -> None:
    game.ensure_going_on()
    game.resigned = game.position.turn
    game.changed()


def hint(game: TerminalGame, rest: str) -> None:
    game.ensure_going_on()
    thought = Thought(game.think(), game.position.turn)
    for part in thoughts(game.position, thought, game.look):
        game.console.print(part)


def score(game: TerminalGame, rest: str) -> None:
    """Count the position as if the game ended here, or as it did."""
    game.dead = proposed_dead(game.position) if game.dead is None else game.dead
    game.console.print(game.drawn())
    counted = verdict(sgf.write_result(go.final_lead(game.position.state, game.dead)))
    game.say(counted if game.position.over else f"if the game ended here: {counted}", "bold")
    game.compare_counts()


def dead(game: TerminalGame, rest: str) -> None:
    """Change the judgement of the chain on a point."""
    board = go.colours(game.position.state)
    move = go_board.move(rest, len(board))
    if move == board.size or board.ravel()[move] == go.EMPTY:
        raise ValueError(f"there is no stone on {rest}")
    marks = proposed_dead(game.position) if game.dead is None else game.dead
    game.dead = marks ^ chain_of(game.position, move)
    game.changed()


def save(game: TerminalGame, rest: str) -> None:
    if not rest:
        raise ValueError("save needs a file name: save game.sgf")
    game.write(rest)
    game.say(f"saved to {rest}")


def new(game: TerminalGame, rest: str) -> None:
    game.position = Position(go, game.position.states[0])
    game.thought = game.dead = game.resigned = None
    game.player.forget()
    game.changed()


def show_help(game: TerminalGame, rest: str) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_row("E5", "play on a point")
    for name, command in COMMANDS.items():
        table.add_row(f"{name} {command.takes}", command.help)
    game.console.print(table)


def leave(game: TerminalGame, rest: str) -> None:
    game.left = True


COMMANDS = {
    "pass": Command(pass_move, "pass; two passes in a row end the game"),
    "undo": Command(undo, "take your last move back, and the answer to it"),
    "hint": Command(hint, "show what the engine would play"),
    "score": Command(score, "count the position, dead stones proposed"),
    "dead": Command(dead, "change the judgement of the stones on a point", "POINT"),
    "resign": Command(resign, "give up"),
    "save": Command(save, "write the game as SGF", "FILE"),
    "new": Command(new, "begin again"),
    "help": Command(show_help, "this list"),
    "quit": Command(leave, "leave"),
}


# --- the way in -------------------------------------------------------------------------------------------

PEOPLE = {"black": {FIRST}, "white": {SECOND}, "both": {FIRST, SECOND}, "none": set()}
"""Which sides people play, for each word after --colour."""


def opening(size: int, komi: float | None, rules: str, handicap: int, load: str = "") -> Position:
    """Return the position to begin with, or the one that a file holds; raise `ValueError` for what cannot be."""
    if load:
        return sgf.position(sgf.one(load, 1, rules))
    stones = go_board.fixed_handicap(size, handicap) if handicap > 1 else []
    fair = 0.5 if handicap else 7
    return Position(
        go,
        go_board.setup(
            size,
            fair if komi is None else komi,
            rules,
            black=stones,
            to_play=SECOND if stones else FIRST,
            handicap_bonus=go_board.handicap_bonus(rules, handicap),
        ),
    )


def play(position: Position, player: SearchPlayer, colour: str, save_to: str = "", load: str = "") -> None:
    """Play one game in the terminal."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # a stray byte is a bad move, not the end
    with suppress(ImportError):
        import readline  # noqa: F401  line editing for input()
    TerminalGame(position, player, PEOPLE[colour], Console(highlight=False), save_to, load).run()
