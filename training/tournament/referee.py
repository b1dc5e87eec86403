"""One game (in backgammon: one game or match) between two players, and somebody who watches both.

The referee holds the only board that counts. It asks that board what is legal, never a player; it throws the dice,
watches the clocks, and counts the end: in Go the area with every stone alive, so players must capture what is dead. A
player that crashes, hangs, answers rubbish, plays illegally or answers after its time is named, and loses the game.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

import numpy as np

from engine.clock import Clock
from engine.players import RESIGN
from games import backgammon, go
from games.backgammon import mat
from games.backgammon.dice import Dice, move_of
from games.game import CHANCE, FIRST, SECOND, Position, Record
from games.go import sgf
from games.go.board import symmetry

LAG = 0.1
"""Seconds of an answer that nobody's clock is charged with: pipes, and a machine that is busy."""

LETTERS = "BW"
HOW = {"resign": "R", "time": "T"}
"""How SGF writes a game that was not counted; all else is F, a forfeit."""

Luck = Callable[[list[Position]], float]
"""What the dice of finished backgammon games were worth to the first player, in points."""


class Seated(Protocol):
    """A player as the referee knows it."""

    name: str

    def choose(self, position: Position, clock: Clock | None = None) -> int:
        """Return a move, or RESIGN."""

    def blame(self, error: Exception, seconds: float) -> tuple[str, str]:
        """Say what went wrong in `choose` after so many seconds: the kind of end, and a sentence without the name."""


@dataclass(frozen=True)
class Outcome:
    """How a game ended: `points` are FIRST's; `fault` names who failed; `note` is one sentence, or nothing."""

    points: float
    result: str
    end: str = "score"
    fault: str = ""
    note: str = ""


@dataclass
class Played:
    """A finished game: how it ended, its boards (several in a backgammon match), seconds used by either side."""

    outcome: Outcome
    positions: list[Position]
    seconds: list[float] = field(default_factory=lambda: [0.0, 0.0])
    luck: float = 0.0

    @property
    def moves(self) -> int:
        """How many moves the players and the dice made."""
        return sum(len(position.moves) for position in self.positions)


