"""The line below the board: what the session says, and what the engine is at. It knows no game."""

from time import perf_counter

import pygame

from engine.measures.warming import Warming, current
from gui.session import Session
from gui.widgets.theme import QUIET, SHADOW, SMALL, TEXT, Theme


def draw_status(surface: pygame.Surface, rect: pygame.Rect, theme: Theme, session: Session) -> None:
    """Draw the status of a session, in two lines where it is too long for one."""
    pygame.draw.rect(surface, SHADOW, rect)
    right = rect.right - theme.px(10)
    if session.engine.doing:
        right = _draw_work(surface, rect, right, theme, session)
    left, colour = rect.left + theme.px(12), theme.warm if session.alarm else TEXT
    width, words = right - left - theme.px(8), session.status
    if theme.text_width(words, SMALL) <= width:
        theme.text(surface, words, (left, rect.centery), 13, colour, width=width, least=SMALL)
        return
    about_half = round(0.58 * theme.text_width(words, 11))
    first, *rest = theme.wrapped(words, min(width, about_half), 11) or [""]
    for line, above in ((first, 0.5), (" ".join(rest), -0.5)):
        at = (left, rect.centery - above * theme.px(13))
        theme.text(surface, line, at, 11, colour, width=width, least=10)


def _draw_work(surface: pygame.Surface, rect: pygame.Rect, right: int, theme: Theme, session: Session) -> int:
    """Draw what the engine is at, with dots that move, or a bar while it compiles; return the left edge."""
    warming, found = current(), session.engine.growing
    if warming:
        return _draw_warming(surface, rect, right, theme, warming)
    words = f"{found.visits:,} visits  {found.seconds:.1f} s" if found else session.engine.doing
    place = theme.text(surface, words, (right, rect.centery), SMALL, QUIET, "right")
    phase = perf_counter() * 2 % 3
    for k in range(3):
        near = 1 - min(1.0, abs((phase - k + 1.5) % 3 - 1.5))
        at = (place.left - theme.px(34 - 9 * k), rect.centery)
        theme.disc(surface, at, theme.px(4 + 3 * near), QUIET)
    return place.left - theme.px(42)


def _draw_warming(surface: pygame.Surface, rect: pygame.Rect, right: int, theme: Theme, warming: Warming) -> int:
    """Draw how far compiling is, which happens once after an installation; return the left edge."""
    words = f"compiling, once: about {max(1, round(warming.left))} s left"
    place = theme.text(surface, words, (right, rect.centery), SMALL, QUIET, "right")
    bar = pygame.Rect(0, 0, theme.px(90), theme.px(6))
    bar.midright = place.left - theme.px(10), rect.centery
    pygame.draw.rect(surface, QUIET, bar, 1)
    pygame.draw.rect(surface, QUIET, (bar.left, bar.top, round(bar.width * warming.fraction), bar.height))
    return bar.left - theme.px(10)
