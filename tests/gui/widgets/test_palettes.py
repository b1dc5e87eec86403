"""Colours that mean something are told apart by eyes that see no difference between red and green."""

from itertools import combinations

import numpy as np
import pytest

from gui.widgets import theme
from gui.widgets.palettes import PALETTES, Palette

ENOUGH = 20
"""Distance in CIE Lab from which two colours are different at a glance; 2.3 is just noticeable side by side."""

DEUTERANOPIA, PROTANOPIA = np.array([
    [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
])  # fmt: skip
"""What linear red, green and blue become (Machado, Oliveira and Fernandes 2009, severity 1)."""


def lab(colour, sight) -> np.ndarray:
    """Return a colour as eyes see it, in CIE Lab."""
    share = np.array(colour) / 255
    linear = np.clip(sight @ np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ linear
    x, y, z = np.cbrt(np.maximum(xyz / [0.9505, 1, 1.089], 1e-9))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def closest(palette: Palette, sight) -> tuple[float, str, str]:
    """Return the two colours with a meaning that are most alike, and how far they are apart."""
    meanings = {
        "accent": theme.ACCENT, "warm": palette.warm, "good": theme.GOOD, "bad": theme.BAD, "quiet": theme.QUIET,
        "text": theme.TEXT, "panel": theme.PANEL,
    }  # fmt: skip
    points = {"dark point": palette.dark_point, "light point": theme.POINT_LIGHT, "felt": theme.FELT}
    pairs = [*combinations(meanings.items(), 2), *combinations(points.items(), 2)]
    return min((float(np.linalg.norm(lab(a, sight) - lab(b, sight))), one, other) for (one, a), (other, b) in pairs)


@pytest.mark.parametrize("sight", [DEUTERANOPIA, PROTANOPIA])
def test_no_two_meanings_look_alike_in_the_distinct_palette(sight):
    assert closest(PALETTES["distinct"], sight) >= (ENOUGH,)
    assert closest(PALETTES["usual"], sight) < (ENOUGH,)
