"""The backgammon board as a picture: where things lie, at every size; dice that tumble; scenes made of positions."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from games import backgammon as bg
from games.game import FIRST, NOBODY, SECOND, Position
from gui.backgammon import scene as scenes
from gui.backgammon.layout import BAR, CELLS, MINE, NOBODYS, OFF, THEIR_BAR, THEIR_OFF, THEIRS, lay_out, mirrored
from gui.backgammon.view import Arrow, BackgammonScene, BackgammonView, Carried, Die, Flight, Side
from gui.widgets.dice_view import tumble
from gui.widgets.theme import GROUND, Theme
from tests.backgammon_boards import checkers_of

SIZES = [(360, 300), (640, 480), (1000, 800), (1600, 900)]
SCALES = [0.75, 1.0, 2.0]


@pytest.fixture(autouse=True)
def _display():
    pygame.display.init()
    pygame.font.init()
    pygame.display.set_mode((64, 64))
    yield
    pygame.display.quit()


def full_scene(**fields) -> BackgammonScene:
    checkers = scenes.seen_checkers(
        bg.set_up(*checkers_of("2X . . . . 5O   . 2O . . . 4X   4O . . . 2X .   6X . . . . O bar X 2O")), FIRST
    )
    given = {
        "checkers": checkers,
        "sides": (Side("You", 120, "2 of 7"), Side("A long name of somebody", 133, "6 of 7")),
        "dice": (Die(6), Die(6), Die(6, True), Die(6, True)),
        "sources": frozenset({6, 13}),
        "source": 13,
        "targets": frozenset({7, 1, OFF}),
        "cursor": 13,
        "arrows": (Arrow(24, 18), Arrow(13, 7, "best"), Arrow(6, OFF, "second")),
        "flight": Flight(8, 4, MINE, 0.5),
        "note": "Crawford game",
    }
    return BackgammonScene(**(given | fields))


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("home_left", [False, True])
def test_every_cell_is_found_under_its_checkers_and_nothing_is_drawn_outside(size, scale, home_left):
    surface = pygame.Surface(size)
    surface.fill(GROUND)
    view, rect = BackgammonView(Theme(scale)), surface.get_rect().inflate(-40, -40)
    view.draw(surface, rect, full_scene(home_left=home_left, dice=(), cube=0))
    for cell in range(CELLS):
        assert view.at(view.middle_of(cell)) == cell
    assert view.at(rect.topleft) is None
    assert rect.contains(view.layout.board)
    assert all(surface.get_at((x, y))[:3] == GROUND for x in range(size[0]) for y in (0, 10, size[1] - 1))


def test_the_home_is_below_at_the_right_unless_it_is_turned():
    layout = lay_out(Theme(1), pygame.Rect(0, 0, 1000, 800))
    assert layout.column(1).centerx > layout.column(6).centerx > layout.bar.centerx > layout.column(7).centerx
    assert layout.column(24).centerx == layout.column(1).centerx
    assert layout.column(24).bottom < layout.column(1).top
    turned = lay_out(Theme(1), pygame.Rect(0, 0, 1000, 800), home_left=True)
    assert turned.column(1).centerx < turned.column(6).centerx < turned.bar.centerx
    assert turned.off_tray(MINE).right < turned.column(1).left
    assert layout.off_tray(MINE).left > layout.column(1).right


def test_dice_and_cube_are_found():
    surface = pygame.Surface((1000, 800))
    view = BackgammonView(Theme(1))
    for thrower in (MINE, NOBODYS, THEIRS):
        view.draw(surface, surface.get_rect(), full_scene(thrower=thrower, cube_owner=thrower))
        assert view.at(view.layout.cube_place(thrower)) == "cube"
        assert view.at(view.dice_rect.center) == "dice"
    view.draw(surface, surface.get_rect(), full_scene(dice=(), cube=0))
    assert view.at(view.layout.dice_middle(MINE)) is None


def test_moving_things_are_drawn():
    surface, view = pygame.Surface((800, 600)), BackgammonView(Theme(1))
    view.draw(surface, surface.get_rect(), full_scene(flight=None))
    still = pygame.surfarray.array3d(surface)
    for scene in (full_scene(), full_scene(flight=None, carried=Carried((400, 300), THEIRS)), full_scene(roll=0.3)):
        view.draw(surface, surface.get_rect(), scene)
        assert not np.array_equal(still, pygame.surfarray.array3d(surface))


def test_a_cell_is_called_differently_from_the_other_side():
    assert [mirrored(cell) for cell in (OFF, 1, 24, BAR)] == [THEIR_OFF, 24, 1, THEIR_BAR]
    assert all(mirrored(mirrored(cell)) == cell for cell in range(CELLS))


def test_dice_tumble_to_rest():
    for face in range(1, 7):
        for which in range(4):
            assert all(1 <= tumble(face, which, phase).face <= 6 for phase in np.linspace(0, 1, 40))
            rest = tumble(face, which, 1.0)
            assert rest.face == face
            assert rest.away == (0, 0)
            assert abs(rest.angle) <= 6
    assert tumble(3, 0, 0.0).away[0] > 1


# --- scenes -----------------------------------------------------------------------------------------------


def test_both_sides_see_the_same_checkers():
    state = bg.set_up(*checkers_of("X . . . . 5O   . 3O . . . 5X   5O . . . 3X .   4X . . . . O bar X O"))
    mine, theirs = scenes.seen_checkers(state, FIRST), scenes.seen_checkers(state, SECOND)
    assert mine[6] == 4
    assert mine[BAR] == 1
    assert mine[THEIR_BAR] == -1
    assert [-theirs[mirrored(cell)] for cell in range(CELLS)] == list(mine)
    assert sum(count for count in mine if count > 0) == -sum(count for count in mine if count < 0) == 15


def test_cells_of_the_mover_are_found_again():
    for viewer in (FIRST, SECOND):
        for cell in range(26):
            assert scenes.meant_cell(scenes.seen_cell(cell, FIRST, viewer), FIRST, viewer) == cell
    assert scenes.meant_cell(THEIR_BAR, FIRST, FIRST) is None
    assert scenes.meant_cell(BAR, SECOND, FIRST) is None


def test_arrows_follow_a_man_through_his_steps():
    moves = [bg.checker_move(*step) for step in ((13, 6), (7, 2), (24, 1))]
    assert scenes.arrows_of(moves, FIRST, FIRST, "last") == (Arrow(24, 23), Arrow(13, 5))
    assert scenes.arrows_of(moves, SECOND, FIRST, "last") == (Arrow(1, 2), Arrow(12, 20))


def test_the_last_play_is_found_past_dice_and_cube():
    game = Position(bg, bg.start())
    assert scenes.last_play(game, 0) == (NOBODY, ())
    game.play(bg.roll_move(3, 1, FIRST))
    moves = (bg.checker_move(8, 3), bg.checker_move(6, 1))
    for move in (*moves, bg.ROLL):
        game.play(move)
    assert scenes.last_play(game, 4) == (FIRST, moves)
    assert scenes.last_play(game, 2) == (FIRST, moves[:1])


def test_dice_that_were_played_are_marked():
    state = bg.set_up(*checkers_of("2X . . . . 5O   . 3O . . . 5X   5O . . . 3X .   5X . . . . 2O"), dice=(4, 4))
    game = Position(bg, state)
    game.play(bg.checker_move(24, 4))
    assert scenes.dice_of(game.state) == (Die(4), Die(4), Die(4), Die(4, True))
    assert scenes.dice_of(bg.start()) == ()


def test_an_opening_throw_lies_on_both_sides():
    dice, each_one = scenes.thrown(bg.roll_move(5, 2, SECOND), True, FIRST)
    assert each_one
    assert dice == (Die(2), Die(5))
    assert scenes.thrown(bg.roll_move(5, 2, FIRST), True, FIRST)[0] == (Die(5), Die(2))
    assert scenes.thrown(bg.roll_move(5, 2), False, FIRST) == ((Die(5), Die(2)), False)


def test_the_cube_lies_with_its_owner():
    state = bg.set_up(
        *checkers_of("2X . . . . 5O   . 3O . . . 5X   5O . . . 3X .   5X . . . . 2O"), value=2, owner=SECOND
    )
    assert scenes.cube_of(state, FIRST) == {"cube": 2, "cube_owner": THEIRS}
    assert scenes.cube_of(bg.start(cube=False), FIRST) == {"cube": 0}
    offered = Position(bg, bg.set_up(*checkers_of("2X . . . . 5O   . 3O . . . 5X   5O . . . 3X .   5X . . . . 2O")))
    offered.play(bg.DOUBLE)
    assert scenes.cube_of(offered.state, SECOND) == {"cube": 2, "offered": THEIRS}
