"""The line of the start page in which an opponent's strength is chosen."""

from engine.levels import levels
from gui.field import Field


def level_field(game: str, usual: str = "time") -> Field:
    """Return the choice between playing by time and the levels that a tournament measured."""
    measured = levels(game)
    choices = (("time", "by time"), *((str(level.number), level.words) for level in measured))
    if not measured:
        return Field("level", "Level", "time", choices, "No tournament has measured levels of this game yet.")
    one = measured[0]
    hint = f"Elo with its 95 % interval, by {one.command}; {one.anchor} is 0."
    return Field("level", f"Level: Elo {one.where}", usual, choices, hint)
