"""Games by a real mouse and keyboard: xdotool moves them on a display of its own (Xvfb)."""

import os
import shutil
import subprocess
import time

import numpy as np
import pygame
import pytest

from games import backgammon as bg
from games import go
from games.backgammon.rules import may_double
from games.game import FIRST
from games.go import board as go_board
from gui import messages as say
from gui.app import App
from gui.runner import find_label
from gui.settings_store import Remembered
from gui.widgets.lists import ROW

SIZE = (1180, 760)

pytestmark = pytest.mark.skipif(
    not (shutil.which("Xvfb") and shutil.which("xdotool")), reason="Xvfb or xdotool is not installed"
)


@pytest.fixture
def display(monkeypatch):
    """Run a display without a screen."""
    reading, writing = os.pipe()
    words = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    server = subprocess.Popen(words, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    monkeypatch.setenv("DISPLAY", f":{number}")
    monkeypatch.setenv("SDL_VIDEODRIVER", "x11")
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    yield
    pygame.quit()  # whoever has a window open when the display goes is ended by it
    server.terminate()
    server.wait(10)


@pytest.fixture
def person(display):
    """Sit somebody down before the window."""
    pygame.quit()
    app = App(SIZE, Remembered(scale=1.0, mute=True))
    app.idle = 5
    yield Person(app)
    if app.page:
        app.page.session.stop_thinking()
    app.thinker.close()
    app.thinker.thread.join(10)
    pygame.quit()


class Person:
    """Moves mouse and keyboard, and looks at the window to know where to."""

    def __init__(self, app: App):
        self.app = app
        self.window = str(pygame.display.get_wm_info()["window"])
        self.do("windowfocus", self.window)
        self.until(pygame.key.get_focused)

    def do(self, *words: str) -> None:
        """Let xdotool do something, and let the window answer."""
        subprocess.run(["xdotool", *words], check=True, timeout=10)
        for _ in range(3):
            self.app.frame()

    def until(self, true, seconds: float = 20) -> None:
        """Look on until something is so."""
        end = time.perf_counter() + seconds
        while not true():
            assert time.perf_counter() < end, self.app.page and self.app.page.session.status
            self.app.frame()

    def to(self, place) -> tuple[str, ...]:
        """Return the words that move the mouse to a place of the window."""
        return "mousemove", "--window", self.window, *map(str, place)

    def click(self, place, button: int = 1) -> None:
        self.do(*self.to(place), "click", str(button))

    def press(self, label: str) -> None:
        """Click the button with a label."""
        self.until(lambda: find_label(self.app, label))
        self.click(find_label(self.app, label))

    def drag(self, start, end) -> None:
        """Drag with the left button, by way of the middle."""
        middle = [(a + b) // 2 for a, b in zip(start, end, strict=True)]
        ways = [word for place in (middle, end) for word in (*self.to(place), "sleep", "0.02")]
        self.do(*self.to(start), "mousedown", "1", *ways, "mouseup", "1")

    def key(self, name: str) -> None:
        self.do("key", name)

    def choose_from(self, label: str, words: str) -> None:
        """Open a list of the start page and click a row."""
        self.press(label)
        opened = self.app.start.ring.popup
        self.until(lambda: opened.list.rows)
        self.app.draw()
        row = [each for _, each in opened.choices].index(words) - opened.list.top
        box, tall = opened.list.rect, self.app.theme.px(ROW)
        self.click((box.centerx, box.top + row * tall + tall // 2))
        assert opened.choices[opened.index][1] == words

    def fill_in(self, label: str, text: str) -> None:
        """Replace what stands in a field of the start page."""
        self.press(label)
        self.do("key", "End", *["BackSpace"] * 8)
        self.do("type", text)

    @property
    def page(self):
        return self.app.page

    # --- Go ---

    def point(self, name: str) -> None:
        """Click a crossing."""
        self.click(self.page.place_of(name))

    # --- backgammon ---

    @property
    def state(self) -> np.ndarray:
        return self.page.session.position.state

    def wait_for_my_turn(self) -> None:
        session = self.page.session
        self.until(
            lambda: not session.engine.doing and not self.page.animating and (session.over or session.awaits_person)
        )

    def button(self, message) -> None:
        """Click a button that lies on the board."""
        self.until(lambda: message in [each for _, each in self.page.buttons.placed])
        self.click(next(rect.center for rect, each in self.page.buttons.placed if each == message))

    def move_checkers(self, dragging: bool) -> None:
        """Play the last play that is listed, by clicks or by dragging."""
        moves, _ = bg.plays(self.state)[-1]
        for move in moves:
            if self.page.turn.complete:  # what is forced plays itself
                break
            made = len(self.page.turn.moves)
            source, die = move // 6 + 1, move % 6 + 1
            left = [each.face for each in self.page.scene().dice if not each.used]
            start = self.page.place_of("bar" if source == 25 else str(source))
            if dragging:
                self.drag(start, self.page.place_of(str(source - die) if source > die else "off"))
            else:
                self.click(start, 1 if left[0] == die else 3)
            self.until(lambda made=made: len(self.page.turn.moves) > made)

    def take_turn(self, clicking: bool) -> None:
        """Answer a double, roll, play the checkers and end the turn: by clicks, or by keys and dragging."""
        if self.state[bg.OFFERED]:
            self.key("Return")
            assert self.state[bg.OFFERED]  # nobody takes or drops by chance
            self.button(say.Take())
        elif not self.state[bg.DICE]:
            self.choose(say.RollDice(), clicking)
        self.wait_for_my_turn()
        if self.state[bg.DICE]:
            ply = self.page.session.ply
            self.move_checkers(dragging=not clicking)
            self.choose(say.Plays(self.page.turn.moves), clicking)
            self.until(lambda: self.page.session.ply > ply)
            self.wait_for_my_turn()

    def choose(self, message, clicking: bool) -> None:
        """Click a button of the board, or press Enter, which means it."""
        if clicking:
            self.button(message)
        else:
            self.key("Return")


def test_a_game_of_go_is_played_by_mouse_and_keyboard(person):
    person.choose_from("Board", "5 x 5")
    person.choose_from("You play", "both")
    person.press("More")
    person.fill_in("Komi", "0.5")
    person.press("Play")
    person.until(lambda: not person.app.at_start)
    session = person.page.session
    walls = [f"{column}{row}" for row in range(5, 0, -1) for column in "CD"]
    stray, dead = "B2", "A4"
    for ply, name in enumerate([*walls, stray, dead], 1):
        person.point(name)
        assert session.ply == ply
    person.point(stray)
    assert session.ply == 12  # it is taken
    person.point("E5")
    person.key("u")
    person.press("Undo")
    person.press("Redo")
    assert [go.notation(session.position.state, move) for move in session.position.moves][-2:] == [stray, dead]
    person.key("p")
    person.press("Pass")
    person.until(lambda: session.dead is not None)
    assert session.over
    assert session.dead.ravel()[go_board.move(dead, 5)]
    assert session.written_result == "B+4.5"
    person.point(dead)
    assert session.written_result == "W+5.5"  # a living stone leaves Black no territory
    person.point(dead)
    assert session.written_result == "B+4.5"
    assert "Black wins by 4.5" in session.status
    person.key("n")
    person.choose_from("You play", "Black")
    person.press("More")
    person.fill_in("Seconds a move", "0.1")
    person.press("Play")
    person.until(lambda: person.page.session is not session)
    session = person.page.session
    person.point("C3")
    person.until(lambda: session.ply == 2)
    person.press("Undo")
    person.until(lambda: session.ply == 0)


def test_a_match_is_played_by_mouse_and_keyboard(person):
    person.press("Backgammon")
    person.press("More")
    person.press("Seed of the dice")
    person.do("type", "8")
    person.press("Play")
    person.until(lambda: not person.app.at_start)
    while person.page.playback.pace != "at once":
        person.key("p")
    session = person.page.session
    assert session.book.dice.describe() == "dice from seed 8"
    person.wait_for_my_turn()
    for turn in range(12):
        if turn >= 4 and may_double(person.state) and session.position.turn == FIRST and not person.state[bg.DICE]:
            break
        person.take_turn(clicking=turn % 2 == 0)
    assert not session.over
    person.key("d")
    person.until(lambda: bg.DOUBLE in session.position.moves)
    person.wait_for_my_turn()
    if not session.over:  # Yomi took
        person.key("ctrl+r")
        person.button(say.Resign(3))
        person.until(lambda: session.over)
        assert session.result.startswith("Yomi won a backgammon, ")
    person.key("Return")
    person.until(lambda: session.book.game == 1)
    assert sum(session.points)
