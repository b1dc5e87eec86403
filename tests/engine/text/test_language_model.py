"""Language models: the same numbers whole or token by token, in torch, onnxruntime and transformers."""

import json
import shutil

import numpy as np
import pytest

from engine.text.conversation import conversation_tokens
from engine.text.models import open_model
from engine.text.shape import LlamaShape, read_shape
from engine.text.tokenizer import END, CharacterTokenizer, read_tokenizer, train_bytes, write_tokenizer
from engine.text.weights import read_tensors

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from engine.text.llama import Llama, weights_of, write_folder  # noqa: E402
from engine.text.onnx_graph import write_onnx  # noqa: E402

LETTERS = "abcdefghijklmnopqrstuvwxyz "
SHAPES = {
    "grouped": LlamaShape(28, 64, 48, 2, 6, 2, 8, 96, end=0),
    "apart": LlamaShape(28, 64, 32, 1, 2, 2, 16, 40, end=0, theta=500.0, tied=False),
}


def network(name):
    torch.manual_seed(1)
    net = Llama(SHAPES[name]).eval()
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    return net


@pytest.fixture(scope="module", params=SHAPES)
def folder(request, tmp_path_factory):
    path, net = tmp_path_factory.mktemp(request.param), network(request.param)
    write_folder(net, CharacterTokenizer(LETTERS), path)
    write_onnx(path / "model.onnx", net.shape, weights_of(net))
    write_onnx(path / "model.int8.onnx", net.shape, weights_of(net), int8=True)
    return path


def whole(folder, texts):
    """Return logits and hidden of whole texts, by the pass that training uses."""
    net = open_model(folder, "torch").net
    with torch.no_grad():
        return [tensor.numpy() for tensor in net(torch.tensor(texts))]


@pytest.mark.parametrize(("runtime", "near"), [("torch", 1e-5), ("onnx", 1e-5), ("int8", 0.2)])
def test_cached_logits_are_recomputed_ones(folder, runtime, near):
    model = open_model(folder, runtime)
    texts = np.random.default_rng(1).integers(1, 28, (3, 12))
    texts[:, :5] = texts[0, :5]
    logits, hidden = whole(folder, texts)
    assert logits.std() > 0.3
    read, _, memory = model.read(texts[0, :5])
    assert np.abs(read[0] - logits[0, :5]).max() < near
    shared, lengths = memory[0], np.array([0, 2, 4])
    tails = np.full(
        (3, *model.no_tails(1).shape[1:4], 5, model.head_size), 7.0, np.float32
    )  # what is beyond is nonsense
    for row, length in enumerate(lengths):
        if length:
            own = texts[row : row + 1, 5 : 5 + length]
            tails[row, ..., :length, :] = model.extend(own, shared, model.no_tails(1), np.zeros(1, np.int64))[2][0]
    new = np.stack([texts[row, 5 + length : 8 + length] for row, length in enumerate(lengths)])
    found, last, memory = model.extend(new, shared, tails, lengths)
    for row, length in enumerate(lengths):
        assert np.abs(found[row] - logits[row, 5 + length : 8 + length]).max() < near
        assert np.abs(last[row] - hidden[row, 5 + length : 8 + length]).max() < 2 * near
    assert memory.shape == (3, model.layers, 2, model.kv_heads, 3, model.head_size)


def test_texts_in_one_row_do_not_see_each_other():
    net = network("grouped")
    one, two = torch.tensor([[3, 4, 5]]), torch.tensor([[6, 7]])
    packed, texts = torch.cat([one, two], 1), torch.tensor([[0, 0, 0, 1, 1]])
    with torch.no_grad():
        apart = torch.cat([net(one)[0], net(two)[0]], 1)
        assert torch.allclose(net(packed, texts)[0], apart, atol=1e-5)
        assert not torch.allclose(net(packed)[0], apart, atol=1e-2)


