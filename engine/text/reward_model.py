"""A learned reward: a language model reads an answer, and a linear head scores what it has read."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.text.language_model import LanguageModel
from engine.text.models import find_folder, open_model
from engine.text.rewards import UNBOUNDED, Reward
from engine.text.weights import read_tensors

HEAD = "head.safetensors"
POOLINGS = ("last", "mean", "root")
"""What is scored: the hidden state of the end token, the mean of the answer's, or their sum by its length's root."""

MOST_TOKENS = 4096
"""Tokens of a call, padding included."""


class RewardModel(Reward):
    """Scores answers; only differences between answers to one prompt mean anything."""

    ends = UNBOUNDED

    def __init__(self, model: LanguageModel, weights: np.ndarray, pooling: str):
        self.model, self.weights, self.pooling, self.name = model, weights, pooling, model.folder.name

    def pay(self, prompts: Sequence[str], texts: Sequence[str]) -> list[float]:
        """Return the scores of texts."""
        return self.score(prompts, texts).tolist()

    def score(self, prompts: Sequence[str], answers: Sequence[str]) -> np.ndarray:
        """Return the scores of answers to prompts, float32 [B]. What exceeds the model's context is not read."""
        texts = [self._tokens(*pair) for pair in zip(prompts, answers, strict=True)]
        scores = np.zeros(len(texts), np.float32)
        for chosen in _batches([len(tokens) for _, tokens in texts]):
            scores[chosen] = self.hidden([texts[number] for number in chosen]) @ self.weights
        return scores

    def hidden(self, texts: Sequence[tuple[int, list[int]]]) -> np.ndarray:
        """Return what is scored of texts, float32 [B, C]; of each the first tokens, so many, are a prompt."""
        longest = max(len(tokens) for _, tokens in texts)
        rows = np.full((len(texts), longest), self.model.end, np.int64)
        for row, (_, tokens) in zip(rows, texts, strict=True):
            row[: len(tokens)] = tokens
        model = self.model
        _, hidden, _ = model.extend(rows, model.no_prefix(), model.no_tails(len(rows)), np.zeros(len(rows), np.int64))
        if self.pooling == "last":
            return hidden[np.arange(len(rows)), [len(tokens) - 1 for _, tokens in texts]]
        found = np.stack([row[read : len(tokens)].sum(0) for row, (read, tokens) in zip(hidden, texts, strict=True)])
        lengths = np.array([[len(tokens) - read] for read, tokens in texts], np.float32)
        return found / (lengths if self.pooling == "mean" else np.sqrt(lengths))

    def _tokens(self, prompt: str, answer: str) -> tuple[int, list[int]]:
        """Return how many tokens are the prompt's, and all: prompt, answer, end."""
        encode = self.model.tokenizer.encode
        read = [*encode(prompt, special=False)][: self.model.context // 2] if prompt else [self.model.end]
        rest = encode(answer, special=False)[: self.model.context - len(read) - 1]
        return len(read), [*read, *rest, self.model.end]


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the numbers of texts that are run together: of like lengths."""
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda each: lengths[each]):
        if batch and (len(batch) + 1) * lengths[number] > MOST_TOKENS:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def has_head(folder: Path) -> bool:
    """Tell whether a model's folder holds a reward model."""
    return (folder / HEAD).is_file()


def open_reward_model(name: str | Path, runtime: str = "auto", threads: int = 1) -> RewardModel:
    """Open a reward model by its name or folder; raise `ValueError` in one sentence where it is none."""
    folder = find_folder(name)
    if not has_head(folder):
        raise ValueError(f"{folder} is a language model and no reward model: there is no {HEAD} in it")
    model = open_model(folder, runtime, threads)
    weights = read_tensors(folder / HEAD).get("score.weight")
    if weights is None or weights.size != model.width or not np.isfinite(weights).all():
        raise ValueError(f"{folder / HEAD} holds no head of {model.width} finite numbers")
    pooling = model.about.get("pooling", "last")
    if pooling not in POOLINGS:
        raise ValueError(f"{folder / 'model.json'}: pooling = {pooling!r} is none of {', '.join(POOLINGS)}")
    return RewardModel(model, weights.reshape(-1), pooling)
