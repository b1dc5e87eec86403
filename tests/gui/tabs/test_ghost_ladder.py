"""The ladder of a run: what its checkpoints answer, the slider, the tab in the window, what is told of bad folders."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from engine.backgammon import afterstates
from engine.backgammon import model as afterstates_model
from engine.networks import model
from games import backgammon, go
from games.game import Position
from gui import script
from gui.app import App
from gui.backgammon.scene import arrows_of
from gui.runner import Runner
from gui.settings_store import Remembered
from gui.tabs import ghost_ladder
from gui.tabs.ghost_ladder import READY, Ladder, checkpoints
from gui.tabs.ladder_tab import reach_of
from gui.tabs.ladder_view import LadderScene, LadderView
from gui.widgets.theme import Theme

ROOT = Path(__file__).resolve().parents[3]
STEPS = (100, 250, 900)


@pytest.fixture(scope="module")
def beginner(tmp_path_factory):
    """A small network for Go that knows nothing."""
    pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")
    from engine.networks.towers import NetworkShape, lively, write_model

    folder = tmp_path_factory.mktemp("beginner")
    write_model(lively(NetworkShape(game="go", blocks=1, channels=8)), folder, model.describe("go"))
    return folder


@pytest.fixture
def go_run(beginner, tmp_path):
    """A run from a beginner to the network that ships, then a broken checkpoint, and what else lies about."""
    run = tmp_path / "first"
    for step, source in zip(STEPS, (beginner, *[model.SHIPPED / "go"] * 2), strict=True):
        shutil.copytree(source, run / "models" / f"{step:09}")
    (run / "models" / "000000900" / model.ONNX).write_bytes(b"no network")
    (run / "models" / "latest").mkdir()
    return run


@pytest.fixture
def dice_run(tmp_path):
    """A run of backgammon with more checkpoints than are kept ready."""
    run = tmp_path / "men"
    for step in range(1, READY + 3):
        folder = run / "models" / f"{step:09}"
        folder.mkdir(parents=True)
        afterstates_model.write(afterstates.fresh(8, step), folder, afterstates_model.describe())
    return run


@pytest.fixture
def opened():
    """Return what opens a ladder; it is closed with the test."""
    made = []

    def opening(run):
        made.append(Ladder(run))
        return made[-1]

    yield opening
    for ladder in made:
        ladder.close()


def wait_for(ladder, position, first=-1):
    until = time.perf_counter() + 60
    ladder.ask(position, first)
    while ladder.busy and time.perf_counter() < until:
        time.sleep(0.01)
    return ladder.ask(position, first)


# --- the ladder -------------------------------------------------------------------------------------------


def test_checkpoints_answer_one_after_the_other(go_run, opened):
    ladder, position = opened(go_run), Position(go, go.start(5))
    assert ladder.steps == STEPS
    began = time.perf_counter()
    assert ladder.ask(position) == [None, None, None]
    assert time.perf_counter() - began < 0.1
    assert not ladder.poll()
    answers = wait_for(ladder, position)
    assert ladder.poll()
    assert not ladder.poll()
    assert [answer is None for answer in answers] == [False, False, True]
    assert list(ladder.failed) == [2]
    one, other = answers[:2]
    assert one.policy.sum() == pytest.approx(1, abs=1e-4)
    assert -1 <= one.value <= 1
    assert np.abs(one.policy - other.policy).max() > 0.01
    assert one.plays[0].chance == one.policy.max()
    assert one.plays[0].words == go.notation(position.state, int(one.policy.argmax()))
    position.play(12)
    assert wait_for(ladder, position)[0].policy[12] == 0
    position.undo()
    assert ladder.ask(position)[0] is one


def test_of_backgammon_whole_plays_are_told(dice_run, opened):
    ladder, rolled = opened(dice_run), backgammon.with_dice(backgammon.start(), (3, 1))
    answer = wait_for(ladder, Position(backgammon, rolled))[0]
    chances = [play.chance for play in answer.plays]
    assert len(chances) == ghost_ladder.MOST_PLAYS
    assert chances == sorted(chances, reverse=True)
    assert 0 < sum(chances) <= 1
    assert {len(play.moves) for play in answer.plays} == {2}
    assert all("/" in play.words for play in answer.plays)
    before = wait_for(ladder, Position(backgammon, backgammon.start()))[0]
    assert before.plays == ()  # the dice choose


def test_those_nearest_to_the_chosen_one_stay_ready(dice_run, opened, monkeypatch):
    loaded, load = [], ghost_ladder.open_evaluator
    monkeypatch.setattr(ghost_ladder, "open_evaluator", lambda found: loaded.append(found) or load(found))
    ladder, position = opened(dice_run), Position(backgammon, backgammon.start())
    wait_for(ladder, position, 0)
    assert [int(found.folder.name) for found in loaded] == list(ladder.steps)  # the nearest first
    position.play(int(position.legal()[0]))
    wait_for(ladder, position, 0)
    assert len(loaded) == len(ladder.steps) + 2


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(ValueError, match="there is no folder"):
        checkpoints(tmp_path / "nowhere")
    with pytest.raises(ValueError, match="no run with checkpoints"):
        checkpoints(tmp_path)
    (tmp_path / "models" / "000000007").mkdir(parents=True)
    with pytest.raises(ValueError, match=r"model\.json"):
        Ladder(tmp_path)


# --- the view ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damaged", ["first", "last"])
def test_of_a_damaged_childhood_the_whole_checkpoints_are_shown(tmp_path, damaged):
    run = shutil.copytree(model.SHIPPED / "connect_four", tmp_path / "model") / "childhood"
    whole = checkpoints(run)
    (run / "models" / "\u00b2").mkdir()  # a digit to Python, and no number
    (whole[0 if damaged == "first" else -1].folder / model.DESCRIPTION).write_bytes(b"\x00" * 100)
    steps = [ghost_ladder.step_of(found) for found in checkpoints(run)]
    assert steps == sorted(steps)
    assert len(steps) == len(whole) - 1


def test_the_ladder_is_drawn_and_slid():
    pygame.init()
    chosen, theme = [], Theme()
    view = LadderView(lambda checkpoint: chosen.append(checkpoint))
    plays = (("24/18 13/11", 0.7), ("13/7 8/7", 0.3))
    for values, alarm in (((None,) * 3, ""), ((0.1, -0.3, None), "it is broken " * 30)):
        for size in ((380, 500), (280, 240), (40, 30)):
            view.rect = pygame.Rect((10, 10), size)
            view.scene = LadderScene(STEPS, values, 1, ("Black 62 %", "White 62 %"), 0.5, "Black 55 %", plays, alarm)
            view.draw(pygame.Surface((400, 520)), theme)
    view.rect = pygame.Rect(10, 10, 380, 500)
    view.draw(pygame.Surface((400, 520)), theme)
    for event in script.drag((30, 480), (380, 480)):
        view.handle(event, theme)
    assert (chosen[0], chosen[-1]) == (0, 2)
    for event in script.click((200, 20)):
        view.handle(event, theme)  # the head is no slider
    many = len(chosen)
    for focused, hovered, key in ((True, False, "left"), (False, True, "right"), (False, False, "left")):
        view.focused, view.hovered = focused, hovered
        view.handle(script.key(key), theme)
    assert chosen[many:] == [0, 2]


def test_the_scale_is_as_narrow_as_the_values_allow():
    assert [reach_of(values) for values in ([], [0.05, -0.1], [0.11], [-0.9], [1.3])] == [0.1, 0.1, 0.25, 1.0, 1.3]


# --- the window -------------------------------------------------------------------------------------------


@pytest.fixture
def play(tmp_path):
    """Return a function that plays a script on a window, the same window each time."""
    opened = []

    def play(text="", game="", values=None):
        if not opened:
            opened.append(App((1180, 760), Remembered(scale=1.0, mute=True)))
            if game:
                opened[0].begin(game, values or {})
            opened[0].frame()
        for order in script.read(text):
            Runner(opened[0]).carry_out(order)
        return opened[0]

    yield play
    for app in opened:
        app.close()
        app.thinker.thread.join(10)


BOTH = {"size": 5, "colour": "both"}


def shown(app):
    app.draw()
    return app.page.scene().heat


def test_a_run_is_opened_and_slid_through(play, go_run):
    app = play("settle 60; point C3", "go", BOTH)
    assert shown(app) is None
    play("press Run; press Open a run")
    app.dialog.ring.focus.value = str(go_run)
    play("key enter; settle 60")
    ladder = app.page.ladder
    assert app.panel.tab.chosen == 2
    assert shown(app) is None  # the last one is broken, and says so
    assert app.panel.tab.view.scene.alarm
    play("key tab; key tab; key left; settle 60")
    later = shown(app)
    play("key left; settle 60")
    earlier = shown(app)
    assert (app.panel.tab.chosen, app.page.session.ply) == (0, 1)
    assert np.abs(later - earlier).max() > 0.01
    assert earlier.shape == (5, 5)
    assert earlier[2, 2] == 0  # a stone lies there
    assert earlier.sum() == pytest.approx(1 - app.page.opinion.policy[-1], abs=1e-4)
    play("key esc; key u; settle 60")
    assert shown(app)[2, 2] > 0
    play("point A1; settle 60")
    assert shown(app)[4, 0] == 0
    play("press Game")
    assert shown(app) is None
    play("press Run; press Close the run")
    assert (app.page.ladder, shown(app)) == (None, None)
    assert not ladder.busy


def test_arrows_slide_where_the_mouse_is_and_go_through_the_game_elsewhere(play, go_run):
    app = play(f"settle 60; point C3; drop {go_run}; settle 60", "go", BOTH)
    play("move 900 400; key left; settle 60")
    assert (app.panel.tab.chosen, app.page.session.ply) == (1, 1)
    play("move 300 300; key left; settle 60")
    assert (app.panel.tab.chosen, app.page.session.ply) == (1, 0)
    assert app.page.opinion  # of the new position, shown as it came


def test_bad_folders_are_told_and_the_game_goes_on(play, go_run, dice_run, tmp_path):
    (tmp_path / "empty").mkdir()
    app = play(f"settle 60; point C3; drop {go_run}; settle 60", "go", BOTH)
    ladder = app.page.ladder
    for folder, told in ((tmp_path / "empty", "no run with checkpoints"), (dice_run, "men is a run of Backgammon")):
        play(f"drop {folder}")
        assert told in app.page.session.status
        assert app.page.session.alarm
        assert app.page.ladder is ladder
    assert app.remembered.recent == (str(go_run),)
    play("point B2")
    assert app.page.session.ply == 2


def test_a_run_stays_for_the_next_game_and_goes_with_another_one(play, go_run, dice_run):
    app = play(f"settle 60; drop {go_run}; settle 60", "go", BOTH)
    ladder = app.page.ladder
    app.begin("go", {"size": 9, "colour": "both"})
    play("wait 1; press Run; key tab; key tab; key left; settle 60")
    assert app.page.ladder is ladder
    assert shown(app).shape == (9, 9)
    app.begin("backgammon", {"model": str(dice_run), "colour": "both", "seed": "7"})
    assert app.page.ladder is None
    assert ladder._closed


def test_a_run_dropped_on_the_start_page_begins_its_game(play, go_run, tmp_path):
    app = play(f"drop {tmp_path}")
    assert app.at_start
    assert "no run with checkpoints" in app.start.told
    play(f"drop {go_run}; settle 60")
    assert app.page.name == "go"
    assert app.panel.tab.name == "Run"
    ladder, page = app.page.ladder, app.page
    play(f"key n; drop {go_run}; settle 60")
    assert app.page is page  # the game that waited there goes on
    assert ladder._closed


def test_the_best_play_is_drawn_with_arrows(play, dice_run):
    values = {"model": str(dice_run), "colour": "both", "seed": "7"}
    app = play(f"drop {dice_run}; settle 60; wait 5", "backgammon", values)
    play("press Game; press Roll; settle 60; wait 100; press Run; settle 60")
    app.draw()
    page = app.page
    best = arrows_of(page.opinion.plays[0].moves, page.session.position.turn, page.scenes.viewer, "best")
    assert best
    assert page.scene().arrows == best
    play("press Game; wait 1")
    assert page.scene().arrows != best


def test_the_command_opens_a_run(go_run, tmp_path):
    words = [sys.executable, str(ROOT / "yomi.py"), "play", "go", "--size", "5", "--run", str(go_run)]
    picture = tmp_path / "run.png"
    more = ["--screenshot", str(picture), "--script", "settle 60"]
    done = subprocess.run([*words, *more], capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert picture.stat().st_size > 10_000
    done = subprocess.run([*words, "--terminal"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("yomi: --run shows")
    assert done.stderr.count("\n") == 1
