"""Nothing is lost: games kept by themselves, wrong files, results of records, keys that are held, closing."""

import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import pygame
import pytest

from games import go
from games.backgammon import mat
from games.game import FIRST, SECOND
from games.go import sgf
from gui import file_dialogs, files, kept_games, opening, script
from gui import messages as say
from gui.opening import Opening
from gui.runner import Runner
from gui.widgets import clipboard
from gui.widgets.keys import KeysHeld
from gui.widgets.text_field import TextField
from gui.widgets.theme import Theme

ROOT = Path(__file__).resolve().parents[2]
GO = {"size": 5, "colour": "both", "level": "time", "model": "rollouts", "komi": "0.5"}
BACKGAMMON = {"colour": "both", "length": 3, "seed": "4", "level": "1"}


def moves(app):
    return [go.notation(app.page.session.position.states[0], move) for move in app.page.session.position.moves]


def do(app, text):
    for order in script.read(text):
        Runner(app).carry_out(order)


def leave(app):
    app.left = True
    assert app.close()


def test_a_game_that_was_left_goes_on_with_its_moves_and_its_players(window):
    app = window()
    app.begin("go", GO)
    do(app, "point C3; point B2; key ctrl+q")
    assert app.left
    leave(app)
    app = window()
    kept = kept_games.unfinished("go")
    assert kept.about == "Go 5x5, move 2"
    assert next(iter(sgf.read(kept.record))).moves == [12, 16]
    do(app, "press Go on; settle 20")
    assert moves(app) == ["C3", "B2"]
    session = app.page.session
    assert session.people == {FIRST, SECOND}
    assert session.opponent.spec.model == "rollouts"
    assert not session.halted
    do(app, "point D4")
    leave(app)
    assert len(kept_games.newest()) == 1  # it went on in the same file
    assert len(next(iter(sgf.read(kept.record))).moves) == 3


def test_a_match_goes_on_with_the_same_dice(window):
    app = window()
    app.begin("backgammon", BACKGAMMON)
    session = app.page.session
    app.receive(say.SetPace("at once"))
    end = time.perf_counter() + 60
    while session.ply < 1 and time.perf_counter() < end:
        app.frame()
    first = session.position.moves[0]
    app.receive(say.Resign(1))
    app.receive(say.NextGame())
    while session.ply < 1 and time.perf_counter() < end:
        app.frame()
    second = session.position.moves[0]
    leave(app)
    kept = kept_games.unfinished("backgammon")
    assert mat.read(kept.record).length == 3
    app = window()
    app.receive(say.GoOnWith(str(kept.record)))
    files.finish(app)
    session = app.page.session
    app.receive(say.SetPace("at once"))
    while session.ply < 1 and time.perf_counter() < end:
        app.frame()
    assert session.book.earlier[0].moves[0] == first
    assert session.position.moves[0] == second
    assert sum(session.points) == 1
    assert session.length == 3


def test_a_new_game_does_not_touch_the_one_before(window):
    app = window()
    for number in (1, 2):
        app.begin("go", GO)
        do(app, "; ".join(f"point {name}" for name in ("C3", "B2", "D4")[: number + 1]))
    leave(app)
    assert sorted(kept.about for kept in kept_games.newest()) == ["Go 5x5, move 2", "Go 5x5, move 3"]


def test_a_finished_game_is_kept_but_not_offered(window):
    app = window()
    app.begin("go", GO)
    do(app, "point C3; key ctrl+r")
    leave(app)
    (kept,) = kept_games.newest()
    assert kept.over
    assert next(iter(sgf.read(kept.record))).result == "B+R"
    assert kept_games.unfinished("go") is None
    app = window()
    assert not app.start.has_back


def test_a_full_disk_is_told_once_and_the_game_goes_on(window, monkeypatch):
    app = window()
    app.begin("go", GO)
    tried = []

    def full(path, data):
        tried.append(path)
        raise ValueError("there is no space left on the disk")

    monkeypatch.setattr(kept_games, "write_safely", full)
    do(app, "point C3")
    assert "no space left" in app.page.session.status
    do(app, "point B2")
    app.page.session.records.finish()
    assert len(tried) >= 2
    assert moves(app) == ["C3", "B2"]
    assert "no space left" not in app.page.session.status


