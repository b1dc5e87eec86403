"""A program on the other end of a pipe, spoken to in lines: what the players of every text protocol share."""

import queue
import shlex
import shutil
import subprocess
import threading
import time
from contextlib import suppress

DEBIAN_GAMES = "/usr/games"
"""Where Debian keeps GNU Go and GNU Backgammon; often not on the PATH."""


def which(program: str) -> str | None:
    """Return the path of a program, or None where it is not installed."""
    return shutil.which(program) or shutil.which(program, path=DEBIAN_GAMES)


class PlayerFailed(OSError):
    """An outside program that died, hung or answered what makes no sense; the message names it and says what."""


class Program:
    """Starts a program, sends it lines, and takes its lines as they come, each within a time."""

    def __init__(self, command: str, name: str = "", timeout: float = 60.0):
        """Start the program; `timeout` is how many seconds any of its answers may take."""
        self.command, self.timeout = command, timeout
        program, *options = shlex.split(command)
        self.name = name or program.rpartition("/")[2]
        try:
            self.process = subprocess.Popen(
                [which(program) or program, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise PlayerFailed(f"{self.name} cannot be started: {error.strerror or error}") from None
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def tell(self, *lines: str) -> None:
        """Send lines; raise `PlayerFailed` where nobody reads them."""
        try:
            self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
            self.process.stdin.flush()
        except (OSError, ValueError):
            raise PlayerFailed(f"{self.name} closed its pipe before {lines[0]!r}") from None

    def line(self, command: str, until: float) -> str:
        """Return the next line without its end, "" a blank one; raise `PlayerFailed` for silence after a command."""
        try:
            line = self.lines.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            line = None
        if line is None or time.monotonic() > until:
            raise PlayerFailed(f"{self.name} did not answer {command!r} in {self.timeout:g} s")
        if not line:
            self.lines.put(b"")
            raise PlayerFailed(f"{self.name} died at {command!r}")
        return line.decode("utf-8", "replace").strip()

    def close(self) -> None:
        """End the program, politely and then for certain."""
        with suppress(PlayerFailed):
            self.tell("quit")
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
