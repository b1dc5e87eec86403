"""Any program that speaks GTP, as a player: GNU Go, Pachi, KataGo, another Yomi."""

import queue
import shlex
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from engine.clock import Clock
from engine.players import RESIGN
from games import go, go_board, go_rules
from games.game import FIRST, SECOND, Position

COLOURS = {FIRST: "black", SECOND: "white"}


class PlayerFailed(RuntimeError):
    """An outside program that died, hung or answered what makes no sense; the message names it and says what."""


class GtpPlayer:
    """A program on the other end of a pipe. It is told the moves it has not seen yet, and asked for one."""

    thought = None

    def __init__(self, command: str, name: str = "", timeout: float = 60.0):
        """Start the program; `timeout` is how many seconds any of its answers may take."""
        self.command, self.timeout = command, timeout
        self.name = name or shlex.split(command)[0].rpartition("/")[2]
        self.told: tuple | None = None  # the start position and the moves that the program knows
        try:
            self.process = subprocess.Popen(
                shlex.split(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            raise PlayerFailed(f"{self.name} cannot be started: {error.strerror or error}") from None
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def choose(
        self, position: Position, clock: Clock | None = None, report: Callable | None = None, every: float = 0.5
    ) -> int:
        """Ask for a move in this position; raise `PlayerFailed` where none comes that could be one."""
        self._tell(position)
        answer = self.ask(f"genmove {COLOURS[position.turn]}").lower()
        if answer == "resign":
            return RESIGN
        try:
            move = go_board.move(answer, int(position.state[go_rules.SIZE]))
        except ValueError:
            raise PlayerFailed(f"{self.name} answered {answer[:40]!r} for a move") from None
        self.told[1].append((position.turn, move))
        return move

    def ask(self, command: str) -> str:
        """Send a command and return its answer; raise `PlayerFailed` for an error, silence or death."""
        try:
            self.process.stdin.write(command.encode() + b"\n")
            self.process.stdin.flush()
        except (OSError, ValueError):
            raise PlayerFailed(f"{self.name} closed its pipe before {command!r}") from None
        answer, until = [], time.monotonic() + self.timeout
        while True:
            line = self._line(command, until)
            if line:
                answer.append(line)
            elif answer:
                break
        text = "\n".join(answer)
        if not text.startswith("="):
            raise PlayerFailed(f"{self.name} answered {text[:80]!r} to {command!r}")
        return text[1:].strip()

    def close(self) -> None:
        """End the program, politely and then for certain."""
        with suppress(OSError, ValueError):
            self.process.stdin.write(b"quit\n")
        with suppress(OSError, ValueError):
            self.process.stdin.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join(timeout=2)
        self.process.stdout.close()

    def _listen(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(b"")

    def _line(self, command: str, until: float) -> str:
        """Return the next line without its end; "" is a blank one."""
        try:
            line = self.lines.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise PlayerFailed(f"{self.name} did not answer {command!r} in {self.timeout:g} s") from None
        if not line:
            self.lines.put(b"")
            raise PlayerFailed(f"{self.name} died at {command!r}")
        return line.decode("utf-8", "replace").strip()

    def _tell(self, position: Position) -> None:
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
