"""Rewards: what each pays and says, functions of one's own and how they fail, syllables, and the score of states."""

import math

import numpy as np
import pytest

from engine.text import rewards
from engine.text.lengths import Exactly
from engine.text.pieces import Pieces
from engine.text.rewards import Average, Includes, Meter, Varied, Without, load_function, scorer
from engine.text.solving import Solves
from engine.text.syllables import count_syllables
from games.text.rows import play, start
from tests.engine.text.models import Characters

HAIKU = "an old silent pond\na frog jumps into the pond\nsplash silence again"


@pytest.mark.parametrize(
    ("reward", "good", "bad", "lacks"),
    [
        (Exactly(5, "chars"), " abcde\n", "abcdef", "6 chars"),
        (Exactly(3, "words"), "one  two\nthree", "one two", "2 words"),
        (Includes("sea"), "By the SEA.", "seaside, overseas", "no 'sea'"),
        (Includes("c++"), "in C++!", "in c", "no 'c++'"),
        (Without("eQ"), "a bold sky", "Equal", "has eq"),
        (Meter([5, 7, 5]), HAIKU, "one two three", "syllables 3"),
        (Solves(), "12-8=4,2,7;7*4=28,2;28-2=26.", "x", None),
    ],
)
def test_what_pays_fully_lacks_nothing(reward, good, bad, lacks):
    prompt = "2,7,8,12;"
    if lacks is None:
        assert reward.pay([prompt], [good]) == [0.0]
        assert reward.verdict(prompt, good) == "26 is left"
        solution = "12-8=4,2,7;7-4=3,2;"
        assert reward.verdict(prompt, solution) == "it does not end with a full stop"
        return
    assert reward.pay([prompt] * 2, [good, bad])[0] == 1
    assert reward.pay([prompt], [bad])[0] < 1
    assert reward.verdict(prompt, good) == ""
    assert reward.verdict(prompt, bad) == lacks
    assert all(len(reward.count(prompt, text)) == reward.counters for text in (good, bad, ""))


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", [0, 0]),
        ("12-8=4,2,7;7+4=11,2;11", [0, 0]),  # 24 cannot be made of 11 and 2: that is not counted
        ("12-8=5", [1, 0]),
        ("12-8=4,2,7;7+4=11,2;11+2=13.", [1, 0]),
        ("12-7=5,2,8;5-2=3,8;3*8=24", [0, 0]),
        ("12-7=5,2,8;5-2=3,8;3*8=24.", [0, 1]),
    ],
)
def test_the_game_of_24_counts_wrong_numbers_but_solves_nothing(text, counted):
    assert Solves().count("2,7,8,12;", text) == counted


PIECES = ["", "a", " b", " ", "\n", ". ", "e! ", ".", "two words", " .x", "\u2003", "c."]
BEGUN = ["", " ", "  It is", "It is. ", "It is.", "so\n"]


@pytest.mark.parametrize(
    ("reward", "prompt", "texts", "pieces"),
    [
        (Exactly(8, "chars"), "", BEGUN, PIECES),
        (Exactly(3, "words"), "", BEGUN, PIECES),
        (Average([Varied(), Exactly(9, "chars"), Includes("is")]), "", BEGUN, PIECES),
        (Meter([2, 2]), "", BEGUN, PIECES),
        (
            Solves(),
            "2,7,8,12;",
            ["", "1", "12-8=4,2,7;7-4=3,2;", "12-8=4,2,7;7-4=3,2", "12-8=5;", "12-7=5,2,8;5-2=3,8;3*8=24", "9" * 300],
            [*"0123456789+-*/=:,;.", "", "2-", "2-8=4,7,2;7", "=24."],
        ),
    ],
)
def test_what_is_counted_after_many_tokens_at_once_is_what_is_counted_after_each(reward, prompt, texts, pieces):
    order = np.array([np.random.default_rng(k).permutation(len(pieces)) for k in range(len(texts))], np.int32)
    found = reward.count_after([prompt] * len(texts), texts, order, Pieces(Characters(pieces)))
    single = [[reward.count(prompt, text + pieces[k]) for k in row] for text, row in zip(texts, order, strict=True)]
    assert found.dtype == np.float32
    assert np.array_equal(found, np.array(single, np.float32))


def test_a_puzzle_that_is_solved_is_paid():
    assert Solves().pay(["1,1,2,6;"], ["1+1=2,2,6;2*2=4,6;4*6=24."]) == [1.0]


def test_a_length_that_is_nearer_pays_more():
    pays = Exactly(10, "chars").pay([""] * 5, ["a" * n for n in (1, 5, 9, 10, 11)])
    assert pays == pytest.approx([0.05, 0.25, 0.45, 1, 0.45])


def test_several_rewards_are_averaged_and_all_their_faults_named():
    both = Average([Exactly(3, "words"), Includes("sea"), Without("z")])
    assert both.ends == (0.0, 1.0)
    assert both.name == "exactly 3 words, with 'sea', without z"
    assert both.pay(["", ""], ["by the sea", "by the zoo"]) == pytest.approx([1, 1 / 3])
    assert both.verdict("", "by a zoo there") == "4 words, no 'sea', has z"


