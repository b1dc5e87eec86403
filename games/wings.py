"""The games that Yomi plays, and where each room keeps what belongs to one of them.

A game is one folder, its wing, in each room: `games/go`, `engine/go`, `gui/go`, `training/go`. What stands free in a
room knows no game; it asks here for the part of a wing that it needs. To add a game, add its folders and its name.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

NAMES = ("go", "backgammon", "connect_four", "text")
"""Every game, in the order in which they are offered."""


def check(game: str) -> str:
    """Return the name of a game; raise `ValueError` for one that Yomi does not play."""
    if game not in NAMES:
        raise ValueError(f"Yomi plays no game {game!r}; its games are: {', '.join(NAMES)}")
    return game


def game(name: str) -> ModuleType:
    """Return a game by its name: the package that answers the five questions."""
    return import_module(f"games.{check(name)}")


def has(room: str, game: str, part: str) -> bool:
    """Tell whether a game's wing in a room has a part, without loading it."""
    return find_spec(f"{room}.{check(game)}") is not None and find_spec(f"{room}.{game}.{part}") is not None


def part(room: str, game: str, part: str) -> ModuleType:
    """Return a part of a game's wing, say `part("engine", "go", "players")`; raise `ValueError` if there is none."""
    if not has(room, game, part):
        raise ValueError(f"{game} has no {part} in {room}")
    return import_module(f"{room}.{game}.{part}")


def having(room: str, part: str) -> Iterator[str]:
    """List the games whose wing in a room has a part, in the order of `NAMES`."""
    return (name for name in NAMES if has(room, name, part))
