"""How the window looks: colours, fonts and sizes, all from one scale; and the drawing of what every view needs.

Nothing here knows a game. Sizes are in points: `theme.px(12)` pixels at the user's scale. What is slow to make (text,
round stones) is made once for a scale and kept.
"""

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import pygame

from gui.widgets.palettes import USUAL, Colour, Palette

Align = Literal["left", "centre", "right"]

FONTS = Path(__file__).parents[1] / "fonts"

# --- colours: text on its ground has a contrast of 4.5 or more; nothing depends on red against green -------------

GROUND: Colour = (24, 27, 33)
PANEL: Colour = (34, 38, 46)
RAISED: Colour = (48, 54, 65)
LINE: Colour = (66, 73, 87)
TEXT: Colour = (232, 234, 238)
QUIET: Colour = (160, 168, 180)
ACCENT: Colour = (86, 180, 233)  # Okabe and Ito's sky blue: what is chosen, the principal variation
GOOD: Colour = (0, 158, 115)  # their bluish green
BAD: Colour = (213, 94, 0)  # their vermilion
SHADOW: Colour = (12, 13, 16)

BOARD_WOOD: Colour = (219, 178, 110)
BOARD_INK: Colour = (66, 46, 22)
BLACK_STONE: Colour = (28, 28, 32)
WHITE_STONE: Colour = (244, 243, 238)

FELT: Colour = (38, 66, 62)
POINT_LIGHT: Colour = (196, 176, 140)
RAIL: Colour = (58, 44, 36)

