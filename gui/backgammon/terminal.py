"""Backgammon in the terminal: one line in, one entry of the table COMMANDS or a play; the board drawn again."""

import secrets
import sys
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.backgammon.player import judge_cube
from engine.backgammon.plies import Lookahead
from engine.backgammon.resigning import why_refused
from engine.players import Player
from games.backgammon import gnubg_id, plays, xgid
from games.backgammon.board import counted_score, pip_count, points_won, start
from games.backgammon.dice import GivenDice, Pair, SeededDice, read_throw
from games.backgammon.rules import DICE, DOUBLE, DROP, GAIN, MOVER, OFFERED, OPENING, ROLL, TAKE, WINNER
from games.backgammon.writing import write_play
from games.game import CHANCE, FIRST, SECOND
from gui.backgammon import terminal_view as draw
from gui.backgammon.book import Session, resume
from gui.go.terminal_view import look_for

SHOWN = 5
"""Plays that a hint lists."""

WORDS = {1: "a game", 2: "a gammon", 3: "a backgammon"}


class Obeyed(Exception):
    """Where dice were asked for, a command came instead and was done."""


class BackgammonTerminal:
    """A match between people at the keyboard and a player, read line by line from standard input."""

    def __init__(
        self,
        session: Session,
        player: Player,
        people: set[int],
        console: Console,
        lookahead: Lookahead,
        plies: int = 0,
        save_to: str = "",
    ):
        """Lines are read for the sides `people`; hints come from `lookahead`; `save_to` is a .mat file or ""."""
        self.session, self.player, self.people = session, player, people
        self.console, self.lookahead, self.plies, self.save_to = console, lookahead, plies, save_to
        self.look = look_for(console)
        self.animated = console.is_terminal and not console.is_dumb_terminal
        self.left = False
        if isinstance(session.dice, GivenDice):
            session.dice.ask = self.ask_dice

    @property
    def names(self) -> tuple[str, str]:
        """What FIRST and SECOND are called."""
        if len(self.people) != 1:
            return "First", "Second"
        return tuple("You" if side in self.people else "Yomi" for side in (FIRST, SECOND))

    @property
    def viewer(self) -> int:
        """From whose side the board is drawn: the person's who is to play, else the first person's."""
        mover = int(self.session.state[MOVER])
        return mover if mover in self.people or not self.people else min(self.people)

    def run(self) -> None:
        """Play until the people leave, or, where the player plays itself, until the end of the match or game."""
        if self.save_to:
            self.session.save(self.save_to, self.players)  # where this fails the match need not begin
        self.say(self.session.dice.describe(), "dim")
        for sentence in self.session.left_out:
            self.say(sentence, "bold red")
        if self.people:
            self.say("type a play such as 8/5 6/5, or 8/5 and then 6/5; help lists the commands", "dim")
        if self.session.turn in self.people:
            self.show()
        while not self.left:
            self.step()

    def step(self) -> None:
        """Let whoever's choice it is make it."""
        if self.session.over:
            self.finish()
        elif self.session.turn == CHANCE:
            self.roll()
        elif self.session.turn in self.people:
            self.listen()
        else:
            self.answer()

    # --- people ---

    def listen(self) -> None:
        """Read a line and do what it says; the end of the input means quit."""
        try:
            self.obey(self.ask(self.prompt()))
        except EOFError:
            self.say("")
            self.left = True

    def prompt(self) -> str:
        state, name = self.session.state, self.names[self.session.turn]
        if state[OFFERED]:
            return f"{name}, take or drop> "
        if self.session.complete:
            return f"{name}, Enter confirms, undo takes back> "
        dice = "-".join(str(die) for die in state[DICE : DICE + 4] if die)
        return f"{name}, {dice}> " if dice else f"{name}, Enter rolls, or double> "

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
        """Do what a line says; what cannot be done is told in a sentence, and the game goes on."""
        word, _, rest = line.partition(" ")
        command = COMMANDS.get(word.lower())
        try:
            if command:
                command.do(self, rest.strip())
            elif line:
                self.move(line)
            else:
                self.go_on()
        except (ValueError, OSError) as error:
            self.say(str(error), "bold red")

    def go_on(self) -> None:
        """Do what an empty line means: roll, or confirm the turn."""
        state = self.session.state
        if state[OFFERED]:
            raise ValueError("answer the double: take or drop")
        if state[DICE]:
            raise ValueError("there are dice left to play")
        if self.session.complete:
            self.session.confirm()
            self.keep()
        else:
            self.session.play(ROLL)

    def move(self, text: str) -> None:
        """Move a person's men; the turn waits to be confirmed."""
        if self.session.complete:
            raise ValueError("all dice are played: Enter confirms, undo takes the last man back")
        if not self.session.state[DICE]:
            raise ValueError(f"{text[:40]!r} is no command, and no dice are rolled; help lists the commands")
        self.session.move(text)
        self.show()

    def cube(self, move: int) -> None:
        """Double, take or drop."""
        mover = self.session.turn
        why = self.session.position.why_not(move)
        if why:
            raise ValueError(f"not now: {why}")
        self.session.play(move)
        self.tell_cube(mover, move)
        self.keep()

    # --- dice ---

    def roll(self) -> None:
        """Throw the dice and say what fell; a turn in which nothing is left to choose is played at once."""
        opening = bool(self.session.state[OPENING])
        try:
            throw = self.session.roll()
        except ValueError as error:
            self.say(str(error), "bold red")
        except EOFError:
            self.left = True
        except Obeyed:
            pass
        else:
            self.rolled(throw, opening)

    def rolled(self, throw: Pair, opening: bool) -> None:
        session = self.session
        position = session.position
        stuck = not position.state[DICE]
        mover = 1 - int(position.state[MOVER]) if stuck else int(position.state[MOVER])
        name, dice = self.names[mover], f"{max(throw)}-{min(throw)}"
        self.say(f"{name} begin{self.s(mover)} with {dice}" if opening else f"{name} roll{self.s(mover)} {dice}")
        if stuck:
            self.say(f"{name} cannot move")
            self.keep()
        elif mover in self.people:
            self.begin_turn(mover)

    def begin_turn(self, mover: int) -> None:
        """Show a person the board, or play for him where the rules leave one play."""
        state = self.session.state
        legal = plays(state)
        if len(legal) > 1:
            self.show()
            return
        for move in legal[0][0]:
            self.session.play(move)
        self.say(f"{self.names[mover]} play{self.s(mover)} {write_play(state, legal[0][0])}, which is forced")
        self.keep()

    def ask_dice(self, game: int, number: int, opening: bool) -> Pair:
        """Read dice that somebody threw; a command may come instead."""
        names = self.names
        whose = f"opening, {names[FIRST]} then {names[SECOND]}" if opening else names[self.session.state[MOVER]]
        line = self.ask(f"dice for {whose}> ")
        if line.partition(" ")[0].lower() in COMMANDS:
            self.obey(line)
            raise Obeyed
        return read_throw(line, opening)

    # --- the player ---

    def answer(self) -> None:
        """Let the player make its decision: about the cube, or a whole turn of checker moves."""
        session, mover = self.session, self.session.turn
        before, moves = session.state, []
        with self.console.status("Yomi thinks") if self.animated else nullcontext():
            while session.turn == mover and not (moves and not session.state[DICE]):
                moves.append(self.player.choose(session.position))
                session.play(moves[-1])
        if before[DICE]:
            self.say(f"{self.names[mover]} play{self.s(mover)} {write_play(before, moves)}", "bold")
        else:
            self.tell_cube(mover, moves[0])
        self.keep()
        if session.turn in self.people:
            self.show()

    def tell_cube(self, player: int, move: int) -> None:
        name, s = self.names[player], self.s(player)
        done = {DOUBLE: f"{name} double{s}", TAKE: f"{name} take{s}", DROP: f"{name} drop{s}"}
        if move in done:
            self.say(done[move], "bold")

    def s(self, player: int) -> str:
        """Return the ending of a verb whose subject a player is."""
        return "" if self.names[player] == "You" else "s"

    # --- what is told and kept ---

    def finish(self) -> None:
        """Tell how a game ended, and begin the next one; the people may leave between two."""
        session = self.session
        ended, winner = session.state, int(session.state[WINNER])
        self.show()
        points = points_won(ended)
        name = self.names[winner]
        what = WORDS.get(int(ended[GAIN]), "all that the match needed")
        won = f"{what}, {points} point{'s' * (points > 1)}"
        self.say(f"{name} win{self.s(winner)} {won}" + ", by resignation" * (session.resigned is not None), "bold")
        self.keep()
        if session.match_over:
            one, other = counted_score(ended)
            self.say(f"{name} win{self.s(winner)} the match: {self.names[0]} {one}, {self.names[1]} {other}", "bold")
            self.left = True
        elif session.length or self.wants_another():
            session.next_game()
        else:
            self.left = True

    def wants_another(self) -> bool:
        """Ask people whether they go on; a player alone plays one game."""
        if not self.people:
            return False
        with suppress(EOFError):
            return self.ask("game over, Enter plays the next, quit> ").lower() not in ("quit", "q")
        return False

    def show(self) -> None:
        """Draw the board."""
        session = self.session
        scene = draw.Scene(self.names, session.game + 1, session.points, session.dice.describe())
        self.console.print(draw.view(session.state, self.viewer, self.look, scene))
        if session.drafted:
            self.say(f"so far: {session.drafted}")

    def keep(self) -> None:
        """Bring the record up to date; a full disk is no reason to end the match."""
        try:
            if self.save_to:
                self.session.save(self.save_to, self.players)
        except (ValueError, OSError) as error:
            self.say(f"the match is not saved: {error}", "bold red")

    @property
    def players(self) -> tuple[str, str]:
        """What the record calls both sides."""
        return tuple("you" if side in self.people else f"Yomi {self.player.name}" for side in (FIRST, SECOND))

    def say(self, sentence: str, style: str = "") -> None:
        self.console.print(Text(sentence, style))


