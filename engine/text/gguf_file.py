"""GGUF files of the Llama family, as llama.cpp uses them: sizes, weights and tokenizer, read by the library gguf."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.text.shape import MOST, MOST_LAYERS, LlamaShape
from engine.text.tokenizer import LibraryTokenizer
from engine.text.weights import checked

FAMILY = "llama"
NEEDED = "reading GGUF files needs more than playing does: pip install '.[text]'"

SPECIAL = 3
"""The token type of marks such as <|im_end|>; 1 is ordinary text."""

_BLOCK = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
"""Names of a layer's tensors: Hugging Face's, and GGUF's."""


class GgufModel:
    """A GGUF file of the Llama family."""

    def __init__(self, path: Path):
        """Open a file; raise `ValueError` in one sentence where it is damaged or of another family."""
        self.path = path
        self._reader = _open(path)
        self._tensors = {tensor.name: tensor for tensor in self._reader.tensors}
        family = self._text("general.architecture")
        if family != FAMILY:
            raise ValueError(f"{path} holds a model of the family {family!r}, and Yomi runs {FAMILY!r} only")
        if "rope_freqs.weight" in self._tensors:
            raise ValueError(f"{path}: the model's positions are scaled, which Yomi does not run")
        self.shape = self._shape()

    @property
    def chat_template(self) -> str:
        """The template of conversations, in Jinja; "" where there is none."""
        return str(self._field("tokenizer.chat_template", ""))

    def weights(self) -> dict[str, np.ndarray]:
        """Return the weights under Hugging Face's names, float32."""
        names = {name: _gguf_name(name) for name in self.shape.tensors()}
        found = {name: self._tensor(theirs) for name, theirs in names.items() if theirs in self._tensors}
        for name, tensor in found.items():
            for part, heads in (("q_proj", self.shape.heads), ("k_proj", self.shape.kv_heads)):
                if part in name and tensor.shape == self.shape.tensors()[name]:
                    found[name] = _unpermuted(tensor, heads)
        return checked(found, self.shape, self.path)

    def tokenizer(self) -> LibraryTokenizer:
        """Return the byte-level BPE of the file; raise `ValueError` for a tokenizer of another kind."""
        return _byte_level(
            self.path,
            self._text("tokenizer.ggml.model"),
            str(self._field("tokenizer.ggml.pre", "")),
            self._list("tokenizer.ggml.tokens"),
            self._list("tokenizer.ggml.token_type"),
            self._list("tokenizer.ggml.merges"),
        )

    # --- fields -------------------------------------------------------------------------------------------

    def _shape(self) -> LlamaShape:
        heads, width = self._whole("llama.attention.head_count"), self._whole("llama.embedding_length")
        vocabulary = len(self._list("tokenizer.ggml.tokens"))
        shape = LlamaShape(
            vocabulary=vocabulary,
            context=self._whole("llama.context_length"),
            width=width,
            layers=self._whole("llama.block_count", most=MOST_LAYERS),
            heads=heads,
            kv_heads=self._whole("llama.attention.head_count_kv", heads),
            head_size=self._whole("llama.attention.key_length", max(1, width // max(1, heads))),
            inner=self._whole("llama.feed_forward_length"),
            end=self._whole("tokenizer.ggml.eos_token_id", least=0),
            theta=self._number("llama.rope.freq_base", 10_000.0),
            epsilon=self._number("llama.attention.layer_norm_rms_epsilon"),
            tied="output.weight" not in self._tensors,
        )
        if shape.heads % shape.kv_heads or shape.head_size % 2 or shape.end >= vocabulary:
            raise ValueError(f"{self.path} names sizes that do not fit together")
        return shape

    def _field(self, name: str, default: Any = None) -> Any:
        field = self._reader.fields.get(name)
        if field is None and default is None:
            raise ValueError(f"{self.path} does not say {name!r}")
        return default if field is None else field.contents()

    def _whole(self, name: str, default: int | None = None, least: int = 1, most: int = MOST) -> int:
        value = self._field(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"{self.path}: {name} = {value!r} should be a whole number from {least} to {most}")
        return value

    def _number(self, name: str, default: float | None = None) -> float:
        """Return a number above 0; the file has 32 bits of it, and 1e-5 should not become 9.99999975e-06."""
        value = self._field(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
            raise ValueError(f"{self.path}: {name} = {value!r} should be a number above 0")
        return float(str(np.float32(value)))

    def _text(self, name: str) -> str:
        value = self._field(name)
        if not isinstance(value, str):
            raise ValueError(f"{self.path}: {name} should be a text")
        return value

    def _list(self, name: str) -> list:
        value = self._field(name)
        if not isinstance(value, list) or not value:
            raise ValueError(f"{self.path}: {name} should be a list")
        return value

    def _tensor(self, name: str) -> np.ndarray:
        from gguf.quants import dequantize

        tensor = self._tensors[name]
        try:
            return dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        except (NotImplementedError, ValueError) as error:
            raise ValueError(f"{self.path}: {name} cannot be read: {error}") from None


def _open(path: Path) -> Any:
    try:
        from gguf import GGUFReader
    except ImportError:
        raise ImportError(NEEDED) from None
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    try:
        return GGUFReader(path)
    except Exception as error:  # it trips over damaged files in many ways
        raise ValueError(f"{path} is no whole GGUF file: {error}") from None


def _gguf_name(name: str) -> str:
    """Return GGUF's name of a tensor."""
    whole = {"model.embed_tokens.weight": "token_embd", "model.norm.weight": "output_norm", "lm_head.weight": "output"}
    if name in whole:
        return f"{whole[name]}.weight"
    number, _, part = name.removeprefix("model.layers.").partition(".")
    return f"blk.{number}.{_BLOCK[part.removesuffix('.weight')]}.weight"


def _unpermuted(weights: np.ndarray, heads: int) -> np.ndarray:
    """Return rows in Hugging Face's order.

    llama.cpp turns neighbouring channels together, Hugging Face channels that are half a head apart.
    """
    rows, columns = weights.shape
    return weights.reshape(heads, rows // heads // 2, 2, columns).swapaxes(1, 2).reshape(rows, columns)


# --- tokenizers -------------------------------------------------------------------------------------------


def _byte_level(path: Path, model: str, pre: str, tokens: list, kinds: list, merges: list) -> LibraryTokenizer:
    try:
        from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    except ImportError:
        raise ImportError(NEEDED) from None

    bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False)
    splitting: dict[str, Callable[[], Any]] = {
        "gpt-2": lambda: bytes_,
        "smollm": lambda: pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), bytes_]),
    }
    if model != "gpt2" or pre not in splitting:
        known = ", ".join(splitting)
        raise ValueError(f"{path} has a tokenizer of the kind {model}/{pre or '?'}, and Yomi reads gpt2 with {known}")
    try:
        numbers = {token: number for number, token in enumerate(tokens)}
        pairs = [tuple(merge.split(" ")) for merge in merges]
        library = Tokenizer(models.BPE(numbers, pairs))
    except Exception as error:  # the library raises Exception itself
        raise ValueError(f"{path}: its tokenizer cannot be read: {error}") from None
    library.pre_tokenizer, library.decoder = splitting[pre](), decoders.ByteLevel()
    special = [token for token, kind in zip(tokens, kinds, strict=False) if kind == SPECIAL]
    library.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    return LibraryTokenizer(library)


def system_message(template: str) -> str:
    """Return what a ChatML template says first where a conversation has no system message, "" where it says nothing."""
    begin = template.find("'<|im_start|>system\n")
    if begin < 0:
        return ""
    return template[begin:].partition("\n")[2].partition("<|im_end|>")[0]


def describe(model: GgufModel) -> dict[str, Any]:
    """Return what model.json says of a converted file."""
    about: dict[str, Any] = {"source": model.path.name, "licence": str(model._field("general.license", "unknown"))}
    system = system_message(model.chat_template)
    return about | ({"system": system} if system else {})
