"""How the next token is chosen from what may come next: the likeliest, or one that is drawn in one of several ways."""

from collections.abc import Callable

import numpy as np

from engine.text.evaluator import NextTokens

Draw = Callable[[NextTokens, np.random.Generator], np.ndarray]
"""Chooses the next token of each text, int [B]."""


def likeliest(seen: NextTokens, random: np.random.Generator) -> np.ndarray:
    """Choose the likeliest token."""
    return seen.logp.argmax(1)


def by_likelihood(seen: NextTokens, random: np.random.Generator) -> np.ndarray:
    """Draw a token by its likelihood."""
    return draw_columns(seen.logp, random)


def top_k(k: int) -> Draw:
    """Draw among the k likeliest tokens."""

    def draw(seen: NextTokens, random: np.random.Generator) -> np.ndarray:
        if k >= seen.logp.shape[1]:
            return draw_columns(seen.logp, random)
        least = -np.partition(-seen.logp, k - 1, 1)[:, k - 1 : k]
        return draw_columns(np.where(seen.logp < least, -np.inf, seen.logp), random)

    return draw


def nucleus(share: float) -> Draw:
    """Draw among the fewest likeliest tokens that have a share of the likelihood together (Holtzman et al. 2020)."""

    def draw(seen: NextTokens, random: np.random.Generator) -> np.ndarray:
        ordered = -np.sort(-seen.logp, 1)
        before = np.cumsum(np.exp(ordered), 1) - np.exp(ordered)
        count = np.maximum((before < share).sum(1, keepdims=True), 1)
        least = np.take_along_axis(ordered, count - 1, 1)
        return draw_columns(np.where(seen.logp < least, -np.inf, seen.logp), random)

    return draw


def by_value(power: float) -> Draw:
    """Draw among the tokens worth a look, by likelihood x value^power."""

    def draw(seen: NextTokens, random: np.random.Generator) -> np.ndarray:
        column = draw_columns(np.log(np.maximum(seen.guided(power), 1e-30)), random)
        return np.take_along_axis(seen.moves, column[:, None], 1)[:, 0]

    return draw


def draw_columns(logp: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Draw a column of each row by log-likelihoods, which need not be normalised."""
    chances = random.random(len(logp))
    if logp.shape[1] > LARGE:
        return np.array([_draw_column(row, chance) for row, chance in zip(logp, chances, strict=True)])
    weights = np.cumsum(np.exp(logp - logp.max(1, keepdims=True), dtype=np.float64), 1)
    return (weights <= (chances * weights[:, -1])[:, None]).sum(1)


LARGE, CHUNK = 4096, 64
"""Columns from which a row is searched in two steps: first for a chunk of so many neighbours, then in that chunk."""


def _draw_column(logp: np.ndarray, chance: float) -> int:
    """Return the column of a row before which there is so great a share of the likelihood."""
    weights = np.exp(logp - logp.max())
    starts = np.arange(0, len(weights), CHUNK)
    sums = np.cumsum(np.add.reduceat(weights, starts, dtype=np.float64))
    chunk = min(int(np.searchsorted(sums, chance * sums[-1], side="right")), len(sums) - 1)
    inside = np.cumsum(weights[starts[chunk] :][:CHUNK], dtype=np.float64)
    rest = chance * sums[-1] - (sums[chunk - 1] if chunk else 0.0)
    column = min(int(np.searchsorted(inside, rest, side="right")), len(inside) - 1)
    while not weights[starts[chunk] + column]:  # rounding may lead to a column that is barred, at a chunk's end
        column -= 1
    return int(starts[chunk]) + column
