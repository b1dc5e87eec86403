"""Any program that speaks GTP, as a player: GNU Go, Pachi, KataGo, another Yomi."""

import time
from collections.abc import Callable
from contextlib import suppress

from engine.clock import Clock
from engine.players import RESIGN, Player
from engine.program import PlayerFailed, Program
from games import go
from games.game import FIRST, SECOND, Position
from games.go import board as go_board
from games.go import rules as go_rules

COLOURS = {FIRST: "black", SECOND: "white"}


class GtpPlayer(Program, Player):
    """Sends new moves and the time left to the program, and asks it for a move."""

    def __init__(self, command: str, name: str = "", timeout: float = 60.0):
        """Start the program; `timeout`: seconds within which it must answer any command."""
        super().__init__(command, name, timeout)
        self.known: tuple[bytes, list[tuple[int, int]]] | None = None  # the start and the moves on the program's board

    def choose(
        self, position: Position, clock: Clock | None = None, report: Callable | None = None, every: float = 0.5
    ) -> int:
        """Return the program's move in this position; raise `PlayerFailed` if its answer is no move."""
        if clock and clock.left is not None:
            self._send_time(position, clock, clock.left)
        known = self._bring_to(position)
        answer = self.ask(f"genmove {COLOURS[position.turn]}").lower()
        if answer == "resign":
            return RESIGN
        try:
            move = go_board.move(answer, int(position.state[go_rules.SIZE]))
        except ValueError:
            raise PlayerFailed(f"{self.name} answered {answer[:40]!r} for a move") from None
        known.append((position.turn, move))
        return move

    def _send_time(self, position: Position, clock: Clock, left: float) -> None:
        if not position.moves or self.known is None:
            canadian = 1 if clock.periods else 0
            self._mention(f"time_settings {clock.main or 0:.0f} {max(1, clock.period):.0f} {canadian}")
        self._mention(f"time_left {COLOURS[position.turn]} {max(0, int(left))} {clock.count}")

    def _mention(self, command: str) -> None:
        """Send a command that the program may not know; if it is dead, the next question fails."""
        with suppress(PlayerFailed):
            self.ask(command)

    def ask(self, command: str) -> str:
        """Send a command and return its answer; raise `PlayerFailed` for an error, silence or death."""
        self.tell(command)
        answer, until = [], time.monotonic() + self.timeout
        while True:
            line = self.line(command, until)
            if line:
                answer.append(line)
            elif answer:
                break
        text = "\n".join(answer)
        if not text.startswith("="):
            raise PlayerFailed(f"{self.name} answered {text[:80]!r} to {command!r}")
        return text[1:].strip()

    def _bring_to(self, position: Position) -> list[tuple[int, int]]:
        """Bring the program's board to this position: send only new moves if they follow, else all from the start.

        Return the moves on its board, to be extended by the answer.
        """
        moves, start = list(zip(position.movers, position.moves, strict=True)), position.states[0].tobytes()
        known = self.known[1] if self.known and self.known[0] == start else None
        if known is None or moves[: len(known)] != known:
            self._set_up(position)
            known = []
        for mover, move in moves[len(known) :]:
            self.ask(f"play {COLOURS[mover]} {go.notation(position.state, move)}")
        self.known = start, moves
        return moves

    def _set_up(self, position: Position) -> None:
        start = go_board.described(position.states[0])
        self.ask(f"boardsize {start['size']}")
        self.ask("clear_board")
        self.ask(f"komi {start['komi']:g}")
        for player, stones in ((FIRST, start.get("black", ())), (SECOND, start.get("white", ()))):
            for stone in stones:
                self.ask(f"play {COLOURS[player]} {go.notation(position.state, stone)}")