# --- commands: what a word does, with the rest of its line ------------------------------------------------


@dataclass(frozen=True)
class Command:
    """One word that a person may type."""

    do: Callable[[BackgammonTerminal, str], None]
    help: str
    takes: str = ""


def roll(game: BackgammonTerminal, rest: str) -> None:
    if game.session.complete or game.session.state[DICE] or game.session.state[OFFERED]:
        raise ValueError("the dice are not to be rolled now")
    game.session.play(ROLL)


def undo(game: BackgammonTerminal, rest: str) -> None:
    game.session.undo()
    game.show()


def resign(game: BackgammonTerminal, rest: str) -> None:
    gains = {"": 1, "1": 1, "game": 1, "2": 2, "gammon": 2, "3": 3, "backgammon": 3}
    if rest.lower() not in gains:
        raise ValueError("a game is given up plainly, as a gammon or as a backgammon: resign gammon")
    gain = gains[rest.lower()]
    player = game.session.turn if game.session.turn in game.people else min(game.people)
    if 1 - player not in game.people:
        why_not = why_refused(game.lookahead, game.session.position.state, player, gain)
        if why_not:
            raise ValueError(f"Yomi plays on: {why_not}")
    game.session.resign(player, gain)


def hint(game: BackgammonTerminal, rest: str) -> None:
    """Show the best plays, or what to do with the cube."""
    state = game.session.state
    if game.session.complete:
        raise ValueError("all dice are played: undo, then ask again")
    if state[DICE]:
        game.console.print(draw.plays_table(state, game.lookahead.rank(state, game.plies, most=SHOWN)))
    else:
        outputs = game.lookahead.outputs(state, game.plies)
        game.console.print(draw.cube_table(judge_cube(game.lookahead, state, game.plies, outputs), outputs))