def test_transformers_gives_the_same_logits_and_tokens(folder):
    transformers = pytest.importorskip("transformers")
    texts = np.random.default_rng(2).integers(1, 28, (2, 9))
    theirs = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    with torch.no_grad():
        assert np.abs(theirs(torch.tensor(texts)).logits.numpy() - whole(folder, texts)[0]).max() < 1e-4
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    assert tokenizer("a small text")["input_ids"] == read_tokenizer(folder).encode("a small text")


def test_a_folder_that_transformers_wrote_is_read(tmp_path):
    transformers = pytest.importorskip("transformers")
    config = transformers.LlamaConfig(
        vocab_size=28,
        hidden_size=24,
        intermediate_size=40,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=32,
        eos_token_id=0,
        rope_theta=777.0,
    )
    theirs = transformers.LlamaForCausalLM(config)
    theirs.to(torch.bfloat16).save_pretrained(tmp_path)
    write_tokenizer(tmp_path, CharacterTokenizer(LETTERS), 0)
    text = torch.tensor([[1, 2, 3, 4, 5]])
    with torch.no_grad():
        expected = theirs.float()(text).logits.numpy()
    assert np.abs(open_model(tmp_path, "torch").read(text[0])[0] - expected).max() < 1e-5


# --- tokenizers -------------------------------------------------------------------------------------------


def test_characters_go_to_tokens_and_back(tmp_path):
    tokenizer = CharacterTokenizer.of(["dab", "bac"])
    assert tokenizer.encode("abcd") == [1, 2, 3, 4]
    assert tokenizer.encode(f"ab{END}c") == [1, 2, 0, 3]
    assert tokenizer.decode([4, 1, 2, 0]) == "dab"
    with pytest.raises(ValueError, match="the model knows no character 'x'"):
        tokenizer.encode("axe")
    write_tokenizer(tmp_path, tokenizer, 0)
    library = pytest.importorskip("tokenizers").Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert library.encode(f"abcd{END}").ids == read_tokenizer(tmp_path).encode(f"abcd{END}")
    assert library.decode([4, 1, 2]) == "dab"


def test_any_bytes_survive_the_byte_level_tokenizer(tmp_path):
    pytest.importorskip("tokenizers")
    write_tokenizer(tmp_path, train_bytes(["the cat sat on the mat, the cat sat"] * 9, 264), 0)
    tokenizer = read_tokenizer(tmp_path)
    assert tokenizer.size == 264
    assert len(tokenizer.encode("the cat")) < 7
    for text in ("", " ", "\n\n\t", "ähm 読み 🙂", "\0\x7f", "a" * 50, "the  cat"):
        assert tokenizer.decode(tokenizer.encode(text)) == text
    assert tokenizer.encode(END) == [0]
    assert 0 not in tokenizer.encode(END, special=False)
    assert tokenizer.decode(tokenizer.encode(END, special=False)) == END
    with pytest.raises(ValueError, match=r"bytes that are no UTF-8: 'a\\udcff'"):
        tokenizer.encode(b"a\xff".decode("utf-8", "surrogateescape"))


# --- bad input --------------------------------------------------------------------------------------------


def spoiled(folder, tmp_path, **changes):
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    config = json.loads((tmp_path / "config.json").read_text())
    config |= changes
    (tmp_path / "config.json").write_text(json.dumps({name: value for name, value in config.items() if value != "-"}))
    return tmp_path


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"model_type": "gpt2"}, "config.json .*of the family 'gpt2'"),
        ({"hidden_size": "-"}, "config.json does not say 'hidden_size'"),
        ({"num_hidden_layers": 0}, "num_hidden_layers = 0 should be"),
        ({"num_hidden_layers": 10**7}, "should be a whole number from 1 to 1000"),
        ({"num_key_value_heads": 5}, "cannot share 5 heads"),
        ({"eos_token_id": 28}, "eos_token_id = 28 is no token of 28"),
        ({"rope_scaling": {"rope_type": "llama3"}}, "positions are scaled"),
        ({"vocab_size": 20}, "tokenizer.json has 28 tokens, and config.json says 20"),
        ({"vocab_size": 57}, "tokenizer.json has 28 tokens, and config.json says 57"),
        ({"intermediate_size": 41}, r"gate_proj.weight is of \[\d+, \d+\] numbers"),
    ],
)
def test_a_config_that_does_not_fit_is_a_sentence(folder, tmp_path, changes, said):
    with pytest.raises(ValueError, match=said):
        open_model(spoiled(folder, tmp_path, **changes), "torch")


