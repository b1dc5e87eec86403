"""The kinds of players that Go has, and what is said of where its levels were measured."""

from collections.abc import Mapping
from typing import Any

from engine.go.gtp_player import GtpPlayer
from engine.go.policy_player import PolicyPlayer
from engine.players import Player
from engine.program import PlayerFailed
from engine.resources import Resources
from engine.searching import RANDOM, SEARCH, evaluated
from engine.spec import Kind, PlayerSpec
from games.game import Game


def policy_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Return the player that plays by a policy alone."""
    name, evaluator, settings, policy = evaluated(spec, game, seed, resources)
    return PolicyPlayer(name, evaluator, settings, spec.temperature, policy, resources.nodes(spec))


def gtp_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Start a program that speaks GTP, and wait until it is up."""
    player = GtpPlayer(spec.command.replace("{seed}", str(seed)), spec.name, resources.timeout)
    try:
        player.ask("name")  # what its start takes is not its thinking time
    except PlayerFailed:
        player.close()
        raise
    return player


KINDS = {
    "search": SEARCH,
    "policy": Kind(policy_player, needs=("model",)),
    "random": RANDOM,
    "gtp": Kind(gtp_player, needs=("command",), outside=True),
}


def kind_of(start: Mapping[str, Any]) -> str:
    """Name the kind of games whose players are as strong as in no other: that of a board's size."""
    size = str(start.get("size", ""))
    return f"{size}x{size}" if size.isascii() and size.isdecimal() else ""


def measured_in(start: Mapping[str, Any]) -> str:
    """Say in what games levels were measured that began with `start`."""
    return f"on {start['size']}x{start['size']} with komi {start['komi']:g}"
