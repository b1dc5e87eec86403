"""The text page in a window: tokens are clicked, branches are kept, two decoders are compared, records are kept."""

import os
import time
from threading import Event

import numpy as np
import pygame
import pytest

from games.text.twenty_four import ALPHABET
from gui import messages as say
from gui.terminal import DirectThinker
from gui.text import request
from gui.text.page import TextPage
from gui.text.records import TextRecords, branches
from gui.text.view import AHEAD, GHOST, PROMPT, WRITTEN
from gui.widgets.theme import Theme
from tests.engine.text.models import Trigrams
from tests.gui import test_app
from tests.gui.test_app import assert_legible, storm

run, drawn = test_app.run, test_app.drawn  # fixtures

ASKED = request.TextRequest(learn=0, budget=20)


@pytest.fixture(autouse=True)
def small_model(monkeypatch):
    """Let a table of trigrams write the Game of 24: what it writes is wrong, and written at once."""
    model = Trigrams(ALPHABET)
    monkeypatch.setattr(request, "open_once", lambda name: model)


@pytest.fixture
def page():
    pygame.font.init()
    made = TextPage(ASKED.begin("2 3 9 12", thinker=DirectThinker()), Theme(1.0))
    settle(made)
    return made


def settle(page):
    while page.poll():
        pass


def send(page, message):
    assert page.receive(message)
    settle(page)


def written(page):
    return [(piece.words, piece.kind) for piece in page.scene().pieces if piece.kind != PROMPT]


def test_the_prompt_is_shown_and_what_may_come_next_has_prior_visits_and_value(page):
    scene = page.scene()
    assert "".join(piece.words for piece in scene.pieces) == "2,3,9,12;"
    assert len(scene.candidates) > 1
    assert sum(row.picked for row in scene.candidates) == 1
    assert max(row.visits for row in scene.candidates) == 1
    lines = page.session.thought.lines
    rows = [(row.move, row.count) for row in scene.candidates]
    assert rows[: len(lines)] == [(line.move, f"{line.visits:,}") for line in lines[: len(rows)]]
    unvisited = scene.candidates[len(lines) :]  # likely tokens that no simulation has gone to are listed, too
    assert unvisited
    assert {(row.count, row.value) for row in unvisited} == {("0", None)}
    assert [row.prior for row in unvisited] == sorted((row.prior for row in unvisited), reverse=True)
    assert page.session.evaluations >= 20


def test_a_click_writes_a_token_and_a_click_in_the_text_goes_back_to_it(page):
    surface = pygame.Surface((900, 700))
    page.draw(surface, surface.get_rect())
    first, second = (row.move for row in page.scene().candidates[:2])

    def click(name):
        page.draw(surface, surface.get_rect())
        send(page, page.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=page.place_of(name), button=1)))

    click("1")
    click("1")
    assert page.session.ply == 2
    assert page.session.position.moves[0] == first
    click("t1")
    assert page.session.position.moves == [first]
    assert [kind for _, kind in written(page)] == [WRITTEN, AHEAD]
    send(page, say.Revisit(()))
    click("2")
    assert page.session.position.moves == [second]
    assert [branch.target[0] for branch in page.scene().branches] == [first]
    assert page.scene().pieces[-1].forks
    click("b1")
    assert page.session.position.moves[0] == first
    assert len(page.session.position.moves) == 2


def test_a_candidate_under_the_mouse_shows_how_it_would_go_on(page):
    surface = pygame.Surface((900, 700))
    page.draw(surface, surface.get_rect())
    send(
        page, page.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=page.place_of("1"), rel=(0, 0), buttons=(0, 0, 0)))
    )
    line = page.session.thought.lines[0]
    assert [kind for _, kind in written(page)] == [GHOST] * len(line.variation)


def test_yomi_writes_to_the_end_and_the_end_is_paid(page):
    send(page, say.SetPerson(0, False))
    assert page.session.over
    assert page.scene().end.startswith("paid 0: ")
    assert not page.scene().candidates
    page.receive(say.Resign())
    assert "not resigned" in page.session.status
    send(page, say.Undo())
    assert not page.session.over


def test_another_prompt_begins_anew_and_a_bad_one_changes_nothing(page):
    send(page, say.Play(page.session.pick))
    send(page, say.AskPrompt("   "))
    assert "empty" in page.session.status
    assert page.session.ply == 1
    send(page, say.AskPrompt("1 1 1 8"))
    assert (page.session.prompt, page.session.ply) == ("1 1 1 8", 0)
    assert "".join(piece.words for piece in page.scene().pieces) == "1,1,1,8;"
    assert page.session.pick is not None