def show_dice(game: BackgammonTerminal, rest: str) -> None:
    game.say(game.session.dice.describe())
    game.console.print(draw.dice_table(game.session.dice.log))


def show_ids(game: BackgammonTerminal, rest: str) -> None:
    state = game.session.position.state
    game.say(f"{gnubg_id.to_id(state)}  {xgid.to_id(state)}")


def show_pips(game: BackgammonTerminal, rest: str) -> None:
    state = game.session.state
    game.say(", ".join(f"{game.names[side]} {pip_count(state, side)}" for side in (FIRST, SECOND)) + " pips")


def save(game: BackgammonTerminal, rest: str) -> None:
    if not rest:
        raise ValueError("save needs a file name: save match.mat")
    game.session.save(rest, game.players)
    game.say(f"saved to {rest}")


def show_help(game: BackgammonTerminal, rest: str) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_row("8/5 6/5", "play, all dice or one by one; also 13/7*, 6/4(2), bar/22, 6/off, 24/18/13")
    table.add_row("Enter", "roll, or confirm the turn")
    for name, command in COMMANDS.items():
        table.add_row(Text(f"{name} {command.takes}"), command.help)
    game.console.print(table)


def leave(game: BackgammonTerminal, rest: str) -> None:
    game.left = True


COMMANDS = {
    "roll": Command(roll, "roll the dice, without doubling"),
    "double": Command(lambda game, rest: game.cube(DOUBLE), "double the stakes before the roll"),
    "take": Command(lambda game, rest: game.cube(TAKE), "take the double"),
    "drop": Command(lambda game, rest: game.cube(DROP), "drop the double and lose the game"),
    "undo": Command(undo, "take a man back, until the turn is confirmed"),
    "hint": Command(hint, f"show the {SHOWN} best plays with their chances, or what to do with the cube"),
    "resign": Command(resign, "give up the game; Yomi may want more", "[gammon|backgammon]"),
    "board": Command(lambda game, rest: game.show(), "draw the board again"),
    "pips": Command(show_pips, "count the pips"),
    "dice": Command(show_dice, "show where the dice come from, and all that fell"),
    "id": Command(show_ids, "write the position as GNU Backgammon and eXtreme Gammon do"),
    "save": Command(save, "write the match as .mat", "FILE"),
    "help": Command(show_help, "this list"),
    "quit": Command(leave, "leave"),
}


# --- the way in -------------------------------------------------------------------------------------------

PEOPLE = {"first": {FIRST}, "second": {SECOND}, "both": {FIRST, SECOND}, "none": set()}
"""Which sides people play, for each word after --colour."""


MOST_DRAWN = 10**6
"""Seeds that nobody chose are short enough to be typed again."""


def opening(load: str, manual: bool, seed: int | None, **rules) -> Session:
    """Return the match to play: from an ID or a .mat file, else a new one by the keywords of `backgammon_board.start`.

    Dice come from people's hands or from a seed, which is drawn where none is given. Raise `ValueError` for what
    cannot be.
    """
    dice = GivenDice() if manual else SeededDice(secrets.randbelow(MOST_DRAWN) if seed is None else seed)
    return resume(load, dice) if load else Session(start(**rules), dice)


def play(session: Session, player: Player, lookahead: Lookahead, plies: int, colour: str, save_to: str = "") -> None:
    """Play a match in the terminal."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # a stray byte is a bad move, not the end
    with suppress(ImportError):
        import readline  # noqa: F401  line editing for input()
    game = BackgammonTerminal(session, player, PEOPLE[colour], Console(highlight=False), lookahead, plies, save_to)
    game.run()