SCALES = (0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
SMALL, BODY, LARGE, TITLE = 12, 14, 18, 30
"""Sizes of text."""

MISSING = str.maketrans(
    {"␣": "·", "⏎": "↵"} | {chr(k): "\N{REPLACEMENT CHARACTER}" for k in (0, *range(0xD800, 0xE000))}
)
"""What the font lacks, and what is drawn instead: a blank and the end of a line that are to be seen, and halves of
characters, which names of files have in place of bytes that are no text, and which cannot be drawn."""

SMOOTH = 4
"""Round things are drawn so many times too large and scaled down."""


class Theme:
    """Sizes and fonts at one scale, and the colours that a person has chosen."""

    def __init__(self, scale: float = 1.0, palette: Palette = USUAL):
        self.scale, self.palette = scale, palette
        self.warm = palette.warm
        self.text_image = lru_cache(maxsize=2000)(self._text_image)
        self.disc_image = lru_cache(maxsize=200)(self._disc_image)
        self.font = lru_cache(maxsize=100)(self._font)

    def px(self, points: float) -> int:
        """Return so many points in pixels, at least 1 for what is not 0."""
        return max(1, round(points * self.scale)) if points else 0

    @cached_property
    def smaller(self) -> "Theme":
        """The same at a scale that is a little smaller."""
        return Theme(self.scale * 0.94, self.palette)

    # --- text ---------------------------------------------------------------------------------------------

    def _font(self, points: float, bold: bool = False) -> pygame.font.Font:
        return pygame.font.Font(FONTS / f"Inter-{'SemiBold' if bold else 'Regular'}.otf", self.px(points))

    def _text_image(self, words: str, points: float, colour: Colour, bold: bool) -> pygame.Surface:
        try:
            return self.font(points, bold).render(words.translate(MISSING), True, colour)
        except pygame.error:  # nothing but letters that are no pixel wide
            return self.font(points, bold).render("", True, colour)

    def text_width(self, words: str, points: float = BODY, bold: bool = False) -> int:
        """Return how wide a line of text is, in pixels."""
        return self.font(points, bold).size(words.translate(MISSING))[0]

    def fitted(self, words: str, width: int, points: float = BODY, bold: bool = False) -> str:
        """Return a line of text, cut short with an ellipsis where it is wider than so many pixels.

        A last piece of a few letters goes, too: half a move would look like another one.
        """
        if self.text_width(words, points, bold) <= width:
            return words
        words = words[: max(0, width)]  # no letter is narrower than a pixel
        while words and self.text_width(words + "…", points, bold) > width:
            words = words[:-1]
        whole, _, piece = words.rpartition(" ")
        words = whole if whole and len(piece) < 6 else words
        return words.rstrip() + "…" if words else ""

    def shrunk(self, words: str, width: int, points: float, least: float, bold: bool = False) -> float:
        """Return the size of text, at least so many points, at which a line is no wider than so many pixels."""
        while points > least and self.text_width(words, points, bold) > width:
            points = max(least, points - 0.5)
        return points

    def wrapped(self, words: str, width: int, points: float = BODY) -> list[str]:
        """Break text into lines no wider than so many pixels, between words."""
        lines: list[str] = []
        line = ""
        for word in words.split():
            longer = f"{line} {word}".strip()
            if line and self.text_width(longer, points) > width:
                lines, line = [*lines, line], word
            else:
                line = longer
        return [*lines, line] if line else lines

    def text(
        self,
        surface: pygame.Surface,
        words: str,
        at: tuple[float, float],
        points: float = BODY,
        colour: Colour = TEXT,
        align: Align = "left",
        bold: bool = False,
        width: int = 0,
        least: float = 0,
    ) -> pygame.Rect:
        """Draw a line of text whose middle is at a height.

        What is wider than `width` pixels becomes smaller, down to `least` points where given, and then is cut short.
        """
        if width and least:
            points = self.shrunk(words, width, points, least, bold)
        shown = self.fitted(words, width, points, bold) if width else words
        image = self.text_image(shown, points, colour, bold)
        place = image.get_rect(centery=round(at[1]))
        if align == "left":
            place.left = round(at[0])
        elif align == "right":
            place.right = round(at[0])
        else:
            place.centerx = round(at[0])
        surface.blit(image, place)
        return place

    # --- shapes -------------------------------------------------------------------------------------------

    def _disc_image(self, diameter: int, colour: Colour, rim: Colour | None, shade: bool) -> pygame.Surface:
        big = pygame.Surface((diameter * SMOOTH, diameter * SMOOTH), pygame.SRCALPHA)
        radius = diameter * SMOOTH // 2
        pygame.draw.circle(big, rim or colour, (radius, radius), radius - 1)
        if rim:
            pygame.draw.circle(big, colour, (radius, radius), radius - max(SMOOTH, diameter * SMOOTH // 22))
        if shade:
            _add_shine(big, colour, radius)
        return pygame.transform.smoothscale(big, (diameter, diameter))

    def disc(
        self,
        surface: pygame.Surface,
        centre: tuple[float, float],
        diameter: int,
        colour: Colour,
        rim: Colour | None = None,
        shade: bool = False,
        alpha: int = 255,
    ) -> pygame.Rect:
        """Draw a smooth disc: a stone or a checker (`shade`), a mark, a ghost (`alpha` below 255)."""
        image = self.disc_image(max(2, diameter), colour, rim, shade)
        if alpha < 255:
            image = image.copy()
            image.set_alpha(alpha)
        return surface.blit(image, image.get_rect(center=(round(centre[0]), round(centre[1]))))

    def panel(self, surface: pygame.Surface, rect: pygame.Rect, colour: Colour = PANEL, radius: float = 6) -> None:
        """Fill a rectangle with round corners."""
        pygame.draw.rect(surface, colour, rect, border_radius=self.px(radius))

    def outline(self, surface: pygame.Surface, rect: pygame.Rect, colour: Colour = ACCENT, radius: float = 6) -> None:
        """Draw a frame inside a rectangle: what has the keyboard."""
        pygame.draw.rect(surface, colour, rect, self.px(1.5), border_radius=self.px(radius))


def _add_shine(image: pygame.Surface, colour: Colour, radius: int) -> None:
    """Light a ball from the upper left, in a few steps that the scaling down blends."""
    steps = 10
    for step in range(steps):
        share = (step + 1) / steps
        lighter = blend(colour, (255, 255, 255), 0.28 * share if sum(colour) < 384 else 0.5 * share)
        size = round(radius * (0.75 - 0.62 * share))
        pygame.draw.circle(
            image, lighter, (round(radius * (1 - 0.22 * share)), round(radius * (1 - 0.28 * share))), size
        )


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour between two: `share` 0 the one, 1 the other."""
    share = min(1.0, max(0.0, share))
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
