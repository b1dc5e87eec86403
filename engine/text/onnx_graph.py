"""Writing a language model as an ONNX file, from its weights alone: needs the library onnx, and no torch.

The graph is `Llama.extend` operation by operation. In eight bits every product with weights is one of whole numbers,
with one scale for each column of the weights and for each token; norms, RoPE and attention stay float32. One scale for
all tokens of a call would cost two thirds in perplexity (SmolLM2: 91 for 55), as few tokens have channels a thousand
times as large as others, and what a row answers would depend on the rows beside it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.text.shape import LlamaShape

HIDDEN_FROM_SIGHT = np.float32(-1e9)
OPSET = 18
REACH = "reach."


def write_onnx(
    path: Path, shape: LlamaShape, weights: Mapping[str, np.ndarray], int8: bool = False, watched: bool = False
) -> None:
    """Write a model as an ONNX file, in eight bits or float32.

    A `watched` one also tells how far each channel of the inputs of each product reaches: outputs float32 [C], under
    the name of the weights with REACH before it.
    """
    path.write_bytes(_Graph(shape, weights, int8, watched).model().SerializeToString())


class _Graph:
    """An ONNX graph that grows operation by operation; values are named by strings."""

    def __init__(self, shape: LlamaShape, weights: Mapping[str, np.ndarray], int8: bool, watched: bool):
        import onnx

        self.onnx, self.shape, self.weights, self.int8 = onnx, shape, weights, int8
        self.nodes: list[Any] = []
        self.kept: dict[str, Any] = {}
        self.shapes: dict[tuple[str | int, ...], str] = {}
        self.watched: dict[str, int] | None = {} if watched else None

    # --- building blocks ----------------------------------------------------------------------------------

    def op(self, kind: str, *inputs: str, count: int = 1, **attributes: Any) -> Any:
        """Add an operation; return the name of its output, or a list of names."""
        outputs = [f"v{len(self.nodes)}_{number}" for number in range(count)]
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, outputs, **attributes))
        return outputs if count > 1 else outputs[0]

    def keep(self, name: str, value: Any) -> str:
        """Add a constant, once."""
        if name not in self.kept:
            self.kept[name] = self.onnx.numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def whole(self, *numbers: int) -> str:
        """Return a constant of whole numbers, [n]."""
        return self.keep("i" + "_".join(map(str, numbers)), np.array(numbers, np.int64))

    def number(self, value: float) -> str:
        """Return a constant scalar."""
        return self.keep(f"f{value!r}", np.float32(value))

    def sizes(self, *parts: str | int) -> str:
        """Return a shape of numbers and of names of [1]; made once: loading is slow with many."""
        if parts not in self.shapes:
            names = (self.whole(part) if isinstance(part, int) else part for part in parts)
            self.shapes[parts] = self.op("Concat", *names, axis=0)
        return self.shapes[parts]

    def reshape(self, x: str, *parts: str | int) -> str:
        return self.op("Reshape", x, self.sizes(*parts), allowzero=1)

    def swap(self, x: str, *order: int) -> str:
        return self.op("Transpose", x, perm=order)

    def linear(self, x: str, *names: str) -> Any:
        """Multiply by weights [N, K] of a name; by several at once, with an output for each."""
        if self.watched is not None:
            reach = self.op("ReduceMax", self.op("Abs", x), self.whole(0, 1), keepdims=0)
            self.nodes.append(self.onnx.helper.make_node("Identity", [reach], [REACH + names[0]]))
            self.watched[REACH + names[0]] = self.weights[names[0]].shape[1]
        product = self._rounded_product(x, names) if self.int8 else self._product(x, names)
        if len(names) == 1:
            return product
        sizes = self.whole(*(len(self.weights[name]) for name in names))
        return self.op("Split", product, sizes, count=len(names), axis=2)

    def _product(self, x: str, names: Sequence[str]) -> str:
        weights = np.concatenate([self.weights[name] for name in names])
        return self.op("MatMul", x, self.keep("+".join(names), weights.T))

    def _rounded_product(self, x: str, names: Sequence[str]) -> str:
        weights, scales = self._rounded(names)
        most = self.op("ReduceMax", self.op("Abs", x), self.whole(-1), keepdims=1)
        scale = self.op("Mul", self.op("Max", most, self.number(1e-9)), self.number(1 / 127))
        steps = self.op("Add", self.op("Round", self.op("Div", x, scale)), self.number(128.0))
        rounded = self.op("Cast", steps, to=self.onnx.TensorProto.UINT8)
        product = self.op("MatMulInteger", rounded, weights, self.keep("byte128", np.uint8(128)))
        product = self.op("Cast", product, to=self.onnx.TensorProto.FLOAT)
        return self.op("Mul", self.op("Mul", product, scale), scales)

    def _rounded(self, names: Sequence[str]) -> tuple[str, str]:
        """Return int8 weights [K, N] and the scale of each column [N]."""
        name = "+".join(names)
        if f"{name}.rounded" not in self.kept:
            weights = np.concatenate([self.weights[each] for each in names])
            scales = np.maximum(np.abs(weights).max(1), 1e-9) / 127
            self.keep(f"{name}.rounded", np.rint(weights / scales[:, None]).astype(np.int8).T)
            self.keep(f"{name}.scales", scales.astype(np.float32))
        return f"{name}.rounded", f"{name}.scales"

    def norm(self, x: str, name: str) -> str:
        """RMSNorm, in the form that onnxruntime fuses."""
        square = self.op("Pow", x, self.number(2.0))
        mean = self.op("ReduceMean", square, self.whole(-1), keepdims=1)
        root = self.op("Sqrt", self.op("Add", mean, self.number(self.shape.epsilon)))
        return self.op("Mul", self.op("Div", x, root), self.keep(name, self.weights[name]))

    # --- the model ----------------------------------------------------------------------------------------

    def model(self) -> Any:
        """Return the whole file."""
        self._measure()
        x = self._vectors()
        memory: list[str] = []
        for number in range(self.shape.layers):
            x = self._layer(x, number, memory)
        hidden = self.norm(x, "model.norm.weight")
        logits = self.linear(hidden, "model.embed_tokens.weight" if self.shape.tied else "lm_head.weight")
        stacked = self.op("Concat", *(self.op("Unsqueeze", each, self.whole(1)) for each in memory), axis=1)
        s = self.shape
        memories = self.reshape(stacked, self.rows, s.layers, 2, s.kv_heads, self.count, s.head_size)
        for name, value in (("logits", logits), ("hidden", hidden), ("memory", memories)):
            self.nodes.append(self.onnx.helper.make_node("Identity", [value], [name]))
        return self._file()

    def _measure(self) -> None:
        """Find the sizes [1] of this call, which tokens are seen, and RoPE's angles."""
        self.rows, self.count = self._sizes_of("tokens", 0), self._sizes_of("tokens", 1)
        self.prefix, self.rest = self._sizes_of("shared", 3), self._sizes_of("tails", 4)
        self.queries = self.op("Mul", self.count, self.whole(self.shape.group))
        self.all_queries = self.op("Mul", self.rows, self.queries)
        self.total = self.op("Add", self.op("Add", self.prefix, self.rest), self.count)
        lengths = self.reshape("lengths", self.rows, 1)
        new = self._range(self.count)
        self.sight = self._sight(lengths, new)
        s, flat = self.shape, 2 * self.shape.layers
        self.past = {
            "shared": self.reshape("shared", flat, s.kv_heads, self.prefix, s.head_size),
            "tails": self.reshape("tails", self.rows, flat, s.kv_heads, self.rest, s.head_size),
        }
        places = self.op("Add", self.op("Add", lengths, self.prefix), new)
        places = self.op("Cast", self.reshape(places, self.rows, self.count, 1, 1), to=self.onnx.TensorProto.FLOAT)
        pairs = np.arange(0, self.shape.head_size, 2) / self.shape.head_size
        angles = self.op("Mul", places, self.keep("rope", np.float32(self.shape.theta**-pairs)))
        self.cosine, self.sine = self.op("Cos", angles), self.op("Sin", angles)

    def _sizes_of(self, name: str, axis: int) -> str:
        return self.op("Shape", name, start=axis, end=axis + 1)

    def _range(self, size: str) -> str:
        zero, one = self.keep("zero", np.int64(0)), self.keep("one", np.int64(1))
        return self.op("Range", zero, self.op("Squeeze", size), one)

    def _sight(self, lengths: str, new: str) -> str:
        """Return what is added to scores, [B, 1, T, 1, P + R + T]: nothing, or enough to hide a token."""
        hide, show = self.number(float(HIDDEN_FROM_SIGHT)), self.number(0.0)
        beyond = self.op("Where", self.op("Less", self._range(self.rest), lengths), show, hide)  # [B, R]
        later = self.op("Where", self.op("Less", self.op("Unsqueeze", new, self.whole(1)), new), hide, show)  # [T, T]
        parts = [
            self.op("Expand", show, self.sizes(self.rows, self.count, self.prefix)),
            self.op("Expand", self.reshape(beyond, self.rows, 1, self.rest), self.sizes(1, self.count, 1)),
            self.op("Expand", later, self.sizes(self.rows, 1, 1)),
        ]
        return self.reshape(self.op("Concat", *parts, axis=2), self.rows, 1, self.count, 1, self.total)

    def _vectors(self) -> str:
        """Return the vectors of the tokens; in eight bits, rows of the head's own weights where it is tied."""
        name = "model.embed_tokens.weight"
        if not (self.int8 and self.shape.tied):
            return self.op("Gather", self.keep(f"{name}.rows", self.weights[name]), "tokens", axis=0)
        weights, scales = self._rounded([name])
        columns = self.op("Cast", self.op("Gather", weights, "tokens", axis=1), to=self.onnx.TensorProto.FLOAT)
        scale = self.op("Unsqueeze", self.op("Gather", scales, "tokens", axis=0), self.whole(2))
        return self.op("Mul", self.swap(columns, 1, 2, 0), scale)

    def _layer(self, x: str, number: int, memory: list[str]) -> str:
        name = f"model.layers.{number}"
        found = self._attention(self.norm(x, f"{name}.input_layernorm.weight"), number, memory)
        x = self.op("Add", x, self.linear(found, f"{name}.self_attn.o_proj.weight"))
        inner = self.norm(x, f"{name}.post_attention_layernorm.weight")
        gate, up = self.linear(inner, f"{name}.mlp.gate_proj.weight", f"{name}.mlp.up_proj.weight")
        gated = self.op("Mul", self.op("Mul", gate, self.op("Sigmoid", gate)), up)
        return self.op("Add", x, self.linear(gated, f"{name}.mlp.down_proj.weight"))

    def _attention(self, x: str, number: int, memory: list[str]) -> str:
        """Return what new tokens attend to [B, T, H * G * D]; append their keys and values to the memory."""
        s, rows, count = self.shape, self.rows, self.count
        name = f"model.layers.{number}.self_attn"
        projected = self.linear(x, *(f"{name}.{each}_proj.weight" for each in "qkv"))
        queries, keys, values = (
            self.reshape(each, rows, count, heads, s.head_size)
            for each, heads in zip(projected, (s.heads, s.kv_heads, s.kv_heads), strict=True)
        )
        keys, values = self.swap(self._turned(keys), 0, 2, 1, 3), self.swap(values, 0, 2, 1, 3)  # [B, H, T, D]
        memory += [keys, values]
        queries = self.op("Mul", self._turned(queries), self.number(float(np.float32(s.head_size**-0.5))))
        queries = self.reshape(queries, rows, count, s.kv_heads, s.group, s.head_size)
        own = self.reshape(self.swap(queries, 0, 2, 1, 3, 4), rows, s.kv_heads, self.queries, s.head_size)
        common = self.reshape(self.swap(queries, 2, 0, 1, 3, 4), s.kv_heads, self.all_queries, s.head_size)
        shared = [self._part("shared", number, each) for each in (0, 1)]
        tails = [self._part("tails", number, each) for each in (0, 1)]
        on_shared = self.op("MatMul", common, self.swap(shared[0], 0, 2, 1))
        on_shared = self.reshape(on_shared, s.kv_heads, rows, self.queries, self.prefix)
        scores = self.op(
            "Concat",
            self.swap(on_shared, 1, 0, 2, 3),
            self.op("MatMul", own, self.swap(tails[0], 0, 1, 3, 2)),
            self.op("MatMul", own, self.swap(keys, 0, 1, 3, 2)),
            axis=3,
        )
        return self._gathered(self._weights(scores), shared[1], tails[1], values)

    def _weights(self, scores: str) -> list[str]:
        """Return the weights of the prefix, the tails and the new tokens, each [B, H, T * G, ...]."""
        s, total = self.shape, self.total
        scores = self.reshape(scores, self.rows, s.kv_heads, self.count, s.group, total)
        weights = self.op("Softmax", self.op("Add", scores, self.sight), axis=-1)
        weights = self.reshape(weights, self.rows, s.kv_heads, self.queries, total)
        return self.op("Split", weights, self.sizes(self.prefix, self.rest, self.count), count=3, axis=3)

    def _gathered(self, weights: Sequence[str], shared: str, tails: str, values: str) -> str:
        s, rows = self.shape, self.rows
        common = self.reshape(self.swap(weights[0], 1, 0, 2, 3), s.kv_heads, self.all_queries, self.prefix)
        found = self.reshape(self.op("MatMul", common, shared), s.kv_heads, rows, self.queries, s.head_size)
        found = self.op("Add", self.swap(found, 1, 0, 2, 3), self.op("MatMul", weights[1], tails))
        found = self.op("Add", found, self.op("MatMul", weights[2], values))
        found = self.reshape(found, rows, s.kv_heads, self.count, s.group, s.head_size)
        return self.reshape(self.swap(found, 0, 2, 1, 3, 4), rows, self.count, s.heads * s.head_size)

    def _part(self, name: str, layer: int, part: int) -> str:
        """Return keys (0) or values (1) of a layer: of the prefix [H, P, D], of the tails [B, H, R, D]."""
        at = self.keep(f"at{2 * layer + part}", np.int64(2 * layer + part))
        return self.op("Gather", self.past[name], at, axis=0 if name == "shared" else 1)

    def _turned(self, x: str) -> str:
        """Turn pairs of channels [B, T, H, D] by their places."""
        half = self.shape.head_size // 2
        first, second = self.op("Split", x, self.whole(half, half), count=2, axis=3)
        back = self.op("Sub", self.op("Mul", first, self.cosine), self.op("Mul", second, self.sine))
        forth = self.op("Add", self.op("Mul", second, self.cosine), self.op("Mul", first, self.sine))
        return self.op("Concat", back, forth, axis=3)

    def _file(self) -> Any:
        s, value = self.shape, self.onnx.helper.make_tensor_value_info
        whole, float32 = self.onnx.TensorProto.INT64, self.onnx.TensorProto.FLOAT
        inputs = [
            value("tokens", whole, ["B", "T"]),
            value("shared", float32, [s.layers, 2, s.kv_heads, "P", s.head_size]),
            value("tails", float32, ["B", s.layers, 2, s.kv_heads, "R", s.head_size]),
            value("lengths", whole, ["B"]),
        ]
        outputs = [
            value("logits", float32, ["B", "T", s.vocabulary]),
            value("hidden", float32, ["B", "T", s.width]),
            value("memory", float32, ["B", s.layers, 2, s.kv_heads, "T", s.head_size]),
        ]
        outputs += [value(name, float32, [channels]) for name, channels in (self.watched or {}).items()]
        helper = self.onnx.helper
        graph = helper.make_graph(self.nodes, "llama", inputs, outputs, list(self.kept.values()))
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="yomi")
        made.ir_version = 10
        return made
