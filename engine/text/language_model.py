"""A language model that is ready to run: its tokenizer, its sizes, and `extend`, all that decoding asks of it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.text.conversation import conversation_tokens
from engine.text.shape import LlamaShape
from engine.text.tokenizer import Tokenizer

Answer = tuple[np.ndarray, np.ndarray, np.ndarray]
"""logits float32 [B, T, V], hidden float32 [B, T, C] after the last norm, memory float32 [B, L, 2, H, T, D]."""


class LanguageModel(ABC):
    """A language model of the Llama family with its tokenizer."""

    def __init__(self, folder: Path, shape: LlamaShape, tokenizer: Tokenizer, about: Mapping[str, Any]):
        self.folder, self.shape, self.tokenizer, self.about = folder, shape, tokenizer, about
        self.vocabulary, self.context, self.end = shape.vocabulary, shape.context, shape.end
        self.layers, self.kv_heads, self.head_size, self.width = (
            shape.layers,
            shape.kv_heads,
            shape.head_size,
            shape.width,
        )

    @property
    @abstractmethod
    def runtime(self) -> str:
        """What runs it, in words."""

    @abstractmethod
    def extend(self, tokens: np.ndarray, shared: np.ndarray, tails: np.ndarray, tail_lengths: np.ndarray) -> Answer:
        """Run new tokens, int64 [B, T], after what the rows have read before.

        What they have read is keys and values of earlier tokens, as `memory` returned them: `shared` float32
        [L, 2, H, P, D] of a beginning that all rows have in common, then `tails` float32 [B, L, 2, H, R, D], of which
        row b has the first tail_lengths[b], int64 [B]. New tokens see all that and each other causally.
        """

    def no_prefix(self) -> np.ndarray:
        """Return the keys and values of no shared beginning."""
        return np.zeros((self.layers, 2, self.kv_heads, 0, self.head_size), np.float32)

    def no_tails(self, rows: int) -> np.ndarray:
        """Return the keys and values of rows that have read nothing of their own."""
        return np.zeros((rows, self.layers, 2, self.kv_heads, 0, self.head_size), np.float32)

    def read(self, tokens: Sequence[int]) -> Answer:
        """Run one text from its beginning, B = 1; its memory[0] is the `shared` of what follows it."""
        row = np.asarray(tokens, np.int64)[None]
        return self.extend(row, self.no_prefix(), self.no_tails(1), np.zeros(1, np.int64))

    def chat(self, messages: Sequence[Mapping[str, str]]) -> list[int]:
        """Return the tokens of messages {role, content}, up to where the assistant answers."""
        return conversation_tokens(messages, self.tokenizer, self.about.get("system", ""))
