"""An opponent that follows you: half a step up the list of levels after a game that you won, half a step down else.

Where it stands is remembered for each game and for each kind of it (the size of a board). It knows no game.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine import levels
from engine.levels import Level
from games.game import NOBODY
from gui.field import Field
from gui.session import Session

FOLLOW = "follow"
"""What is chosen as the level of an opponent that follows; else it is a level's number, or "time"."""

KEY, STEPS = "follows", "half steps"
"""Names under which a game keeps what it counts for, and the settings where that stands."""

Standings = Mapping[str, Mapping[str, Any]]
"""What the window remembers: by game and kind, how many half steps above the weakest level."""


@dataclass(frozen=True)
class Standing:
    """Where an opponent that follows stands, in half steps above the weakest level; two make a level."""

    key: str
    ladder: tuple[Level, ...]
    half_steps: int = 0

    @property
    def level(self) -> Level:
        """The level that it plays at."""
        return self.ladder[self.half_steps // 2]

    def after(self, won: bool) -> "Standing":
        """Return the standing after a game of yours."""
        most = 2 * len(self.ladder) - 1
        return replace(self, half_steps=min(most, max(0, self.half_steps + (1 if won else -1))))

    @property
    def sentence(self) -> str:
        """Say what the next games change."""
        if self.half_steps % 2 and self.level.number < len(self.ladder):
            return f"It follows you: one more game won brings level {self.level.number + 1}."
        if self.half_steps % 2:
            return "It follows you, and it is as strong as it gets."
        return "It follows you: two games won bring the next level, two lost the one before."


def standing(game: str, fields: Sequence[Field], values: Mapping[str, object], known: Standings) -> Standing | None:
    """Return where the opponent stands in a game with these choices; None where no levels were measured."""
    apart = {field.name: values.get(field.name, field.default) for field in fields if field.apart}
    ladder = ladder_of(game, apart)
    key = ", ".join((game, *(f"{name} {value}" for name, value in apart.items())))
    return of_key(ladder, key, known) if ladder else None


def ladder_of(game: str, values: Mapping[str, object]) -> tuple[Level, ...]:
    """Return the levels of a game; () where their file is damaged, as the choice between them says."""
    try:
        return levels.levels(game, values)
    except ValueError:
        return ()


def of_key(ladder: tuple[Level, ...], key: str, known: Standings) -> Standing:
    """Return where the opponent stands on a ladder by the name under which that is remembered."""
    steps = known.get(key, {}).get(STEPS, 0)
    return Standing(key, ladder, min(2 * len(ladder) - 1, max(0, steps)) if isinstance(steps, int) else 0)


def settled(game: str, fields: Sequence[Field], values: Mapping[str, object], known: Standings) -> dict[str, object]:
    """Return the choices of a game with the level at which a following opponent plays it."""
    if values.get("level") != FOLLOW:
        return dict(values)
    found = standing(game, fields, values, known)
    if found is None:
        return {**values, "level": "time"}
    return {**values, "level": str(found.level.number), KEY: found.key}


class Follower:
    """Watches one game; once it is over, the opponent has moved half a step."""

    def __init__(self, game: str, values: Mapping[str, object]):
        """With choices that `settled` returned the game counts; with others it does not."""
        self.key = str(values.get(KEY, ""))
        self.ladder = ladder_of(game, values) if self.key else ()

    def leave(self) -> None:
        """Count the game no longer: it is another one now."""
        self.key = ""

    def moved(self, session: Session, known: Standings) -> dict[str, dict[str, Any]]:
        """Return what is to be remembered now that the game is over; {} while there is nothing."""
        if not self.key or not session.over or len(session.people) != 1 or session.winner == NOBODY:
            return {}
        won = session.winner in session.people
        after = of_key(self.ladder, self.key, known).after(won)
        self.leave()
        return {after.key: {STEPS: after.half_steps}}
