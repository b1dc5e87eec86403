"""Levels: players whose strength a tournament has measured, and how they are made.

engine/ladders/GAME.json is the ladder.json of a tournament of training/tournaments, as it was written. The tournament
makes its players by `go_player` and `backgammon_player`, too: a level plays here as it played there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.clock import Limit
from engine.go.policy_player import PolicyPlayer
from engine.machine import usable_cores
from engine.networks import model as models
from engine.players import NETWORK, ROLLOUTS, Player, SearchPlayer
from engine.rollouts import policy_priors, shipped_policy
from engine.search import Evaluator
from games import go

if TYPE_CHECKING:
    from engine.backgammon.player import BackgammonPlayer
    from engine.backgammon.plies import Lookahead

MEASURED = Path(__file__).parent / "ladders"

KINDS = ("search", "policy", "backgammon")
"""Of the players in a ladder, those that are Yomi."""

NODES = 1 << 22


@dataclass(frozen=True)
class Level:
    """A player of a tournament: how it plays, in the words of its table there, and what came of it.

    `elo` lies between `low` and `high` in 95 of 100 cases; None is an open bound.
    """

    number: int  # from 1, the weakest
    name: str
    kind: str
    game: str
    elo: float
    low: float | None
    high: float | None
    games: int
    tournament: str
    anchor: str  # whose Elo is given
    size: int = 0
    komi: float = 0.0
    rules: str = ""
    length: int = 0
    model: str = ""
    visits: int = 0
    seconds: float = 0.0
    threads: int = 1
    wave: int = 0
    plies: int = -1
    temperature: float = 0.0
    engine: str = "auto"
    symmetries: str = "none"
    fingerprint: str = ""  # of the model, as it was measured

    @property
    def stale(self) -> bool:
        """Tell whether the model is another one than was measured."""
        return bool(self.fingerprint) and models.find(self.model).fingerprint != self.fingerprint

    @property
    def strength(self) -> str:
        """Write the Elo with its interval: -210 ± 40."""
        if self.low is None or self.high is None:
            bounds = (("above", self.low), ("below", self.high))
            return next((f"{word} {bound:+.0f}" for word, bound in bounds if bound is not None), "unknown")
        return f"{self.elo:+.0f} ± {(self.high - self.low) / 2:.0f}"

    @property
    def words(self) -> str:
        """Say how strong it is, and how it plays."""
        was = " (as it was: its network is another now)" if self.stale else ""
        return f"{self.number}:  {self.strength}   {self.name}{was}"

    @property
    def command(self) -> str:
        """What measured it."""
        return f"yomi tournament training/tournaments/{self.tournament}.toml"

    @property
    def where(self) -> str:
        """Say in what games it was measured."""
        if self.game == "go":
            return f"on {self.size}x{self.size} with komi {self.komi:g}"
        return f"in matches to {self.length} points" if self.length else "in games for money"


@cache
def levels(game: str, folder: Path = MEASURED) -> tuple[Level, ...]:
    """Return the levels of a game, weakest first; () where none was measured."""
    path, known = folder / f"{game}.json", {each.name for each in fields(Level)}
    rows = json.loads(path.read_text("utf-8")) if path.is_file() else []
    ours = [{name: value for name, value in row.items() if name in known} for row in rows if row["kind"] in KINDS]
    return tuple(Level(number, **row) for number, row in enumerate(ours, 1))


def find(game: str, number: int | str) -> Level:
    """Return a level by its number; raise `ValueError` where there is none."""
    known = {str(level.number): level for level in levels(game)}
    if str(number) not in known:
        raise ValueError(f"there is no level {number} of {game}; its levels are {', '.join(known) or 'not measured'}")
    return known[str(number)]


def make(level: Level, seed: int = 1, threads: int | None = None) -> Player:
    """Return the player of a level; `threads` share out what one thread would find, too."""
    if level.game == "backgammon":
        from engine.backgammon import model as afterstates_model
        from engine.backgammon.plies import Lookahead

        lookahead = Lookahead(afterstates_model.load(level.model), threads or usable_cores())
        return backgammon_player(level, lookahead, seed)
    if level.model == "rollouts":
        return go_player(level, policy_priors(shipped_policy(go)), seed)
    from engine.networks import evaluator  # only now: rollouts start without onnxruntime or OpenVINO

    found = models.find(level.model)
    return go_player(level, evaluator.choose(found, level.engine, level.symmetries), seed, found.search)


# --- from a table to a player -----------------------------------------------------------------------------


def go_player(
    table: Any, evaluator: Evaluator, seed: int, search: Mapping[str, float] | None = None, nodes: int = NODES
) -> SearchPlayer:
    """Return the player of a level or of a tournament's table; `search` is what it has otherwise than usual."""
    usual = replace(ROLLOUTS if table.model == "rollouts" else NETWORK, **search or {})
    settings = replace(usual, seed=seed, threads=table.threads, wave=table.wave or usual.wave)
    policy = shipped_policy(go)
    if table.kind == "policy":
        return PolicyPlayer(table.name, evaluator, settings, table.temperature, policy, nodes)
    limit = Limit(table.visits or None, table.seconds or None)
    return SearchPlayer(table.name, evaluator, settings, limit, policy, nodes=nodes, helped=False)


def backgammon_player(
    table: Any,
    lookahead: "Lookahead",
    seed: int,
    search: Mapping[str, float] | None = None,
    nodes: int = NODES,
) -> "BackgammonPlayer":
    """Return the player of a level or of a tournament's table; `search` is what the model says of a tree search."""
    from engine.backgammon import player as its

    if table.plies >= 0:
        return its.BackgammonPlayer(table.name, lookahead, table.plies, temperature=table.temperature, seed=seed)
    settings = replace(its.SEARCH, **search or {}, seed=seed, threads=table.threads)
    settings = replace(settings, wave=table.wave or settings.wave)
    limit, evaluator = Limit(table.visits or None, table.seconds or None), its.AfterstateEvaluator(lookahead)
    searcher = SearchPlayer(table.name, evaluator, settings, limit, nodes=nodes)
    return its.BackgammonPlayer(table.name, lookahead, search=searcher)