class Referee:
    """Watches one game of two players. `clocks` are theirs, None where nobody counts."""

    def __init__(self, players: Sequence[Seated], clocks: Sequence[Clock | None] = (None, None), most_moves: int = 0):
        """A game is broken off after `most_moves` (0: never)."""
        self.players, self.clocks, self.most_moves = players, clocks, most_moves
        self.seconds = [0.0, 0.0]

    def go(self, start: np.ndarray, opening: Sequence[int] = ()) -> Played:
        """Play a game of Go; moves of the opening are made for the players."""
        position = Position(go, start)
        for move in opening:
            position.play(move)
        broken = self._play(position)
        if broken is None or broken.end == "too long":
            outcome = _counted(position, broken)
        else:
            winner = FIRST if broken.points > 0 else SECOND
            result = f"{LETTERS[winner]}+{HOW.get(broken.end, 'F')}"
            outcome = Outcome(float(winner == FIRST), result, broken.end, broken.fault, broken.note)
        return Played(outcome, [position], self.seconds)

    def backgammon(self, start: np.ndarray, dice: Dice, luck: Luck | None = None) -> Played:
        """Play a game for money, or a match; whoever resigns loses what the cube shows."""
        positions = [Position(backgammon, start)]
        while True:
            position = positions[-1]
            broken = self._play(position, dice, len(positions) - 1)
            if broken or not start[backgammon.LENGTH] or backgammon.match_over(position.state):
                break
            positions.append(Position(backgammon, backgammon.next_game(position.state)))
        outcome = _match_ended(positions, broken) if start[backgammon.LENGTH] else _money_ended(position, broken)
        return Played(outcome, positions, self.seconds, luck(positions) if luck and not broken else 0.0)

    # --- moves ---

    def _play(self, position: Position, dice: Dice | None = None, game: int = 0) -> Outcome | None:
        """Play to the end: None; or until something breaks it off, whose points are +1 or -1 for FIRST."""
        thrown = 0
        while not position.over:
            if self.most_moves and len(position.moves) >= self.most_moves:
                return Outcome(0.0, "", "too long", note=f"broken off after {self.most_moves} moves")
            if position.turn == CHANCE:
                opening = bool(position.state[backgammon.OPENING])
                position.play(move_of(dice.throw(game, thrown, opening), opening))
                thrown += 1
            elif broken := self._move(position):
                return broken
        return None

    def _move(self, position: Position) -> Outcome | None:
        """Have the player on turn move; return what breaks the game off."""
        turn = position.turn
        player, clock = self.players[turn], self.clocks[turn]
        began = time.perf_counter()
        try:
            move = player.choose(position, clock)
        except Exception as error:  # whatever a player does, the tournament goes on
            seconds = time.perf_counter() - began
            self.seconds[turn] += seconds
            end, what = player.blame(error, seconds)
            return self._lost(position, turn, end, what)
        seconds = time.perf_counter() - began
        self.seconds[turn] += seconds
        if clock:
            clock.spend(max(0.0, seconds - LAG))
            if clock.expired:
                return self._lost(position, turn, "time", f"answered after {seconds:.2f} s, and its time was over")
        if move == RESIGN:
            return Outcome(-1.0 if turn == FIRST else 1.0, "", "resign")
        return self._make(position, turn, move)

    def _make(self, position: Position, turn: int, move: int) -> Outcome | None:
        why = position.why_not(move)
        if why:
            written = position.game.notation(position.state, move)
            return self._lost(position, turn, "illegal", f"played {written}, which is illegal: {why}")
        position.play(move)
        return None

    def _lost(self, position: Position, turn: int, end: str, what: str) -> Outcome:
        name, points = self.players[turn].name, -1.0 if turn == FIRST else 1.0
        return Outcome(points, "", end, name, f"{name} {what} (move {len(position.moves) + 1})")


# --- counting ---------------------------------------------------------------------------------------------


def _counted(position: Position, broken: Outcome | None) -> Outcome:
    """Count the area as the board stands."""
    lead = go.final_lead(position.state)
    end, note = (broken.end, broken.note) if broken else ("score", "")
    return Outcome(0.5 + 0.5 * float(np.sign(lead)), sgf.write_result(lead), end, "", note)


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


# --- what is kept of a game -------------------------------------------------------------------------------


def digest(positions: Sequence[Position]) -> str:
    """Return a hash of a game's moves that is the same for all its reflections and rotations."""
    sequences = [np.array(position.moves, np.int32) for position in positions]
    if positions[0].game is not go:
        return _hash(b"|".join(moves.tobytes() for moves in sequences))
    size = len(go.colours(positions[0].state))
    return min(_hash(symmetry(k, size)[sequences[0]].tobytes()) for k in range(8))


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=8).hexdigest()


def record(played: Played, names: tuple[str, str], about: dict[str, str]) -> bytes:
    """Write a game as a file: SGF, or .mat; `about` tells when, where, in which round."""
    position, result = played.positions[0], played.outcome.result
    if position.game is go:
        kept = sgf.from_position(position, result, names)
        kept.info |= about
        if played.outcome.note:
            kept.comments[len(position.moves)] = played.outcome.note
        return sgf.write(kept)
    records = [_backgammon_record(each, names) for each in played.positions]
    length = int(position.states[0][backgammon.LENGTH])
    if records and not records[-1].result and not length:
        records[-1].result = result
    info = {"EventDate": about["DT"], "Event": about["EV"]}
    return mat.write(mat.Match(names, length, records, info)).encode()


def _backgammon_record(position: Position, names: tuple[str, str]) -> Record:
    """Return a game; one whose last play is incomplete goes without it."""
    whole = position.copy()
    with suppress(IndexError):
        while not whole.over and whole.turn in (FIRST, SECOND) and whole.state[backgammon.DICE]:
            whole.undo()
    return mat.from_position(whole, names)
