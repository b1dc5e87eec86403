"""A small critic: what each next token is worth, from the language model's last hidden state, in plain numpy.

One hidden layer, for which counters of the text after the token may be inputs, too. Where the vocabulary is small it
has one output a token, so that one evaluation of a text values all its continuations; else one output.
"""

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from games.plain_files import replace_file

SMALL = 1024
"""Tokens up to which a vocabulary gets one output each."""

LEAST = 1e-3
"""The least share of the best value that guides: no token is ruled out by its value alone."""

Counters = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""(states [B, W], moves [B, K]) -> what a reward counts in the texts after these tokens, float32 [B, K, F]."""

ARRAYS = ("mean", "scale", "inner", "inner_bias", "outer", "outer_bias", "range")


@dataclass
class Critic:
    """Values of next tokens, from 0 (as `low`) to 1 (as `high`): outer(tanh(inner(x))) through a logistic function."""

    mean: np.ndarray  # float32 [D]   of the inputs: hidden state, then counters
    scale: np.ndarray  # float32 [D]
    inner: np.ndarray  # float32 [D, H]
    inner_bias: np.ndarray  # float32 [H]
    outer: np.ndarray  # float32 [H, V] or [H, 1]
    outer_bias: np.ndarray  # float32 [V] or [1]
    low: float = 0.0
    high: float = 1.0
    counters: Counters | None = None
    least: float = LEAST  # the share below which values guide no more

    @property
    def by_token(self) -> bool:
        """Tell whether every token has an output of its own."""
        return self.outer.shape[1] > 1

    def judge(self, hidden: np.ndarray, states: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Return the values of tokens [B, K] after B texts, float32 [B, K] from 0 to 1."""
        width = hidden.shape[1]
        if self.counters is None or len(self.mean) == width:
            found = logistic(self._outputs(hidden))
            if self.by_token:
                return np.take_along_axis(found, moves.astype(np.int64), 1)
            return np.repeat(found, moves.shape[1], 1)
        counted = self.counters(states, moves)  # the hidden state is the same for all tokens: it is multiplied once
        units = self._units(hidden, slice(width))[:, None] + self._units(counted, slice(width, None))
        units = np.tanh(units + self.inner_bias)
        if self.by_token:
            return logistic((units * self.outer.T[moves]).sum(2) + self.outer_bias[moves])
        return logistic(units @ self.outer + self.outer_bias)[:, :, 0]

    def _outputs(self, inputs: np.ndarray) -> np.ndarray:
        return np.tanh(self._units(inputs, slice(None)) + self.inner_bias) @ self.outer + self.outer_bias

    def _units(self, inputs: np.ndarray, part: slice) -> np.ndarray:
        """Return what a part of the inputs adds to the hidden units, before the bias."""
        return ((inputs - self.mean[part]) * self.scale[part]) @ self.inner[part]

    # --- files --------------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write the critic, all or nothing."""
        arrays = {name: getattr(self, name) for name in ARRAYS[:-1]} | {
            "range": np.array([self.low, self.high, self.least])
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        file = BytesIO()
        np.savez(file, **{name: array.astype(np.float32) for name, array in arrays.items()})
        replace_file(path, file.getvalue())

    @classmethod
    def load(cls, path: Path, width: int, vocabulary: int, counters: Counters | None = None) -> "Critic":
        """Read a critic for a model of some width and vocabulary; raise `ValueError` for anything else."""
        try:
            with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
                arrays = {name: file[name].astype(np.float32) for name in ARRAYS}
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise ValueError(f"{path} is no critic: {error}") from None
        ends = arrays.pop("range").ravel().tolist()
        low, high, least = ends if len(ends) == 3 else [*ends, LEAST] if len(ends) == 2 else [np.nan] * 3
        found = cls(**arrays, low=low, high=high, counters=counters, least=least)
        d, h, out = len(found.mean), len(found.inner_bias), len(found.outer_bias)
        shapes = {"mean": (d,), "scale": (d,), "inner": (d, h), "inner_bias": (h,), "outer": (h, out)}
        fits = all(arrays[name].shape == shape for name, shape in shapes.items())
        if not fits or not np.isfinite([*(array.sum() for array in arrays.values()), low, high, least]).all():
            raise ValueError(f"{path} is a damaged critic: make it anew")
        if (d != width and counters is None) or d < width or out not in (1, vocabulary):
            raise ValueError(f"{path} is a critic of another model: make it anew")
        return found


def logistic(x: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + e^-x)."""
    return (np.float32(0.5) * (1 + np.tanh(0.5 * x))).astype(np.float32)


def with_counters(hidden: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Return the inputs of B texts' K tokens: the hidden state of each text beside the counters, [B * K, C + F]."""
    rows, k, _ = counted.shape
    return np.concatenate([np.repeat(hidden, k, 0), counted.reshape(rows * k, -1)], 1)
