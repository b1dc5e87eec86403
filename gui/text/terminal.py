"""Writing in the terminal: the text so far, which tokens may come next, and a line to choose by."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.players import Line
from gui import messages as say
from gui.text.session import TextSession

SHOWN = 8
"""Candidates that are listed."""

HELP = "Enter: the search's token; a number: that token; finish: all the rest; undo; quit"


class TextTerminal:
    """A text that grows by one token a line."""

    def __init__(self, session: TextSession, console: Console):
        self.session, self.console = session, console

    def look(self) -> None:
        """Search and show the text so far, the candidates and the best text that was finished."""
        session = self.session
        self.console.print(Text(f"\n{session.written}▏", "bold"))
        if session.over:
            self._tell_end()
            return
        while session.pick is None and not session.alarm:
            session.poll()
        if session.alarm:
            raise ValueError(session.said)
        self.console.print(self._candidates())
        best = session.writer.finished.best(session.position.state)
        if best is not None:
            self.console.print(Text(f"best text so far ({best[0]:g}): {session.task.text(best[1])}", "italic"))

    def _tell_end(self) -> None:
        session = self.session
        paid = f"the end; it is {session.result}" if session.task.reward.name else "the end"
        self.console.print(Text(paid, "bold"))

    def _lines(self) -> list[Line]:
        return self.session.thought.lines[:SHOWN] if self.session.thought else []

    def _candidates(self) -> Table:
        table = Table("", "token", "likely", "visits", "value", box=None, pad_edge=False)
        for number, line in enumerate(self._lines(), 1):
            mark = "▸" if line.move == self.session.pick else ""
            cells = (f"{mark}{number}", self.session.task.piece(line.move), f"{line.prior:.1%}", str(line.visits))
            table.add_row(*map(Text, cells), Text(f"{line.value:.3f}"))
        return table

    def enter(self, line: str) -> bool:
        """Carry out a line; return whether there is more to do. Raise `ValueError` for what cannot be done."""
        if line == "quit":
            return False
        if line == "undo":
            self._send(say.Undo())
        elif self.session.over:
            raise ValueError("the text is at its end: undo or quit")
        elif line == "finish":
            self._finish()
        else:
            self._send(say.Play(self._token(line)))
        self.look()
        return True

    def _send(self, message: say.Message) -> None:
        self.session.handle(message)
        if self.session.alarm:
            raise ValueError(self.session.said)

    def _finish(self) -> None:
        session = self.session
        session.write_on(True)
        while not session.over and not session.alarm:
            session.poll()
        session.write_on(False)
        if session.alarm:
            raise ValueError(session.said)

    def _token(self, line: str) -> int:
        listed = self._lines()
        if not line and self.session.pick is not None:
            return self.session.pick
        if not (line.isascii() and line.isdigit() and 0 < int(line[:4]) <= len(listed)):
            raise ValueError(f"{line[:20]!r} is none of the tokens 1 to {len(listed)}. {HELP}")
        return listed[int(line) - 1].move


def play(session: TextSession, lines: Iterable[str] | None = None) -> None:
    """Write one text by the lines of standard input."""
    game = TextTerminal(session, Console(highlight=False))
    game.console.print(Text(f"{session.prompt}\n{HELP}"))
    game.look()
    for line in sys.stdin if lines is None else lines:
        try:
            if not game.enter(line.strip().lower()):
                return
        except ValueError as error:
            game.console.print(Text(str(error)))
