"""How many first moves two games of Go share, up to symmetry: openings that are too much alike are no evidence."""

from contextlib import suppress
from pathlib import Path

import numpy as np

from games.go import sgf
from games.go.symmetries import symmetry


def moves_of(records: Path) -> dict[str, tuple[int, list[int]]]:
    """Return board size and moves of every game of Go that is kept, by its file's name; broken files are left out."""
    games = {}
    for path in sorted(records.glob("*.sgf")):
        with suppress(sgf.SgfError, OSError):
            for record in sgf.read(path):
                games[path.stem] = record.start.get("size", 19), record.moves
    return games


def longest_prefix(games: dict[str, tuple[int, list[int]]]) -> tuple[int, str, str] | None:
    """Return how many first moves two games share at most, under any symmetry, and the two; None for fewer than two.

    Of all images of all games in alphabetical order, the two that share most stand side by side.
    """
    if len(games) < 2:
        return None
    images = sorted((image, name) for name, game in games.items() for image in _images(*game))
    first, second, *_ = games
    best = 0, first, second
    for (one, name), (other, its) in zip(images, images[1:], strict=False):
        if name != its:
            best = max(best, (_shared(one, other), name, its), key=lambda found: found[0])
    return best


def _images(size: int, moves: list[int]) -> list[tuple[int, ...]]:
    """Return the game under all eight symmetries; boards of different sizes share nothing."""
    path = np.array(moves, np.int64)
    return [(size, *symmetry(k, size)[path].tolist()) for k in range(8)]


def _shared(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    if one[0] != other[0]:
        return 0
    together = zip(one[1:], other[1:], strict=False)
    return next((k for k, (a, b) in enumerate(together) if a != b), min(len(one), len(other)) - 1)
