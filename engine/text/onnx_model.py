"""A language model that onnxruntime runs, without torch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from engine.networks.runtimes import reason
from engine.text.language_model import Answer, LanguageModel
from engine.text.shape import LlamaShape
from engine.text.tokenizer import Tokenizer

INPUTS = ("tokens", "shared", "tails", "lengths")
OUTPUTS = ("logits", "hidden", "memory")


class OnnxLanguageModel(LanguageModel):
    """A language model in onnxruntime, on the CPU; a call runs in the thread that makes it and `threads - 1` more."""

    def __init__(
        self,
        path: Path,
        shape: LlamaShape,
        tokenizer: Tokenizer,
        about: Mapping[str, Any],
        threads: int = 1,
    ):
        super().__init__(path.parent, shape, tokenizer, about)
        self.path = path
        self._session = _session(path, threads)
        self._check()

    @property
    def runtime(self) -> str:
        """What runs it, in words."""
        return f"onnxruntime, {'int8' if 'int8' in self.path.name else 'float32'}"

    def _check(self) -> None:
        """Raise `ValueError` where the file holds another network than config.json describes."""
        inputs = {each.name: each.shape for each in self._session.get_inputs()}
        outputs = {each.name: each.shape for each in self._session.get_outputs()}
        if tuple(inputs) != INPUTS or tuple(outputs) != OUTPUTS:
            raise ValueError(f"{self.path} takes {', '.join(inputs)} and gives {', '.join(outputs)}: no model of ours")
        sizes = (self.layers, 2, self.kv_heads, self.head_size, self.width, self.vocabulary)
        shared, hidden, logits = inputs["shared"], outputs["hidden"], outputs["logits"]
        if (*shared[:3], shared[4], hidden[2], logits[2]) != sizes:
            raise ValueError(f"{self.path} is a network of other sizes than config.json beside it says")

    def extend(self, tokens: np.ndarray, shared: np.ndarray, tails: np.ndarray, tail_lengths: np.ndarray) -> Answer:
        """Run new tokens after what the rows have read before."""
        given = dict(zip(INPUTS, (tokens, shared, tails, tail_lengths), strict=True))
        logits, hidden, memory = self._session.run(OUTPUTS, given)
        return logits, hidden, memory


def _session(path: Path, threads: int) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4
    options.enable_mem_reuse = False  # planning it takes ten times as long as all else of loading; runs are as quick
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's own kinds of error have no common name
        raise ValueError(f"{path} cannot be run: {reason(error)}") from None
