"""A program on the other end of a pipe, spoken to in lines: what the players of every text protocol share."""

import os
import queue
import shlex
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress

DEBIAN_GAMES = "/usr/games"
"""Where Debian keeps GNU Go and GNU Backgammon; often not on the PATH."""

DYING = 0.3
"""Seconds that a program which closed its pipe has to end."""


def which(program: str) -> str | None:
    """Return the path of a program, or None where it is not installed."""
    return shutil.which(program) or shutil.which(program, path=DEBIAN_GAMES)


def split_command(command: str) -> list[str]:
    """Return the words of a command line; raise `ValueError` where there are none or a quote is open."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ValueError(f"the command {command[:80]!r} cannot be split into words: {str(error).lower()}") from None
    if not words:
        raise ValueError("the command is empty: it names no program")
    return words


class PlayerFailed(OSError):
    """An outside program that died, hung or gave a wrong answer; the message names the program and the failure."""


class LastWords:
    """Drains the standard error of a program, however much it writes, and keeps the end."""

    KEPT = 4096
    """Bytes that are kept."""
    SHOWN = 200
    """Characters of the last line that are shown."""

    def __init__(self):
        self.kept = b""
        self.end, self.pipe = os.pipe()
        self.thread = threading.Thread(target=self._drain, daemon=True)

    def listen(self) -> None:
        """Begin, after the program has been given `pipe`, or has not started."""
        os.close(self.pipe)
        self.thread.start()

    def _drain(self) -> None:
        while chunk := os.read(self.end, 1 << 16):
            self.kept = (self.kept + chunk)[-self.KEPT :]
        os.close(self.end)

    def line(self) -> str:
        """Return the last line that is not blank, printable and short, "" where there is none."""
        self.thread.join(DYING)
        lines = [line.strip() for line in self.kept.decode("utf-8", "replace").splitlines() if line.strip()]
        shown = lines[-1][-self.SHOWN :] if lines else ""
        return "".join(character if character.isprintable() else " " for character in shown)


def how_it_ended(process: subprocess.Popen, last_words: LastWords, seconds: float = DYING) -> str:
    """Return the exit status of a program and its last words, "" where it does not end within some seconds."""
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        return ""
    if status < 0:
        with suppress(ValueError):
            return _with_words(f"signal {signal.Signals(-status).name}", last_words)
    return _with_words(f"exit status {status}", last_words)


def _with_words(ended: str, last_words: LastWords) -> str:
    line = last_words.line()
    return f"{ended}, last words: {line}" if line else ended


class Program:
    """Starts a program, sends it lines, and takes its lines as they come, each within a time."""

    def __init__(self, command: str, name: str = "", timeout: float = 60.0):
        """Start the program; `timeout` is how many seconds any of its answers may take.

        Raise `PlayerFailed` where it cannot be started.
        """
        self.command, self.timeout = command, timeout
        try:
            program, *options = split_command(command)
        except ValueError as error:
            raise PlayerFailed(f"{name or 'a program'} cannot be started: {error}") from None
        self.name = name or program.rpartition("/")[2]
        self.last_words = LastWords()
        try:
            self.process = subprocess.Popen(
                [which(program) or program, *options],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self.last_words.pipe,
            )
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            raise PlayerFailed(f"{self.name} cannot be started: {why}") from None
        finally:
            self.last_words.listen()
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.listener = threading.Thread(target=self._listen, daemon=True)
        self.listener.start()

    def tell(self, *lines: str) -> None:
        """Send lines; raise `PlayerFailed` where the program does not read them any more."""
        try:
            self.stdin.write("".join(f"{line}\n" for line in lines).encode())
            self.stdin.flush()
        except (OSError, ValueError):
            raise self._failure(f"closed its pipe before {lines[0]!r}") from None

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
            raise self._failure(f"died at {command!r}")
        return line.decode("utf-8", "replace").strip()

    def ended(self) -> str:
        """Return how the program ended: its exit status and last words; "" while it runs."""
        return how_it_ended(self.process, self.last_words)

    def close(self) -> None:
        """End the program, first by asking, then for certain."""
        with suppress(PlayerFailed):
            self.tell("quit")
        with suppress(OSError, ValueError):
            self.stdin.close()
        try:
            self.process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.listener.join(timeout=2)
        self.stdout.close()

    def _failure(self, what: str) -> PlayerFailed:
        ended = self.ended()
        return PlayerFailed(f"{self.name} {what}: {ended}" if ended else f"{self.name} {what}")

    def _listen(self) -> None:
        for line in self.stdout:
            self.lines.put(line)
        self.lines.put(b"")
