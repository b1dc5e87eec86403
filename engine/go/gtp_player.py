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
    """Sends the moves that the program has not seen yet, and the time that is left, and asks for a move."""

    def __init__(self, command: str, name: str = "", timeout: float = 60.0):
        """Start the program; `timeout` is how many seconds any of its answers may take."""
        super().__init__(command, name, timeout)
        self.told: tuple | None = None  # the start position and the moves that the program knows

    def choose(
        self, position: Position, clock: Clock | None = None, report: Callable | None = None, every: float = 0.5
    ) -> int:
        """Ask for a move in this position; raise `PlayerFailed` where none comes that could be one."""
        if clock and clock.left is not None:
            self._send_time(position, clock)
        self._bring_to(position)
        answer = self.ask(f"genmove {COLOURS[position.turn]}").lower()
        if answer == "resign":
            return RESIGN
        try:
            move = go_board.move(answer, int(position.state[go_rules.SIZE]))
        except ValueError:
            raise PlayerFailed(f"{self.name} answered {answer[:40]!r} for a move") from None
        self.told[1].append((position.turn, move))
        return move

    def _send_time(self, position: Position, clock: Clock) -> None:
        if not position.moves or self.told is None:
            canadian = 1 if clock.periods else 0
            self._mention(f"time_settings {clock.main or 0:.0f} {max(1, clock.period):.0f} {canadian}")
        self._mention(f"time_left {COLOURS[position.turn]} {max(0, int(clock.left))} {clock.count}")

    def _mention(self, command: str) -> None:
        """Send what a program may not know; one that is dead is found out at the next question."""
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

    def _bring_to(self, position: Position) -> None:
        """Bring the program's board to this position: only new moves where they follow, else from the start."""
        moves, start = list(zip(position.movers, position.moves, strict=True)), position.states[0].tobytes()
        known = self.told[1] if self.told and self.told[0] == start else None
        if known is None or moves[: len(known)] != known:
            self._set_up(position)
            known = []
        for mover, move in moves[len(known) :]:
            self.ask(f"play {COLOURS[mover]} {go.notation(position.state, move)}")
        self.told = start, moves

    def _set_up(self, position: Position) -> None:
        start = go_board.described(position.states[0])
        self.ask(f"boardsize {start['size']}")
        self.ask("clear_board")
        self.ask(f"komi {start['komi']:g}")
        for player, stones in ((FIRST, start.get("black", ())), (SECOND, start.get("white", ()))):
            for stone in stones:
                self.ask(f"play {COLOURS[player]} {go.notation(position.state, stone)}")
