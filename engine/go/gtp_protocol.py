"""GTP's conversation: lines in, one answer to each command out. It knows no rules of Go.

One thread reads lines, the other answers them in order; so a line can end a search that runs meanwhile.
"""

import inspect
import queue
import re
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import TextIO

from games.game import FIRST, SECOND

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANK_LINES = re.compile(r"\n[ \t]*(?=\n)")
LONGEST = 100
"""The most characters of somebody's word that an error message repeats."""


Command = Callable[..., str]
"""A command: a function of the conversation and the words after the command's name. It returns the answer's text."""


class Conversation:
    """Answers commands through `commands`: name -> handler(self, *words), which returns the answer's text.

    A `ValueError` of a handler is the answer "? its message"; a handler must leave everything as it was then.
    """

    commands: dict[str, Command] = {}

    def __init__(self, out: TextIO):
        self.out = out
        self.finished = False
        self.ends_at_input = False  # whether any line ends what is being done now
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._ahead: list[str | None] = []  # a line waited for, not yet answered
        self._id, self._begun = "", False

    def run(self, lines: Iterable[str]) -> None:
        """Answer commands until `finished` or the end of the lines."""
        threading.Thread(target=self._read, args=(lines,), daemon=True).start()
        while not self.finished and (line := self._ahead.pop() if self._ahead else self._lines.get()) is not None:
            self.answer(line)

    def _read(self, lines: Iterable[str]) -> None:
        try:
            for line in lines:
                self._lines.put(line)
                if self.ends_at_input or line.startswith("# interrupt"):
                    self.interrupt()
        finally:
            self._lines.put(None)
            if self.ends_at_input:
                self.interrupt()

    def interrupt(self) -> None:
        """End what is being done now, if it can be ended; called by the reading thread."""

    @property
    def input_waits(self) -> bool:
        return bool(self._ahead) or not self._lines.empty()

    def wait_for_input(self) -> None:
        """Return when there is a line to answer, or none will come."""
        if not self._ahead:
            self._ahead.append(self._lines.get())

    # --- answering ---

    def answer(self, line: str) -> None:
        """Answer one line: exactly one response to a command, none to a comment or an empty line."""
        text = _CONTROL.sub("", line.replace("\t", " ")).split("#")[0].strip()
        if not text:
            return
        words = text.lstrip("0123456789")
        self._id = text[: len(text) - len(words)]
        self._begun = False
        try:
            self._finish("=", self._perform(words.split()))
        except ValueError as error:
            self._finish("?", str(error))
        except Exception as error:  # a fault of ours: told in the log, and the conversation goes on
            traceback.print_exc(file=sys.stderr)
            self._finish("?", f"internal error: {type(error).__name__}: {error}")

    def _perform(self, words: list[str]) -> str:
        if not words:
            raise ValueError("there is no command after the id")
        handler = self.commands.get(words[0])
        if handler is None:
            raise ValueError("unknown command")
        try:
            inspect.signature(handler).bind(self, *words[1:])
        except TypeError:
            raise ValueError(f"syntax error, expected: {words[0]} {_parameters(handler)}".rstrip()) from None
        return handler(self, *words[1:])

    def _finish(self, mark: str, text: str) -> None:
        """Write a whole answer, or the end of one that `stream` has begun."""
        text = _BLANK_LINES.sub("", _CONTROL.sub("", text)).rstrip()
        if self._begun:
            self.out.write(f"{text}\n\n" if text and mark == "=" else "\n")
        else:
            space = " " if text[:1] not in ("", "\n") else ""
            self.out.write(f"{mark}{self._id}{space}{text}\n\n")
        self.out.flush()

    def stream(self, text: str = "") -> None:
        """Write a line of an answer that goes on."""
        self.out.write(("" if self._begun else f"={self._id}\n") + (text + "\n" if text else ""))
        self.out.flush()
        self._begun = True


def _parameters(handler: Callable) -> str:
    parameters = list(inspect.signature(handler).parameters.values())[1:]
    return " ".join(f"[{p.name} ...]" if p.kind == p.VAR_POSITIONAL else p.name for p in parameters)


# --- words ------------------------------------------------------------------------------------------------


def number(word: str, least: float = 0, most: float = 1e9) -> float:
    """Read a finite number within bounds."""
    try:
        value = float(word)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise ValueError(f"{word[:LONGEST]!r} is not a number from {least:g} to {most:g}")
    return value


def whole(word: str, least: int = 0, most: int = 10**9) -> int:
    """Read a whole number within bounds."""
    value = number(word, least, most)
    if value != int(value):
        raise ValueError(f"{word[:LONGEST]!r} is not a whole number")
    return int(value)


SIDES = {"b": FIRST, "black": FIRST, "w": SECOND, "white": SECOND}


def side(word: str) -> int:
    """Read a colour in any case: b, black, w or white."""
    if word.lower() not in SIDES:
        raise ValueError(f"{word[:LONGEST]!r} is not a colour")
    return SIDES[word.lower()]


def paired(words: tuple[str, ...]) -> list[tuple[str, str]]:
    """Read words two by two."""
    if len(words) % 2:
        raise ValueError("expected pairs of a colour and a vertex")
    return list(zip(words[::2], words[1::2], strict=True))
