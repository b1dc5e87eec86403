"""The lab in the window: what is learned is right, the screen opens and closes, nothing breaks or is cut short."""

import os

import numpy as np
import pygame
import pytest

from games import wings
from games.lab import cart_pole
from gui import messages as say
from gui.lab.learning import CORNERS, FIELD, SWEEPS, WALKS, GridLearner, NoughtsProof, PoleLearner
from gui.lab.screen import GRID, NOUGHTS, POLE, LabScreen
from gui.start_card import cards
from gui.widgets.theme import Theme
from tests.gui import test_app
from tests.gui.test_app import assert_legible, storm

run, drawn = test_app.run, test_app.drawn  # fixtures


@pytest.mark.parametrize("world", [CORNERS, FIELD])
def test_sweeps_find_what_every_cell_is_worth(world):
    learner = GridLearner(SWEEPS, world)
    assert learner.told == "nothing is known yet"
    for _ in range(8 if world == CORNERS else 300):
        learner.step()
    assert np.abs(learner.values - learner.truth).max() < 1e-9
    assert "changes any more" in learner.told


def test_an_agent_that_walks_comes_nearer_to_the_truth():
    learner, off = GridLearner(WALKS, CORNERS), []
    for _ in range(3):
        learner.step(3000)
        off.append(learner.change)
    assert off[-1] < min(1.0, off[0])
    assert learner.world.legal[learner.agent].any()


def test_arrows_lead_to_the_corner():
    learner = GridLearner()
    assert learner.best(7) == []  # nothing is known, so nothing is best
    for _ in range(8):
        learner.step()
    assert learner.best(1) == [3]  # left, into the corner
    assert learner.best(24 - 5) == [2]
    assert learner.best(0) == []


def test_the_pole_stands_after_some_generations():
    learner = PoleLearner()
    for _ in range(12):
        learner.generation()
    learner.show()
    while not learner.ended:
        learner.push()
    assert learner.stood == cart_pole.LONGEST
    assert learner.curve[-1] > 3 * learner.curve[0]


def test_tic_tac_toe_is_proved_a_draw_and_one_goes_down_its_tree():
    proof = NoughtsProof()
    for _ in range(10):
        proof.step()
    assert proof.told.endswith("a draw")
    assert {worth for _, worth in proof.moves().values()} == {0}
    proof.play(4)
    proof.play(4)  # it is taken: nothing changes
    assert len(proof.way) == 2
    assert {cell for cell, (_, worth) in proof.moves().items() if worth == 0} == {0, 2, 6, 8}
    proof.back()
    proof.back()
    assert len(proof.way) == 1


def test_the_lab_opens_from_the_start_page_and_escape_closes_it(run):
    app = run("press Lab; wait 3")
    assert isinstance(app.dialog, LabScreen)
    assert app.lively()
    last = app.dialog.places[-1][0].center  # of a grid, which has more cells
    app.dialog._show(NOUGHTS)
    app.dialog.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=last, button=1), app.theme)
    run("press Tic-tac-toe; key .; key .; wait 1")
    assert app.dialog.noughts.sweeps >= 2
    place = app.dialog.places[4][0].center
    run(f"click {place[0]} {place[1]}; wait 1")
    assert len(app.dialog.noughts.way) == 2
    run("key esc; wait 1")
    assert app.dialog is None
    assert app.at_start


@pytest.mark.parametrize("world", [GRID, POLE, NOUGHTS])
@pytest.mark.parametrize(("size", "scale"), [((720, 480), 1.0), ((1180, 760), 1.0), ((1920, 1080), 1.5)])
def test_no_words_of_the_lab_are_cut_short_or_lie_over_others(run, drawn, world, size, scale):
    app = run("wait 1", size=size, scale=scale)
    app.receive(say.OpenLab())
    run(f"press {world}; key .; key .; wait 1")
    assert_legible(app, drawn, app.draw)
    whole = app.surface.get_rect()
    assert all(whole.contains(widget.rect) for widget in app.ring.widgets)


def test_random_events_do_not_break_the_lab(run):
    app = run("wait 1")
    app.receive(say.OpenLab())

    def between():
        app.at_start, app.help, app.opening = True, False, None
        if not isinstance(app.dialog, LabScreen):
            app.receive(say.OpenLab())
        app.dialog.heads.handle(pygame.event.Event(pygame.NOEVENT), app.theme)

    assert storm(app, int(os.environ.get("YOMI_STORM", "1000")), 2, between) < 20


def test_every_card_of_the_start_page_is_painted_at_any_size():
    pygame.font.init()
    pages = {name: wings.part("gui", name, "page").PAGE for name in wings.having("gui", "page")}
    for scale in (0.3, 1.0, 2.0):
        theme = Theme(scale)
        for size in ((1, 1), (3, 90), (32, 70), (90, 8), (200, 150)):
            for name, card in cards(pages).items():
                surface = pygame.Surface(size)
                card.paint(surface, surface.get_rect(), theme)
                assert size != (200, 150) or len(np.unique(pygame.surfarray.array3d(surface))) > 1, name
