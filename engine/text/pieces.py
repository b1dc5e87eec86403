"""What tokens are as text, and what a reward wants to know of them: remembered, as a few are asked for all the time."""

from collections.abc import Callable

import numpy as np

from engine.text.tokenizer import Tokenizer

Traits = Callable[[str], tuple[int, ...]]
"""Describes the text of a token by whole numbers, always as many."""


class Pieces:
    """The texts of tokens, each on its own."""

    def __init__(self, tokenizer: Tokenizer):
        self.tokenizer = tokenizer
        self._texts: dict[int, str] = {}
        self._tables: dict[Traits, tuple[np.ndarray, np.ndarray]] = {}

    def __getitem__(self, token: int) -> str:
        if token not in self._texts:
            self._texts[token] = self.tokenizer.decode([token])
        return self._texts[token]

    def described(self, traits: Traits, tokens: np.ndarray) -> np.ndarray:
        """Return the traits of tokens [B, K], int32 [B, K, T]."""
        known, table = self._tables.get(traits) or (np.zeros(0, bool), np.zeros((0, len(traits(""))), np.int32))
        more = int(tokens.max(initial=-1)) + 1 - len(known)
        if more > 0:
            known, table = np.pad(known, (0, more)), np.pad(table, ((0, more), (0, 0)))
            self._tables[traits] = known, table
        for token in np.unique(tokens[~known[tokens]]).tolist():
            known[token], table[token] = True, traits(self[token])
        return table[tokens]
