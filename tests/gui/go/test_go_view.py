"""The board is drawn where the mouse finds it, at every size; maps show where they should."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import numpy as np
import pygame
import pytest

from gui.go.view import BLACK, WHITE, CandidateMark, GoScene, GoView, stars
from gui.widgets.theme import ACCENT, Theme


@pytest.fixture(scope="module", autouse=True)
def fonts():
    pygame.display.init()
    pygame.font.init()
    yield
    pygame.quit()


def empty(size):
    return np.zeros((size, size), np.int8)


def drawn(scene, wide=400, high=400, scale=1.0):
    surface, view = pygame.Surface((wide, high)), GoView(Theme(scale))
    view.draw(surface, surface.get_rect(), scene)
    return surface, view


@pytest.mark.parametrize("size", [2, 5, 9, 13, 19, 25])
@pytest.mark.parametrize(("wide", "high"), [(120, 90), (400, 400), (1000, 700)])
def test_every_point_is_found_where_it_is_drawn(size, wide, high):
    for coordinates in (True, False):
        surface, view = drawn(GoScene(empty(size), coordinates=coordinates), wide, high)
        for point in np.ndindex(size, size):
            place = view.place(point)
            assert surface.get_rect().collidepoint(place)
            assert view.at(place) == point
        assert view.at((view.corner[0] - view.cell, view.corner[1])) is None
        assert view.at((-5, -5)) is None


def test_stones_have_their_colours_and_rows_are_not_columns():
    stones = empty(9)
    stones[2, 6], stones[6, 2] = BLACK, WHITE
    surface, view = drawn(GoScene(stones))
    assert sum(surface.get_at(view.place((2, 6)))[:3]) < 300
    assert sum(surface.get_at(view.place((6, 2)))[:3]) > 650


def changed(scene, bare):
    """Return the points around which two scenes differ."""
    (one, view), (other, _) = drawn(scene), drawn(bare)
    a, b = (pygame.surfarray.array3d(surface).astype(int) for surface in (one, other))
    columns, rows = np.nonzero(np.abs(a - b).sum(2))
    return {view.at((int(x), int(y))) for x, y in zip(columns, rows, strict=True)}


def test_each_map_is_drawn_where_it_says():
    stones = empty(9)
    stones[4, 4] = BLACK
    bare = GoScene(stones)
    heat, ownership, dead = np.zeros((9, 9)), np.zeros((9, 9)), np.zeros((9, 9), bool)
    heat[1, 2], ownership[7, 3], dead[4, 4] = 0.6, -1, True
    assert changed(GoScene(stones, heat=heat), bare) == {(1, 2)}
    assert changed(GoScene(stones, ownership=ownership), bare) == {(7, 3)}
    assert changed(GoScene(stones, dead=dead), bare) >= {(4, 4)}
    assert changed(GoScene(stones, last=(4, 4)), bare) == {(4, 4)}
    assert changed(GoScene(stones, ghost=(3, 5, WHITE)), bare) == {(3, 5)}
    assert changed(GoScene(stones, variation=((6, 6, WHITE, 1), (2, 2, BLACK, 12))), bare) == {(6, 6), (2, 2)}
    assert changed(GoScene(stones, marks=((5, 1, "A"),)), bare) == {(5, 1)}
    assert changed(GoScene(stones, candidates=(CandidateMark((0, 8), "51", "1.2k", 1.0),)), bare) == {(0, 8)}


def test_the_best_candidate_is_blue_and_a_doubtful_one_pale():
    surface, view = drawn(
        GoScene(empty(9), candidates=(CandidateMark((2, 2), "", "", 1.0, 1.0), CandidateMark((6, 6), "", "", 0.1, 0.0)))
    )
    edge = view.cell // 3
    best, doubtful = (surface.get_at((x + edge, y)) for x, y in (view.place((2, 2)), view.place((6, 6))))
    assert sum(abs(a - b) for a, b in zip(best[:3], ACCENT, strict=True)) < 60
    assert abs(doubtful[2] - 110) < 60


@pytest.mark.parametrize(("size", "count"), [(2, 0), (5, 1), (6, 4), (9, 5), (13, 5), (19, 9), (18, 4), (25, 9)])
def test_stars(size, count):
    assert len(stars(size)) == len(set(stars(size))) == count
    assert all(0 < row < size - 1 and 0 < column < size - 1 for row, column in stars(size))


def test_the_board_is_redrawn_sharp_at_another_scale():
    one, _ = drawn(GoScene(empty(9)), 300, 300)
    view = GoView(Theme(2.0))
    surface = pygame.Surface((600, 600))
    view.draw(surface, surface.get_rect(), GoScene(empty(9)))
    column = view.corner[0] + view.cell
    dark = [sum(surface.get_at((column + k, view.corner[1] + view.cell // 2))[:3]) for k in (-3, 0, 3)]
    assert dark[1] < 200 < min(dark[0], dark[2])
    assert one.get_size() == (300, 300)
