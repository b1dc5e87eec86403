"""Who plays: one description of a player for every door, and the one way from it to the player.

The command line, levels, tournaments, text protocols and the window all write a `PlayerSpec` and call `make`. Which
kinds of players a game has, and how each is made, stands in the table `KINDS`
of its wing, in `engine/GAME/players.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.clock import Limit
from engine.machine import usable_cores
from engine.networks.model import SYMMETRIES
from engine.players import Player
from engine.resources import Resources
from engine.search import SearchSettings
from engine.settings import resolve, setting
from games import wings
from games.game import Game


@dataclass(frozen=True)
class PlayerSpec:
    """A player: one [[players]] table of a tournament, one level, or the options of a command."""

    name: str = setting("", "how it is called in every table")
    kind: str = setting("", "how it plays; each game has its own kinds")
    model: str = setting("", "a model that ships, a folder, a run; rollouts: no network; * in a path: many players")
    visits: int = setting(0, "simulations a move", 0)
    seconds: float = setting(0.0, "seconds a move; a program that answers later than that loses on time", 0)
    threads: int = setting(1, "search threads; with one, the same seed gives the same game; 0: all cores", 0)
    search: tuple[str, ...] = setting((), "NAME=VALUE settings of the search, other than the model's own")
    wave: int = setting(0, "leaves that a search evaluates at once; 0: as in play, but 2 where games are shared", 0)
    plies: int = setting(-1, "plies that a player without tree search reads ahead", -1)
    temperature: float = setting(0.0, "0: the best move, else one drawn: the worse, the more seldom", 0)
    engine: str = setting("auto", "what runs the network: auto, cuda, openvino, onnxruntime, int8")
    symmetries: str = setting(
        "none", "views of each position: as it is, a random turn, the mean of all eight", choices=SYMMETRIES
    )
    command: str = setting("", "the program, with its options; {seed} stands for a seed, new in each game")
    helped: bool = setting(True, "whether a move may use what an analysis has found beyond the player's own limit")

    @property
    def limit(self) -> Limit:
        """How long a search may take for a move."""
        return Limit(self.visits or None, self.seconds or None)

    @property
    def searches(self) -> bool:
        """Whether a limit for a tree search is given."""
        return bool(self.visits or self.seconds)

    @property
    def cores(self) -> int:
        """How many threads it uses."""
        return self.threads or usable_cores()

    def search_settings(self) -> dict[str, Any]:
        """Return the values of `search` by name; raise `ValueError` for a name that no search has."""
        words = dict(word.partition("=")[::2] for word in self.search)
        known = resolve(SearchSettings, words)
        return {name: getattr(known, name) for name in words}


@dataclass(frozen=True)
class Kind:
    """One way to play: `make` returns the player, and a spec has to give all of `needs`.

    `outside` marks a program on the other end of a pipe. `why_not(spec, timed)` returns why a spec does not suffice
    for a tournament, or ""; `timed` tells whether the game has a clock.
    """

    make: Callable[[PlayerSpec, Game, int, Resources], Player]
    needs: tuple[str, ...] = ()
    outside: bool = False
    why_not: Callable[[PlayerSpec, bool], str] = lambda spec, timed: ""


def kinds(game: str) -> Mapping[str, Kind]:
    """Return the kinds of players that a game has, the usual one first."""
    return wings.part("engine", game, "players").KINDS


def kind_of(spec: PlayerSpec, game: str) -> Kind:
    """Return the kind of a spec, the game's usual one where it names none; raise `ValueError` where it is unknown."""
    known = kinds(game)
    name = spec.kind or next(iter(known))
    if name not in known:
        raise ValueError(f"a player of {game} is one of {', '.join(known)}, not {name!r}")
    for word in known[name].needs:
        if not getattr(spec, word):
            raise ValueError(f"{name} needs {word} = ...")
    return known[name]


def make(spec: PlayerSpec, game: Game, seed: int = 1, resources: Resources | None = None) -> Player:
    """Return the player of a spec; raise `ValueError` where it asks for what there is not.

    `resources` are shared with other players; without them the player has its own.
    """
    return kind_of(spec, game.name).make(spec, game, seed, resources or Resources())
