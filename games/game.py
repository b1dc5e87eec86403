"""What a game is: five answers over many positions at once, and one game in progress or finished.

A game is a package (`games.go`, `games.backgammon`) whose functions follow `Game` below. A position is one row of a
numpy array; its dtype and width belong to the game, and may depend on the start (a board's size).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

FIRST, SECOND, CHANCE, NOBODY = range(4)
"""Whose choice it is. A one-player game is always FIRST's; NOBODY's choice means that the game is over."""


class Game(Protocol):
    """All that others ask of a game; the five answers are turn, legal, play, features and score.

    `states` is [B, W], one position a row; values are from the first player's view. Compiled answers never raise and
    never check legality: `Position` asks before it plays.
    """

    @property
    def name(self) -> str:
        """The name of the game's package."""

    @property
    def players(self) -> int:
        """How many sides make choices: 1 or 2."""

    @property
    def ends(self) -> tuple[float, float]:
        """The least and the greatest value that an end can have; infinite where there is no bound."""

    def turn(self, states: np.ndarray) -> np.ndarray:
        """Say whose choice it is: FIRST, SECOND, CHANCE or NOBODY, int8 [B]."""

    def legal(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """List moves int32 [B, M], their odds float32 [B, M or 0] (chance only), and how many, int32 [B]."""

    def play(self, states: np.ndarray, moves: np.ndarray) -> None:
        """Play one legal move in each row, in place."""

    def replay(self, roots: np.ndarray, tree: np.ndarray, paths: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """Return new states [B, W]: row b is roots[tree[b]] after the moves paths[b, :lengths[b]]."""

    def score(self, states: np.ndarray) -> np.ndarray:
        """Return the value of finished positions, float32 [B]: what the search maximises for FIRST."""

    def features(self, states: np.ndarray) -> np.ndarray:
        """Return what a network sees of each position, as whoever is to play sees it; [B, ...]."""

    def rollout(self, states: np.ndarray, seeds: np.ndarray, policy: Any = None) -> np.ndarray:
        """Play each row out in place, uint64 [B] seeds, by the game's fast policy or at random; float32 [B] values."""

    def moves_left(self, state: np.ndarray) -> float:
        """Guess how many more moves the player to choose will make: what a clock is shared out by."""

    def move_count(self, state: np.ndarray) -> int:
        """Say how many move numbers a position's game has (the width of a policy vector)."""

    def key(self, state: np.ndarray) -> int:
        """Return what a repetition rule compares."""

    def forbidden(self, state: np.ndarray, past: Sequence[int], moves: np.ndarray | None = None) -> np.ndarray:
        """List those of some legal moves (by default all) that the keys of earlier positions forbid, int32."""

    def explain(self, state: np.ndarray, move: int) -> str:
        """Say in a few words why a move is illegal, or "" where nothing in the position forbids it."""

    def with_turn(self, state: np.ndarray, turn: int) -> np.ndarray:
        """Return the position as if it were FIRST's or SECOND's choice, also where the game seemed over."""

    def notation(self, state: np.ndarray, move: int) -> str:
        """Write a move as players of the game write it."""


class IllegalMove(ValueError):
    """A move that the rules forbid; the message says which move and why."""


class Position:
    """One game in progress: the states from the start to now and the moves between them."""

    def __init__(self, game: Game, start: np.ndarray):
        self.game = game
        self.states = [start]
        self.moves: list[int] = []
        self.movers: list[int] = []
        self.keys = [game.key(start)]
        self.setups: set[int] = set()
        """After how many moves the board was changed by hand; `states` holds what came of it."""

    @property
    def state(self) -> np.ndarray:
        return self.states[-1]

    @property
    def turn(self) -> int:
        return int(self.game.turn(self.state[None])[0])

    @property
    def over(self) -> bool:
        return self.turn == NOBODY

    def forbidden(self) -> np.ndarray:
        """List the moves that only the history of this game forbids."""
        return self.game.forbidden(self.state, self.keys)

    def legal(self) -> np.ndarray:
        """List the legal moves, int32 [M]."""
        moves, _, counts = self.game.legal(self.state[None])
        listed, ruled_out = moves[0, : counts[0]], self.forbidden()
        return np.setdiff1d(listed, ruled_out) if len(ruled_out) else np.sort(listed)

    def why_not(self, move: int, by: int | None = None) -> str:
        """Say why a move is illegal; "" if it is legal. `by` asks for a player whose turn it need not be."""
        state = self._seen_by(by)
        why = self.game.explain(state, move)
        if not why and len(self.game.forbidden(state, self.keys, np.array([move], np.int32))):
            why = "it repeats an earlier position"
        return why

    def play(self, move: int, by: int | None = None, recorded: bool = False) -> None:
        """Play a move, of `by` if given, or raise `IllegalMove` and leave the position as it was.

        A `recorded` move was played somewhere else: what only the history forbids is no reason to refuse it.
        """
        why = self.game.explain(self._seen_by(by), move) if recorded else self.why_not(move, by)
        if why:
            raise IllegalMove(f"{self.game.notation(self.state, move)} is not legal here: {why}")
        before = self._seen_by(by)
        after = before[None].copy()
        self.game.play(after, np.array([move], np.int32))
        self.movers.append(int(self.game.turn(before[None])[0]))
        self.moves.append(int(move))
        self.states.append(after[0])
        self.keys.append(self.game.key(after[0]))

    def undo(self) -> None:
        """Take the last move back; raise `IndexError` at the start."""
        if not self.moves:
            raise IndexError("there is no move to take back")
        self.setups.discard(len(self.moves))
        for history in (self.moves, self.movers, self.states, self.keys):
            history.pop()

    def set_up(self, state: np.ndarray) -> None:
        """Go on from a changed board: it takes the place of the position on it."""
        self.states[-1], self.keys[-1] = state, self.game.key(state)
        self.setups.add(len(self.moves))

    def value(self) -> float:
        """Return the value of a finished game for the first player."""
        return float(self.game.score(self.state[None])[0])

    def copy(self) -> "Position":
        """Return an independent position that shares the (never mutated) past states."""
        return self.after(len(self.moves))

    def seen_by(self, player: int | None) -> "Position":
        """Return a copy in which it is a player's turn, whoever moved last; None: as it is."""
        seen = self.copy()
        seen.states[-1] = self._seen_by(player)
        seen.keys[-1] = self.game.key(seen.state)
        return seen

    def after(self, moves: int) -> "Position":
        """Return the position after the first so many moves, an independent copy."""
        twin = Position.__new__(Position)
        twin.game = self.game
        twin.moves, twin.movers = self.moves[:moves], self.movers[:moves]
        twin.states, twin.keys = self.states[: moves + 1], self.keys[: moves + 1]
        twin.setups = {ply for ply in self.setups if ply <= moves}
        return twin

    def _seen_by(self, player: int | None) -> np.ndarray:
        return self.state if player in (None, self.turn) else self.game.with_turn(self.state, player)


@dataclass
class Record:
    """One finished (or broken-off) game: how it began, what was played, how it ended.

    `start` holds the keyword arguments of the game's `start()`. `moves` alternate as the game's own rules say;
    `turns[i]` tells who made move i, for records in which somebody moved twice. `result` is as the game's format
    writes it ("B+3.5", "W+R", "0"), or "" where unknown. `comments[i]` belongs to the position after move i - 1, and
    `setups[i]` says how the board was changed there by hand, in the game's own words. `remarks` are sentences about
    what a reader could not use of the record, or had to assume.
    """

    game: str
    start: dict
    moves: list[int] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    result: str = ""
    players: tuple[str, str] = ("", "")
    info: dict[str, str] = field(default_factory=dict)
    comments: dict[int, str] = field(default_factory=dict)
    setups: dict[int, dict] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
