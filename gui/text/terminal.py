"""Writing in the terminal: the text so far, which tokens may come next, and a line to choose by."""

import sys
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from engine.clock import Limit
from engine.players import Analysis
from engine.text.evaluator import Judge
from engine.text.players import TextPlayer
from engine.text.tasks import WritingTask
from engine.text.tree_decoder import PUCT
from games.game import Position

SHOWN = 8
"""Candidates that are listed."""

HELP = "Enter: the search's token; a number: that token; finish: all the rest; undo; quit"


class TextTerminal:
    """A text that grows by one token a line."""

    def __init__(self, task: WritingTask, root: np.ndarray, player: TextPlayer, console: Console):
        self.task, self.player, self.console = task, player, console
        self.position = Position(player.game, root)
        self.choice, self.found = -1, Analysis(0, 0.0, 0.0)

    def look(self) -> None:
        """Search and show the text so far, the candidates and the best text that was finished."""
        self.console.print(Text(f"\n{self.task.text(self.position.state)}▏", "bold"))
        if self.position.over:
            self._tell_end()
            return
        self.choice = self.player.choose(self.position)
        self.found = self.player.thought or self.player.think(self.position, self.player.limit)
        self.console.print(self._candidates())
        best = self.player.finished.best(self.position.state)
        if best is not None:
            self.console.print(Text(f"best text so far ({best[0]:g}): {self.task.text(best[1])}", "italic"))

    def _tell_end(self) -> None:
        reward = self.position.value()
        self.console.print(Text(f"the end; it is paid {reward:g}" if self.task.reward.name else "the end", "bold"))

    def _candidates(self) -> Table:
        table = Table("", "token", "likely", "visits", "value", box=None, pad_edge=False)
        for number, line in enumerate(self.found.lines[:SHOWN], 1):
            mark = "▸" if line.move == self.choice else ""
            cells = (f"{mark}{number}", self.task.piece(line.move), f"{line.prior:.1%}", str(line.visits))
            table.add_row(*map(Text, cells), Text(f"{line.value:.3f}"))
        return table

    def enter(self, line: str) -> bool:
        """Carry out a line; return whether there is more to do. Raise `ValueError` for what cannot be done."""
        if line == "quit":
            return False
        if line == "undo":
            if not self.position.moves:
                raise ValueError("there is no token to take back")
            self.position.undo()
        elif self.position.over:
            raise ValueError("the text is at its end: undo or quit")
        elif line == "finish":
            while not self.position.over:
                self.position.play(self.player.choose(self.position))
        else:
            self.position.play(self._token(line))
        self.look()
        return True

    def _token(self, line: str) -> int:
        if not line:
            return self.choice
        listed = self.found.lines[:SHOWN]
        if not (line.isascii() and line.isdigit() and 0 < int(line[:4]) <= len(listed)):
            raise ValueError(f"{line[:20]!r} is none of the tokens 1 to {len(listed)}. {HELP}")
        return listed[int(line) - 1].move


def play(
    task: WritingTask, prompt: str, root: np.ndarray, critic: Judge | None, budget: int, seed: int,
    lines: Iterable[str] | None = None,
) -> None:  # fmt: skip
    """Write one text by the lines of standard input."""
    player = TextPlayer(task, critic, replace(PUCT, seed=seed), Limit(evaluations=budget), nodes=1 << 20)
    game = TextTerminal(task, root, player, Console(highlight=False))
    game.console.print(Text(f"{prompt}\n{HELP}"))
    game.look()
    for line in sys.stdin if lines is None else lines:
        try:
            if not game.enter(line.strip().lower()):
                return
        except ValueError as error:
            game.console.print(Text(str(error)))