def test_weights_that_are_damaged_are_a_sentence(folder, tmp_path):
    path = spoiled(folder, tmp_path) / "model.safetensors"
    data = path.read_bytes()
    path.write_bytes(data[:-4] + np.float32(np.nan).tobytes())
    with pytest.raises(ValueError, match="model.safetensors: .* not finite"):
        open_model(tmp_path, "torch")
    path.write_bytes(data[:-4])
    with pytest.raises(ValueError, match="model.safetensors is no whole file of safetensors"):
        open_model(tmp_path, "torch")
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(ValueError, match="its header is longer than the file"):
        open_model(tmp_path, "torch")
    path.unlink()
    with pytest.raises(ValueError, match="no weights for torch"):
        open_model(tmp_path, "torch")


def test_an_onnx_file_of_other_sizes_is_a_sentence(folder, tmp_path):
    spoiled(folder, tmp_path, num_hidden_layers=7)
    with pytest.raises(ValueError, match="model.onnx is a network of other sizes"):
        open_model(tmp_path, "onnx")
    (tmp_path / "model.onnx").write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="model.onnx cannot be run"):
        open_model(tmp_path, "onnx")


def test_an_onnx_file_with_damaged_weights_is_a_sentence(folder, tmp_path):
    spoiled(folder, tmp_path)
    net = open_model(folder, "torch").net
    weights = weights_of(net)
    weights["model.norm.weight"] = np.full_like(weights["model.norm.weight"], np.nan)
    write_onnx(tmp_path / "model.onnx", net.shape, weights)
    with pytest.raises(ValueError, match="its weights are damaged"):
        open_model(tmp_path, "onnx")


def test_names_that_mean_no_model(tmp_path):
    with pytest.raises(ValueError, match="there is no language model 'nothing'"):
        open_model("nothing")
    with pytest.raises(ValueError, match="there is no config.json in it"):
        open_model(tmp_path)
    with pytest.raises(ValueError, match="there is no runtime 'tensorflow'"):
        open_model(tmp_path, "tensorflow")


def test_half_precision_files_are_read(folder, tmp_path):
    net = network("grouped")
    write_folder(net, CharacterTokenizer(LETTERS), tmp_path, half=True)
    halves, exact = read_tensors(tmp_path / "model.safetensors"), weights_of(net)
    assert halves.keys() == exact.keys()
    assert all(np.abs(halves[name] - exact[name]).max() < 2e-3 for name in exact)
    assert read_shape(tmp_path) == net.shape


def test_conversations_are_chatml_where_the_tokenizer_has_its_marks(folder):
    hello = [{"role": "user", "content": "hello"}]
    letters = CharacterTokenizer("asitnuerhlo:\n ")
    assert letters.decode(conversation_tokens(hello, letters)) == "user: hello\nassistant:"
    library = pytest.importorskip("tokenizers")
    marked = train_bytes(["user system assistant"], 260)
    marked.inner.add_special_tokens([library.AddedToken(mark) for mark in ("<|im_start|>", "<|im_end|>")])
    tokens = conversation_tokens(hello, marked, "be brief <|im_end|>")
    assert marked.inner.decode(tokens, skip_special_tokens=False) == (
        "<|im_start|>system\nbe brief <|im_end|><|im_end|>\n<|im_start|>user\nhello<|im_end|>\n<|im_start|>assistant\n"
    )
    assert tokens.count(marked.number("<|im_end|>")) == 2  # a mark in a message is but text
