"""Dialogues that are paid: which turns are dull, which repeat, which lead on."""

import numpy as np
import pytest

from engine.text.dialogue import Flowing, Fresh, Saying, is_dull, turns_of
from engine.text.tokenizer import CharacterTokenizer

OPENING = "Do you watch films?\nI saw the one with the whale.\n"


@pytest.mark.parametrize("turn", ["Me too!", "I don’t know.", "Yeah, I think so", "What do you mean?", "...", "OK"])
def test_a_turn_of_stock_words_is_dull(turn):
    assert is_dull(turn)
    assert not is_dull(f"{turn} The whale sank a ship")


def test_a_turn_that_was_cut_off_is_none():
    assert turns_of("one\n\n two \nthr") == ["one", "two"]
    assert turns_of("one") == []


def test_what_says_nothing_is_paid_nothing_and_so_is_what_is_missing():
    lively, dull = "It sank a ship.\n", "Oh really?\n"
    paid = Saying().pay([OPENING] * 4, [3 * lively, 2 * lively + dull, lively, ""])
    assert paid == pytest.approx([1, 2 / 3, 1 / 3, 0])
    cut_off = "but it wa"
    assert Saying().pay([OPENING] * 3, [each + cut_off for each in (lively, dull, "")]) == [1, 0, 0]


def test_pairs_of_words_that_were_there_before_are_paid_nothing():
    texts = ["It sank a ship.\nWhales do that.\nPoor sailors.\n", 3 * "I saw the one with the whale.\n"]
    assert Fresh().pay([OPENING] * 2, texts) == pytest.approx([1, 0])
    assert Fresh().pay([""], ["No.\nNo.\nNo.\n"]) == pytest.approx([1 / 3])


def test_turns_lead_on_by_minus_the_logarithm_of_their_cosine():
    flowing = Flowing(CharacterTokenizer("ab"), np.eye(3, dtype=np.float32))
    flowing.vectors = np.array([[0, 0], [1, 0], [0.6, 0.8]], np.float32)
    assert flowing.cosines(["a", "b", "b", "aa"]) == pytest.approx([0.6, 1, 0.6])
    same, other = flowing.pay(["b\na\n"] * 2, ["a\na\na\n", "b\na\nb\n"])
    assert same == pytest.approx(0)
    assert other == pytest.approx(-np.log(0.6))
    flowing.vectors[2] = -1, 0
    assert flowing.pay(["a\n"], ["b\na\nb\n"]) == pytest.approx([1])  # no logarithm of what is below 0


def test_a_missing_vector_and_an_empty_turn_have_no_direction():
    flowing = Flowing(CharacterTokenizer("ab"), np.ones((3, 2), np.float32))
    assert flowing.pay([""], ["\n\n"]) == [0.0]
    assert flowing.cosines(["a", "b"]) == [0.0]
