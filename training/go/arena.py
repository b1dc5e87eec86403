"""Tournaments of Go: area counted with every stone alive, so players must capture what is dead; kept as SGF."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.settings import setting
from games import go
from games.game import FIRST, SECOND, Position
from games.go import sgf, sgf_words
from training.go import beginnings, openings
from training.tournament.arena import Arena
from training.tournament.referee import Outcome, Played

LETTERS = "BW"
HOW = {"resign": "R", "time": "T"}
"""How SGF writes a game that was not counted; all else is F, a forfeit."""

SHARE_PLAYED = 0.7
"""Of the board's points: about how many moves a game has."""

SGF_WORDS = {"event": "EV", "round": "RO", "date": "DT", "comment": "GC"}


@dataclass(frozen=True)
class GoVariant:
    """The settings of a tournament that are Go's own."""

    size: int = setting(9, "board size", go.SMALLEST)
    komi: float = setting(7.0, "points for White, in halves")
    rules: str = setting("chinese", "suicide, repetition and counting", choices=tuple(go.RULESETS))


class GoArena(Arena):
    """Go as tournaments play it."""

    game = go
    Variant = GoVariant
    suffix, sides, measured = "sgf", ("Black", "White"), ("size", "komi", "rules")
    variant: GoVariant

    @property
    def most_moves(self) -> int:
        return 3 * self.variant.size**2

    @property
    def usual_moves(self) -> float:
        return SHARE_PLAYED * self.variant.size**2

    @property
    def fitting(self) -> dict[str, Any]:
        return {"size": self.variant.size, "komi": self.variant.komi}

    @property
    def headline(self) -> str:
        its = self.variant
        return f"Go {its.size}x{its.size}, komi {its.komi:g}, {its.rules} rules"

    def start(self) -> np.ndarray:
        return go.as_it_stands(go.start(self.variant.size, self.variant.komi, self.variant.rules))

    def make_openings(self, moves: int, count: int, seed: int, made: Sequence[Sequence[int]] = ()) -> list[list[int]]:
        return openings.make(self.start(), moves, count, seed, made)

    def read_openings(self, path: str) -> list[list[int]]:
        return openings.read(path, self.start())

    def outcome(self, position: Position, broken: Outcome | None) -> Outcome:
        if broken is None or broken.end == "too long":
            return _counted(position, broken)
        winner = FIRST if broken.points > 0 else SECOND
        result = f"{LETTERS[winner]}+{HOW.get(broken.end, 'F')}"
        return Outcome(float(winner == FIRST), result, broken.end, broken.fault, broken.note)

    def record(self, played: Played, names: tuple[str, str], about: Mapping[str, str]) -> bytes:
        (position,) = played.positions
        kept = sgf.from_position(position, played.outcome.result, names)
        kept.info |= {SGF_WORDS[name]: text for name, text in about.items()} | {"AP": "Yomi"}
        if played.outcome.note:
            kept.comments[len(position.moves)] = played.outcome.note
        return sgf.write(kept)

    def digest(self, positions: Sequence[Position]) -> str:
        return openings.digest(positions)

    def shared_beginning(self, records: Path) -> tuple[int, str, str] | None:
        return beginnings.longest_prefix(beginnings.moves_of(records))


def _counted(position: Position, broken: Outcome | None) -> Outcome:
    """Count every stone on the board as alive: no referee judges between two programs."""
    lead = go.final_lead(position.state)
    end, note = (broken.end, broken.note) if broken else ("score", "")
    return Outcome(0.5 + 0.5 * float(np.sign(lead)), sgf_words.write_result(lead), end, "", note)


ARENA = GoArena
