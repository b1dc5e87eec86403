"""The menu: files, pictures to the clipboard, sizes, colours that are kept, sounds."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import io
import sys
import time

import pygame
import pytest

from gui import menu_messages as ask
from gui import script, settings_store
from gui.app import App
from gui.menu import Menu
from gui.runner import Runner
from gui.settings_store import Remembered


@pytest.fixture(scope="module")
def window():
    app = App((1180, 760), Remembered(scale=1.0, mute=True))
    yield app
    app.thinker.close()
    pygame.quit()


@pytest.fixture
def do(window):
    """Return a function that plays a script on a game of two people."""
    window.begin("connect_four", {"colour": "both", "level": "time"})
    window.dialog = None

    def do(text):
        for order in script.read(text):
            Runner(window).carry_out(order)
        return window

    return do


def test_the_menu_reaches_what_has_a_key(do, tmp_path):
    app = do("press Menu; press Larger; wait 2")
    assert app.scale == 1.25
    assert isinstance(app.dialog, Menu)
    do("press Smaller; press Sounds; press Save the game")
    assert (app.scale, app.sounds.mute) == (1.0, False)
    assert app.dialog.title == "Save the game"
    do("key esc; key f10; press Every key; key a")
    assert (app.dialog, app.help) == (None, False)
    do("key n; press Menu")
    assert [button.enabled for button in app.dialog.saves] == [False] * 3
    do("press Close")
    assert app.dialog is None


def test_a_tooltip_shows_in_the_window_where_the_mouse_rests(do):
    app = do("wait 2")
    Runner(app).post(
        [pygame.event.Event(pygame.MOUSEMOTION, pos=app.panel.menu.rect.center, rel=(0, 0), buttons=(0, 0, 0))]
    )
    end = time.perf_counter() + 10
    while not app.panel.ring.tip.shown and time.perf_counter() < end:
        app.frame()
    assert app.panel.ring.tip.shown
    assert app.panel.ring.tip.owner is app.panel.menu


def test_colours_are_chosen_and_kept(do, tmp_path):
    app = do("point 4; wait 40")
    place = app.page.place_of("4")
    red = (place[0], app.page.view.place(5, 3)[1])
    before = app.surface.get_at(red)[:3]
    app.receive(ask.SetColours("distinct"))
    do("wait 2")
    assert app.theme.palette.marked
    assert app.surface.get_at(red)[:3] != before
    settings_store.save(app.remembered, tmp_path / "window.json")
    assert settings_store.load(tmp_path / "window.json").colours == "distinct"
    app.receive(ask.SetColours("no such palette"))
    do("wait 2")
    assert not app.theme.palette.marked


@pytest.fixture
def clipboard(tmp_path, monkeypatch):
    """Put a program in the place of the system's clipboard, which keeps what it gets."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "xclip").write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\n/bin/cat > {tmp_path}/picture\n')
    (tmp_path / "bin" / "xclip").chmod(0o755)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="these have clipboards of their own")
def test_a_picture_of_the_board_is_in_the_clipboard(do, clipboard):
    app = do("point 4; wait 40; key ctrl+p")
    assert app.page.session.status == "a picture of the board is in the clipboard"
    assert (clipboard / "words").read_text() == "-selection clipboard -t image/png\n"
    picture = pygame.image.load(io.BytesIO((clipboard / "picture").read_bytes()), "picture.png")
    board = app.surface.subsurface(app.layout()[0])
    assert pygame.image.tostring(picture, "RGB") == pygame.image.tostring(board, "RGB")


def test_without_such_a_clipboard_the_picture_is_kept_in_a_file(do, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    app = do("press Menu; press Copy a picture")
    assert app.dialog is None
    assert "is not installed; a picture of the board is in" in app.page.session.status
    assert pygame.image.load(tmp_path / "data" / "yomi" / "board.png").get_width() > 300
