"""Plays a script on the window: mouse and keyboard without a person, pictures of what there is to see."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter

import pygame

from gui import script
from gui.app import App


class Runner:
    """Plays a script on the window."""

    def __init__(self, app: App):
        self.app = app
        app.idle = 1  # nobody waits between two orders

    def run(self, orders: Sequence[script.Order], frames: int, picture: str) -> None:
        """Carry out all orders, let some frames pass, write a picture."""
        self.app.frame()
        for order in orders:
            if self.app.left:
                return
            self.carry_out(order)
        self.wait(frames)
        if picture:
            self.shoot(picture)

    def carry_out(self, order: script.Order) -> None:
        """Do one thing; let the window answer."""
        own = {
            "wait": lambda: self.wait(order.numbers[0]),
            "settle": lambda: self.settle(order.numbers[0]),
            "resize": lambda: self.resize(order.numbers[:2]),
            "shot": lambda: self.shoot(order.rest),
            "press": lambda: self.press(order.rest),
            "point": lambda: self.point(order.rest),
        }
        own.get(order.word, lambda: self.post(script.events(order)))()
        self.app.frame()

    def post(self, events: Iterable[pygame.event.Event]) -> None:
        """Let the window see events, a frame each."""
        for event in events:
            pygame.event.post(event)
            self.app.frame()

    def wait(self, frames: int) -> None:
        """Let so many frames pass."""
        for _ in range(frames):
            self.app.frame()

    def settle(self, seconds: int) -> None:
        """Wait until nothing is thought about and nothing moves."""
        end = perf_counter() + seconds
        self.app.frame()
        while perf_counter() < end and self.app.lively():
            self.app.frame()

    def resize(self, size: Sequence[int]) -> None:
        """Give the window another size."""
        pygame.display.set_mode(size, pygame.RESIZABLE)
        self.app.resized()

    def shoot(self, path: str) -> None:
        """Write what the window shows."""
        self.app.draw()
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        pygame.image.save(self.app.surface, path)

    def press(self, label: str) -> None:
        """Click the widget with a label, as it is now."""
        if self.app.stale:
            self.app.draw()
        place = find_label(self.app, label)
        if place is None:
            raise script.ScriptError(f"there is nothing called {label!r} to press")
        self.post(script.click(place))

    def point(self, name: str) -> None:
        """Click a place of the board, which lies where it was drawn last."""
        self.app.draw()
        if self.app.page is None:
            raise script.ScriptError(f"there is no board with a place {name!r} to press")
        self.post(script.click(self.app.page.place_of(name)))


def find_label(app: App, label: str) -> tuple[int, int] | None:
    """Return the middle of the widget with a label, None where there is none."""
    wanted = label.lower()
    if app.at_start and not app.dialog:
        for words, widget in zip(app.start.labels, app.start.inputs, strict=True):
            if words.words.lower() == wanted:
                return widget.rect.center
    return next((place for widget in app.ring.widgets if (place := widget.place_of(wanted))), None)
