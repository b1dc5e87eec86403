"""The line of the start page in which an opponent's strength is chosen, and what it says about who was chosen."""

from collections.abc import Mapping

from engine.levels import Level, find, kind_of, levels
from gui.field import Field
from gui.following import FOLLOW, Standing


def level_field(game: str, start: Mapping[str, object] | None = None) -> Field:
    """Return the choice between an opponent that follows, the levels that a tournament measured, and time.

    They are the levels of games that begin with `start`.
    """
    timed = ("time", "as strong as it gets in a time")
    try:
        measured, why_not = levels(game, start), "No tournament has measured levels yet."
    except ValueError as error:
        measured, why_not = (), str(error)
    if not measured:
        return Field("level", "Opponent", "time", (timed,), why_not, front=True)
    follow = (FOLLOW, "one that follows you")
    choices = (follow, *((str(level.number), level.words) for level in measured), timed)
    return Field("level", "Opponent", FOLLOW, choices, f"Elo by {measured[0].command}.", front=True)


def limit_fields(seconds: str, each: str = "a move") -> tuple[Field, Field]:
    """Return the choices of how long Yomi thinks, where the opponent is no level."""
    timed = "How long Yomi thinks, where the opponent plays by time."
    counted = "Instead of seconds, so many simulations; empty: none."
    return Field("seconds", f"Seconds {each}", seconds, (), timed), Field("visits", f"Visits {each}", "", (), counted)


def opponent_sentence(game: str, values: Mapping[str, object], standing: Standing | None) -> str:
    """Say who plays for Yomi by these choices: a level with what was measured of it, or by what time."""
    level = str(values.get("level", "time"))
    if level == FOLLOW and standing:
        return f"{ranked(standing.level)} {standing.sentence} {strength_of(standing.level, values)}"
    if level.isdecimal() and levels(game, values):
        found = find(game, level, values)
        return f"{ranked(found)} {strength_of(found, values)}"
    model = values.get("model", game)
    visits = str(values.get("visits", "")).strip()
    limit = f"with {visits} visits" if visits else f"for {values.get('seconds', 2)} seconds"
    return f"Yomi thinks {limit} with {model}: nobody has measured how strong that is."


def ranked(level: Level) -> str:
    """Say where a level stands among the others, and as whom of people it plays."""
    known = len(levels(level.game, level.start))
    place = {1: ", the easiest", known: ", the strongest"}.get(level.number, "")
    return f"Level {level.number} of {known}{place}{level.rank}."


def strength_of(level: Level, values: Mapping[str, object]) -> str:
    """Say how a level plays and how strong it is, and that this was not measured in such a game, where it was not."""
    kind = kind_of(level.game, values)
    elsewhere = f" Nobody has measured it on {kind}." if kind not in ("", level.kind) else ""
    return f"It is {level.called}: Elo {level.strength} {level.where}, where {level.anchor} is 0.{elsewhere}"