def test_two_decoders_write_at_equal_cost(page):
    send(page, say.Compare(("tree", "best-of-n"), 64))
    found = page.session.compared
    assert [row["decoder"] for row in found] == ["tree", "best-of-n"]
    assert all(row["evaluations"] == 64 for row in found)  # none of them finds what is paid in full


def test_a_comparison_of_decoders_is_interrupted(run):
    app = run("settle 20", "text", {"request": ASKED})
    app.receive(say.Compare(("best-of-n", "sample"), 1_000_000))
    run("press Decoders; wait 5; press Stop")
    end = time.perf_counter() + 10
    while app.thinker.working and time.perf_counter() < end:
        run("wait 1")
    assert app.thinker.working is None
    assert app.page.session.compared == ()


def test_the_window_lives_while_a_language_model_opens(run, monkeypatch):
    begun, go_on = Event(), Event()

    def slow(self, prompt):
        begun.set()
        go_on.wait(20)
        return task(self, prompt)

    task = request.TextRequest.task
    monkeypatch.setattr(request.TextRequest, "task", slow)
    app = run("settle 1")
    app.receive(say.ChooseGame("text"))
    run("press Play; wait 3")
    assert begun.is_set()
    assert app.opening.words == "opening the language model"
    assert app.at_start
    go_on.set()
    run("settle 20")
    assert (app.opening, app.at_start, app.page.name) == (None, False, "text")


def test_a_text_is_saved_with_its_branches_and_opened_again(page):
    moves = [row.move for row in page.scene().candidates[:2]]
    for move in moves:
        send(page, say.Play(move))
        send(page, say.Play(page.session.pick))
        send(page, say.Revisit(()))
    kept, root = page.session.records.written(), page.session.history.line[0]
    opened = TextRecords.read_text(kept.decode())
    assert sorted(branches(opened.course.history.line[0])) == sorted(branches(root))
    other = TextPage(ASKED.begin("1 1 1 8", thinker=DirectThinker()), Theme(1.0))
    other.receive(say.ShowRecord(opened))
    assert other.session.prompt == "2 3 9 12"
    assert sorted(branches(other.session.history.line[0])) == sorted(branches(root))


BAD = '{"format": "yomi text 1", "prompt": "", "tokens": [%s], "more": %s, "vocabulary": 5, "end": 4, "branches": [%s]}'


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[1]", '{"format": "yomi text 1"}', "{" * 10_000,
     BAD % (1, 3, [9]), BAD % (1, 3, '["a"]'), BAD % (7, 3, ""), BAD % (1, 1e9, ""), BAD % (1, 1, [1, 1])],
)  # fmt: skip
def test_a_bad_record_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError, match="text"):
        TextRecords.read_text(text)


def test_step_mode_follows_a_leaf_and_shows_the_way_in_the_text(page):
    for _ in range(4):
        send(page, say.StepSearch())
    event = page.session.engine.event
    assert event.phase == "rollout"
    assert event.followed is not None
    assert [kind for _, kind in written(page)] == [GHOST] * len(event.path)


@pytest.mark.parametrize(("size", "scale"), [((720, 480), 1.0), ((1180, 760), 1.0), ((1920, 1080), 1.5)])
def test_no_words_of_a_text_are_cut_short_or_lie_over_others(run, drawn, size, scale):
    app = run("settle 20; key 2; settle 20; key left; key 1; settle 20", "text", {"request": ASKED}, size, scale)
    app.receive(say.Compare(("tree", "best-of-n"), 64))
    run("settle 20")
    for tab in app.panel.tabs:
        app.panel.show(tab.name)
        app.draw()
        if tab.name != "Search":  # names in a list of the tree may be cut
            assert_legible(app, drawn, app.draw)
        assert all(app.layout()[1].contains(widget.rect) for widget in app.panel.ring.widgets)


def test_random_events_do_not_break_a_text(run, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    app = run("settle 20", "text", {"request": ASKED})
    tabs = [tab.name for tab in app.panel.tabs]
    random = np.random.default_rng(3)

    def between():
        app.at_start, app.dialog, app.help = False, None, False
        app.begin("text", {"request": ASKED}) if app.page.name != "text" else None
        app.panel.show(tabs[random.integers(len(tabs))])

    assert storm(app, int(os.environ.get("YOMI_STORM", "1000")), 1, between) < 20
    app.page.session.handle(say.StopThinking())
