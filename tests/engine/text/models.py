"""Small language models for tests: a table of trigrams, and a transformer with random weights, both in plain numpy."""

from pathlib import Path

import numpy as np


class Characters:
    """A tokenizer: token k is character k of an alphabet."""

    def __init__(self, alphabet):
        self.alphabet = alphabet
        self.size = len(alphabet)

    def encode(self, text, special=True):
        try:
            return [self.alphabet.index(character) for character in text]
        except ValueError:
            raise ValueError(f"the model knows no such character in {text!r}") from None

    def decode(self, tokens):
        return "".join(self.alphabet[token] for token in tokens)

    def number(self, token):
        return None


class Trigrams:
    """The next character depends on the last two; the memory of a token is its number.

    The hidden state tells the last two characters, whether there is only one, and how many there are.
    """

    layers, kv_heads, head_size, width, context = 1, 1, 1, 4, 256
    folder = Path("trigrams")
    about: dict = {}

    def __init__(self, alphabet="abcd.", seed=1, sharpness=1.5):
        self.tokenizer = Characters(alphabet)
        self.vocabulary, self.end = len(alphabet), len(alphabet) - 1
        random = np.random.default_rng(seed)
        self.table = (sharpness * random.normal(size=(self.vocabulary + 1, self.vocabulary, self.vocabulary))).astype(
            np.float32
        )
        self.calls, self.tokens_read = 0, 0

    def extend(self, tokens, shared, tails, tail_lengths):
        rows, new = tokens.shape
        self.calls, self.tokens_read = self.calls + 1, self.tokens_read + rows * new
        logits = np.empty((rows, new, self.vocabulary), np.float32)
        hidden = np.zeros((rows, new, self.width), np.float32)
        for b in range(rows):
            past = [*shared[0, 0, 0, :, 0], *tails[b, 0, 0, 0, : tail_lengths[b], 0], *tokens[b]]
            past = [self.vocabulary, *(int(token) for token in past)]
            for j in range(new):
                k = len(past) - new + j
                logits[b, j] = self.table[past[k - 1], past[k]]
                hidden[b, j] = past[k], past[k - 1], k == 1, k
        memory = np.broadcast_to(tokens[:, None, None, None, :, None], (rows, 1, 2, 1, new, 1)).astype(np.float32)
        return logits, hidden, memory

    def read(self, tokens):
        nothing = np.zeros((1, 2, 1, 0, 1), np.float32)
        return self.extend(np.array(tokens, np.int64)[None], nothing, nothing[None], np.zeros(1, np.int64))


class RandomTransformer:
    """Two layers of attention over all tokens so far, without positions but those that the values carry."""

    layers, kv_heads, head_size, width, context, vocabulary, end = 2, 2, 4, 8, 256, 11, 10

    def __init__(self, seed=1):
        self.tokenizer = Characters("0123456789.")
        random = np.random.default_rng(seed)
        self.embed = random.normal(size=(self.vocabulary, self.width))
        self.weights = random.normal(size=(self.layers, 4, self.width, self.width)) / 2
        self.head = random.normal(size=(self.width, self.vocabulary))

    def extend(self, tokens, shared, tails, tail_lengths):
        rows, new = tokens.shape
        past = shared.shape[3]
        logits, hidden = np.empty((rows, new, self.vocabulary)), np.empty((rows, new, self.width))
        memory = np.empty((rows, self.layers, 2, self.kv_heads, new, self.head_size), np.float32)
        for b in range(rows):
            before = past + tail_lengths[b]
            x = self.embed[tokens[b]] + np.sin(np.arange(before, before + new))[:, None]
            for layer, (wq, wk, wv, wo) in enumerate(self.weights):
                q, k, v = (self._heads(x @ w) for w in (wq, wk, wv))
                memory[b, layer] = k, v
                old = [np.concatenate([shared[layer, i], tails[b, layer, i, :, : tail_lengths[b]]], 1) for i in (0, 1)]
                k, v = (np.concatenate([o, n], 1) for o, n in zip(old, memory[b, layer], strict=True))
                score = q @ k.transpose(0, 2, 1) / 2
                future = np.arange(before + new) > np.arange(before, before + new)[:, None]
                share = np.exp(np.where(future, -np.inf, score))
                share /= share.sum(-1, keepdims=True)
                x = x + np.tanh((share @ v).transpose(1, 0, 2).reshape(new, self.width) @ wo)
            hidden[b], logits[b] = x, x @ self.head
        return logits.astype(np.float32), hidden.astype(np.float32), memory

    def _heads(self, x):
        return x.reshape(len(x), self.kv_heads, self.head_size).transpose(1, 0, 2)
