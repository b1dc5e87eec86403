"""The search tab in a window: numbers are explained under the mouse, guesses are taken, turning points are shown."""

import pygame
import pytest

from engine.players import Analysis, MindChange
from gui import messages as say
from tests.gui import test_app

run = test_app.run  # a fixture


@pytest.fixture
def app(run):
    """A small game of Go whose tree has grown by some stepped simulations."""
    found = run(
        "settle 60; point C3; press Search; press Step; settle 20",
        "go",
        {"colour": "both", "level": "time", "model": "rollouts"},
    )
    for _ in range(8 * 5):
        run("key .; settle 20")
    return found


def rest_on(app, at):
    """Let the mouse rest on a place; return the hint of the tab there."""
    app.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=tuple(at), rel=(0, 0), buttons=(0, 0, 0)))
    app.draw()
    return app.panel.tab.explainer.hint


def test_numbers_and_phases_are_explained_where_the_mouse_rests(app):
    view = app.panel.tab.view
    line = next(rect for rect, _, own in view.stops if own)
    columns = view.painter.columns
    said = [rest_on(app, (place[0] + 5, line.centery)) for place in (columns.visits, columns.value, columns.prior)]
    assert [words.split(":")[0].split(",")[0] for words in said] == ["N", "Q", "P"]
    assert "c_puct x P x sqrt(N parent)" in said[2]
    for pill, phase in view.details.pills:
        assert phase[:4] in rest_on(app, pill.center).lower().replace("back up", "backup")
    assert rest_on(app, (5, 5)) == ""


def test_a_guess_is_a_step_and_is_counted(app, run):
    tab, event = app.panel.tab, app.page.session.engine.event
    assert event.phase == "backup"
    run("press Predict; key .; settle 20")
    assert tab.asks
    assert app.page.session.engine.event is event  # the next step waits for the guess
    assert not tab.next.enabled
    line, path = next((rect, path) for rect, path, own in tab.view.stops if own)
    run(f"click {line.centerx} {line.centery}; settle 20; wait 2")
    taken = app.page.session.engine.event.path
    assert tab.predictions.count == f"{int(taken[:1] == path[:1])} of 1 right"
    run("press Next phase; settle 20")
    assert app.page.session.engine.event.phase == "expand"


def test_after_a_game_its_turning_points_are_shown_and_clicked(app, run):
    run("press Live; settle 20; point B2; point D4; settle 20")
    session = app.page.session
    changes = (MindChange(1, 3, 0.0), MindChange(60, 4, 0.1))
    session.history.line[1].thought = Analysis(100, 0.0, 1.0, [], 0, changes)
    app.receive(say.Resign())
    run("wait 2")
    words = [turn.label for turn in app.panel.tab.turns if turn in app.panel.ring.widgets]
    assert words[0] == "Move 2: it changed from D5 to E5 after 60% of its 100 visits"
    run(f"press {words[0]}; wait 2")
    assert session.ply == 1
    assert app.panel.tab.points  # they stay while one looks at the game


def test_the_tooltip_waits_anew_for_each_number(app):
    tab, ring = app.panel.tab, app.panel.ring
    line = next(rect for rect, _, own in tab.view.stops if own)
    visits, value = (place[0] + 5 for place in (tab.view.painter.columns.visits, tab.view.painter.columns.value))
    rest_on(app, (visits, line.centery))
    ring.tip.since -= 1000
    assert ring.due
    app.draw()
    assert ring.tip.shown
    rest_on(app, (visits + 1, line.centery))  # the same number: its words stay
    assert ring.tip.shown
    rest_on(app, (value, line.centery))
    assert not ring.tip.shown
