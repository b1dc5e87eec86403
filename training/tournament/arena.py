"""What a tournament asks of a game: how a game begins, is played, kept and counted. It knows none of them.

Each game has its own arena in `training/GAME/arena.py`; what is usual stands here. `Arena.Variant` holds the settings
of a tournament that belong to the game alone: the board, the rules, the length of a match.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from engine.settings import resolve, unknown
from games import wings
from games.game import Game, Position
from training.tournament import openings
from training.tournament.referee import Outcome, Played, Referee, digest

Luck = Callable[[list[Position]], float]
"""What chance was worth to the first player in finished games, in points."""


@dataclass(frozen=True)
class NoVariant:
    """The settings of a game that has none."""


class Arena:
    """One game as tournaments play it, by the settings of its variant."""

    game: Game
    Variant: type = NoVariant

    suffix = "json"  # of a record's file
    sides = ("first", "second")  # what FIRST and SECOND are called
    unit = "move"  # of a player's mean seconds: "move" or "game"
    opens = True  # whether games begin with moves of an opening
    worth_points = False  # whether a win may be worth more than one point
    measured: tuple[str, ...] = ()  # settings of the variant that are written beside a level's rating
    tried_moves = 4  # from which the time of a game is guessed

    def __init__(self, variant: Any = None):
        self.variant = variant or self.Variant()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Arena) and (self.name, self.variant) == (other.name, other.variant)

    def __hash__(self) -> int:
        return hash((self.name, self.variant))

    @property
    def name(self) -> str:
        """The game's name."""
        return self.game.name

    @property
    def most_moves(self) -> int:
        """After how many moves a game is broken off, unless the settings say."""
        return 4000

    @property
    def usual_moves(self) -> float:
        """About how many moves a game has."""
        return self.game.move_count(self.start()) / 2

    @property
    def fitting(self) -> dict[str, Any]:
        """What models have to fit: keywords of the game's `start()`."""
        return {}

    @property
    def headline(self) -> str:
        """Say what is played."""
        return self.name.replace("_", " ").capitalize()

    def start(self) -> np.ndarray:
        """Return the first position of every game; raise `ValueError` for what cannot be."""
        raise NotImplementedError

    # --- openings ---

    def make_openings(self, moves: int, count: int, seed: int, made: Sequence[Sequence[int]] = ()) -> list[list[int]]:
        """Return `count` openings that are near even, of so many random moves; `made` are the first of them."""
        return openings.make(self.game, self.start(), moves, count, seed, made)

    def read_openings(self, path: str) -> list[list[int]]:
        """Return the openings of files; raise `ValueError` for one that no game here can begin with."""
        raise ValueError(f"openings = {path!r}: {self.headline} has openings of so many random moves only")

    # --- one game ---

    def play(self, referee: Referee, opening: Sequence[int], seed: int, luck: Luck | None = None) -> Played:
        """Have a game played, some moves of an opening made for the players; `seed` is of what chance decides."""
        position = Position(self.game, self.start())
        for move in opening:
            position.play(move)
        broken = referee.play(position)
        return Played(self.outcome(position, broken), [position], referee.seconds)

    def outcome(self, position: Position, broken: Outcome | None) -> Outcome:
        """Return how a game ended: 1 point for a win, half a point for a draw; what was `broken` off has no result."""
        if broken and broken.end == "too long":
            return Outcome(0.5, "draw", broken.end, broken.fault, broken.note)
        value = broken.points if broken else position.value()
        points = 0.5 + 0.5 * float(np.sign(value))
        result = "draw" if points == 0.5 else f"{self.sides[0] if points == 1 else self.sides[1]} wins"
        return Outcome(points, result, *((broken.end, broken.fault, broken.note) if broken else ()))

    def score(self, points: float) -> float:
        """Return the first player's score for Elo, from 0 to 1."""
        return points

    # --- what is kept of a game ---

    def record(self, played: Played, names: tuple[str, str], about: Mapping[str, str]) -> bytes:
        """Write a game as a file; `about` holds event, round, date and comment."""
        moves = [position.game.notation(state, move) for position in played.positions
                 for state, move in zip(position.states, position.moves, strict=False)]  # fmt: skip
        kept = {"game": self.name, "players": names, "result": played.outcome.result, "moves": moves, **about}
        return (json.dumps(kept, indent=1) + "\n").encode()

    def digest(self, positions: Sequence[Position]) -> str:
        """Return a hash of a game's moves that is the same for games that are alike by symmetry."""
        return digest(positions)

    def shared_beginning(self, records: Path) -> tuple[int, str, str] | None:
        """Return how many first moves two kept games share at most, and which two; None where nobody looks."""
        return None


def kind_of(game: str) -> type[Arena]:
    """Return the arena of a game; raise `ValueError` where the game is unknown or has none."""
    return wings.part("training", wings.check(game), "arena").ARENA


def split(tables: Mapping[str, Any], general: type) -> tuple[dict[str, Any], Arena]:
    """Return the settings that every tournament has (fields of `general`), and the arena of all the others.

    Settings of other games' variants are left out: files of tournaments hold them. Raise `ValueError` for the unknown.
    """
    arena, usual = kind_of(str(tables.get("game") or wings.NAMES[0])), {each.name for each in fields(general)}
    own = {each.name for each in fields(arena.Variant)}
    for name in tables:
        if name not in usual | own and name not in others(arena):
            raise ValueError(unknown(name, [*usual, *own]))
    variant = resolve(arena.Variant, {name: value for name, value in tables.items() if name in own})
    return {name: value for name, value in tables.items() if name in usual}, arena(variant)


def others(arena: type[Arena]) -> set[str]:
    """Return the names of settings that only other games' tournaments have."""
    games = (game for game in wings.having("training", "arena") if game != arena.game.name)
    return {each.name for game in games for each in fields(kind_of(game).Variant)}
