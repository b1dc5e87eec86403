"""What a tournament's TOML file may say, checked; and the resolved file that its folder keeps.

The scalars of `TournamentSettings` are at the top of the file, then [sprt] and [gate] if wanted, and one [[players]] a
player. A model may be a pattern (runs/go/models/*): that is a player for every checkpoint of a run.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from glob import glob
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from engine.program import split_command
from engine.settings import read_toml, resolve, setting, to_toml
from engine.spec import PlayerSpec, kind_of, kinds
from games import wings
from training.tournament.arena import Arena, split
from training.tournament.sprt import Hypotheses

TABLES = ("players", "sprt", "gate")

NEIGHBOURS = 2
"""Places by which those who meet are apart where the kind is a ladder."""

CHANGEABLE = ("games", "parallel", "anchor", "anchor_elo", "move_seconds", "voids", "faults", "sprt", "gate")
"""What a resumed tournament may have otherwise than before: nothing that was played depends on it."""


@dataclass(frozen=True)
class Sprt:
    """The table [sprt]: stop as soon as it is certain enough which of two hypotheses holds."""

    first: str = setting("", "the player who may be the stronger")
    second: str = setting("", "the other")
    elo0: float = setting(0.0, "H0: the first is so much stronger")
    elo1: float = setting(10.0, "H1: the first is so much stronger")
    alpha: float = setting(0.05, "chance to take H1 where H0 is true")
    beta: float = setting(0.05, "chance to take H0 where H1 is true")


@dataclass(frozen=True)
class GateSettings:
    """The table [gate]: the exit status is 1 unless a player turns out to be so much stronger than another."""

    player: str = setting("", "who has to show it")
    against: str = setting("", "against whom")
    elo: float = setting(0.0, "by so much")


@dataclass(frozen=True)
class TournamentSettings:
    """The scalars of the file."""

    name: str = setting("", "the tournament; its folder is runs/NAME")
    game: str = setting(wings.NAMES[0], "what is played", choices=wings.NAMES)
    kind: str = setting(
        "round-robin",
        "who meets whom; ladder: everybody the next two of the list",
        choices=("round-robin", "gauntlet", "ladder", "pair"),
    )
    challengers: tuple[str, ...] = setting((), "gauntlet: who meets all others")
    games: int = setting(20, "games a pairing: each opening, or all dice, once from either side", 2)
    openings: str = setting("4", "balanced random opening moves, or files with openings")
    seed: int = setting(1, "of openings, dice and players", 0)
    parallel: int = setting(4, "games at once", 1)
    anchor: str = setting("", "whose rating is given (default: who played most)")
    anchor_elo: float = setting(0.0, "and what it is")
    main_seconds: float = setting(0.0, "each side's time for a game; 0: none", 0)
    increment: float = setting(0.0, "and seconds more for each move", 0)
    most_moves: int = setting(0, "moves after which a game is broken off; 0: as many as the game allows", 0)
    move_seconds: float = setting(60.0, "after so many seconds an outside program hangs", 0.01)
    on_fault: str = setting(
        "lose", "a game in which a player fails is lost, or void and replayed", choices=("lose", "void")
    )
    voids: int = setting(10, "void games before the tournament gives up", 0)
    faults: int = setting(100, "games that one player may lose by failing before the tournament gives up", 1)


@dataclass(frozen=True)
class Tournament:
    """A tournament as its file has it, resolved."""

    settings: TournamentSettings
    players: tuple[PlayerSpec, ...]
    sprt: Sprt | None
    gate: GateSettings | None
    arena: Arena

    @property
    def pairings(self) -> list[tuple[str, str]]:
        """List who meets whom."""
        names, challengers = [player.name for player in self.players], self.settings.challengers
        if self.settings.kind == "gauntlet":
            return [(one, other) for one in challengers for other in names if other not in challengers]
        reach = NEIGHBOURS if self.settings.kind == "ladder" else len(names)
        return [(one, other) for (i, one), (j, other) in combinations(enumerate(names), 2) if j - i <= reach]

    @property
    def most_moves(self) -> int:
        """After how many moves a game is broken off."""
        return self.settings.most_moves or self.arena.most_moves

    @property
    def hypotheses(self) -> Hypotheses | None:
        test = self.sprt
        return Hypotheses(test.elo0, test.elo1, test.alpha, test.beta) if test else None

    def start(self) -> np.ndarray:
        """Return the first position of every game."""
        return self.arena.start()

    def to_toml(self) -> str:
        """Write everything as a file that `read` reads."""
        text = f"{to_toml(self.settings)}\n{to_toml(self.arena.variant)}"
        for name in ("sprt", "gate"):
            if table := getattr(self, name):
                text += f"\n[{name}]\n{to_toml(table)}"
        return text + "".join(f"\n[[players]]\n{_table(player)}" for player in self.players)

    def differs_from(self, other: "Tournament") -> list[str]:
        """Name what this has otherwise than another, of what the games depend on."""
        mine, theirs = (asdict(each.settings) | asdict(each.arena.variant) for each in (self, other))
        changed = [name for name in mine if name not in CHANGEABLE and mine[name] != theirs.get(name)]
        return changed + ["players"] * (self.players != other.players)


def _table(player: PlayerSpec) -> str:
    """Write what a player's table says beyond the defaults."""
    default, lines = PlayerSpec(), to_toml(player).split("\n\n")
    told = [line for each, line in zip(fields(player), lines, strict=True) if _differ(each.name, player, default)]
    return "".join(f"{line.splitlines()[-1]}\n" for line in told)


