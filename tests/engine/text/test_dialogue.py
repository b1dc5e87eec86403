"""Dialogues that are paid: which turns say something, which repeat, which lead on."""

import numpy as np
import pytest

from engine.text.dialogue import (
    DialogueReward,
    TurnVectors,
    is_dull,
    known_words,
    says_something,
    shares_of_new_pairs,
    turns_of,
)
from engine.text.tokenizer import CharacterTokenizer

OPENING = "Do you watch films?\nI saw the one with the whale.\n"
DIALOGUES = 3 * [OPENING + "It sank a ship!\nPoor Ishmael's ship, in 1956.\n"] + 2 * ["The wahle sank?\n"]


class AllNew(TurnVectors):
    """Vectors by which every turn leads on as far as can be."""

    def __init__(self):
        pass

    def flows(self, before, turns):
        return [1.0] * len(turns)


REWARD = DialogueReward(known_words(DIALOGUES), AllNew())


@pytest.mark.parametrize(
    ("turn", "verdict"),
    [
        ("The whale sank a ship.", "says something"),
        ("Whale", "says something"),
        ("ISHMAEL’S ship sank in 1956!!", "says something"),
        ("Me too!", "dull"),
        ("I don’t know.", "dull"),
        ("Yeah, I think so", "dull"),
        ("What do you mean?", "dull"),
        ("...", "dull"),
        ("The wahle sank a ship.", "unknown word"),  # two slips of the pen are no word
        ("Yeah, Losmom or Ceal.", "unknown word"),
        ("The whale sank in 19497.", "unknown word"),
        ("Ishmael sank", "unknown word"),  # known is Ishmael's
        ("The whaleship", "unknown word"),
    ],
)
def test_a_turn_says_something_in_words_that_there_are(turn, verdict):
    assert is_dull(turn) == (verdict == "dull")
    assert says_something(turn, REWARD.known) == (verdict == "says something")
    assert REWARD.turns_paid([], [turn]) == [float(verdict == "says something")]


def test_a_turn_that_was_cut_off_is_none():
    assert turns_of("one\n\n two \nthr") == ["one", "two"]
    assert turns_of("one") == []


def test_what_says_nothing_is_paid_nothing_and_so_is_what_is_missing():
    three, dull, odd = "It sank.\nWhale sank!\nPoor ship.\n", "Oh really?\n", "Losmom sank.\n"
    texts = [three, three + dull, odd + three + dull, "Whale sank!\n", ""]
    assert REWARD.pay([OPENING] * 5, texts) == pytest.approx([1, 3 / 4, 3 / 5, 1 / 3, 0])
    cut_off = "but it wa"
    assert REWARD.pay([OPENING] * 3, [each + cut_off for each in ("It sank.\n", dull, "")]) == [1, 0, 0]


def test_pairs_of_words_that_were_there_before_are_not_new():
    before = turns_of(OPENING)
    assert list(shares_of_new_pairs(before, ["It sank a ship.", "It sank a film.", "Do you sank?"])) == [
        1,
        1 / 3,
        1 / 2,
    ]
    assert list(shares_of_new_pairs([], ["Whale.", "Whale."])) == [1, 0]
    assert REWARD.turns_paid(before, before) == pytest.approx([2 / 3] * 2)  # known, and leading on


def test_turns_lead_on_by_minus_the_logarithm_of_their_cosine():
    vectors = TurnVectors(CharacterTokenizer("ab"), np.eye(3, dtype=np.float32))
    vectors.vectors = np.array([[0, 0], [1, 0], [0.6, 0.8]], np.float32)
    assert vectors.cosines(["a", "b", "b", "aa"]) == pytest.approx([0.6, 1, 0.6])
    assert vectors.flows(["b", "a"], ["a", "a"]) == pytest.approx([0, 0], abs=1e-6)
    assert vectors.flows(["b"], ["b", "a"]) == pytest.approx([0, -np.log(0.6)], abs=1e-6)
    assert vectors.flows([], ["b", "a"]) == pytest.approx([1, -np.log(0.6)])  # before the first nothing stands
    assert vectors.flows(["b"], []) == vectors.flows([], []) == []
    vectors.vectors[2] = -1, 0
    assert vectors.flows(["a"], ["b"]) == [1]  # no logarithm of what is below 0
    vectors.vectors = np.array([[0, 0], [1, 0], [0.6, 0.8]], np.float32)
    paid = DialogueReward(known_words(["ab"] * 3), vectors).turns_paid(["b"], ["ab", "b"])
    assert paid == [pytest.approx((1 - np.log(vectors.cosines(["b", "ab"])[0]) + 1) / 3), 0]


def test_a_missing_vector_and_an_empty_turn_have_no_direction():
    vectors = TurnVectors(CharacterTokenizer("ab"), np.ones((3, 2), np.float32))
    assert vectors.cosines(["a", "b"]) == [0.0]
