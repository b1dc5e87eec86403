"""The settings that stages of text have in common; they need no torch."""

from dataclasses import dataclass

from engine.settings import again, setting
from engine.text.shape import LlamaShape
from training.learning_settings import LearningSettings


@dataclass(frozen=True)
class ModelSettings(LearningSettings):
    """Which network learns to write, and how."""

    parent: str = setting("", "a language model whose weights and tokenizer to begin with")
    tokenizer: str = setting(
        "characters",
        "tokenizer of a new model: every character a token, or byte-level BPE",
        choices=("characters", "bytes"),
    )
    vocabulary: int = setting(4096, "tokens of a byte-level BPE", least=257, most=1 << 20)
    context: int = setting(256, "longest text of a new model, in tokens", least=2, most=1 << 20)
    layers: int = setting(4, "layers of a new model", least=1, most=1000)
    width: int = setting(128, "channels of a token's vector", least=2, most=65_536)
    heads: int = setting(4, "heads of queries in a layer", least=1, most=1024)
    kv_heads: int = setting(0, "heads of keys and values; 0: as many as of queries", least=0, most=1024)
    inner: int = setting(0, "channels inside a layer's neurons; 0: 8/3 of the width", least=0, most=1 << 20)
    int8: bool = setting(False, "write models in eight-bit numbers, too")

    rate: float = again(LearningSettings, "rate", 1e-3)
    warm_up: int = again(LearningSettings, "warm_up", 100)
    average: float = again(LearningSettings, "average", 0.99)
    compile: str = again(LearningSettings, "compile", "no")
    log_every: int = again(LearningSettings, "log_every", 50)
    measure_every: int = again(LearningSettings, "measure_every", 250)

    def shape(self, vocabulary: int, end: int) -> LlamaShape:
        """Return the shape of a new model; raise `ValueError` where heads cannot share the width."""
        if self.width % (2 * self.heads):
            raise ValueError(f"width = {self.width} cannot be shared by {self.heads} heads of an even size")
        if self.kv_heads and self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} heads cannot share kv_heads = {self.kv_heads} evenly")
        return LlamaShape(
            vocabulary=vocabulary,
            context=self.context,
            width=self.width,
            layers=self.layers,
            heads=self.heads,
            kv_heads=self.kv_heads or self.heads,
            head_size=self.width // self.heads,
            inner=self.inner or -(-8 * self.width // 3 // 32) * 32,
            end=end,
        )
