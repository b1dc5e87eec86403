"""Smoothing for eight bits: the same model in float32, and a nearer one where a channel reaches far."""

import numpy as np
import pytest

from engine.text.shape import LlamaShape
from engine.text.tokenizer import CharacterTokenizer

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from engine.text.llama import Llama, from_weights, weights_of, write_folder  # noqa: E402
from engine.text.models import open_model  # noqa: E402
from engine.text.onnx_graph import write_onnx  # noqa: E402
from engine.text.smoothing import smoothed  # noqa: E402

SHAPE = LlamaShape(28, 64, 48, 2, 6, 2, 8, 96, end=0)
TEXTS = [list(range(1, 28)), [5, 5, 9, 2, 27, 14]]


@pytest.fixture(scope="module")
def weights():
    """Return weights with a channel in each norm, and one in each gate, that reaches a hundred times as far."""
    torch.manual_seed(4)
    net = Llama(SHAPE)
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    found = weights_of(net)
    for name, value in found.items():
        if "layernorm" in name:
            value[7] *= 100
        if "up_proj" in name:
            value[11] *= 100
        if "q_proj" in name or "k_proj" in name or "v_proj" in name or "gate" in name or "up_proj" in name:
            value[:, 7] /= 100
        if "down_proj" in name:
            value[:, 11] /= 100
    return found


def test_in_float32_nothing_changes(weights):
    tokens = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6]])
    with torch.no_grad():
        before = from_weights(SHAPE, weights)(tokens)[0]
        after = from_weights(SHAPE, smoothed(SHAPE, weights, TEXTS))(tokens)[0]
    assert torch.allclose(before, after, atol=1e-4)


def test_eight_bits_are_nearer(weights, tmp_path):
    tokens = [3, 1, 4, 1, 5, 9, 2, 6]
    write_folder(from_weights(SHAPE, weights), CharacterTokenizer("abcdefghijklmnopqrstuvwxyz "), tmp_path)
    exact = open_model(tmp_path, "torch").read(tokens)[0]
    errors = []
    for each in (weights, smoothed(SHAPE, weights, TEXTS)):
        write_onnx(tmp_path / "model.int8.onnx", SHAPE, each, int8=True)
        errors.append(np.abs(open_model(tmp_path, "int8").read(tokens)[0] - exact).mean())
    assert errors[1] < errors[0] / 5
