"""The window: whole games by script, resizing, scaling, bad input, random events. SDL's dummy drivers stand in."""

import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from games import go
from games.game import FIRST
from games.go import board as go_board
from games.go import sgf
from gui import display, script
from gui import messages as say
from gui.app import App
from gui.runner import Runner
from gui.settings_store import Remembered
from gui.start_messages import ShowMore
from gui.widgets import help_sheet
from gui.widgets.theme import Theme

ROOT = Path(__file__).resolve().parents[2]
GAME = {"size": 5, "level": "2", "komi": "0.5"}


@pytest.fixture
def run():
    """Return a function that plays a script on a window, the same window each time."""
    opened = []

    def run(text="", game="", values=None, size=(1180, 760), scale=1.0):
        if not opened:
            opened.append(App(size, Remembered(scale=scale, mute=True)))
            if game:
                opened[0].begin(game, GAME | (values or {}) if game == "go" else values or {})
            opened[0].frame()
        for order in script.read(text):
            Runner(opened[0]).carry_out(order)
        return opened[0]

    yield run
    for app in opened:
        app.page and app.page.session.stop_thinking()
        app.thinker.close()
        app.thinker.thread.join(10)
    pygame.quit()


def moves(app):
    return [go.notation(app.page.session.position.states[0], move) for move in app.page.session.position.moves]


def test_a_whole_game_by_mouse_and_keyboard(run, tmp_path):
    run("press Board; key home; key enter; press Opponent; key end; key enter; press You play; key home; key down")
    app = run("key down; key enter; press More; press Komi; type 0.5; press Play; settle 60")
    session = app.page.session
    assert session.size == 9
    assert session.people == {0, 1}
    stones = [f"{column}{row}" for row in range(9, 0, -1) for column in "ED"]
    run("; ".join(f"point {name}" for name in stones))
    assert moves(app) == stones
    run("point F5; point A1; press Undo; key r; key p; press Pass; settle 60")
    assert len(session.position.moves) == 22
    assert session.over
    assert np.argwhere(session.dead).size == 0
    assert "Black wins by" in session.status
    run("point A1")
    assert session.dead.sum() == 1
    run("key ctrl+s")
    app.dialog.ring.focus.value = str(tmp_path / "game.sgf")
    run("key enter")
    assert next(iter(sgf.read(tmp_path / "game.sgf"))).result == session.written_result
    run("key n; press Play; settle 20")
    assert moves(app) == []


def test_phases_that_follow_each_other_need_no_event(run):
    app = run("press Search; press Step", "go")
    assert not app.page.session.engine.walking
    run("press Fast")
    assert app.page.session.engine.walking
    assert app.lively(), "the next phase comes in less time than a calm window sleeps"
    run("press Step")
    assert not app.page.session.engine.walking


def test_the_engine_answers_and_everything_can_be_looked_at(run, tmp_path):
    app = run("settle 60; point C3; settle 90", "go")  # the engine's first move may compile
    assert len(moves(app)) == 2
    run("key h; wait 150; press Moves; press Policy; press Ownership; wait 150; key s; settle 10; wait 3; settle 5")
    assert {"candidates", "heat", "ownership"} <= app.page.shown
    assert app.page.session.thought.lines
    scene = app.page.scene()
    assert scene.heat is not None
    assert scene.ownership is not None
    assert scene.candidates
    run("press Search; press Step; key .; settle 9; key .; settle 9; press Live; press Review")
    run("press Review the game; settle 90")
    assert None not in app.page.session.values
    run(f"press Game; shot {tmp_path}/game.png")
    assert (tmp_path / "game.png").stat().st_size > 10_000


def test_whoever_stops_thinking_stops_the_steps_that_go_by_themselves(run):
    app = run("settle 60; press Search; press Fast; wait 20; key s", "go", {"colour": "both"})
    assert app.page.session.engine.speed == "step"
    run("settle 20; wait 20")
    assert not app.thinker.job


