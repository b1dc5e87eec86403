"""The evaluator of texts: which tokens may come next, how likely they are, and what they are worth by a critic.

It reads with a key-value memory, so a text costs one token evaluation more than its beginning did.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.text.language_model import LanguageModel
from engine.text.memory import PrefixMemory
from games.compiling import compiled, inlined
from games.game import Game
from games.text.rewarded import TextGame
from games.text.rows import tokens


class Judge(Protocol):
    """A critic: it values next tokens."""

    low: float
    high: float
    least: float  # the share below which values guide no more

    def judge(self, hidden: np.ndarray, states: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Return the values of tokens [B, K] after B texts, float32 [B, K] from 0 (as `low`) to 1 (as `high`)."""


@dataclass(frozen=True)
class NextTokens:
    """What the evaluator finds for B texts: how likely every token is, and K tokens worth a look, likeliest first."""

    logp: np.ndarray  # float32 [B, V]   log-likelihoods under temperature, -inf where the mask forbids
    hidden: np.ndarray  # float32 [B, C]   the model's last hidden state
    moves: np.ndarray  # int32 [B, K]
    shares: np.ndarray  # float32 [B, K]   values of the moves, from the critic's least to 1; all 1 without a critic
    values: np.ndarray  # float32 [B]   of the texts, in units of the reward; 0 without a critic

    @property
    def move_logp(self) -> np.ndarray:
        """Return the log-likelihoods of the K tokens, float32 [B, K]."""
        return np.take_along_axis(self.logp, self.moves.astype(np.int64), 1)

    def guided(self, power: float) -> np.ndarray:
        """Return likelihood times value^power of the K tokens, adding up to 1, float32 [B, K]."""
        weights = np.exp(self.move_logp) * self.shares ** np.float32(power)
        return weights / np.maximum(weights.sum(1, keepdims=True), 1e-30)

    def part(self, rows: slice) -> "NextTokens":
        """Return what was found for some of the texts."""
        return NextTokens(self.logp[rows], self.hidden[rows], self.moves[rows], self.shares[rows], self.values[rows])


class Interrupted(Exception):
    """The work was asked to end; nothing is wrong."""


class TokenEvaluator:
    """An `engine.search.Evaluator` that names the `widest` likeliest tokens itself; `looked` counts evaluations."""

    def __init__(
        self,
        model: LanguageModel,
        widest: int = 32,
        temperature: float = 1.0,
        critic: Judge | None = None,
        power: float = 2.0,
    ):
        """Priors are likelihood x value^`power`; the critic's values are shares of its range."""
        self.model, self.memory = model, PrefixMemory(model)
        self.widest, self.temperature, self.critic, self.power = widest, temperature, critic, power
        self.looked = 0
        self.interrupted: Callable[[], bool] = lambda: False  # asked before every look

    @property
    def source(self) -> str:
        """What values a text."""
        return "the critic" if self.critic else "the language model, which values no text,"

    def __call__(self, game: Game, states: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return priors [B, K], values [B] and the tokens worth a look [B, K]."""
        look = self.look(game, states)
        return look.guided(self.power), look.values, look.moves

    def look(self, game: Game, states: np.ndarray) -> NextTokens:
        """Look at unfinished texts [B, W]; raise `Interrupted` where that was asked for."""
        if self.interrupted():
            raise Interrupted
        self.looked += len(states)
        read = self.memory.read([tokens(state) for state in states])
        logp = self._likelihoods(game, states, read.logits)
        moves = likeliest_tokens(logp, self.widest)
        if self.critic is None:
            return NextTokens(
                logp, read.hidden, moves, np.ones(moves.shape, np.float32), np.zeros(len(states), np.float32)
            )
        shares = self.critic.judge(read.hidden, states, moves)
        weights = np.exp(np.take_along_axis(logp, moves.astype(np.int64), 1))
        mean = (weights * shares).sum(1) / np.maximum(weights.sum(1), 1e-30)
        values = self.critic.low + (self.critic.high - self.critic.low) * mean
        shares = np.maximum(shares, np.float32(self.critic.least))
        return NextTokens(logp, read.hidden, moves, shares, values.astype(np.float32))

    def _likelihoods(self, game: Game, states: np.ndarray, logits: np.ndarray) -> np.ndarray:
        """Return log-likelihoods of the tokens that the mask leaves, float32 [B, V]. It uses the room of `logits`."""
        barred = None
        if isinstance(game, TextGame) and game.allowed is not None:
            barred = np.ones(logits.shape[1], bool)
            barred[game.may_write(states[0])] = False
        for row in logits:  # one at a time: a row of a large vocabulary just fits the processor's cache
            if self.temperature != 1:
                row /= np.float32(self.temperature)
            if barred is not None:
                row[barred] = -np.inf
            row -= row.max()
            row -= np.log(np.exp(row).sum())
        return logits


CHUNK = 64
"""Tokens whose greatest likelihood is found together."""


def likeliest_tokens(logp: np.ndarray, widest: int) -> np.ndarray:
    """Return the tokens with the greatest likelihoods, best first, int32 [B, K]; none that the mask forbids."""
    if 0 < widest < logp.shape[1]:
        chunks = logp.shape[1] // CHUNK
        parts = logp[:, : chunks * CHUNK].reshape(len(logp), CHUNK, chunks)  # far apart: whole vectors are compared
        greatest, floors = parts.max(1), np.full(len(logp), -np.inf, np.float32)
        if widest <= chunks:  # as many chunks have as many tokens that are greater
            floors = -np.partition(-greatest, widest - 1, 1)[:, widest - 1]
        return _best(logp, greatest, floors, widest)
    order = np.argsort(-logp, 1, kind="stable")
    return order[:, : np.isfinite(logp).sum(1).min()].astype(np.int32)


@compiled
def _best(logp, chunks, floors, most):
    """Return the `most` greatest of each row, or all that are finite, best first; of equals the first comes first.

    chunks [B, C] are the greatest of tokens c, c + C, c + 2 C ...: none below a floor [B] needs a look.
    """
    best, values, least = np.zeros((len(logp), most), np.int32), np.empty(most, np.float32), most
    steps = chunks.shape[1]
    for b in range(len(logp)):
        found = 0
        for chunk in range(steps):
            if (chunks[b, chunk] < floors[b]) | ((found == most) & (chunks[b, chunk] < values[most - 1])):
                continue
            for token in range(chunk, steps * CHUNK, steps):
                if logp[b, token] >= floors[b]:
                    found = _insert(best[b], values, found, token, logp[b, token])
        for token in range(steps * CHUNK, logp.shape[1]):
            found = _insert(best[b], values, found, token, logp[b, token])
        least = min(least, found)
    return best[:, :least]


@inlined
def _insert(best, values, found, token, value):
    """Put a token among the greatest, if it is one of them; return how many there are."""
    most = len(best)
    last = most - 1
    full = found == most
    if (value == -np.inf) | (full & ((value < values[last]) | ((value == values[last]) & (token > best[last])))):
        return found
    place = last if full else found
    while (place > 0) and ((values[place - 1] < value) | ((values[place - 1] == value) & (best[place - 1] > token))):
        values[place], best[place] = values[place - 1], best[place - 1]
        place -= 1
    values[place], best[place] = value, token
    return min(found + 1, most)
