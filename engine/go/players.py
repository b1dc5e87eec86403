"""The kinds of players that Go has, and what is said of where its levels were measured."""

from collections.abc import Mapping
from math import ceil, exp, log
from typing import Any

from engine.go.gtp_player import GtpPlayer
from engine.go.policy_player import PolicyPlayer
from engine.players import Player
from engine.program import PlayerFailed
from engine.resources import Resources
from engine.searching import RANDOM, SEARCH, evaluated
from engine.spec import Kind, PlayerSpec
from games.game import Game

ANCHOR_KYU = 9
"""What GNU Go 3.8 level 1 is taken for: people say that its level 10 is about 5 kyu, and nobody has measured either."""

RATING_OF_30_KYU, RANKS = 525.0, 23.15

WEAKEST_KYU, BEST_KYU = 30, 5
"""The ranks that are named at most."""

ABOUT = 60.0
"""Elo to either side of a level's for which ranks are named."""


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


def rank_of(elo: float) -> str:
    """Estimate who plays as well: the ranks of people about an Elo where GNU Go 3.8 level 1 has 0.

    Programs win against programs more than they would against people, so far from GNU Go no rank is named.
    """
    low, high = (_kyu(elo + away) for away in (-ABOUT, ABOUT))
    if high >= WEAKEST_KYU:
        return f"weaker than {WEAKEST_KYU} kyu"
    if low < BEST_KYU:
        return f"stronger than {BEST_KYU} kyu"
    return f"about {min(WEAKEST_KYU, ceil(low))}-{max(BEST_KYU, ceil(high))} kyu"


def _kyu(elo: float) -> float:
    """Return the rank of a rating as online-go.com does: 525 is 30 kyu, and 2.718 times as much 23 ranks better."""
    rating = RATING_OF_30_KYU * exp((30 - ANCHOR_KYU) / RANKS) + elo
    return 30 - RANKS * log(max(1.0, rating) / RATING_OF_30_KYU)


def measured_in(start: Mapping[str, Any]) -> str:
    """Say in what games levels were measured that began with `start`."""
    return f"on {start['size']}x{start['size']} with komi {start['komi']:g}"
