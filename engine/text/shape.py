"""The shape of a language model of the Llama family, as config.json of a Hugging Face folder states it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from games import plain_files

CONFIG = "config.json"


@dataclass(frozen=True)
class LlamaShape:
    """The sizes of a decoder with RMSNorm, RoPE, SwiGLU and grouped queries."""

    vocabulary: int
    context: int
    """Longest text in tokens."""
    width: int
    """Channels of a token's vector."""
    layers: int
    heads: int
    kv_heads: int
    """Heads of keys and values; each serves heads // kv_heads heads of queries."""
    head_size: int
    inner: int
    """Channels inside a layer's SwiGLU."""
    end: int
    """The token that ends a text."""
    theta: float = 10_000.0
    """RoPE turns the first pair of channels by 1 radian a token, the last by about 1 / theta."""
    epsilon: float = 1e-5
    tied: bool = True
    """Whether the head's weights are those of the token vectors."""

    @property
    def group(self) -> int:
        """Heads of queries that share a head of keys and values."""
        return self.heads // self.kv_heads

    def tensors(self) -> dict[str, tuple[int, ...]]:
        """Return the name and shape of every weight, under Hugging Face's names."""
        queries, keys = self.heads * self.head_size, self.kv_heads * self.head_size
        layer = {
            "input_layernorm": (self.width,),
            "self_attn.q_proj": (queries, self.width),
            "self_attn.k_proj": (keys, self.width),
            "self_attn.v_proj": (keys, self.width),
            "self_attn.o_proj": (self.width, queries),
            "post_attention_layernorm": (self.width,),
            "mlp.gate_proj": (self.inner, self.width),
            "mlp.up_proj": (self.inner, self.width),
            "mlp.down_proj": (self.width, self.inner),
        }
        found: dict[str, tuple[int, ...]] = {"model.embed_tokens.weight": (self.vocabulary, self.width)}
        for number in range(self.layers):
            found |= {f"model.layers.{number}.{name}.weight": shape for name, shape in layer.items()}
        found["model.norm.weight"] = (self.width,)
        return found if self.tied else found | {"lm_head.weight": (self.vocabulary, self.width)}


def read_shape(folder: Path) -> LlamaShape:
    """Read config.json; raise `ValueError` for another family, or for fields that are missing or make no sense."""
    path = Path(folder) / CONFIG
    try:
        config = plain_files.read_json(path)
        if not isinstance(config, dict):
            raise ValueError("it is no table of fields")
        return _shape(config)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except KeyError as error:
        raise ValueError(f"{path} does not say {error.args[0]!r}") from None
    except ValueError as error:
        raise ValueError(f"{path} describes no model that Yomi runs: {error}") from None


def write_shape(folder: Path, shape: LlamaShape) -> None:
    """Write config.json, for Yomi and for transformers."""
    config = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.context,
        "hidden_size": shape.width,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "head_dim": shape.head_size,
        "intermediate_size": shape.inner,
        "bos_token_id": shape.end,
        "eos_token_id": shape.end,
        "rope_theta": shape.theta,
        "rms_norm_eps": shape.epsilon,
        "tie_word_embeddings": shape.tied,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
    }
    (Path(folder) / CONFIG).write_text(json.dumps(config, indent=2) + "\n", "utf-8")


def _shape(config: Mapping[str, Any]) -> LlamaShape:
    _check_family(config)
    width, heads = _count(config, "hidden_size"), _count(config, "num_attention_heads")
    ends = config["eos_token_id"]
    shape = LlamaShape(
        vocabulary=_count(config, "vocab_size"),
        context=_count(config, "max_position_embeddings"),
        width=width,
        layers=_count(config, "num_hidden_layers", most=MOST_LAYERS),
        heads=heads,
        kv_heads=_count(config, "num_key_value_heads", heads),
        head_size=_count(config, "head_dim", width // heads),
        inner=_count(config, "intermediate_size"),
        end=ends[0] if isinstance(ends, list) and ends else ends,
        theta=_positive("rope_theta", _theta(config)),
        epsilon=_positive("rms_norm_eps", config.get("rms_norm_eps", 1e-6)),
        tied=bool(config.get("tie_word_embeddings", False)),
    )
    if shape.heads % shape.kv_heads:
        raise ValueError(f"{shape.heads} heads cannot share {shape.kv_heads} heads of keys evenly")
    if shape.head_size % 2:
        raise ValueError(f"RoPE turns pairs of channels, and a head has {shape.head_size}")
    if isinstance(shape.end, bool) or not isinstance(shape.end, int) or not 0 <= shape.end < shape.vocabulary:
        raise ValueError(f"eos_token_id = {shape.end!r} is no token of {shape.vocabulary}")
    return shape


def _check_family(config: Mapping[str, Any]) -> None:
    if config["model_type"] != "llama":
        raise ValueError(f"it is of the family {config['model_type']!r}, and Yomi runs 'llama' only")
    if config.get("hidden_act", "silu") != "silu":
        raise ValueError(f"hidden_act = {config['hidden_act']!r} should be 'silu'")
    for name in ("attention_bias", "mlp_bias"):
        if config.get(name):
            raise ValueError(f"it has biases ({name}), which Yomi does not run")
    scaling = config.get("rope_scaling") or config.get("rope_parameters") or {}
    kind = scaling.get("rope_type", scaling.get("type", "default")) if isinstance(scaling, dict) else scaling
    if kind != "default":
        raise ValueError(f"its positions are scaled ({kind!r}), which Yomi does not run")


def _theta(config: Mapping[str, Any]) -> Any:
    """Return the base of RoPE, which transformers 5 moved into a table."""
    table = config.get("rope_parameters")
    return config.get("rope_theta", (table or {}).get("rope_theta", 10_000.0))


MOST, MOST_LAYERS = 1 << 24, 1000
"""Greatest sizes that a config.json may name."""


def _count(config: Mapping[str, Any], name: str, default: int | None = None, most: int = MOST) -> int:
    value = config.get(name)
    if value is None:
        value = config[name] if default is None else default
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise ValueError(f"{name} = {value!r} should be a whole number from 1 to {most}")
    return value


def _positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e12:
        raise ValueError(f"{name} = {value!r} should be a number above 0")
    return float(value)
