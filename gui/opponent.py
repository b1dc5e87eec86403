"""Who plays for Yomi in the window: the player that was chosen, in words, and the one that was made last."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from engine import levels, spec
from engine.command_line import MOST_VISITS
from engine.levels import Level
from engine.machine import usable_cores
from engine.networks import model as models
from engine.players import Player
from engine.resources import Resources
from engine.searching import NO_NETWORK
from engine.settings import resolve
from engine.spec import PlayerSpec
from games import wings

MOST_PATIENT, LEAST_PATIENT = 2.0, 0.5
"""Patience against the weakest level, where only a blunder is worth a warning, and against the strongest."""


@dataclass(frozen=True)
class Opponent:
    """A player by its description; `level` is the measured one that it is, if any."""

    spec: PlayerSpec = field(default_factory=lambda: PlayerSpec(model=NO_NETWORK, seconds=2.0, threads=0))
    seed: int = 1
    level: Level | None = None
    threads: int = 0  # that share a level's work, 0: all cores

    @classmethod
    def of(cls, level: Level, seed: int = 1, threads: int | None = None) -> "Opponent":
        """Return the opponent that plays at a level."""
        return cls(level.spec, seed, level, threads or 0)

    @property
    def words(self) -> str:
        """The opponent in a few words."""
        if self.level:
            return f"level {self.level.number}: {self.level.name}"
        visits = f", {self.spec.visits:,} visits" if self.spec.visits else ""
        name = Path(self.spec.model).name  # of a folder its name says enough, of a checkpoint its step
        who = f"the ghost of step {int(name):,}" if name.isdecimal() else name
        return f"{who}{visits}" + (f", {self.spec.seconds:g} s" if self.spec.seconds else "")

    @property
    def patience(self) -> float:
        """How many times the usual loss a move may cost before a person is warned: less at higher levels."""
        if self.level is None:
            return 1.0
        steps = len(levels.levels(self.level.game, self.level.start)) - 1
        return MOST_PATIENT * (LEAST_PATIENT / MOST_PATIENT) ** ((self.level.number - 1) / max(1, steps))

    @property
    def short(self) -> str:
        """The opponent in as few words as possible."""
        return f"level {self.level.number}" if self.level else self.words

    def as_words(self) -> dict[str, object]:
        """Return what `chosen_before` makes this opponent of, as JSON can hold it."""
        usual = PlayerSpec()
        given = {each.name: getattr(self.spec, each.name) for each in fields(PlayerSpec)}
        spec = {name: str(value) for name, value in given.items() if value != getattr(usual, name) and name != "search"}
        start = dict(self.level.start) if self.level else {}
        return {"level": self.level.number if self.level else 0, "start": start, "seed": self.seed, "spec": spec}

    def player(self, game: str, **start: Any) -> Player:
        """Make it for a game that begins with `start`."""
        cores = self.threads or usable_cores() if self.level else 0
        return spec.make(self.spec, wings.game(game), self.seed, Resources(start, cores))


def chosen_before(game: str, given: object) -> Opponent:
    """Return an opponent that was chosen before: as it is, or as `as_words` wrote it; raise `ValueError`."""
    if isinstance(given, Opponent):
        return given
    if not isinstance(given, dict):
        raise ValueError("the opponent of this game cannot be read")
    seed = int(given.get("seed", 1))
    if given.get("level"):
        start = given.get("start")
        return Opponent.of(levels.find(game, str(given["level"]), start if isinstance(start, dict) else {}), seed)
    return Opponent(resolve(PlayerSpec, {str(name): str(value) for name, value in dict(given["spec"]).items()}), seed)


def of_choices(game: str, values: Mapping[str, object], seconds: float, seed: int = 1, level: str = "time") -> Opponent:
    """Return who plays by the choices of the start page, or as in a game that was kept; raise `ValueError`.

    `seconds` and `level` hold where the choices name none.
    """
    if values.get("opponent"):
        return chosen_before(game, values["opponent"])
    number = str(values.get("level", level))
    if number != "time":
        return Opponent.of(levels.find(game, number, values), seed)
    model = str(values.get("model", game)).strip()
    visits = visits_of(values.get("visits", ""))
    limit = 0.0 if visits else seconds_of(values.get("seconds", seconds))
    return Opponent(PlayerSpec(model=model, visits=visits, seconds=limit, threads=0), seed)


def seconds_of(text: object) -> float:
    """Read the seconds of a move that a person typed; raise `ValueError`."""
    try:
        seconds = float(str(text).replace(",", "."))
    except ValueError:
        raise ValueError(f"seconds a move: {str(text)[:40]!r} is not a number") from None
    if not 0.01 <= seconds <= 3600:
        raise ValueError("seconds a move are between 0.01 and 3600")
    return seconds


def visits_of(text: object) -> int:
    """Read the visits of a move that a person typed, 0 where the field is empty; raise `ValueError`."""
    words = str(text).strip().replace(",", "")
    if words and not (words.isascii() and words.isdecimal() and 1 <= int(words[:12]) <= MOST_VISITS):
        raise ValueError(f"visits a move: {str(text)[:40]!r} is no whole number from 1 to {MOST_VISITS:,}")
    return int(words or 0)


def chosen(game: str, asked: PlayerSpec, seed: int, level: int | None = None, **start: Any) -> Opponent:
    """Return the opponent of a command line, where a level replaces everything that is asked for."""
    return Opponent.of(levels.find(game, level, start), seed, asked.threads) if level else Opponent(asked, seed)


def check(model: str, game: str, **start: Any) -> None:
    """Raise `ValueError` where a model cannot play a game that begins with `start`."""
    if model != NO_NETWORK:
        models.check(models.find(model), game, **start)


class PlayerStore:
    """Keeps the player made last: its network and its compiled code serve the next game too."""

    def __init__(self, game: str):
        self.game = game
        self.opponent: Opponent | None = None
        self.player: Player | None = None

    def maker(self, opponent: Opponent, **start: Any) -> Callable[[], Player]:
        """Return what makes the player, in the thinking thread; raise `ValueError` where its model does not fit."""

        def make() -> Player:
            player = self.player
            if player is None or opponent != self.opponent:
                from engine.measures.warming import first_start

                player, game = opponent.player(self.game, **start), wings.game(self.game)
                first_start(lambda sentence: None, self.game)
                player.warm_up(game, game.start(**start))
                self.player, self.opponent = player, opponent
            else:
                check(opponent.spec.model, self.game, **start)
            player.forget()
            return player

        check(opponent.spec.model, self.game, **start)
        return make
