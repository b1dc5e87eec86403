"""A language model that torch runs, from model.safetensors."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.text.language_model import Answer, LanguageModel
from engine.text.llama import Llama, from_weights
from engine.text.shape import LlamaShape
from engine.text.tokenizer import Tokenizer
from engine.text.weights import read_weights


class TorchLanguageModel(LanguageModel):
    """A language model in torch, on a device; keys and values come and go as numpy arrays."""

    def __init__(self, folder: Path, net: Llama, tokenizer: Tokenizer, about: Mapping[str, Any], device: str = "cpu"):
        super().__init__(folder, net.shape, tokenizer, about)
        self.device, self.net = device, net.to(device).eval()

    @classmethod
    def open(
        cls, folder: Path, shape: LlamaShape, tokenizer: Tokenizer, about: Mapping[str, Any], threads: int
    ) -> "TorchLanguageModel":
        """Open a folder's model.safetensors, on a GPU if there is one."""
        torch.set_num_threads(threads)
        net = from_weights(shape, read_weights(folder, shape))
        return cls(folder, net, tokenizer, about, "cuda" if torch.cuda.is_available() else "cpu")

    @property
    def runtime(self) -> str:
        """What runs it, in words."""
        return f"torch, {self.device}"

    @torch.no_grad()
    def extend(self, tokens: np.ndarray, shared: np.ndarray, tails: np.ndarray, tail_lengths: np.ndarray) -> Answer:
        """Run new tokens after what the rows have read before."""
        arrays = (tokens, shared, tails, tail_lengths)
        found = self.net.extend(*(torch.from_numpy(np.ascontiguousarray(array)).to(self.device) for array in arrays))
        logits, hidden, memory = (tensor.float().cpu().numpy() for tensor in found)
        return logits, hidden, memory
