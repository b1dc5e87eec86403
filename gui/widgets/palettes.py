"""The colours that can be chosen: as usual, or for eyes that tell red from green badly. All else looks the same."""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """The colours that differ from one palette to another."""

    words: str  # as the menu offers it
    warm: Colour  # warnings, and the other side's plans
    dark_point: Colour  # every other point of a backgammon board
    marked: bool  # pieces of two hues carry a sign as well


PALETTES = {
    "usual": Palette("as usual", (230, 159, 0), (112, 78, 58), False),
    "distinct": Palette("for colour-blind eyes", (240, 228, 66), (160, 96, 60), True),
}
"""Orange and yellow are Okabe and Ito's; yellow is as far from their vermilion to all eyes."""

USUAL = PALETTES["usual"]
