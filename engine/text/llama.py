"""A decoder of the Llama family in torch, small enough to read: RMSNorm, RoPE, SwiGLU, grouped queries.

Its weights have Hugging Face's names, so that a state dictionary is what model.safetensors holds.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.text.shape import LlamaShape, write_shape
from engine.text.tokenizer import Tokenizer, write_tokenizer
from engine.text.weights import write_weights

HIDDEN_FROM_SIGHT = -1e9
"""What is added to the score of a token that may not be seen."""


class Past(NamedTuple):
    """What rows have read before: keys and values, and which of all tokens each new one sees."""

    shared: Tensor
    """[L, 2, H, P, D]"""
    tails: Tensor
    """[B, L, 2, H, R, D]"""
    sight: Tensor
    """0 or HIDDEN_FROM_SIGHT, [B, 1, T, 1, P + R + T]"""


class Attention(nn.Module):
    """Attention with RoPE and grouped queries."""

    def __init__(self, shape: LlamaShape):
        super().__init__()
        self.heads, self.groups, self.size = shape.kv_heads, shape.group, shape.head_size
        queries, keys = shape.heads * shape.head_size, shape.kv_heads * shape.head_size
        self.q_proj = nn.Linear(shape.width, queries, bias=False)
        self.k_proj = nn.Linear(shape.width, keys, bias=False)
        self.v_proj = nn.Linear(shape.width, keys, bias=False)
        self.o_proj = nn.Linear(queries, shape.width, bias=False)

    def _projected(self, x: Tensor, turn: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries [B, T, H * G, D] and keys, values [B, T, H, D], turned by their positions."""
        queries, keys, values = (
            projection(x).unflatten(-1, (-1, self.size)) for projection in (self.q_proj, self.k_proj, self.v_proj)
        )
        return turned(queries, *turn), turned(keys, *turn), values

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], seen: Tensor) -> Tensor:
        """Return what whole texts attend to; `seen` bool [B or 1, 1, T, T]."""
        queries, keys, values = (each.transpose(1, 2) for each in self._projected(x, turn))
        if x.is_cuda:
            found = F.scaled_dot_product_attention(queries, keys, values, attn_mask=seen, enable_gqa=self.groups > 1)
        else:  # torch's own takes ten times as long on the way back of a CPU
            found = _attended(queries / self.size**0.5, keys, values, seen)
        return self.o_proj(found.transpose(1, 2).flatten(2))

    def extend(self, x: Tensor, turn: tuple[Tensor, Tensor], past: Past, layer: int) -> tuple[Tensor, Tensor]:
        """Return what new tokens attend to, and their keys and values [B, 2, H, T, D].

        A shared prefix is one product for all rows.
        """
        queries, keys, values = self._projected(x, turn)
        (rows, count), heads, groups, size = x.shape[:2], self.heads, self.groups, self.size
        keys, values = keys.transpose(1, 2), values.transpose(1, 2)  # [B, H, T, D]
        queries = (queries / size**0.5).unflatten(2, (heads, groups))  # [B, T, H, G, D]
        own = queries.transpose(1, 2).reshape(rows, heads, count * groups, size)
        common = queries.permute(2, 0, 1, 3, 4).reshape(heads, rows * count * groups, size)
        shared, tails = past.shared[layer], past.tails[:, layer]
        length, rest = shared.shape[2], tails.shape[3]
        scores = torch.cat(
            [
                (common @ shared[0].mT).view(heads, rows, count * groups, length).transpose(0, 1),
                own @ tails[:, 0].mT,
                own @ keys.mT,
            ],
            -1,
        )
        scores = scores.view(rows, heads, count, groups, -1) + past.sight
        weights = scores.softmax(-1).view(rows, heads, count * groups, -1).split([length, rest, count], -1)
        on_shared = weights[0].transpose(0, 1).reshape(heads, rows * count * groups, length) @ shared[1]
        found = on_shared.view(heads, rows, count * groups, size).transpose(0, 1)
        found = found + weights[1] @ tails[:, 1] + weights[2] @ values
        found = found.view(rows, heads, count, groups, size).transpose(1, 2).flatten(2)
        return self.o_proj(found), torch.stack([keys, values], 1)


def _attended(queries: Tensor, keys: Tensor, values: Tensor, seen: Tensor) -> Tensor:
    """Return attention of queries [B, H * G, T, D] to keys and values [B, H, T, D]."""
    grouped = queries.unflatten(1, (keys.shape[1], -1))
    scores = (grouped @ keys[:, :, None].mT).masked_fill(~seen[:, :, None], HIDDEN_FROM_SIGHT)
    return (scores.softmax(-1).to(values.dtype) @ values[:, :, None]).flatten(1, 2)


class SwiGlu(nn.Module):
    """A gated layer of neurons."""

    def __init__(self, shape: LlamaShape):
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.inner, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.inner, bias=False)
        self.down_proj = nn.Linear(shape.inner, shape.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    """One layer: attention, then neurons, each beside a way around it."""

    def __init__(self, shape: LlamaShape):
        super().__init__()
        self.input_layernorm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = nn.RMSNorm(shape.width, eps=shape.epsilon)
        self.mlp = SwiGlu(shape)

    def forward(self, x: Tensor, turn: tuple[Tensor, Tensor], seen: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), turn, seen)
        return x + self.mlp(self.post_attention_layernorm(x))

    def extend(self, x: Tensor, turn: tuple[Tensor, Tensor], past: Past, layer: int) -> tuple[Tensor, Tensor]:
        found, memory = self.self_attn.extend(self.input_layernorm(x), turn, past, layer)
        x = x + found
        return x + self.mlp(self.post_attention_layernorm(x)), memory


