"""Key-value memory: what was read before is not read again, and the answers are those of reading everything anew."""

import numpy as np
import pytest

from engine.text import memory
from engine.text.memory import PrefixMemory
from tests.engine.text.models import RandomTransformer, Trigrams


def alone(model, row):
    """Return the answer at the last token of one text that is read from its beginning."""
    shape = (model.layers, 2, model.kv_heads, 0, model.head_size)
    row = np.array(row, np.int64)[None]
    logits, hidden, _ = model.extend(
        row, np.zeros(shape, np.float32), np.zeros((1, *shape), np.float32), np.zeros(1, int)
    )
    return logits[0, -1], hidden[0, -1]


def rows(*texts):
    return [np.array(text, np.int32) for text in texts]


def grown(seed, count, length=9):
    """Return texts that grow out of each other, as in a search: each is an earlier one with a token more."""
    random = np.random.default_rng(seed)
    texts = [[3, 1, 4]]
    while len(texts) < count:
        texts.append([*texts[random.integers(len(texts))], int(random.integers(10))])
    return rows(*(text for text in texts if len(text) <= length))


def same(model, found, texts):
    for logits, hidden, text in zip(*found, texts, strict=True):
        expected = alone(model, text)
        assert np.allclose(logits, expected[0], atol=1e-5)
        assert np.allclose(hidden, expected[1], atol=1e-5)


def test_answers_are_those_of_reading_from_the_beginning():
    model = RandomTransformer()
    read = PrefixMemory(model)
    texts = grown(1, 60)
    for start in range(0, len(texts), 7):
        wave = texts[start : start + 7]
        same(model, read.read(wave), wave)


def test_texts_of_any_length_and_kinship_may_be_read_in_one_call():
    model = RandomTransformer()
    read = PrefixMemory(model)
    texts = rows([1], [2, 3, 4], [1, 5], [2, 3, 4, 5, 6, 7], [9, 9], [1], [2, 3, 4])
    same(model, read.read(texts), texts)
    same(model, read.read(texts[::-1]), texts[::-1])


def test_no_token_is_read_twice():
    model = Trigrams()
    read = PrefixMemory(model)
    read.read(rows([0, 1, 2, 3]))
    assert model.tokens_read == 4
    read.read(rows([0, 1, 2, 3, 0], [0, 1, 2, 3, 1], [0, 1, 2, 0]))
    assert model.tokens_read == 7
    assert len(read) == 7


def test_equal_texts_and_a_common_beginning_are_read_once():
    model = Trigrams()
    texts = rows([0, 1, 2], [0, 1, 2], [0, 1, 2])
    same(model, PrefixMemory(model).read(texts), texts)
    model, begin = Trigrams(), [0, 1, 2, 3] * 5
    texts = rows([*begin, 0], [*begin, 1, 0], [*begin, 1, 0], begin)
    found = PrefixMemory(model).read(texts)
    assert model.tokens_read == 19 + 1 + 2 + 3
    same(model, found, texts)


def test_what_all_rows_begin_with_is_handed_over_once(monkeypatch):
    model, seen = RandomTransformer(), []
    extend = model.extend

    def watched(tokens, shared, tails, lengths):
        seen.append((shared.shape[3], tails.shape[4]))
        return extend(tokens, shared, tails, lengths)

    monkeypatch.setattr(model, "extend", watched)
    read = PrefixMemory(model)
    begin = list(range(10)) * 4
    read.read(rows(begin))
    read.read(rows([*begin, 1], [*begin, 2]))
    read.read(rows([*begin, 1, 1], [*begin, 2, 1]))
    assert seen == [(0, 0), (40, 0), (40, 1)]


def test_moving_the_root_frees_what_lies_elsewhere():
    model = RandomTransformer()
    read = PrefixMemory(model)
    read.read(rows([1, 2], [1, 2, 3], [1, 2, 4], [1, 2, 3, 5], [1, 2, 4, 5]))
    read.keep(rows([1, 2, 3]))
    assert len(read) == 4
    texts = rows([1, 2, 3, 5, 6], [1, 2, 3, 7], [1, 2, 4, 5, 6])
    same(model, read.read(texts), texts)


def test_a_full_memory_drops_what_the_call_does_not_need(monkeypatch):
    model = RandomTransformer()
    read = PrefixMemory(model)
    monkeypatch.setattr(read, "most", 40)
    for seed in range(4):
        texts = grown(seed, 20)
        for start in range(0, len(texts), 3):
            wave = texts[start : start + 3]
            same(model, read.read(wave), wave)
            assert len(read) <= 60


@pytest.mark.parametrize("slack", [0, 1, 100])
def test_sharing_changes_no_answer(monkeypatch, slack):
    monkeypatch.setattr(memory, "SLACK", slack)
    model = RandomTransformer()
    read = PrefixMemory(model)
    for wave in (
        rows([1, 2, 3]),
        rows([1, 2, 3, 4], [1, 2, 3, 5]),
        rows([1, 2, 3, 4, 4], [1, 2, 3, 4, 5]),
        rows([1, 9]),
    ):
        same(model, read.read(wave), wave)
