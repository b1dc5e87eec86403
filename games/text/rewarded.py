"""Texts that are paid for: the game of text with a reward at the end, and with a mask of tokens."""

from collections.abc import Callable

import numpy as np

from games import text
from games.text.rows import END, VOCABULARY

Score = Callable[[np.ndarray], np.ndarray]
"""Finished states [B, W] -> values float32 [B]."""


class TextGame:
    """The game of text under one reward; it follows `games.game.Game`, as the package `games.text` does.

    The states say nothing about reward, mask and tokenizer: whoever makes the game knows them.
    """

    name, players = text.name, text.players
    turn, features = staticmethod(text.turn), staticmethod(text.features)
    play, replay = staticmethod(text.play), staticmethod(text.replay)
    move_count, moves_left, key = staticmethod(text.move_count), staticmethod(text.moves_left), staticmethod(text.key)
    forbidden, with_turn = staticmethod(text.forbidden), staticmethod(text.with_turn)

    def __init__(
        self,
        score: Score,
        ends: tuple[float, float] = text.ends,
        allowed: np.ndarray | None = None,
        piece: Callable[[int], str] = str,
    ):
        """`ends` bound the reward; `allowed` [vocabulary] tells which tokens may be written, and the end mark always
        may; `piece` writes a token for people."""
        self.score, self.ends, self.allowed, self.piece = score, ends, allowed, piece

    def may_write(self, state: np.ndarray) -> np.ndarray:
        """List the tokens that the mask leaves, int32."""
        if self.allowed is None:
            return np.arange(state[VOCABULARY], dtype=np.int32)
        mask = self.allowed.copy()
        if state[END] >= 0:
            mask[state[END]] = True
        return np.flatnonzero(mask).astype(np.int32)

    def legal(self, states: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """List the tokens that the mask leaves; none after the end. There are no odds."""
        found = self.may_write(states[0]) if len(states) else np.empty(0, np.int32)
        moves = np.broadcast_to(found, (len(states), len(found)))
        counts = np.where(text.turn(states) == text.NOBODY, 0, len(found)).astype(np.int32)
        return moves, np.empty((len(states), 0), np.float32), counts

    def rollout(self, states: np.ndarray, seeds: np.ndarray, policy: object = None) -> np.ndarray:
        """Write random tokens to the end of each row and return the rewards, float32 [B]."""
        text.scribble(states, seeds, self.may_write(states[0]))
        return self.score(states)

    def explain(self, state: np.ndarray, move: int) -> str:
        """Return why a token cannot come next, or ""."""
        why = text.explain(state, move)
        if not why and self.allowed is not None and move != state[END] and not self.allowed[move]:
            why = "the mask leaves it out"
        return why

    def notation(self, state: np.ndarray, move: int) -> str:
        """Write a token as people read it."""
        return self.piece(move) if 0 <= move < state[VOCABULARY] else str(move)