def test_where_a_rollout_ended_is_seen_on_the_board(run):
    app = run("settle 60; point C3; press Search; press Step; settle 20", "go", {"colour": "both"})
    run("key .; settle 20; key .; settle 20; key .; settle 20; key .; settle 20")
    session = app.page.session
    assert session.engine.event.phase == "rollout"
    assert np.array_equal(app.page.scene().stones, go.colours(session.engine.event.judged))
    assert np.count_nonzero(app.page.scene().stones) > 12
    run("key .; settle 20")
    assert np.count_nonzero(app.page.scene().stones) == 1


@pytest.mark.parametrize("size", [(640, 400), (900, 700), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.5])
def test_nothing_is_cut_off_at_any_size_and_scale(run, size, scale):
    app = run("settle 60", "go", {"colour": "both"}, size, scale)
    whole = app.surface.get_rect()
    for tab in app.panel.tabs:
        app.panel.show(tab.name)
        app.draw()
        board, panel, status = app.layout()
        assert all(whole.contains(rect) for rect in (board, panel, status))
        assert not board.colliderect(panel)
        assert min(board.size) >= 60
        for widget in app.panel.ring.widgets:
            assert panel.contains(widget.rect), (tab.name, widget)
            assert widget.rect.height > 8
        tops = [w.rect for w in app.panel.ring.widgets]
        assert all(not a.colliderect(b) for k, a in enumerate(tops) for b in tops[k + 1 :]), tab.name
    app.at_start = True
    for name in app.pages:
        for more in (False, True):
            app.start.more = more
            app.start.choose(name)
            app.draw()
            tops = [widget.rect for widget in app.start.ring.widgets]
            assert all(whole.contains(rect) for rect in tops)
            assert all(not a.colliderect(b) for k, a in enumerate(tops) for b in tops[k + 1 :]), name


@pytest.fixture
def drawn(monkeypatch):
    """What is written on the window: the words and where; and which of them were cut short."""
    places, cut = [], []
    text, fitted = Theme.text, Theme.fitted

    def noted_text(theme, surface, words, *how, **more):
        place = text(theme, surface, words, *how, **more)
        if surface is pygame.display.get_surface() and words.strip():
            places.append((words, place))
        return place

    def noted_fitted(theme, words, width, *how):
        shown = fitted(theme, words, width, *how)
        cut.extend([words] * (shown != words))
        return shown

    monkeypatch.setattr(Theme, "text", noted_text)
    monkeypatch.setattr(Theme, "fitted", noted_fitted)
    return places, cut


def assert_legible(app, drawn, draw):
    """Draw, and look at every word: none is cut short, beyond the window or over another one."""
    places, cut = drawn
    places.clear()
    cut.clear()
    draw()
    whole = app.surface.get_rect()
    assert not cut
    assert places
    lines = [(words, place.inflate(0, -place.height * 0.35)) for words, place in places]  # letters, not their room
    assert [words for words, place in lines if not whole.contains(place)] == []
    for k, (words, place) in enumerate(lines):
        assert [other for other, there in lines[k + 1 :] if place.colliderect(there)] == [], words


WINDOWS = [((720, 480), 1.0), ((1024, 640), 1.5), ((1180, 760), 0.75), ((1180, 760), 1.5), ((1920, 1080), 1.5)]


@pytest.mark.parametrize("game", ["go", "backgammon"])
@pytest.mark.parametrize(("size", "scale"), WINDOWS)
def test_no_words_are_cut_short_or_lie_over_others(run, drawn, beginner, game, size, scale):
    own = {"model": str(beginner), "level": "time", "length": 15, "seed": 123456, "colour": "both"}
    app = run("settle 60", game, own if game == "backgammon" else {"colour": "both"}, size, scale)
    for tab in app.panel.tabs:
        app.panel.show(tab.name)
        assert_legible(app, drawn, app.draw)
    app.panel.show("Game")
    app.page.session.tell("a record with a long name.sgf: it cannot be opened: no such file or directory")
    assert_legible(app, drawn, app.draw)
    if game == "backgammon":
        app.receive(say.Resign())  # it asks how much is lost, by buttons on the board
    assert_legible(app, drawn, app.draw)
    assert_legible(app, drawn, lambda: help_sheet.draw(app.surface, app.theme, app.page.title, app.page.keys))
    app.receive(say.AskSave())
    assert_legible(app, drawn, lambda: app.dialog.draw(app.surface, app.theme))
    app.at_start, app.dialog = True, None
    app.start.choose(app.page.name)
    assert_legible(app, drawn, app.draw)
    app.receive(ShowMore())
    assert_legible(app, drawn, app.draw)
    app.start.told = "a GNU Backgammon ID is 14 letters, and 12 after a colon: 4HPwATDgc/ABMA:cAkAAAAAAAAA"
    assert_legible(app, drawn, app.draw)


