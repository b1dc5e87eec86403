"""Decoders without a tree: one text, the best of many, and beams.

All spend the same unit, token evaluations, and score every text that they finish.
"""

import numpy as np

from engine.text.attempt import Attempt, Decoder, Writing, over
from engine.text.drawing import Draw
from engine.text.evaluator import NextTokens
from games.text.rows import END, HEAD, LENGTH, PROMPT


def single(draw: Draw) -> Decoder:
    """Write one text."""

    def decoder(attempt: Attempt) -> Writing:
        states = attempt.root[None].copy()
        while attempt.left and not over(states)[0]:
            seen = yield states
            attempt.game.play(states, draw(seen, attempt.random).astype(np.int32))
        attempt.finish(states[over(states)])

    return decoder


def best_of(draw: Draw) -> Decoder:
    """Write texts until the budget is spent; each costs its length, whether it was written before or not."""

    def decoder(attempt: Attempt) -> Writing:
        states = np.empty((0, len(attempt.root)), np.int32)
        while attempt.left:
            fresh = max(0, attempt.lanes - len(states))
            states = np.concatenate([states, np.repeat(attempt.root[None], fresh, 0)])[: attempt.left]
            seen = yield states
            attempt.game.play(states, draw(seen, attempt.random).astype(np.int32))
            attempt.finish(states[over(states)])
            states = states[~over(states)]

    return decoder


def reward_guided(attempt: Attempt) -> Writing:
    """Write one text, each token that after which the text so far has the greatest reward, of equals the likeliest."""
    states = attempt.root[None].copy()
    while attempt.left and not over(states)[0]:
        seen = yield states
        after = np.repeat(states, seen.moves.shape[1], 0)
        attempt.game.play(after, seen.moves[0])
        states = after[[int(np.argmax(attempt.game.score(after)))]]  # moves are sorted, so the likeliest of equals
    attempt.finish(states[over(states)])


# --- beams ------------------------------------------------------------------------------------------------


def beam(power: float = 0.0, width: int = 0, until_sure: bool = False) -> Decoder:
    """Grow the best texts side by side; by default as many as the budget pays for.

    They are compared by log-likelihood, with `power` by log-likelihood + power x log value of the last token. As in
    transformers' beam search, a text that ends counts if it is among the best `width` continuations, finished texts are
    compared by log-likelihood / length, and `until_sure` ends when no growing text can beat them by its present mean.
    """

    def decoder(attempt: Attempt) -> Writing:
        wide = width or max(1, attempt.budget // attempt.usual)
        states, logp, finished = attempt.root[None].copy(), np.zeros(1), np.empty(0)
        while len(states) and attempt.left >= len(states):
            seen = yield states
            states, logp = _continue(attempt, states, seen, logp, power, 2 * wide)
            ended, length = over(states), states[:, LENGTH] - states[:, PROMPT]
            counts = _counts(states, ended, wide)
            means = logp / np.maximum(length, 1)
            attempt.finish(states[counts], means[counts])
            finished = -np.sort(-np.concatenate([finished, means[counts]]))[:wide]
            states, logp, means = (each[~ended][:wide] for each in (states, logp, means))
            if until_sure and len(finished) == wide and len(states) and finished[-1] >= means.max():
                return

    return decoder


def _continue(
    attempt: Attempt, states: np.ndarray, seen: NextTokens, logp: np.ndarray, power: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the best `count` continuations of texts, best first, and their log-likelihoods."""
    if power:
        moves, each = seen.moves, seen.move_logp
        rank = logp[:, None] + each + power * np.log(seen.shares)
    else:
        moves, each = np.broadcast_to(np.arange(seen.logp.shape[1]), seen.logp.shape), seen.logp
        rank = logp[:, None] + each
    best = greatest(rank.ravel(), count)
    row, column = np.divmod(best[np.isfinite(rank.ravel()[best])], rank.shape[1])
    after = states[row]
    attempt.game.play(after, moves[row, column].astype(np.int32))
    return after, logp[row] + each[row, column]


def greatest(values: np.ndarray, count: int) -> np.ndarray:
    """Return the indices of the `count` greatest values [N], best first; of equals the first comes first."""
    if count >= len(values):
        return np.argsort(-values, kind="stable")
    some = np.flatnonzero(values >= np.partition(values, len(values) - count)[len(values) - count])
    return some[np.argsort(-values[some], kind="stable")][:count]


def _counts(states: np.ndarray, ended: np.ndarray, width: int) -> np.ndarray:
    """Tell which continuations, best first, are finished texts that count: marked ends, and those without room."""
    marked = ended & (states[np.arange(len(states)), HEAD + states[:, LENGTH] - 1] == states[:, END])
    cut = ended & ~marked
    return marked & (np.arange(len(states)) < width) | cut & (np.cumsum(cut) <= width)
