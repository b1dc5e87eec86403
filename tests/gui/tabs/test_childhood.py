"""The childhood of a model that ships, and what a ladder does beside answering: films, new checkpoints, two at once."""

import shutil
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

from engine.networks import model
from games import backgammon, connect_four, go
from games.backgammon.board import start
from games.connect_four.writing import read_moves
from games.game import Position
from gui import files
from gui import messages as say
from gui.opponent import Opponent
from gui.tabs import ghost_ladder
from gui.tabs.ghost_ladder import FILM, LOOK_EVERY, Ladder, answer_of, childhood, open_evaluator
from gui.tabs.ladder_view import share_of
from gui.tabs.two_opinions import RolloutOpinion, can_compare
from tests.gui import test_app

run = test_app.run  # a fixture


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until it is moved."""
    found = SimpleNamespace(at=1000.0)
    monkeypatch.setattr(ghost_ladder, "perf_counter", lambda: found.at)
    return found


def test_the_childhood_leads_to_the_model_that_ships_and_is_small():
    folder = childhood("connect_four")
    ladder = Ladder(folder)
    assert ladder.steps[:2] == (1, 2)
    assert ladder.steps[-1] == model.find("connect_four").about["cycles"]
    assert ladder.title == "the childhood of connect_four"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 800_000
    assert "childhood" not in model.shipped()
    assert childhood("no such model") is None


def test_the_childhood_of_backgammon_opens_from_the_start_page_and_learns(run):
    folder = childhood("backgammon")
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 400_000
    app = run("settle 1")
    app.receive(say.ChooseGame("backgammon"))
    run("press How its network learned; settle 60")
    assert app.page.name == "backgammon"
    steps = app.page.ladder.steps
    assert steps[-1] == model.find("backgammon").about["steps"]
    assert steps == tuple(sorted(steps))
    opening = backgammon.with_dice(start(), (3, 1))
    best = [answer_of(open_evaluator(each), backgammon, opening).plays[0].words for each in app.page.ladder.checkpoints]
    assert best[-1] == "8/5 6/5"
    assert best[0] != best[-1]


def test_the_childhood_of_go_is_small_and_learns_where_to_begin():
    folder = childhood("go")
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 400_000
    ladder = Ladder(folder)
    assert ladder.steps == (16, 64, 256, 592, model.find("go").about["steps"])
    empty = go.start(9)
    first, last = (answer_of(open_evaluator(ladder.checkpoints[k]), go, empty) for k in (0, -1))
    edge = np.ones((9, 9), bool)
    edge[2:-2, 2:-2] = False
    on_edge = [answer.policy[:-1].reshape(9, 9)[edge].sum() for answer in (first, last)]
    assert on_edge[0] > 0.5  # it knows nothing: more than half of the board is edge
    assert on_edge[1] < 0.05


def test_checkpoints_lie_apart_where_the_first_ones_are_crowded():
    assert [share_of((1, 2, 5), k) for k in range(3)] == [0, 0.25, 1]
    crowded = [share_of((4, 16, 64, 6485), k) for k in range(4)]
    assert crowded[0] == 0
    assert crowded[3] == 1
    assert min(b - a for a, b in pairwise(crowded)) > 0.15
    assert share_of((7,), 0) == 0.5


def test_it_learned_to_begin_in_the_middle():
    start = Position(connect_four, connect_four.start())
    found = [
        answer_of(open_evaluator(each), connect_four, start.state)
        for each in Ladder(childhood("connect_four")).checkpoints
    ]
    middle = [answer.policy[3] for answer in found]
    assert middle[-1] == max(middle) > 0.5
    assert middle[0] < middle[-1]
    assert all(np.isclose(answer.policy.sum(), 1, atol=1e-4) for answer in found)


def test_a_film_goes_through_the_run_in_three_seconds(clock):
    ladder = Ladder(childhood("connect_four"))
    assert ladder.frame is None
    assert not ladder.busy
    ladder.film()
    seen = []
    for _ in range(12):
        seen.append(ladder.frame)
        assert ladder.busy
        assert ladder.poll()
        clock.at += FILM / 12
    assert seen == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    clock.at += 0.01
    assert ladder.frame is None
    assert not ladder.busy
    assert not ladder.poll()


def test_checkpoints_that_training_writes_meanwhile_are_added(tmp_path, clock):
    source = childhood("connect_four") / "models"
    first, second = sorted(source.iterdir())[:2]
    shutil.copytree(first, tmp_path / "models" / first.name)
    ladder = Ladder(tmp_path)
    shutil.copytree(second, tmp_path / "models" / second.name)
    assert not ladder.poll()
    clock.at += LOOK_EVERY
    assert ladder.poll()
    assert ladder.steps == (1, 2)
    assert not ladder.poll()
    clock.at += LOOK_EVERY
    shutil.rmtree(tmp_path / "models")  # what was read stays
    assert not ladder.poll()
    assert ladder.steps == (1, 2)


def test_two_checkpoints_side_by_side_and_a_ghost_to_play_against(run):
    app = run("wait 1", "connect_four", {"colour": "both"})
    files.open_run(app, str(childhood("connect_four")))
    tab = app.panel.tab
    run("settle 20; wait 2")
    assert tab.chosen == 3
    run("press Pin this one")
    tab.chosen = 0
    run("press Run; settle 20; wait 2")
    scene = tab.view.scene
    assert (scene.chosen, scene.pinned) == (0, 3)
    assert scene.plays != scene.pinned_plays
    assert scene.pinned_worth == app.page.chance(tab.answers[3].value)
    run("press Unpin; wait 1")
    assert tab.view.scene.pinned is None
    begun = app.page
    run("press Play this ghost; wait 2")
    assert app.page is not begun
    assert app.page.ladder.steps[0] == 1  # the run is still looked at
    assert app.page.session.opponent.words == "the ghost of step 1, 0.1 s"
    app.receive(say.PlayGhost(99))
    assert Opponent().words.startswith("rollouts")


# --- the network beside rollouts --------------------------------------------------------------------------


def test_rollouts_value_a_position_by_its_ends_and_need_no_network():
    """The first player, to play, has three in a row with both ends open: most games that are played out are won."""
    position = read_moves("334455")
    ask = RolloutOpinion(None)
    priors, values = ask(connect_four, np.stack([position.state, connect_four.start()]))
    assert values[0] > 0.5
    assert abs(values[1]) < 0.35
    assert ask(connect_four, position.state[None])[1][0] == values[0]  # the same games each time
    assert priors.shape[0] == 2


def test_the_network_and_rollouts_stand_side_by_side(run):
    app = run("settle 1")
    app.begin("connect_four", {"colour": "both"})
    run("press Run; press Network or rollouts?; settle 60; wait 2")
    tab, ladder = app.panel.tab, app.page.ladder
    scene = tab.view.scene
    assert (scene.name(scene.pinned), scene.name(scene.chosen)) == ("Rollouts", "Network")
    assert None not in scene.values
    assert scene.plays[0][0] == "4"  # the middle column
    assert scene.pinned_worth != scene.worth
    assert [ladder.player(k) for k in (0, 1)] == ["rollouts", str(model.find("connect_four").folder)]
    run("press Play it")
    assert app.page.session.opponent.spec.model == ladder.player(1)
    assert not can_compare("backgammon")