def test_resizing_and_scaling_go_on_with_the_game(run):
    app = run("settle 60; point C3; resize 700 500; point B2; key ctrl++", "go", {"colour": "both"})
    run("point D4; key ctrl+-; key ctrl+0")
    assert moves(app) == ["C3", "B2", "D4"]
    assert app.theme.scale < 1
    run("resize 1400 1000")
    assert app.theme.scale == 1


def test_keys_play_without_a_mouse(run):
    app = run("settle 60; key k; key left; key enter; key k; key p; key u; key ?; key x", "go", {"colour": "both"})
    assert moves(app) == ["B3"]
    assert not app.help


@pytest.mark.parametrize(
    ("content", "told"), [("hello", "no game"), ("(;SZ[5];B[cc];W[cc])", "taken"), (None, "cannot be opened")]
)
def test_a_bad_file_is_told_on_screen_and_the_game_goes_on(run, tmp_path, content, told):
    path = tmp_path / "bad.sgf"
    if content:
        path.write_text(content)
    app = run(f"settle 60; point C3; drop {path}", "go", {"colour": "both"})
    assert told in app.page.session.status
    assert app.page.session.alarm
    run("key home; point B2")
    assert moves(app) == ["B2"]


def test_a_record_dropped_on_the_start_page_opens(run, tmp_path):
    (tmp_path / "game.sgf").write_text("(;SZ[9];B[ee](;W[cc])(;W[gg]))")
    app = run(f"drop {tmp_path}/game.sgf; settle 60")
    assert moves(app) == ["E5", "C7"]
    assert app.remembered.recent == (str(tmp_path / "game.sgf"),)
    run("key ctrl+o; key esc; key left; key down; key right")
    assert app.dialog is None


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [("Komi", "abc", "not a number"), ("Komi", "0.3", "half points"), ("Seed", "x", "whole number"),
     ("Seconds a move", "0", "between")],
)  # fmt: skip
def test_what_cannot_be_is_told_on_the_start_page(run, field, text, told):
    app = run("press Opponent; key end; key enter; press More")
    run(f"press {field}; key end; key backspace; type {text}; press Play")
    assert app.at_start
    assert told in app.start.told


def test_a_font_a_sound_device_or_a_clipboard_that_is_missing_does_not_matter(run, monkeypatch):
    def broken(*given):
        raise pygame.error("no such device")

    monkeypatch.setattr(pygame.mixer, "init", broken)
    monkeypatch.setattr(pygame.scrap, "get", broken, raising=False)
    app = run("settle 60; key ctrl+v; key m; key m; point C3", "go", {"colour": "both"})
    assert moves(app) == ["C3"]
    assert "no such device" in app.sounds.why_not


LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,?+-"
KEYS = ["tab", "enter", "esc", "space", "left", "right", "up", "down", "home", "end", "backspace", "ctrl+c", "ctrl++",
        "ctrl+-", "ctrl+0", "ctrl+o", "ctrl+s", "ctrl+r", "shift+tab", "pgup", "pgdn", *LETTERS]  # fmt: skip


def random_events(random, size):
    """Return some events that belong together: a click, a drag, a key, the wheel."""
    places = [[int(random.integers(0, edge)) for edge in size] for _ in range(2)]
    what = random.integers(0, 10)
    if what < 5:
        return list(script.click(places[0], 3 if random.random() < 0.1 else 1))
    if what == 5:
        return list(script.drag(*places))
    if what == 6:
        return [pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=int(random.integers(-3, 4)), flipped=False)]
    return [script.key(KEYS[random.integers(0, len(KEYS))])]


