"""Greedy decoding and beam search, token for token, against transformers' own `generate`."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from engine.text.attempt import Attempt, carry_out  # noqa: E402
from engine.text.decoders import beam, single  # noqa: E402
from engine.text.drawing import likeliest  # noqa: E402
from engine.text.evaluator import TokenEvaluator  # noqa: E402
from engine.text.llama import Llama, write_folder  # noqa: E402
from engine.text.models import open_model  # noqa: E402
from engine.text.shape import LlamaShape  # noqa: E402
from engine.text.tokenizer import CharacterTokenizer  # noqa: E402
from games.text.rewarded import TextGame  # noqa: E402
from games.text.rows import HEAD, LENGTH, starts, tokens  # noqa: E402

MORE = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small network whose weights are random, but large enough to prefer something."""
    torch.manual_seed(17)
    shape = LlamaShape(vocabulary=14, context=64, width=16, layers=2, heads=2, kv_heads=1, head_size=8, inner=32, end=0)
    net = Llama(shape)
    with torch.no_grad():
        for weight in net.parameters():
            if weight.dim() > 1:
                weight.mul_(12)
    path = tmp_path_factory.mktemp("models") / "small"
    path.mkdir()
    write_folder(net, CharacterTokenizer("abcdefghijklm"), path)
    return path


@pytest.mark.parametrize("width", [1, 2, 4, 5])
def test_the_tokens_are_those_of_generate(folder, width):
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder)
    ours = open_model(folder, "torch")
    game = TextGame(lambda states: np.zeros(len(states), np.float32))
    prompts = [[1, 2, 3], [5], [7, 7, 2, 9], [13, 1], [4, 4], [6, 10, 11]]
    attempts = [Attempt(game, root, 10**6) for root in starts(prompts, MORE, 14, 0)]
    decoder = single(likeliest) if width == 1 else beam(width=width, until_sure=True)
    carry_out(decoder, attempts, TokenEvaluator(ours))
    for prompt, attempt in zip(prompts, attempts, strict=True):
        expected = theirs.generate(
            torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), max_new_tokens=MORE, num_beams=width,
            do_sample=False, eos_token_id=0, pad_token_id=0, early_stopping=False, length_penalty=1.0,
        )  # fmt: skip
        assert tokens(attempt.best).tolist() == expected[0].tolist()
    assert {attempt.best[HEAD + attempt.best[LENGTH] - 1] == 0 for attempt in attempts} == {True, False}
