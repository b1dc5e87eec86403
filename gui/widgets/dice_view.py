"""Dice and the doubling cube as pictures, and how dice tumble: what is seen is a function of a phase from 0 to 1."""

import math
from functools import lru_cache
from typing import NamedTuple

import pygame

from gui.widgets.theme import BLACK_STONE, BOARD_INK, SHADOW, SMOOTH, WHITE_STONE, Colour, Theme, blend

_NEAR, _MID, _FAR = 0.26, 0.5, 0.74

PIPS = {
    1: ((_MID, _MID),),
    2: ((_NEAR, _NEAR), (_FAR, _FAR)),
    3: ((_NEAR, _NEAR), (_MID, _MID), (_FAR, _FAR)),
    4: ((_NEAR, _NEAR), (_FAR, _NEAR), (_NEAR, _FAR), (_FAR, _FAR)),
    5: ((_NEAR, _NEAR), (_FAR, _NEAR), (_MID, _MID), (_NEAR, _FAR), (_FAR, _FAR)),
    6: ((_NEAR, _NEAR), (_FAR, _NEAR), (_NEAR, _MID), (_FAR, _MID), (_NEAR, _FAR), (_FAR, _FAR)),
}
"""Where the pips of each face lie, as shares of its width and height."""

ANGLE_STEP = 6
"""Dice lie at multiples of so many degrees, so that pictures of them can be kept."""

TURNS = 1.25
"""How often a die turns round while it tumbles."""

TUMBLED_FACES = 7
"""How many faces it shows on the way."""


class Tumble(NamedTuple):
    """How a die lies: its face, its angle in degrees, and how far it is from where it will rest, in widths of a die."""

    face: int
    angle: int
    away: tuple[float, float]


def tumble(face: int, which: int, phase: float) -> Tumble:
    """Return how the which-th die of a throw lies at a phase; at 1 it rests on its face, nearly straight."""
    left = (1 - min(1.0, max(0.0, phase))) ** 2
    rest = (-5, 4, 3, -4)[which % 4]
    angle = round((rest + 360 * TURNS * left * (1 if which % 2 else -1)) / ANGLE_STEP) * ANGLE_STEP
    shown = face if phase >= 0.85 else (face + which * 3 + int(phase * TUMBLED_FACES) * 5) % 6 + 1
    return Tumble(shown, angle, (3.2 * left, -0.9 * math.sin(math.pi * left) - 0.4 * left * (which % 2)))


class DicePictures:
    """Makes pictures of dice and cubes, once for each size, face and angle."""

    def __init__(self, theme: Theme):
        self.theme = theme
        self._die = lru_cache(maxsize=600)(self._make_die)
        self._cube = lru_cache(maxsize=40)(self._make_cube)
        self._big = lru_cache(maxsize=30)(_big_die)

    def draw_die(
        self,
        surface: pygame.Surface,
        centre: tuple[float, float],
        size: int,
        face: int,
        dark: bool,
        angle: int = 0,
        alpha: int = 255,
    ) -> pygame.Rect:
        """Draw a die of a player with dark or light pieces; `alpha` below 255: it is used up."""
        return _blit(surface, self._die(size, face, dark, angle), centre, alpha)

    def draw_cube(self, surface: pygame.Surface, centre: tuple[float, float], size: int, value: int) -> pygame.Rect:
        """Draw the doubling cube with its value."""
        return _blit(surface, self._cube(size, value), centre)

    def _make_die(self, size: int, face: int, dark: bool, angle: int) -> pygame.Surface:
        big = pygame.transform.rotate(self._big(size, face, dark), angle) if angle else self._big(size, face, dark)
        return pygame.transform.smoothscale(big, (big.get_width() // SMOOTH, big.get_height() // SMOOTH))

    def _make_cube(self, size: int, value: int) -> pygame.Surface:
        big = _body(size, blend(WHITE_STONE, (255, 255, 255), 0.3), blend(BOARD_INK, WHITE_STONE, 0.35))
        image = pygame.transform.smoothscale(big, (big.get_width() // SMOOTH, big.get_height() // SMOOTH))
        points = size / self.theme.scale * (0.56, 0.48, 0.36, 0.28)[len(str(value)) - 1]
        middle = image.get_rect().center
        self.theme.text(image, str(value), middle, round(points, 1), BLACK_STONE, "centre", bold=True)
        return image


def _blit(surface: pygame.Surface, image: pygame.Surface, centre: tuple[float, float], alpha: int = 255) -> pygame.Rect:
    if alpha < 255:
        image = image.copy()
        image.set_alpha(alpha)
    return surface.blit(image, image.get_rect(center=(round(centre[0]), round(centre[1]))))


def _big_die(size: int, face: int, dark: bool) -> pygame.Surface:
    colour, ink = (BLACK_STONE, WHITE_STONE) if dark else (WHITE_STONE, BLACK_STONE)
    big = _body(size, colour, blend(colour, ink, 0.35))
    left, width = (big.get_width() - size * SMOOTH) / 2, size * SMOOTH
    for x, y in PIPS[face]:
        pygame.draw.circle(big, ink, (round(left + x * width), round(left + y * width)), round(width * 0.092))
    return big


def _body(size: int, colour: Colour, rim: Colour) -> pygame.Surface:
    """Return a rounded square with a soft shadow, SMOOTH times too large, on a ground wide enough to be turned."""
    width, margin = size * SMOOTH, size * SMOOTH // 8
    big = pygame.Surface((width + 2 * margin, width + 2 * margin), pygame.SRCALPHA)
    round_by, edge = width // 6, max(SMOOTH, width // 26)
    square = pygame.Rect(margin, margin, width, width)
    for grow in range(margin, 0, -SMOOTH):
        pygame.draw.rect(big, (*SHADOW, 26), square.inflate(grow, grow).move(0, margin // 3), border_radius=round_by)
    pygame.draw.rect(big, rim, square, border_radius=round_by)
    pygame.draw.rect(big, colour, square.inflate(-2 * edge, -2 * edge), border_radius=round_by - edge)
    return big
