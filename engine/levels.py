"""Levels: players whose strength a tournament has measured.

engine/ladders/GAME.json is the ladder.json of a tournament of training/tournaments, as it was written. GAME-KIND.json,
go-19x19.json say, is that of games of another kind; where there is none, GAME.json holds for them, too. A level plays
here as it played there: both make it from the same `PlayerSpec`, by the same function.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from engine import spec
from engine.machine import usable_cores
from engine.networks import model as models
from engine.players import Player
from engine.resources import Resources
from engine.settings import resolve
from engine.spec import PlayerSpec
from games import plain_files, wings

MEASURED = Path(__file__).parent / "ladders"

_MANNER = {each.name for each in fields(PlayerSpec)}

_BOUND = ((int, float, type(None)), None)
_KINDS: dict[str, tuple[Any, object]] = {
    **dict.fromkeys(("game", "tournament", "anchor", "fingerprint", "title", "kyu"), (str, "")),
    **dict.fromkeys(("low", "high", "error_rate"), _BOUND),
    "elo": ((int, float), 0.0),
    "games": (int, 0),
}
"""What a row of a ladder says, of what kind it is, and what stands for a value that is not there."""


@dataclass(frozen=True)
class Level:
    """A player of a tournament, and what came of it.

    `elo` lies between `low` and `high` in 95 of 100 cases; None is an open bound. `start` holds what the games began
    with, and `fingerprint` is of the model, as it was measured.
    """

    number: int  # from 1, the weakest
    spec: PlayerSpec
    game: str
    elo: float
    low: float | None
    high: float | None
    games: int
    tournament: str
    anchor: str  # whose Elo is given
    fingerprint: str = ""
    title: str = ""  # what people call it
    kyu: str = ""  # the ranks of people whom it meets as equals, where that was measured: "15-12 kyu"
    error_rate: float | None = None  # thousandths of a point lost a decision, where that was measured
    start: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> str:
        """What the tournament calls it."""
        return self.spec.name

    @property
    def stale(self) -> bool:
        """Tell whether the model is another one than was measured, or is not here."""
        try:
            return bool(self.fingerprint) and models.find(self.spec.model).on(self.kind).fingerprint != self.fingerprint
        except ValueError:
            return True

    @property
    def strength(self) -> str:
        """Write the Elo with its interval: -210 ± 40."""
        if self.low is None or self.high is None:
            bounds = (("above", self.low), ("below", self.high))
            return next((f"{word} {bound:+.0f}" for word, bound in bounds if bound is not None), "unknown")
        return f"{self.elo:+.0f} ± {(self.high - self.low) / 2:.0f}"

    @property
    def called(self) -> str:
        """What people call it; without a title, how it plays."""
        return self.title or self.name

    @property
    def rank(self) -> str:
        """Write the ranks of people, estimated where the ladder's file does not state them, and the error rate."""
        error = "" if self.error_rate is None else f", loses {self.error_rate:.0f} thousandths a decision"
        kyu = self.kyu or wings.part("engine", self.game, "players").rank_of(self.elo)
        return (f", {kyu}" if kyu else "") + error

    @property
    def words(self) -> str:
        """Say how strong it is, and what it is called."""
        was = " (as it was: its network is another now)" if self.stale else ""
        return f"{self.number}:  {self.strength}{self.rank}   {self.called}{was}"

    @property
    def command(self) -> str:
        """What measured it."""
        return f"yomi tournament training/tournaments/{self.tournament}.toml"

    @property
    def kind(self) -> str:
        """The kind of the game that it was measured in."""
        return kind_of(self.game, self.start)

    @property
    def where(self) -> str:
        """Say in what games it was measured."""
        return wings.part("engine", self.game, "players").measured_in(self.start)


def levels(game: str, start: Mapping[str, Any] | None = None, folder: Path = MEASURED) -> tuple[Level, ...]:
    """Return the levels of a game that begins with `start`, weakest first; () where none was measured.

    Where no tournament of this kind of game was played, they are those of its usual kind.
    """
    kind = kind_of(game, start or {})
    return (_read(game, f"{game}-{kind}", folder) if kind else ()) or _read(game, wings.check(game), folder)


def kind_of(game: str, start: Mapping[str, Any]) -> str:
    """Name the kind of a game whose players are as strong as in no other: "19x19"; "" where that makes no difference.

    `start` may hold what a person typed.
    """
    return wings.part("engine", game, "players").kind_of(start) if start else ""


@cache
def _read(game: str, name: str, folder: Path) -> tuple[Level, ...]:
    """Read the levels of a file; raise `ValueError` where it is damaged. Only Yomi's own players have a model."""
    path = folder / f"{name}.json"
    try:
        rows = plain_files.read_json(path) if path.exists() else []
        ours = [row for row in rows if row.get("model")]
        return tuple(_level(game, number, row) for number, row in enumerate(ours, 1))
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no ladder of a tournament: {error}") from None


def _level(game: str, number: int, row: Mapping[str, Any]) -> Level:
    """Return the level of a row; raise `ValueError` or `TypeError` where something is missing or of another kind."""
    played = resolve(PlayerSpec, {name: value for name, value in row.items() if name in _MANNER} | {"helped": False})
    told = {each.name for each in fields(Level)}
    about = {name: value for name, value in row.items() if name in told}
    start = {name: value for name, value in row.items() if name not in told | _MANNER}
    for each, (kinds, usual) in _KINDS.items():
        if not isinstance(about.get(each, usual), kinds) or isinstance(about.get(each), bool):
            raise ValueError(f"{each} of level {number} is {about[each]!r}")
    if about.get("game") != game:
        raise ValueError(f"level {number} is of {about.get('game')!r}")
    return Level(number=number, spec=played, start=start, **about)


def find(game: str, number: int | str, start: Mapping[str, Any] | None = None) -> Level:
    """Return a level of a game that begins with `start` by its number; raise `ValueError` where there is none."""
    known = {str(level.number): level for level in levels(game, start)}
    if str(number) not in known:
        raise ValueError(f"there is no level {number} of {game}; its levels are {', '.join(known) or 'not measured'}")
    return known[str(number)]


def make(level: Level, seed: int = 1, threads: int | None = None) -> Player:
    """Return the player of a level; `threads` share only work whose result does not depend on their number."""
    return spec.make(level.spec, wings.game(level.game), seed, Resources(cores=threads or usable_cores()))
