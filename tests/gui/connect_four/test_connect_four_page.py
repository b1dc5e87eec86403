"""Connect Four's page without a window: what keys and clicks do, what is shown, how its record is kept."""

from types import SimpleNamespace

import numpy as np
import pygame
import pytest

from engine.players import Analysis, Line
from games.game import FIRST, SECOND
from gui import messages as say
from gui.connect_four.page import ACCELERATION, ConnectFourPage, landed
from gui.connect_four.session import ConnectFourRecords
from gui.connect_four.view import ConnectFourView
from gui.widgets.theme import Theme


@pytest.fixture
def page():
    pygame.font.init()
    made = ConnectFourPage.begin({"colour": "both", "seconds": "1"}, Theme(1.0))
    yield made
    made.session.engine.close()


def press(page, key):
    message = page.handle(pygame.event.Event(pygame.KEYDOWN, key=0, mod=0, unicode=key))
    return message is not None and page.receive(message)


def play(page, columns):
    for column in columns:
        assert press(page, column)
        page.poll()


def test_keys_drop_discs_until_the_game_is_over(page):
    play(page, "4141414")
    assert page.session.result == "Red has four in a row"
    assert page.scene().four == ((2, 3), (3, 3), (4, 3), (5, 3))
    assert not press(page, "5")
    assert page.move_lines()[-1] == "Red 4"
    assert page.session.values[-1] == 1


def test_a_click_beside_the_board_is_nothing(page):
    surface = pygame.Surface((700, 600))
    page.draw(surface, surface.get_rect())
    for name in "1234567":
        x, y = page.place_of(name)
        click = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(x, y), button=1)
        assert page.handle(click) == say.Play(int(name) - 1)
    assert page.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(2, 2), button=1)) is None
    with pytest.raises(ValueError, match="no column '8'"):
        page.place_of("8")


def test_a_disc_falls_and_comes_to_rest(page, monkeypatch):
    now = SimpleNamespace(at=100.0)
    monkeypatch.setattr("gui.connect_four.page.perf_counter", lambda: now.at)
    play(page, "4")
    assert page.animating
    heights = []
    for _ in range(20):
        heights.append(page.height)
        now.at += 0.05
    assert heights[0] == 6
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == 0
    assert (12 / ACCELERATION) ** 0.5 < 0.6
    assert not page.animating


def test_a_full_column_is_refused_with_a_sentence(page):
    play(page, "444444")
    press(page, "4")
    assert page.session.status == "4 is not legal here: the column is full"
    assert page.session.ply == 6


def test_candidates_stand_above_their_columns(page):
    play(page, "4")
    page.session.course.here.thought = Analysis(
        30, -0.5, 1.0, [Line(3, 20, -0.5, 0.2, [3]), Line(0, 10, 0.5, 0.1, [0])]
    )
    assert page.scene().candidates == ()
    page.receive(say.ToggleOverlay("candidates"))
    best, other = page.scene().candidates
    assert (best.column, best.upper, best.lower, best.share) == (3, "75", "20", 1.0)  # as Yellow sees it
    assert (other.column, other.upper, other.share) == (0, "25", 0.5)


def test_a_variation_lies_where_its_discs_would_land(page):
    play(page, "44")
    page.receive(say.Hover((3, 3, 0)))
    assert page.scene().variation == ((3, 3, 1, 1), (2, 3, 2, 2), (5, 0, 1, 3))


def test_where_discs_land(page):
    play(page, "4435")
    assert [landed(page.session.position, k) for k in range(4)] == [(5, 3), (4, 3), (5, 2), (5, 4)]


def test_a_game_is_saved_and_opened(page, tmp_path):
    play(page, "4435")
    page.session.records.save(str(tmp_path / "game.c4"))
    assert (tmp_path / "game.c4").read_text() == "4435\n"
    opened = ConnectFourRecords.read(str(tmp_path / "game.c4"))
    assert opened.course.position.moves == [3, 3, 2, 4]
    (tmp_path / "game.c4").write_text("4" * 7)
    with pytest.raises(ValueError, match="move 7 of the game is '4'"):
        ConnectFourRecords.read(str(tmp_path / "game.c4"))
    (tmp_path / "game.c4").write_text("4" * 10**6)
    with pytest.raises(ValueError, match="longer than 42 moves"):
        ConnectFourRecords.read(str(tmp_path / "game.c4"))


def test_winning_chances_are_written_for_the_side_ahead(page):
    assert (page.chance(0.5), page.chance(-0.5), page.worth(0.5)) == ("Red 75 %", "Yellow 75 %", "75 %")
    assert (page.card(FIRST).name, page.card(SECOND).name) == ("Red", "Yellow")


def test_the_winning_four_is_ringed():
    pygame.font.init()
    page = ConnectFourPage.begin({"colour": "both"}, Theme(1.0))
    play(page, "4141414")
    page.dropped = 0.0
    surface = pygame.Surface((700, 600))
    page.draw(surface, surface.get_rect())
    view: ConnectFourView = page.view
    x, y = view.place(5, 3)
    ring = np.array([surface.get_at((x + k, y))[:3] for k in range(round(view.cell * 0.3), round(view.cell * 0.42))])
    assert (ring.min(1) > 240).any()
    page.session.engine.close()