def test_nothing_is_written_into_the_home_of_a_script(tmp_path):
    own = os.environ | {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    words = ["play", "go", "--size", "5", "--colour", "both", "--model", "rollouts", "--script", "point C3"]
    subprocess.run([sys.executable, str(ROOT / "yomi.py"), *words], env=own, check=True, timeout=120)
    assert not list(tmp_path.iterdir())


# --- opening ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["nowhere.sgf", "nowhere.mat", "bad.sgf", "picture.png", "bad.mat"])
def test_a_wrong_file_does_not_replace_the_game(window, tmp_path, name):
    (tmp_path / "bad.sgf").write_text("hello")
    (tmp_path / "bad.mat").write_text("hello")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    app = window()
    app.begin("go", GO)
    do(app, "point C3")
    page = app.page
    do(app, f"drop {tmp_path / name}; settle 20")
    assert app.page is page
    assert moves(app) == ["C3"]
    assert page.session.alarm
    do(app, f"key n; key ctrl+o; type {tmp_path / name}; key enter; settle 20")
    assert app.page is page
    assert app.at_start
    assert app.start.told
    assert app.remembered.recent == ()


def test_a_match_that_is_dropped_on_a_game_of_go_opens_as_a_match(window, tmp_path):
    app = window()
    app.begin("backgammon", BACKGAMMON)
    app.receive(say.Resign(1))
    app.page.session.records.save(str(tmp_path / "match.mat"))
    app.begin("go", GO)
    do(app, f"point C3; drop {tmp_path / 'match.mat'}; settle 20")
    assert app.page.name == "backgammon"
    assert app.page.session.length == 3
    app.page.session.records.finish()
    assert "Go 5x5, move 1" in [kept.about for kept in kept_games.newest()]


def large_sgf(branches: int, depth: int) -> str:
    """Return a record with many variations of many moves."""
    points = [f"{chr(97 + column)}{chr(97 + row)}" for row in range(0, 19, 2) for column in range(19)]
    line = "".join(f";{'BW'[k % 2]}[{points[k]}]" for k in range(depth))
    return f"(;GM[1]SZ[19]KM[6.5]{''.join(f'(;B[{point}]{line[6:]})' for point in points[:branches])})"


def test_a_large_file_opens_beside_the_window_and_escape_stops_it(window, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "AT_ONCE", 0.0)  # however fast the machine
    shares, progress = [], Opening._progress
    monkeypatch.setattr(Opening, "_progress", lambda self, share: (shares.append(share), progress(self, share)))
    path = tmp_path / "large.sgf"
    path.write_text(large_sgf(90, 90))
    app = window()
    app.begin("go", GO)
    do(app, "point C3")
    app.receive(say.Open(str(path)))
    assert app.opening is not None
    frames, slowest, end = 0, 0.0, time.perf_counter() + 120
    while app.opening and time.perf_counter() < end:
        frames += 1
        began = time.perf_counter()
        app.frame()
        slowest = max(slowest, time.perf_counter() - began)
    assert len(app.page.session.history.nodes()) > 3000
    assert frames > 0  # the bar was there
    assert len(shares) > 10
    assert shares == sorted(shares)
    assert slowest < 1.0
    app.receive(say.Open(str(path)))
    do(app, "key esc")
    assert app.opening is None
    assert len(app.page.session.history.nodes()) > 3000


# --- results belong to games ------------------------------------------------------------------------------

COUNTED = "(;GM[1]SZ[5]KM[0.5]RU[Chinese]RE[{}];B[cc];W[];B[])"


@pytest.fixture
def opened(window, tmp_path):
    """Return a function that opens a record, and one that saves it and returns its text."""
    app = window()

    def opened(text):
        (tmp_path / "game.sgf").write_text(text)
        app.begin("go", GO)
        do(app, f"drop {tmp_path / 'game.sgf'}; settle 60")
        return app

    def saved():
        app.receive(say.Save(str(tmp_path / "saved.sgf")))
        return (tmp_path / "saved.sgf").read_text().replace("\n", "")

    return opened, saved


@pytest.mark.parametrize("result", ["B+24.5", "W+3.5", "B+R", "W+T", "?", "Void", "Black wins by a lot"])
def test_a_stated_result_stays_if_nothing_was_changed(opened, result):
    app = opened[0](COUNTED.format(result))
    assert f"RE[{result}]" in opened[1]()
    do(app, "key home")
    assert f"RE[{result}]" in opened[1]()
    do(app, "key right; point B2")  # another move, in a variation: the game itself ended as it did
    assert f"RE[{result}]" in opened[1]()


def test_another_count_than_the_stated_one_is_told_and_what_a_person_marks_counts(opened):
    app = opened[0](COUNTED.format("W+3.5"))
    session = app.page.session
    assert session.written_result == "W+3.5"
    assert "as the record says" in session.status
    session.handle(say.MarkDead(12))
    assert session.written_result == "W+0.5"
    assert "RE[W+0.5]" in opened[1]()


def test_a_game_that_goes_on_loses_its_stated_result(opened):
    app = opened[0]("(;GM[1]SZ[5]KM[0.5]RE[B+3.5];B[cc];W[dd])")
    do(app, "point B2")
    assert "RE[" not in opened[1]()
    do(app, "key ctrl+r")
    assert "RE[B+R]" in opened[1]()


def test_the_result_is_written_wherever_the_board_stands(opened):
    app = opened[0]("(;GM[1]SZ[5]KM[0.5]RU[Chinese];B[cc];W[])")
    do(app, "key p; settle 60; key home")
    assert "RE[B+24.5]" in opened[1]()


# --- small betrayals --------------------------------------------------------------------------------------


def test_a_held_key_acts_once_unless_it_moves_or_writes():
    held = KeysHeld()

    def down(key, typing=False):
        return not held.is_unwanted_repeat(pygame.event.Event(pygame.KEYDOWN, key=key), typing)

    for key, again in ((pygame.K_RETURN, False), (pygame.K_u, False), (pygame.K_SPACE, False), (pygame.K_LEFT, True),
                       (pygame.K_PAGEDOWN, True)):  # fmt: skip
        assert [down(key), down(key), down(key)] == [True, again, again], pygame.key.name(key)
    assert down(pygame.K_BACKSPACE, typing=True)
    assert down(pygame.K_BACKSPACE, typing=True)
    held.is_unwanted_repeat(pygame.event.Event(pygame.KEYUP, key=pygame.K_RETURN), False)
    assert down(pygame.K_RETURN)


def test_text_goes_through_the_clipboard(window):
    app = window()
    app.begin("go", GO)
    do(app, "point C3; key ctrl+c")
    assert "in the clipboard" in app.page.session.status
    assert "B[cc]" in clipboard.get()
    assert clipboard.put("Grüße 読み") == ""
    assert clipboard.get() == "Grüße 読み"


def test_everything_in_a_field_is_marked_and_replaced():
    pygame.init()
    field, theme = TextField("game.sgf"), Theme(1)
    field.focused = True

    def key(words):
        field.handle(script.key(words), theme)

    key("ctrl+a")
    key("x")
    assert field.value == "x"
    key("ctrl+a")
    key("left")
    key("y")
    assert field.value == "yx"
    key("ctrl+a")
    key("backspace")
    assert field.value == ""


def test_the_start_page_follows_the_game(window):
    app = window()
    app.begin("backgammon", BACKGAMMON)
    do(app, "key n")
    assert (app.at_start, app.start.game) == (True, "backgammon")


def test_a_result_is_not_overwritten(window):
    app = window()
    app.begin("go", GO)
    do(app, "point C3; key ctrl+r")
    for words in ("key m", "key ctrl+c", "point D4"):
        do(app, words)
        assert "Black wins by resignation" in app.page.session.status


def test_yomis_pass_is_announced_on_the_board(window):
    app = window()
    app.begin("go", GO | {"colour": "black"})
    session = app.page.session
    session.pause()
    do(app, "point C3")
    session.pause()
    session.course.play((25,))
    session.changed()
    session.handle(say.GoOn())
    assert app.page.scene().note == "White passes"
    assert "White passed" in session.status
    do(app, "point D4")
    assert app.page.scene().note == ""


def test_missing_sound_does_not_stand_in_the_game(window, monkeypatch):
    def broken(*given):
        raise pygame.error("no such device")

    monkeypatch.setattr(pygame.mixer, "init", broken)
    app = window()
    app.begin("go", GO)
    assert "no such device" not in app.page.session.status
    do(app, "key m; key m")
    assert "no such device" in app.page.session.status


def test_the_stones_of_a_stepped_simulation_go_with_their_tab(window):
    app = window()
    app.begin("go", GO)
    do(app, "settle 60; press Search; press Fast; wait 30")
    end = time.perf_counter() + 60
    while app.page.session.engine.event is None and time.perf_counter() < end:
        app.frame()
    assert app.page.session.engine.event
    do(app, "press Game; settle 20; wait 20")
    assert app.page.session.engine.event is None
    assert app.page.scene().variation == ()


def test_saving_says_where(window, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = window()
    app.begin("go", GO)
    do(app, "point C3; key ctrl+s")
    words = [widget.words for widget in app.dialog.ring.widgets if isinstance(widget, file_dialogs.Where)]
    assert words == [f"in the folder {tmp_path}"]
    do(app, "key ctrl+a; type nowhere/game.sgf")
    app.draw()
    told = [each.words for each in app.dialog.ring.widgets if isinstance(each, file_dialogs.Where)]
    assert any("there is no folder" in words for words in told)
    do(app, "key ctrl+a; type game.sgf; key enter")
    assert f"saved to {tmp_path / 'game.sgf'}" in app.page.session.status


def test_closing_while_the_search_runs_waits_for_it(tmp_path):
    own = os.environ | {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    words = ["play", "go", "--colour", "both", "--script", "settle 60; press Analyse; wait 20; key ctrl+q"]
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, str(ROOT / "yomi.py"), *words], env=own, capture_output=True, text=True, timeout=180,
            check=False,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (0, "")


def test_a_window_that_does_not_open_says_why(tmp_path):
    with (tmp_path / "log").open("w") as log:
        done = subprocess.run(
            [sys.executable, str(ROOT / "yomi.py"), "play"], stdout=log, stderr=subprocess.PIPE, text=True, timeout=60,
            check=False, env=os.environ | {"SDL_VIDEODRIVER": "dummy"}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "yomi: no window opens: the output is a pipe or a file; --window after the name of a game opens one"
    )
