"""The line of the start page in which an opponent's strength is chosen, and what it says about who was chosen."""

from collections.abc import Mapping

from engine.levels import Level, find, levels
from gui.field import Field
from gui.following import FOLLOW, Standing


def level_field(game: str) -> Field:
    """Return the choice between an opponent that follows, the levels that a tournament measured, and time."""
    measured = levels(game)
    timed = ("time", "as strong as it gets in a time")
    if not measured:
        return Field("level", "Opponent", "time", (timed,), "No tournament has measured levels yet.", front=True)
    follow = (FOLLOW, "one that follows you")
    choices = (follow, *((str(level.number), level.words) for level in measured), timed)
    return Field("level", "Opponent", FOLLOW, choices, f"Elo by {measured[0].command}.", front=True)


def opponent_sentence(game: str, values: Mapping[str, object], standing: Standing | None) -> str:
    """Say who plays for Yomi by these choices: a level with what was measured of it, or by what time."""
    level = str(values.get("level", "time"))
    if level == FOLLOW and standing:
        return f"{described(standing.level)} {standing.sentence}"
    if level.isdecimal() and levels(game):
        return described(find(game, level))
    model = values.get("model", game)
    return f"Yomi thinks for {values.get('seconds', 2)} seconds with {model}: nobody has measured how strong that is."


def described(level: Level) -> str:
    """Say how strong a level is."""
    known = len(levels(level.game))
    measured = f"Elo {level.strength} {level.where}, where {level.anchor} is 0{level.rank}"
    return f"Level {level.number} of {known}, {level.called}: {measured}."