def storm(app, count, seed=1, between=lambda: None):
    """Let random events fall on a window; the position stays what its moves make it. Return the slowest frame.

    Now and then something is done `between`.
    """
    random, seen, slowest = np.random.default_rng(seed), 0, 0.0
    while seen < count:
        if random.random() < 0.01:
            size = tuple(int(random.integers(low, high)) for low, high in ((200, 1500), (150, 1000)))
            Runner(app).resize(size)
        events = random_events(random, app.surface.get_size())
        seen += len(events)
        for event in events:
            app.handle(event)
        began = time.perf_counter()
        app.advance()
        app.draw()
        slowest = max(slowest, time.perf_counter() - began)
        app.left = False
        if random.random() < 0.01:
            between()
        if app.page and not app.at_start and random.random() < 0.02:
            position = app.page.session.position
            fresh = type(position)(position.game, position.states[0])
            for move, mover in zip(position.moves, position.movers, strict=True):
                fresh.play(move, mover)
            assert np.array_equal(fresh.state, position.state)
    return slowest


@pytest.fixture
def beginner(tmp_path):
    """A small backgammon network that knows nothing."""
    from engine.backgammon import afterstates
    from engine.backgammon import model as afterstates_model

    (tmp_path / "beginner").mkdir()
    afterstates_model.write(afterstates.fresh(8), tmp_path / "beginner", afterstates_model.describe())
    return tmp_path / "beginner"


def watch_the_search(app):
    """Go back to the game, bring its search to the top and let it think; at times step through it."""
    app.at_start, app.dialog, app.help = False, None, False
    app.panel.show("Search")
    session = app.page.session
    app.receive(say.SetSpeed("fast" if session.generation % 3 == 0 else "live"))
    if session.engine.speed == "live" and not session.engine.analysing:
        app.receive(say.Analyse())
    if session.over:
        app.receive(say.NextGame())


STORMED = (
    ("go", None),
    ("go", watch_the_search),
    ("backgammon", None),
    ("backgammon", watch_the_search),
    ("connect_four", None),
    ("connect_four", watch_the_search),
)
"""Pages on which random events fall, YOMI_STORM of them; text and lab have tests of the same name beside their own."""


@pytest.mark.parametrize(("game", "between"), STORMED)
def test_random_events_break_nothing(run, game, between, monkeypatch, tmp_path, beginner):
    monkeypatch.chdir(tmp_path)
    own = {"model": str(beginner), "level": "time", "seconds": "0.05"}
    app = run("settle 60", game, own if game == "backgammon" else {})
    watch = (lambda: between(app)) if between else (lambda: None)
    watch()
    assert storm(app, int(os.environ.get("YOMI_STORM", "400")), 1, watch) < 20
    assert app.page.session.handle(say.StopThinking())
    end = time.perf_counter() + 20
    while app.lively() and time.perf_counter() < end:  # luck may still be weighed, a throw after the other
        run("settle 20; wait 2")
    assert not app.thinker.job


def test_the_command_opens_a_window_and_writes_a_picture(tmp_path):
    script_words = "settle 60; point E5; settle 20"
    words = ["play", "go", "--visits", "30", "--screenshot", str(tmp_path / "a.png"), "--script", script_words]
    done = subprocess.run(
        [sys.executable, str(ROOT / "yomi.py"), *words], capture_output=True, text=True, timeout=120, check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert pygame.image.load(tmp_path / "a.png").get_width() > 300


def test_a_window_only_where_there_is_a_display_and_nothing_is_piped(monkeypatch):
    for name in ("SDL_VIDEODRIVER", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(display.sys, "platform", "linux")
    assert not display.wants_window()
    assert display.wants_window(terminal=False)
    monkeypatch.setenv("DISPLAY", ":0")
    assert display.has_display()
    reading, writing = os.pipe()
    with os.fdopen(reading) as pipe:
        monkeypatch.setattr(display.sys, "stdin", pipe)
        assert not display.wants_window()
    os.close(writing)


def test_no_place_of_the_board_is_under_the_panel(run):
    app = run("settle 60", "go", {"size": 19, "colour": "both"})
    board, panel, _ = app.layout()
    for point in np.ndindex(19, 19):
        assert board.collidepoint(app.page.view.place(point))
        assert not panel.collidepoint(app.page.view.place(point))
    assert app.page.place_of("A1") == app.page.view.place(divmod(go_board.move("A1", 19), 19))
    assert app.page.session.position.turn == FIRST
