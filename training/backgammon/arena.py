"""Tournaments of backgammon: games for money or matches, with dice from a seed; kept as .mat files."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from engine.settings import setting
from games import backgammon
from games.backgammon import mat
from games.backgammon.dice import Dice, SeededDice, move_of
from games.game import FIRST, SECOND, Position, Record
from training.tournament.arena import Arena, Luck
from training.tournament.referee import Outcome, Played, Referee

MOVES_A_GAME = 160
"""About how many checker moves and rolls a game has."""


@dataclass(frozen=True)
class MatchVariant:
    """The settings of a tournament that are backgammon's own."""

    length: int = setting(0, "points of a backgammon match; 0: games for money", 0)
    jacoby: bool = setting(True, "gammons count only once the cube was turned (money)")
    cube: bool = setting(True, "whether there is a cube")


class BackgammonArena(Arena):
    """Backgammon as tournaments play it: one game for money, or one match."""

    game = backgammon
    Variant = MatchVariant
    suffix, unit, measured, tried_moves = "mat", "game", ("length",), 40
    opens, worth_points = False, True
    variant: MatchVariant

    @property
    def usual_moves(self) -> float:
        return MOVES_A_GAME * max(1, self.variant.length)

    @property
    def headline(self) -> str:
        length = self.variant.length
        return "backgammon, " + (f"matches to {length}" if length else "money games")

    def start(self) -> np.ndarray:
        return backgammon.start(self.variant.length, jacoby=self.variant.jacoby, cube=self.variant.cube)

    def play(self, referee: Referee, opening: Sequence[int], seed: int, luck: Luck | None = None) -> Played:
        """Have a game or a match played; whoever resigns loses what the cube shows."""
        dice, positions = SeededDice(seed), [Position(backgammon, self.start())]
        while True:
            position = positions[-1]
            broken = referee.play(position, Throws(dice, len(positions) - 1))
            if broken or not self.variant.length or backgammon.match_over(position.state):
                break
            positions.append(Position(backgammon, backgammon.next_game(position.state)))
        outcome = _match_ended(positions, broken) if self.variant.length else _money_ended(position, broken)
        return Played(outcome, positions, referee.seconds, luck(positions) if luck and not broken else 0.0)

    def score(self, points: float) -> float:
        """Return 1 for any win, however great."""
        return 1.0 if points > 0 else 0.0 if points < 0 else 0.5

    def record(self, played: Played, names: tuple[str, str], about: Mapping[str, str]) -> bytes:
        records, length = [_record(each, names) for each in played.positions], self.variant.length
        if records and not records[-1].result and not length:
            records[-1].result = played.outcome.result
        info = {"EventDate": about["date"], "Event": about["event"]}
        return mat.write(mat.Match(names, length, records, info)).encode()


class Throws:
    """The rolls of one game, thrown one after another."""

    def __init__(self, dice: Dice, game: int):
        self.dice, self.game, self.thrown = dice, game, 0

    def __call__(self, position: Position) -> int:
        opening = bool(position.state[backgammon.OPENING])
        move = move_of(self.dice.throw(self.game, self.thrown, opening), opening)
        self.thrown += 1
        return move


def _money_ended(position: Position, broken: Outcome | None) -> Outcome:
    """Return the points of one game; one that is broken off costs its loser what the cube shows."""
    state = position.state
    if broken:
        points = broken.points * (1 << int(state[backgammon.CUBE]))
        result = f"{1 if points > 0 else 2}+{abs(points):g}R" if points else ""
        return Outcome(points, result, broken.end, broken.fault, broken.note)
    points = backgammon.points_won(state)
    winner = int(state[backgammon.WINNER])
    return Outcome(float(points if winner == FIRST else -points), f"{winner + 1}+{points}")


def _match_ended(positions: Sequence[Position], broken: Outcome | None) -> Outcome:
    """Return 1 or -1 for the match; the result is its score."""
    state = positions[-1].state
    if broken:
        score = state[[backgammon.SCORE, backgammon.SCORE + 1]]
        return Outcome(broken.points, f"{score[0]}-{score[1]}", broken.end, broken.fault, broken.note)
    one, other = backgammon.score_after(state)
    return Outcome(1.0 if one > other else -1.0, f"{one}-{other}")


def _record(position: Position, names: tuple[str, str]) -> Record:
    """Return a game; one whose last play is incomplete goes without it."""
    whole = position.copy()
    with suppress(IndexError):
        while not whole.over and whole.turn in (FIRST, SECOND) and whole.state[backgammon.DICE]:
            whole.undo()
    return mat.from_position(whole, names)


ARENA = BackgammonArena
