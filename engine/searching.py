"""The players that any game has: tree search, by rollouts alone or by a network and rollouts; and random moves."""

from dataclasses import replace

from engine.players import Player, RandomPlayer, SearchPlayer
from engine.resources import Resources
from engine.rollouts import policy_priors, shipped_policy
from engine.search import Evaluator, SearchSettings
from engine.spec import Kind, PlayerSpec
from games.game import Game

NO_NETWORK = "rollouts"
"""The model's name where a player searches by rollouts alone."""

ROLLOUTS = SearchSettings(rollout_weight=1.0, expand_at=8, c_puct=3.0, first_play=0.0, wave=16)
"""Search by rollouts alone: the rollout policy's priors, no network."""

NETWORK = SearchSettings(rollout_weight=0.5, c_puct=2.0, first_play=0.1, wave=16)
"""Search by a network's priors, and its values mixed with rollouts half and half, as AlphaGo did; a model that knows
better says so in its model.json, under "search"."""


def settings_of(spec: PlayerSpec, usual: SearchSettings, seed: int, wave: int = 0) -> SearchSettings:
    """Return the settings of a search: the spec's own, else a `wave` that sharing asks for, else what is usual."""
    own = spec.search_settings()
    wave = spec.wave or own.get("wave") or wave or usual.wave
    return replace(usual, **own | {"wave": wave, "seed": seed, "threads": spec.cores})


def evaluated(
    spec: PlayerSpec, game: Game, seed: int, resources: Resources
) -> tuple[str, Evaluator, SearchSettings, object]:
    """Return a player's name, the evaluator and the settings of its search, and the policy of its rollouts."""
    policy = shipped_policy(game)
    if spec.model == NO_NETWORK:
        return spec.name or NO_NETWORK, policy_priors(policy), settings_of(spec, ROLLOUTS, seed), policy
    from engine.networks import evaluator  # only now: rollouts start without it

    found = resources.model(spec.model, game.name)
    usual = replace(NETWORK, **found.search | (found.fast_search if evaluator.runs_fast() else {}))
    settings = settings_of(spec, usual, seed, resources.wave(usual.wave))
    return spec.name or found.name, resources.evaluator(spec, game.name), settings, policy


def search_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Return the player that searches a tree."""
    name, evaluator, settings, policy = evaluated(spec, game, seed, resources)
    nodes = resources.nodes(spec)
    return SearchPlayer(name, evaluator, settings, spec.limit, policy, nodes=nodes, helped=spec.helped)


def random_player(spec: PlayerSpec, game: Game, seed: int, resources: Resources) -> Player:
    """Return the player that draws its moves."""
    return RandomPlayer(seed)


def lacks_limit(spec: PlayerSpec, timed: bool) -> str:
    """Return what a search without an end lacks."""
    return "" if spec.searches or timed else "give visits or seconds"


SEARCH = Kind(search_player, needs=("model",), why_not=lacks_limit)
RANDOM = Kind(random_player)
KINDS = {"search": SEARCH, "random": RANDOM}
