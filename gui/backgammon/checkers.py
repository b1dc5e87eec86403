"""Pictures of points, checkers, rings and arrows, drawn large and made small so that their edges are smooth."""

from functools import lru_cache

import pygame

from gui.widgets.theme import BLACK_STONE, SHADOW, SMOOTH, WHITE_STONE, Colour, blend


@lru_cache(maxsize=24)
def make_point(width: int, tall: int, colour: Colour, upwards: bool) -> pygame.Surface:
    big = pygame.Surface((width * SMOOTH, tall * SMOOTH), pygame.SRCALPHA)
    base, tip = (tall * SMOOTH, 0) if upwards else (0, tall * SMOOTH)
    inset = SMOOTH
    corners = [(inset, base), (width * SMOOTH - inset, base), (width * SMOOTH // 2, tip)]
    big.fill((*colour, 0))
    pygame.draw.polygon(big, colour, corners)
    return pygame.transform.smoothscale(big, (width, tall))


def make_checker(diameter: int, dark: bool) -> pygame.Surface:
    """Return a checker seen from above: a rim, a groove, a slightly hollow middle, and its shadow."""
    colour, other = (BLACK_STONE, WHITE_STONE) if dark else (WHITE_STONE, BLACK_STONE)
    rim, groove = blend(colour, other, 0.42), blend(colour, other, 0.22 if dark else 0.16)
    ground = (diameter + 4) * SMOOTH
    big, middle, radius = pygame.Surface((ground, ground), pygame.SRCALPHA), ground // 2, diameter * SMOOTH // 2
    big.fill((*SHADOW, 0))
    pygame.draw.circle(big, (*SHADOW, 90), (middle, middle + SMOOTH), radius)
    rings = ((1.0, rim), (0.95, blend(colour, other, 0.07)), (0.68, groove), (0.63, blend(colour, other, 0.03)))
    for share, shade in rings:
        pygame.draw.circle(big, shade, (middle, middle), round(radius * share) - 1)
    return pygame.transform.smoothscale(big, (diameter + 4, diameter + 4))


@lru_cache(maxsize=24)
def make_ring(diameter: int, colour: Colour, thick: int) -> pygame.Surface:
    side = (diameter + 4) * SMOOTH
    big = pygame.Surface((side, side), pygame.SRCALPHA)
    big.fill((*colour, 0))
    pygame.draw.circle(big, colour, (side // 2, side // 2), diameter * SMOOTH // 2 + SMOOTH, thick)
    return pygame.transform.smoothscale(big, (diameter + 4, diameter + 4))


@lru_cache(maxsize=60)
def make_arrow(across: int, down: int, thick: int, colour: Colour) -> pygame.Surface:
    """Return an arrow from the middle of a picture that far to the right and down (or left, up), with smooth edges."""
    way = pygame.Vector2(across, down) * SMOOTH
    room = thick * 2 * SMOOTH
    big = pygame.Surface((abs(way.x) + 2 * room, abs(way.y) + 2 * room), pygame.SRCALPHA)
    big.fill((*colour, 0))
    source = pygame.Vector2(room + max(0, -way.x), room + max(0, -way.y))
    for grow, shade in ((SMOOTH, blend(colour, SHADOW, 0.55)), (0, colour)):
        pygame.draw.polygon(big, shade, _arrow_corners(source, way, thick * SMOOTH, grow))
    return pygame.transform.smoothscale(big, (big.get_width() // SMOOTH, big.get_height() // SMOOTH))


def _arrow_corners(source: pygame.Vector2, way: pygame.Vector2, thick: int, grow: int) -> list[pygame.Vector2]:
    ahead = way.normalize()
    side, tip = pygame.Vector2(-ahead.y, ahead.x), source + way + ahead * grow * 2
    neck, half, wide = source + way - ahead * (thick * 3 + grow), thick / 2 + grow, thick * 1.5 + grow * 2
    back = source - ahead * grow
    return [
        back + side * half,
        neck + side * half,
        neck + side * wide,
        tip,
        neck - side * wide,
        neck - side * half,
        back - side * half,
    ]


@lru_cache(maxsize=12)
def make_slab(width: int, height: int, colour: Colour) -> pygame.Surface:
    """Return a checker lying on its side."""
    big = pygame.Surface((width * SMOOTH, height * SMOOTH), pygame.SRCALPHA)
    rim = blend(colour, BLACK_STONE if colour == WHITE_STONE else WHITE_STONE, 0.4)
    big.fill((*rim, 0))
    whole, round_by = big.get_rect(), max(SMOOTH, height * SMOOTH // 4)
    pygame.draw.rect(big, rim, whole, border_radius=round_by)
    pygame.draw.rect(big, colour, whole.inflate(-2 * SMOOTH, -2 * SMOOTH), border_radius=round_by - SMOOTH // 2)
    return pygame.transform.smoothscale(big, (width, height))