class Decoder(nn.Module):
    """Token vectors, layers and the last norm: all but the head."""

    def __init__(self, shape: LlamaShape):
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, eps=shape.epsilon)


class Llama(nn.Module):
    """A language model: whole texts by `forward`, for learning; token by token after a past by `extend`."""

    def __init__(self, shape: LlamaShape):
        super().__init__()
        self.shape = shape
        self.model = Decoder(shape)
        self.lm_head = None if shape.tied else nn.Linear(shape.width, shape.vocabulary, bias=False)
        self._begin()

    @torch.no_grad()
    def _begin(self) -> None:
        """Draw the weights as GPT-2 does: what is added to the way around is smaller the more layers add."""
        for name, weight in self.named_parameters():
            if weight.dim() > 1:
                onto_the_way = name.endswith(("o_proj.weight", "down_proj.weight"))
                weight.normal_(0, 0.02 / (2 * self.shape.layers) ** 0.5 if onto_the_way else 0.02)

    def forward(self, tokens: Tensor, texts: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return logits [B, T, V] and hidden [B, T, C] of rows of tokens [B, T].

        Where a row holds several texts, `texts` [B, T] numbers them, and none sees another.
        """
        turn = turns(torch.arange(tokens.shape[1], device=tokens.device)[None], self.shape)
        count = tokens.shape[1]
        seen = torch.ones(1, 1, count, count, dtype=torch.bool, device=tokens.device).tril()
        if texts is not None:
            seen = seen & (texts[:, None, :, None] == texts[:, None, None])
        x = self.model.embed_tokens(tokens)
        for layer in self.model.layers:
            x = layer(x, turn, seen)
        hidden = self.model.norm(x)
        return self.head(hidden), hidden

    def head(self, hidden: Tensor) -> Tensor:
        """Return the logits of the next token."""
        return F.linear(hidden, self.model.embed_tokens.weight if self.lm_head is None else self.lm_head.weight)

    def extend(self, tokens: Tensor, shared: Tensor, tails: Tensor, lengths: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return logits, hidden and memory of new tokens: see `LanguageModel.extend`."""
        count, prefix, rest = tokens.shape[1], shared.shape[3], tails.shape[4]
        places = prefix + lengths[:, None] + torch.arange(count, device=tokens.device)
        past = Past(shared, tails, sight(lengths, prefix, rest, count))
        turn, memory = turns(places, self.shape), []
        x = self.model.embed_tokens(tokens)
        for number, layer in enumerate(self.model.layers):
            x, own = layer.extend(x, turn, past, number)  # type: ignore[operator]  # torch says Module
            memory.append(own)
        hidden = self.model.norm(x)
        return self.head(hidden), hidden, torch.stack(memory, 1)


def turns(places: Tensor, shape: LlamaShape) -> tuple[Tensor, Tensor]:
    """Return cosine and sine of RoPE's angles at places [B, T], each [B, T, 1, D / 2]."""
    pairs = torch.arange(0, shape.head_size, 2, dtype=torch.float32, device=places.device)
    angles = places[..., None, None].float() * shape.theta ** (-pairs / shape.head_size)
    return angles.cos(), angles.sin()


def turned(x: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
    """Turn pairs of channels [B, T, H, D]: channel d belongs with channel d + D / 2."""
    first, second = x.float().chunk(2, -1)
    return torch.cat([first * cosine - second * sine, second * cosine + first * sine], -1).to(x.dtype)


def sight(lengths: Tensor, prefix: int, rest: int, count: int) -> Tensor:
    """Return what each new token may not see: 0 or HIDDEN_FROM_SIGHT, [B, 1, T, 1, P + R + T]."""
    rows, device = len(lengths), lengths.device
    beyond = torch.arange(rest, device=device) >= lengths[:, None]
    later = torch.ones(count, count, dtype=torch.bool, device=device).triu(1)
    hidden = torch.cat(
        [
            torch.zeros(rows, count, prefix, dtype=torch.bool, device=device),
            beyond[:, None].expand(rows, count, rest),
            later[None].expand(rows, count, count),
        ],
        -1,
    )
    return HIDDEN_FROM_SIGHT * hidden[:, None, :, None].float()


# --- to and from the disk ---------------------------------------------------------------------------------


def from_weights(shape: LlamaShape, weights: Mapping[str, np.ndarray]) -> Llama:
    """Return a network of weights that were checked."""
    with torch.device("meta"):
        net = Llama(shape)
    net.load_state_dict({name: torch.tensor(value) for name, value in weights.items()}, assign=True)
    net.requires_grad_(True)
    return net.eval()


def weights_of(net: Llama) -> dict[str, np.ndarray]:
    """Return a network's weights, float32."""
    return {name: value.detach().float().cpu().numpy() for name, value in net.state_dict().items()}


def write_folder(net: Llama, tokenizer: Tokenizer, folder: Path, half: bool = False) -> None:
    """Fill a folder with what transformers and Yomi read: config.json, model.safetensors, tokenizer.json."""
    write_shape(folder, net.shape)
    write_weights(folder, weights_of(net), half)
    write_tokenizer(folder, tokenizer, net.shape.end)
