"""A small language that plays mouse and keyboard, for tests and pictures. One event a line, or several between `;`:

click 300 200 [right]     press and release a mouse button there
press Undo                click the button, tab or switch with this label
point E5                  click this place of the board, if the game has names for places
move 300 200              move the mouse
drag 10 20 300 200        from there to there with the left button
wheel -3                  turn the wheel where the mouse is
key ctrl+s                a key with ctrl, shift or alt
type hello                characters, one after the other
wait 30                   let so many frames pass
settle 20                 wait until nothing is thought about, so many seconds at most
resize 900 700            the window
drop game.sgf             a file onto the window
shot picture.png          write what the window shows
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pygame


class ScriptError(ValueError):
    """A line that means nothing; the message quotes it."""


@dataclass(frozen=True)
class Order:
    """One line of a script."""

    word: str
    rest: str

    @property
    def numbers(self) -> list[int]:
        return [int(part) for part in self.rest.split() if part.lstrip("-").isdecimal()]


NUMBERS = {"click": 2, "move": 2, "drag": 4, "wheel": 1, "wait": 1, "settle": 1, "resize": 2}
"""How many numbers a word needs."""

WORDS = {*NUMBERS, "press", "point", "key", "type", "drop", "shot"}


def read(text: str) -> list[Order]:
    """Return the orders of a script, or of the file that it names; raise `ScriptError`."""
    if "\n" not in text and len(text) < 200 and Path(text).is_file():
        text = Path(text).read_text("utf-8")
    lines = [part.strip() for line in text.splitlines() for part in line.split(";")]
    return [_order(line) for line in lines if line and not line.startswith("#")]


def _order(line: str) -> Order:
    word, _, rest = line.partition(" ")
    order = Order(word.lower(), rest.strip())
    if order.word not in WORDS:
        raise ScriptError(f"the script has a line that means nothing: {line!r}")
    if len(order.numbers) < NUMBERS.get(order.word, 0):
        raise ScriptError(f"{order.word} needs {NUMBERS[order.word]} numbers: {line!r}")
    if order.word in ("press", "point", "key", "drop", "shot") and not order.rest:
        raise ScriptError(f"{order.word} needs to be told what")
    return order


MODIFIERS = {"ctrl": pygame.KMOD_CTRL, "shift": pygame.KMOD_SHIFT, "alt": pygame.KMOD_ALT}
NAMES = {"enter": "return", "esc": "escape", "del": "delete", "plus": "+", "minus": "-", "pgup": "page up"}
NAMES |= {"pgdn": "page down"}


def events(order: Order) -> Iterator[pygame.event.Event]:
    """Yield what the mouse or the keyboard would send."""
    if order.word == "click":
        yield from click(order.numbers[:2], 3 if order.rest.endswith("right") else 1)
    elif order.word == "move":
        yield _motion(order.numbers[:2])
    elif order.word == "drag":
        yield from drag(order.numbers[:2], order.numbers[2:4])
    elif order.word == "wheel":
        yield pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=order.numbers[0], flipped=False)
    elif order.word == "key":
        down = key(order.rest)
        yield down
        yield pygame.event.Event(pygame.KEYUP, key=down.key, mod=down.mod, unicode="", scancode=0)
    elif order.word == "type":
        for letter in order.rest:
            code = pygame.key.key_code(letter) if letter.isascii() and letter.isalnum() else 0
            yield _down(code, 0, letter)
            yield pygame.event.Event(pygame.KEYUP, key=code, mod=0, unicode="", scancode=0)
    elif order.word == "drop":
        yield pygame.event.Event(pygame.DROPFILE, file=order.rest)


def click(at, button: int = 1) -> Iterator[pygame.event.Event]:
    """Yield a press and a release."""
    yield _motion(at)
    yield pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=tuple(at), button=button)
    yield pygame.event.Event(pygame.MOUSEBUTTONUP, pos=tuple(at), button=button)


def drag(start, end) -> Iterator[pygame.event.Event]:
    """Yield a drag in ten steps."""
    yield _motion(start)
    yield pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=tuple(start), button=1)
    for k in range(1, 11):
        at = tuple(round(a + (b - a) * k / 10) for a, b in zip(start, end, strict=True))
        yield _motion(at, (1, 0, 0))
    yield pygame.event.Event(pygame.MOUSEBUTTONUP, pos=tuple(end), button=1)


def _motion(at, buttons=(0, 0, 0)) -> pygame.event.Event:
    return pygame.event.Event(pygame.MOUSEMOTION, pos=tuple(at), rel=(0, 0), buttons=buttons)


def key(words: str) -> pygame.event.Event:
    """Return a key going down: "p", "ctrl+s", "shift+tab", "?"."""
    *held, name = words.split("+") if words != "+" and not words.endswith("++") else [*words[:-2].split("+"), "+"]
    mod = 0
    for each in held:
        if each and each not in MODIFIERS:
            raise ScriptError(f"there is no key {each!r} to hold")
        mod |= MODIFIERS.get(each, 0)
    name = NAMES.get(name.lower(), name)
    try:
        code = pygame.key.key_code(name.lower())
    except ValueError:
        raise ScriptError(f"there is no key {name!r}") from None
    text = name if len(name) == 1 else " " if name == "space" else ""
    return _down(code, mod, "" if mod & pygame.KMOD_CTRL else text)


def _down(code: int, mod: int, text: str) -> pygame.event.Event:
    return pygame.event.Event(pygame.KEYDOWN, key=code, mod=mod, unicode=text, scancode=0)
