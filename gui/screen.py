"""The window as the screen sees it: its usual size and scale, its sign."""

import pygame

from gui.widgets.theme import SCALES, Theme

USUAL_SIZE = (1180, 760)
LEAST = (720, 480)
"""Points that every view needs; in a smaller window everything shrinks, so that nothing is cut off."""


def first_size(asked: tuple[int, int] | None, last: tuple[int, int], scale: float) -> tuple[int, int]:
    """Return the size of a new window: as asked for, as it was the last time, or what suits the screen."""
    if asked or min(last) >= 200:
        return asked or last
    screen = pygame.display.get_desktop_sizes()[0]
    wide, high = (min(round(a * scale), round(b * 0.92)) for a, b in zip(USUAL_SIZE, screen, strict=True))
    return wide, high


def fitting_scale(scale: float, size: tuple[int, int]) -> float:
    """Return the scale at which everything fits into a window."""
    return max(0.3, min(scale, size[0] / LEAST[0], size[1] / LEAST[1]))


def next_scale(scale: float, by: int) -> float:
    """Return the scale that is so many steps larger or smaller; by 0, the usual one."""
    at = min(range(len(SCALES)), key=lambda k: abs(SCALES[k] - scale))
    return SCALES[min(len(SCALES) - 1, max(0, at + by))] if by else usual_scale()


def usual_scale() -> float:
    """Return the scale that suits the screen: 1 up to about 1,000 lines, 1.25 at 1,080."""
    height = pygame.display.get_desktop_sizes()[0][1]
    return max((scale for scale in SCALES if scale <= max(1.0, height / 860)), default=1.0)


def icon() -> pygame.Surface:
    """Return the window's sign: a white stone that looks over a black one."""
    theme, surface = Theme(1.0), pygame.Surface((64, 64), pygame.SRCALPHA)
    theme.disc(surface, (25, 37), 44, (28, 28, 32), (8, 8, 10), shade=True)
    theme.disc(surface, (42, 24), 38, (244, 243, 238), (150, 146, 136), shade=True)
    return surface
