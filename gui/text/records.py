"""A text on the disk: the prompt, the model's numbers, and every branch that was written, as JSON."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from games import text
from games.game import FIRST, Position
from games.plain_files import open_plain, parse_json
from games.text.rows import END, LIMIT, PROMPT, VOCABULARY, start, tokens
from gui.course import Course
from gui.history import Node
from gui.records import Opened, Progress, Records

if TYPE_CHECKING:
    from gui.text.session import TextSession

FORMAT = "yomi text 1"

LONGEST, MOST_TOKENS, LARGEST_VOCABULARY = 4 << 20, 100_000, 1 << 22
"""Letters of a file, tokens of all its branches, and numbers of a vocabulary, at most."""


@dataclass(eq=False)
class OpenedText(Opened):
    """A text that was read; `course` plays it without its model."""

    prompt: str = ""
    model: str = ""


def branches(root: Node) -> list[tuple[int, ...]]:
    """List the tokens of every branch, the first one first."""
    found: list[tuple[int, ...]] = []
    waiting: list[tuple[Node, tuple[int, ...]]] = [(root, ())]
    while waiting:
        node, path = waiting.pop()
        if not node.children and path:
            found.append(path)
        waiting += [(child, (*path, child.move)) for child in reversed(node.children)]
    return found


class TextRecords(Records[OpenedText]):
    """The record of a text."""

    session: "TextSession"
    suffix = ".text"

    @staticmethod
    def read(path: str, progress: Progress = lambda share: None) -> OpenedText:
        """Read a file, in any thread; raise `ValueError` where it holds no text."""
        with open_plain(path) as file:
            opened = TextRecords.read_text(file.read(LONGEST + 1).decode("utf-8", "replace"))
        opened.path = path
        return opened

    @staticmethod
    def read_text(text: str) -> OpenedText:
        """Read a record; raise `ValueError`."""
        try:
            found = parse_json(text) if len(text) <= LONGEST else None
        except ValueError:
            found = None
        if not isinstance(found, dict) or found.get("format") != FORMAT:
            raise ValueError("this is no text that Yomi wrote")
        try:
            return _opened(found)
        except (KeyError, TypeError, OverflowError, ValueError) as error:
            raise ValueError(f"this text is damaged: {error}") from None

    def show(self, opened: OpenedText) -> None:
        """Show a text that was read; raise `ValueError` where the model at hand did not write it."""
        session, read = self.session, opened.course.position.states[0]
        here = session.opens(opened.prompt).roots([opened.prompt])[0]
        if read[VOCABULARY] != here[VOCABULARY] or not np.array_equal(tokens(read), tokens(here)):
            raise ValueError(f"this text was written by {opened.model or 'another model'}: choose it on the start page")
        session.begin_with(opened.prompt, session.opened(opened.prompt))
        session.replace(_course(session.position, branches(opened.course.history.line[0])))
        session.pause()

    def written(self) -> bytes:
        """Return the prompt and all branches, the one on the board first."""
        session = self.session
        root, line = session.position.states[0], tuple(node.move for node in session.history.line[1:])
        others = [path for path in branches(session.history.line[0]) if path != line]
        found = {
            "format": FORMAT,
            "prompt": session.prompt,
            "model": session.task.model.folder.name,
            "text": session.written,
            "tokens": tokens(root).tolist(),
            "more": int(root[LIMIT] - root[PROMPT]),
            "vocabulary": int(root[VOCABULARY]),
            "end": int(root[END]),
            "branches": [list(path) for path in ([line] if line else []) + others],
        }
        return (json.dumps(found, ensure_ascii=False) + "\n").encode()

    def text(self) -> str:
        """Return the text itself: that is what the clipboard is for."""
        return self.session.written

    def kept(self) -> tuple[bytes, str, dict[str, object]]:
        """Return the record, and the choices of the start page that changed since."""
        who = "you" if FIRST in self.session.people else "yomi"
        return self.written(), self.suffix, {"prompt": self.session.prompt, "who": who}

    def about(self) -> str:
        """Describe the text in a few words."""
        return f"Text: {self.session.prompt[:40]}"


def _opened(found: dict[str, Any]) -> OpenedText:
    lines = [tuple(map(_number, line)) for line in found["branches"]]
    prompt, vocabulary, more = found["tokens"], _number(found["vocabulary"]), _number(found["more"])
    if sum(map(len, lines)) + len(prompt) + more > MOST_TOKENS or vocabulary > LARGEST_VOCABULARY:
        raise ValueError("this text is longer than any that Yomi writes")
    root = start([_number(token) for token in prompt], more, vocabulary, _number(found["end"]))
    course = _course(Position(text, root), lines)
    return OpenedText(course, prompt=str(found["prompt"]), model=str(found.get("model", "")))


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 1 << 31:
        raise TypeError(f"{str(value)[:20]!r} is no number of a token")
    return value


def _course(position: Position, lines: list[tuple[int, ...]]) -> Course:
    """Return a course with these branches, the first one on the board; raise `IllegalMove`."""
    course = Course(position)
    for line in (*lines, *lines[:1]):
        course.go_to(0)
        course.play(line)
    return course
