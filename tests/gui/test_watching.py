"""A game that a training run plays, watched in the window: the board follows the record, until a person leaves it."""

import os

import pytest

from gui import messages as say
from gui import watching
from gui.start_messages import WatchRun
from tests.gui import test_app

run = test_app.run  # a fixture


@pytest.fixture
def record(tmp_path, monkeypatch):
    """Return what writes the moves that a run has played so far, as `training/live_game.py` does."""
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.0)
    folder, written = tmp_path / "learns", []
    folder.mkdir()

    def write(text, name="playing.c4"):
        written.append(text)
        (folder / name).write_text(text)
        os.utime(folder / name, ns=(len(written), len(written)))  # each writing is newer
        return folder

    return write


def moves_of(app):
    return [node.move + 1 for node in app.page.session.history.line[1:]]


def test_the_board_follows_the_game_of_a_run_that_has_no_checkpoints_yet(run, record):
    app = run(f"drop {record('44')}; wait 2")
    assert (app.page.name, moves_of(app)) == ("connect_four", [4, 4])
    assert "You watch a game of the run learns" in app.page.session.status
    record("44352")
    run("wait 3")
    assert moves_of(app) == [4, 4, 3, 5, 2]
    assert app.page.session.ply == 5
    record("12")  # the next game
    run("wait 3")
    assert moves_of(app) == [1, 2]
    record("123")
    app.receive(say.StepBy(-1))  # somebody who looks at an earlier move is not disturbed
    run("wait 3")
    assert (moves_of(app), app.page.session.ply) == ([1, 2], 1)
    app.receive(say.StepBy(1))
    run("wait 3")
    assert (moves_of(app), app.page.session.ply) == ([1, 2, 3], 3)
    assert not app.page.session.engine.doing  # nobody answers


def test_a_move_of_ones_own_ends_it_and_so_does_a_new_game(run, record):
    app = run(f"drop {record('44')}; wait 2")
    app.receive(say.Play(0))
    record("443")
    run("wait 3")
    assert (moves_of(app), app.watch) == ([4, 4, 1], None)
    run(f"drop {record('443')}; wait 2")
    assert moves_of(app) == [4, 4, 3]
    app.begin("connect_four", {"colour": "both"})
    record("4433")
    run("wait 3")
    assert (moves_of(app), app.watch) == ([], None)


@pytest.mark.parametrize("text", ["9", "4444444", "no game"])
def test_what_is_no_game_leaves_the_board_as_it_is(run, record, monkeypatch, text):
    app = run(f"drop {record('44')}; wait 2")
    read, reads = app.page.read, []
    monkeypatch.setattr(app.page, "read", lambda path: reads.append(path) or read(path))
    record(text)
    run("wait 3")
    assert (moves_of(app), len(reads)) == ([4, 4], 1)  # it is not read again and again
    record("443")
    run("wait 3")
    assert moves_of(app) == [4, 4, 3]


def test_a_run_without_a_game_says_so(run, tmp_path):
    app = run("settle 1")
    app.receive(WatchRun(str(tmp_path)))
    assert "keeps no game that is played now" in app.start.told