def _differ(name: str, one: Any, other: Any) -> bool:
    return getattr(one, name) != getattr(other, name)


# --- reading ----------------------------------------------------------------------------------------------


def read(path: Path, changes: Mapping[str, str] | None = None) -> Tournament:
    """Read a tournament's file, some scalars changed; raise `ValueError` with one sentence that says what is wrong."""
    tables = read_toml(path)
    try:
        return parse(tables | dict(changes or {}), Path(path).stem)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def parse(tables: Mapping[str, Any], name: str) -> Tournament:
    """Return the tournament that TOML tables describe; `name` is its name if they tell none."""
    scalars = {key: value for key, value in tables.items() if key not in TABLES}
    if stray := [key for key, value in scalars.items() if isinstance(value, dict | list) and key != "challengers"]:
        raise ValueError(f"there is no table [{stray[0]}]; the tables are [sprt], [gate] and [[players]]")
    general, arena = split(scalars, TournamentSettings)
    settings = resolve(TournamentSettings, {"name": name}, general)
    players = tuple(_expanded(_players(tables.get("players", []))))
    sprt, gate = (_section(kind, word, tables.get(word)) for kind, word in ((Sprt, "sprt"), (GateSettings, "gate")))
    tournament = Tournament(settings, players, sprt, gate, arena)
    _check(tournament)
    return tournament


def _section(kind: type, word: str, table: Any) -> Any:
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ValueError(f"[{word}] should be a table")
    try:
        return resolve(kind, table)
    except ValueError as error:
        raise ValueError(f"[{word}]: {error}") from None


def _players(tables: Any) -> Iterable[PlayerSpec]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ValueError("players are written as [[players]] tables")
    for number, table in enumerate(tables, 1):
        try:
            yield resolve(PlayerSpec, table)
        except ValueError as error:
            raise ValueError(f"player {table.get('name') or number}: {error}") from None


def _expanded(players: Iterable[PlayerSpec]) -> Iterable[PlayerSpec]:
    """Make of a player whose model is a pattern one for each model that it finds."""
    for player in players:
        if "*" not in player.model:
            yield player
            continue
        found = sorted(path for path in glob(player.model) if (Path(path) / "model.json").is_file())
        if not found:
            raise ValueError(f"player {player.name}: no model is found at {player.model}")
        for path in found:
            yield replace(player, model=path, name=f"{player.name}-{Path(path).name.lstrip('0') or '0'}")


# --- checking ---------------------------------------------------------------------------------------------


def _check(tournament: Tournament) -> None:
    settings = tournament.settings
    if not settings.name or set(settings.name) & set("/\\:") or settings.name.startswith("."):
        raise ValueError(f"name = {settings.name!r} is to name a folder")
    if settings.games % 2:
        raise ValueError(f"games = {settings.games} should be even: every opening is played from either side")
    tournament.start()  # raises ValueError for what no board, komi or match can be
    names = [player.name for player in tournament.players]
    if len(names) < 2:
        raise ValueError("there are no two players")
    if settings.kind == "pair" and len(names) != 2:
        raise ValueError(f"a pair is two players, not {len(names)}")
    for player in tournament.players:
        _check_player(player, settings, names)
    _check_names(tournament, names)
    _ = tournament.hypotheses  # raises ValueError for impossible ones


def _check_player(player: PlayerSpec, settings: TournamentSettings, names: list[str]) -> None:
    if not player.name or not player.name.isprintable():
        raise ValueError("every player needs a name")
    if names.count(player.name) > 1:
        raise ValueError(f"there are {names.count(player.name)} players named {player.name!r}")
    try:
        _check_kind(player, settings)
    except ValueError as error:
        raise ValueError(f"player {player.name}: {error}") from None


def _check_kind(player: PlayerSpec, settings: TournamentSettings) -> None:
    """Raise `ValueError` where a player of a kind lacks something, or there is no such kind."""
    if not player.kind:
        raise ValueError(f"a player of {settings.game} is one of {', '.join(kinds(settings.game))}")
    kind = kind_of(player, settings.game)
    if player.command:
        split_command(player.command)
    player.search_settings()
    if why := kind.why_not(player, bool(settings.main_seconds)):
        raise ValueError(why)


def _check_names(tournament: Tournament, names: list[str]) -> None:
    """Check that whoever is named elsewhere plays."""
    settings, sprt, gate = tournament.settings, tournament.sprt, tournament.gate
    if settings.kind == "gauntlet" and not 0 < len(settings.challengers) < len(names):
        raise ValueError("a gauntlet has challengers, and somebody whom they meet")
    named = [("challengers", name) for name in settings.challengers] + [("anchor", settings.anchor)] * bool(
        settings.anchor
    )
    named += [("[sprt]", name) for name in (sprt.first, sprt.second)] if sprt else []
    named += [("[gate]", name) for name in (gate.player, gate.against)] if gate else []
    for where, name in named:
        if name not in names:
            raise ValueError(f"{where} names {name!r}, and the players are: {', '.join(names)}")
    if sprt and not {(sprt.first, sprt.second), (sprt.second, sprt.first)} & set(tournament.pairings):
        raise ValueError(f"[sprt]: {sprt.first} and {sprt.second} do not meet")
    if gate and gate.player == gate.against:
        raise ValueError("[gate] names one player twice")