@pytest.mark.parametrize(
    "reward", [Exactly(40, "chars"), Exactly(4, "words"), Average([Exactly(9, "chars"), Varied()])]
)
def test_a_text_meets_the_first_of_the_rewards_under_which_it_teaches_and_no_other(reward):
    text = "A swan swims over the lake."
    found = reward.relabelled(text)
    assert [each.pay([""], [text])[0] == 1 for each in found] == [True, *[False] * (len(found) - 1)]
    assert len(found) == 3
    assert all(len(each.count("", text)) == each.counters == reward.counters for each in found)
    assert reward.relabelled_odds > 1
    assert Includes("swan").relabelled(text) == []


def test_pairs_that_repeat_pay_less():
    assert Varied().pay([""] * 3, ["a b a b a b", "a b c d", "a"]) == pytest.approx([2 / 5, 1, 0])


def test_letters_that_are_barred_mask_their_tokens():
    assert Without("e").mask(["a", "be", "E", " ", ""]).tolist() == [True, False, False, True, True]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Exactly(0, "chars"), "--exactly"),
        (lambda: Exactly(5, "lines"), "--exactly"),
        (lambda: Includes("  "), "--include"),
        (lambda: Without(""), "--without"),
        (lambda: Meter([5, 0]), "--meter"),
        (lambda: rewards.Resembles("bert", "x"), "bleu or rouge"),
    ],
)
def test_what_cannot_be_asked_is_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


@pytest.mark.parametrize(("measure", "library"), [("bleu", "sacrebleu"), ("rouge", "rouge_score")])
def test_likeness_is_that_of_its_library(measure, library):
    pytest.importorskip(library)
    reward = rewards.Resembles(measure, "the cat sat on the mat")
    same, near, far = reward.pay([""] * 3, ["the cat sat on the mat", "the cat sat on a mat", "rain"])
    assert same == pytest.approx(1)
    assert 1 > near > far >= 0


# --- functions of one's own -------------------------------------------------------------------------------


@pytest.fixture
def own(tmp_path):
    def write(body):
        path = tmp_path / "mine.py"
        path.write_text(body)
        return f"{path}:pay"

    return write


def test_a_function_of_texts_is_a_reward_without_bounds(own):
    reward = load_function(own("def pay(texts): return [len(text) for text in texts]"))
    assert reward.pay(["x", "y"], ["ab", ""]) == [2.0, 0.0]
    assert reward.ends == (-math.inf, math.inf)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("def pay(texts): return 1 / 0", "raised ZeroDivisionError: division by zero"),
        ("def pay(texts): return [float('nan')]", "returned nan for the text 'some text'"),
        ("def pay(texts): return [1, 2]", "returned 2 values for 1 texts"),
        ("def pay(texts): return ['much']", "raised ValueError"),
        ("def pay(texts): return None", "raised TypeError"),
        ("pay = 3", "has no function 'pay'"),
        ("import nowhere_at_all", "cannot be run: ModuleNotFoundError"),
        ("def pay(:", "cannot be run: SyntaxError"),
        ("def pay(texts): raise SystemExit", "raised SystemExit"),
        ("exit(0)", "cannot be run: SystemExit"),
    ],
)
def test_a_function_that_fails_is_told_in_a_sentence(own, body, words):
    with pytest.raises(ValueError, match="mine.py") as told:
        load_function(own(body)).pay(["prompt"], ["some text"])
    assert words in str(told.value)


def test_what_a_function_prints_stays_out_of_the_output_for_programs(own, capsys):
    reward = load_function(own("print('loading')\ndef pay(texts): print('paying'); return [1.0] * len(texts)"))
    reward.pay(["x"], ["y"])
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "loading\npaying\n")


@pytest.mark.parametrize("words", ["nofile.py:pay", "no colon", ":pay", "a.py:", "a.py:not a name"])
def test_what_names_no_function_is_refused(words):
    with pytest.raises(ValueError, match="file"):
        load_function(words)


# --- states and syllables ---------------------------------------------------------------------------------


def test_states_are_scored_by_the_texts_behind_their_prompts():
    tokenizer = Characters("abc.")
    states = np.stack([start([0, 1], 3, 4, 3)] * 2)
    for moves in ([1, 2], [2, 3]):
        play(states, np.array(moves, np.int32))
    asked = []

    class Notes(rewards.Reward):
        def pay(self, prompts, texts):
            asked.extend(zip(prompts, texts, strict=True))
            return [0.5] * len(texts)

    assert scorer(Notes(), tokenizer)(states).tolist() == [0.5, 0.5]
    assert asked == [("ab", "bc"), ("ab", "c.")]


@pytest.mark.parametrize(
    ("word", "count"),
    [("moon", 1), ("stones", 1), ("houses", 2), ("apple", 2), ("wanted", 2), ("walked", 1), ("idea", 3)]
    + [("beautiful", 3), ("creation", 3), ("yellow", 2), ("sometimes", 2), ("science", 2), ("the", 1), ("5,", 0)],
)
def test_syllables_are_counted_by_spelling(word, count):
    assert count_syllables(word) == count
