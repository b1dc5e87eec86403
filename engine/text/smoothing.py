"""Weights that lose less in eight bits: channels that reach far are made smaller, and the weights behind them larger.

What a norm or a gate scales down, the products behind it scale up again, so that in float32 nothing changes. Source:
Xiao et al. 2022, SmoothQuant, with their strength of 0.5. SmolLM2's next tokens diverge by 0.013 nats instead of 0.033.
"""

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.text.conversation import conversation_tokens
from engine.text.onnx_graph import REACH, write_onnx
from engine.text.shape import LlamaShape
from engine.text.tokenizer import Tokenizer

TEXTS = (
    "A small boat lay at the quay. Nobody in the village knew who had left it there, and when the tide rose in the "
    "evening it drifted out past the lighthouse, turning slowly, as if it were looking for something.",
    "To add two fractions, first give them the same denominator: 1/2 + 1/3 = 3/6 + 2/6 = 5/6. Then reduce the result.",
    "def area(width: float, height: float) -> float:\n    return width * height\n\n\nprint(area(3, 4.5))\n",
    'In 1905 the mayor, Mrs. Anna Lindqvist, opened the new railway; 2,400 people came, and it rained ("of course").',
)
QUESTIONS = ("What is the tallest mountain?", "Write a short poem about the sea.", "Explain why the sky is blue.")
"""What activations are measured on: a few kinds of text, and conversations where the tokenizer knows them."""


def calibration(tokenizer: Tokenizer) -> list[list[int]]:
    """Return texts as tokens."""
    asked = [conversation_tokens([{"role": "user", "content": question}], tokenizer) for question in QUESTIONS]
    return [tokenizer.encode(text, special=False) for text in TEXTS] + asked


def smoothed(
    shape: LlamaShape, weights: Mapping[str, np.ndarray], texts: Sequence[Sequence[int]]
) -> dict[str, np.ndarray]:
    """Return weights of the same model whose activations reach less far; `texts` show how far they do."""
    reach, found = _reach(shape, weights, texts), dict(weights)
    for number in range(shape.layers):
        layer = f"model.layers.{number}"
        attention, inner = f"{layer}.self_attn", f"{layer}.mlp"
        _move(found, reach, f"{layer}.input_layernorm.weight", [f"{attention}.{each}_proj.weight" for each in "qkv"])
        gates = [f"{inner}.gate_proj.weight", f"{inner}.up_proj.weight"]
        _move(found, reach, f"{layer}.post_attention_layernorm.weight", gates)
        _move(found, reach, f"{inner}.up_proj.weight", [f"{inner}.down_proj.weight"])
    return found


def _move(found: dict[str, np.ndarray], reach: Mapping[str, np.ndarray], before: str, behind: Sequence[str]) -> None:
    """Divide the channels that `before` makes, and multiply the columns behind them."""
    widest = np.max([np.abs(found[name]).max(0) for name in behind], 0)
    factors = np.sqrt(np.maximum(reach[behind[0]], 1e-5) / np.maximum(widest, 1e-5)).astype(np.float32)
    found[before] = found[before] / (factors if found[before].ndim == 1 else factors[:, None])
    for name in behind:
        found[name] = found[name] * factors


def _reach(
    shape: LlamaShape, weights: Mapping[str, np.ndarray], texts: Sequence[Sequence[int]]
) -> dict[str, np.ndarray]:
    """Return how far each channel of each product's inputs reaches in texts, float32 [C]."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "watched.onnx"
        write_onnx(path, shape, weights, watched=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.enable_mem_reuse, options.log_severity_level = 1, False, 4
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()][3:]
        found = {name.removeprefix(REACH): np.zeros(0, np.float32) for name in names}
        for text in texts:
            given = {
                "tokens": np.array([text[: shape.context]], np.int64),
                "shared": np.zeros((shape.layers, 2, shape.kv_heads, 0, shape.head_size), np.float32),
                "tails": np.zeros((1, shape.layers, 2, shape.kv_heads, 0, shape.head_size), np.float32),
                "lengths": np.zeros(1, np.int64),
            }
            for name, value in zip(found, session.run(names, given), strict=True):
                found[name] = np.maximum(found[name], value) if len(found[name]) else value
    return found
