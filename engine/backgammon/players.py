"""The kinds of players that backgammon has, and what is said of where its levels were measured."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.backgammon import model as afterstates_model
from engine.backgammon.evaluator import AfterstateEvaluator
from engine.backgammon.gnubg_player import GnubgPlayer
from engine.backgammon.player import SEARCH, TREE_NODES, BackgammonPlayer
from engine.backgammon.plies import DEEPEST, Lookahead
from engine.backgammon.ubgi_player import UbgiPlayer
from engine.players import Player, SearchPlayer
from engine.resources import Resources
from engine.searching import RANDOM, settings_of
from engine.spec import Kind, PlayerSpec
from games.game import Game


def backgammon_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> BackgammonPlayer:
    """Return the player that reads plies ahead or, given a limit and no plies, searches the tree."""
    found, looking = resources.model(spec.model, game.name), lookahead(spec, game.name, resources)
    name = spec.name or found.name
    if spec.plies >= 0 or not spec.searches:
        plies = spec.plies if spec.plies >= 0 else DEEPEST
        return BackgammonPlayer(name, looking, plies, temperature=spec.temperature, seed=seed)
    settings = settings_of(spec, replace(SEARCH, **found.search), seed)
    nodes = min(TREE_NODES, resources.nodes(spec))
    search = SearchPlayer(name, AfterstateEvaluator(looking), settings, spec.limit, nodes=nodes, helped=spec.helped)
    return BackgammonPlayer(name, looking, search=search)


def lookahead(spec: PlayerSpec, game: str, resources: Resources) -> Lookahead:
    """Return what reads ahead with a spec's model: one for all who share `resources`."""
    threads = resources.cores or spec.cores
    found = resources.model(spec.model, game)
    return resources.shared(
        ("lookahead", spec.model, threads), lambda: Lookahead(afterstates_model.playing(found), threads)
    )


def gnubg_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Start GNU Backgammon."""
    return GnubgPlayer(max(0, spec.plies), spec.command, resources.timeout)


def ubgi_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Start a program that speaks UBGI."""
    return UbgiPlayer(spec.command.replace("{seed}", str(seed)), spec.name, resources.timeout)


def lacks_limit(spec: PlayerSpec, timed: bool) -> str:
    """Return what is wrong with the limits of a player who reads plies or searches, and cannot do both."""
    return "" if (spec.plies >= 0) != spec.searches else "give plies, or else visits or seconds"


KINDS = {
    "backgammon": Kind(backgammon_player, needs=("model",), why_not=lacks_limit),
    "random": RANDOM,
    "gnubg": Kind(gnubg_player, outside=True),
    "ubgi": Kind(ubgi_player, needs=("command",), outside=True),
}


def kind_of(start: Mapping[str, Any]) -> str:
    """Return "": the levels are those of every game."""
    return ""


def rank_of(elo: float) -> str:
    """Return "": people have no ranks in this game."""
    return ""


def measured_in(start: Mapping[str, Any]) -> str:
    """Say in what games levels were measured that began with `start`."""
    return f"in matches to {start['length']} points" if start.get("length") else "in games for money"
