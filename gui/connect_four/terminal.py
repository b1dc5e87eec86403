"""Connect Four in the terminal: its commands, its board, what it says."""

from rich.console import Console, RenderableType
from rich.text import Text

from engine.players import Analysis, Player
from games import connect_four
from games.connect_four.writing import diagram
from games.game import Position
from gui import messages as say
from gui import terminal
from gui.connect_four.page import PEOPLE
from gui.connect_four.session import SIDES, ConnectFourSession
from gui.page import chance_of
from gui.terminal import Command, DirectThinker, Terminal


class ConnectFourTerminal(Terminal):
    """A game of Connect Four at a keyboard."""

    hint_line = "type a column, 1 to 7, to drop a disc there (X is Red); help lists the commands"
    examples = (("4", "drop a disc into a column"),)

    def prompt(self) -> str:
        """Return what is asked for a line."""
        return "game over> " if self.session.over else f"{SIDES[self.session.position.turn]}> "

    def enter(self, line: str) -> None:
        """Play a column; raise `ValueError` for anything else."""
        if line not in tuple("1234567"):
            raise ValueError(f"{line!r} is no column: they are 1 to 7")
        self.ensure_going_on()
        self.send(say.Play(int(line) - 1))

    def drawn(self, found: Analysis | None = None) -> RenderableType:
        """Draw the board, and what the search thinks of each column."""
        turn, lines = self.session.position.turn, found.lines if found else []
        words = (f"{line.move + 1}: {chance_of(line.value, turn):.0f} % ({line.visits:,})" for line in lines[:3])
        return Text(diagram(self.session.position.state) + ("\n" + "   ".join(words) if lines else ""))

    def tell_moves(self) -> None:
        """Say which moves were made since the last time, and draw the board."""
        if self.session.ply == self.told:
            return
        for node in self.session.history.line[self.told + 1 : self.session.ply + 1]:
            self.say(f"{SIDES[node.mover]} plays {node.move + 1}")
        self.told = self.session.ply
        self.show()
        if self.session.over:
            self.say(self.session.result, "bold")


def undo(game: Terminal, rest: str) -> None:
    """Take back moves until the same person is to play."""
    game.send(say.Undo())
    game.told = game.session.ply
    game.show()


ConnectFourTerminal.commands = {
    "undo": Command(undo, "take your last move back, and the answer to it"),
    "resign": Command(terminal.resign, "give up"),
    "save": Command(terminal.save, "write the moves", "FILE"),
    "help": Command(terminal.show_help, "this list"),
    "quit": Command(terminal.leave, "leave"),
}


def play(player: Player, colour: str, save_to: str = "") -> None:
    """Play one game in the terminal."""
    position = Position(connect_four, connect_four.start())
    session = ConnectFourSession(position, lambda: player, PEOPLE[colour], DirectThinker())
    session.engine.ready()
    game = ConnectFourTerminal(session, Console(highlight=False), save_to)
    game.show()
    terminal.play(game)
