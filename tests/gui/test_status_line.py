"""The line below the board, while the engine compiles for the first time."""

import pygame
import pytest

from engine.measures.warming import Step, Warming, current
from games import connect_four
from games.game import Position
from gui.connect_four.session import ConnectFourSession
from gui.status_line import draw_status
from gui.widgets.theme import QUIET, Theme


@pytest.fixture
def warming() -> Warming:
    made = Warming("connect_four")
    made.total = 10.0
    return made


def picture(session: ConnectFourSession) -> pygame.Surface:
    pygame.font.init()
    surface = pygame.Surface((700, 30))
    draw_status(surface, surface.get_rect(), Theme(), session)
    return surface


def filled(surface: pygame.Surface) -> int:
    """Count the pixels of the middle row that have the bar's colour."""
    return sum(surface.get_at((x, 15))[:3] == tuple(QUIET)[:3] for x in range(surface.get_width()))


def test_a_bar_shows_how_far_compiling_is(warming):
    session = ConnectFourSession(Position(connect_four, connect_four.start()), lambda: None, set())
    session.engine.run("prepare", lambda report: None, lambda made: None)
    seen = []

    def look() -> None:
        assert current() is warming
        seen.append(filled(picture(session)))

    warming.steps = (Step(2.0, look), Step(7.0, look), Step(1.0, look))
    try:
        warming.run()
    finally:
        session.engine.close()
    assert current() is None
    assert seen[0] < seen[1] < seen[2]


def test_what_fails_to_compile_is_no_longer_current(warming):
    def broken() -> None:
        raise ValueError("no disk")

    warming.steps = (Step(2.0, broken),)
    with pytest.raises(ValueError, match="no disk"):
        warming.run()
    assert current() is None
