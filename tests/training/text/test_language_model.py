"""Learning to write: texts in the usual forms, rows without waste, and a loss that falls."""

import gzip
import json
import lzma

import numpy as np
import pytest

from engine.text.tokenizer import CharacterTokenizer
from games.text import twenty_four
from training.text.packing import UNLEARNED, as_tokens, batches, in_order, pieces
from training.text.texts import Comparison, TextExample, read_comparisons, read_examples
from training.text.traces import reordered, traces

SAID = [{"role": "user", "content": "two?"}]


def lines(path, *fields):
    path.write_text("".join(json.dumps(each) + "\n" for each in fields))
    return path


# --- reading ----------------------------------------------------------------------------------------------


def test_the_usual_forms_of_examples(tmp_path):
    path = lines(
        tmp_path / "a.jsonl",
        {"text": "plain"},
        {"prompt": "one?", "completion": "1"},
        {"prompt": SAID, "completion": [{"role": "assistant", "content": "2"}]},
        {"messages": [*SAID, {"role": "assistant", "content": "2"}, *SAID, {"role": "assistant", "content": "yes"}]},
        {"turns": ["hi  there", "hello"]},
    )
    second = [*SAID, {"role": "assistant", "content": "2"}, *SAID]
    assert list(read_examples(path)) == [
        TextExample("", "plain"),
        TextExample("one?", "1"),
        TextExample(SAID, "2"),
        TextExample(SAID, "2"),
        TextExample(second, "yes"),
        TextExample("", "hi there\nhello\n"),
    ]


def test_the_usual_forms_of_comparisons(tmp_path):
    good, bad = {"role": "assistant", "content": "2"}, {"role": "assistant", "content": "3"}
    path = lines(
        tmp_path / "a.jsonl",
        {"prompt": "two?", "chosen": "2", "rejected": "3", "topic": "numbers"},
        {"prompt": SAID, "chosen": [good], "rejected": [bad]},
        {"chosen": [*SAID, good], "rejected": [*SAID, bad]},
        {"chosen": "2", "rejected": "3"},
    )
    asked = Comparison(SAID, "2", "3")
    assert list(read_comparisons(path)) == [Comparison("two?", "2", "3"), asked, asked, Comparison("", "2", "3")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2 is not JSON"),
        ("[]", "line 2 is no table of fields"),
        ("[" * 100_000, "line 2 is not JSON"),
        ('{"chosen": "a"}', "line 2 has no field 'rejected'"),
        ('{"prompt": 3, "chosen": "a", "rejected": "b"}', "line 2: 'prompt' should be a list of messages"),
        ('{"prompt": "p", "chosen": 1, "rejected": "b"}', "line 2: 'chosen' should be a list of messages"),
        ('{"chosen": [{"role": "user"}], "rejected": "b"}', "line 2: 'chosen' should be a list of messages"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, line, said):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"chosen": "a", "rejected": "b"}\n' + line + "\n")
    with pytest.raises(ValueError, match=rf"pairs\.jsonl, {said}"):
        list(read_comparisons(path))


def test_files_that_hold_no_text_are_a_sentence(tmp_path):
    for name, data, said in [
        ("a.txt", b"", "a.txt is empty"),
        ("b.txt", b"fine\n\xff\xfe", "b.txt, line 2 is no UTF-8"),
        ("c.jsonl", b"\n\n", "c.jsonl is empty"),
        ("d.jsonl", b'{"words": 1}', "d.jsonl, line 1 holds none of: text; prompt and completion"),
        ("e.jsonl.xz", b"nonsense", "e.jsonl.xz cannot be unpacked"),
        ("f.txt.gz", b"nonsense", "f.txt.gz cannot be unpacked"),
    ]:
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match=said):
            list(read_examples(tmp_path / name))
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        list(read_examples(tmp_path / "missing.txt"))


def test_the_mark_of_utf_8_and_halves_of_characters_cost_nothing(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "one \\ud83d\\ude00 \\ud83d."}\r\n{"turns": ["\\uDC00", "\\\\ud"]}\n')
    assert [each.answer for each in read_examples(path)] == ["one \U0001f600 \ufffd.", "\ufffd\n\\ud\n"]
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfplain")
    assert next(read_examples(tmp_path / "b.txt")).answer == "plain"


def test_packed_files_are_read(tmp_path):
    (tmp_path / "a.txt.xz").write_bytes(lzma.compress(b"one\ntwo"))
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"three"))
    assert [next(read_examples(tmp_path / name)).answer for name in ("a.txt.xz", "b.txt.gz")] == ["one\ntwo", "three"]


# --- solutions --------------------------------------------------------------------------------------------


def test_a_solution_in_another_order_of_the_numbers():
    assert reordered([12, 2, 8, 7], "12-8=4,2,7;7-4=3,2;2*3=6") == "12-8=4,2,7;7-4=3,2;2*3=6."
    assert reordered([7, 8, 12, 2], "12-8=4,2,7;7-4=3,2;2*3=6") == "12-8=4,7,2;7-4=3,2;2*3=6."


def test_traces_are_right_and_of_no_puzzle_that_is_kept():
    made = traces(100, seed=1)
    assert made == traces(100, seed=1) != traces(100, seed=2)
    numbers = [twenty_four.read(example.prompt) for example in made]
    for each, example in zip(numbers, made, strict=True):
        assert twenty_four.why_wrong(each, example.answer) == ""
        assert not twenty_four.held_out(each)
        assert not twenty_four.for_critic(each)
    assert len(set(numbers)) == 100
    assert any(example.prompt != twenty_four.write(each) for each, example in zip(numbers, made, strict=True))


# --- rows -------------------------------------------------------------------------------------------------

LETTERS = CharacterTokenizer("abcdefgh")


def shown(batch):
    """Return rows as letters: tokens, what is learned, and which text each belongs to."""
    letters = ".abcdefgh"
    for tokens, targets, texts in zip(*batch, strict=True):
        yield (
            "".join(letters[token] if text >= 0 else " " for token, text in zip(tokens, texts, strict=True)),
            "".join(" " if target == UNLEARNED else letters[target] for target in targets),
            "".join(" " if text < 0 else str(text) for text in texts),
        )


def test_rows_hold_texts_that_fit_and_learn_only_answers():
    examples = [TextExample("ab", "cd"), TextExample("", "efg"), TextExample("a", "h"), TextExample("", "bbbbbbb")]
    batch = next(in_order(as_tokens(examples, LETTERS, 0), 9, 8))
    assert list(shown(batch)) == [
        ("abcd.efg", " cd.efg.", "00001111"),
        ("ah      ", "h.      ", "00      "),
        (".bbbbbbb", "bbbbbbb.", "00000000"),
    ]
    whole = next(in_order(as_tokens(examples[:1], LETTERS, 0, only_answers=False), 9, 8))
    assert list(shown(whole)) == [("abcd    ", "bcd.    ", "0000    ")]


def test_a_long_text_is_cut_and_every_token_is_learned_once():
    text = as_tokens([TextExample("", "abcdefgh" * 5)], LETTERS, 0)
    for seed in range(20):
        found = list(pieces(text, 7, np.random.default_rng(seed)))
        assert max(len(piece.tokens) for piece in found) <= 7
        learned = sorted(token for piece in found for token in piece.tokens[piece.read :].tolist())
        assert learned == sorted(text[0].tokens[1:].tolist())
    (first, *_) = in_order(text, 2, 6)
    assert list(shown(first)) == [(".abcde", "abcdef", "000000"), ("fghabc", "ghabcd", "000000")]


def test_batches_go_on_where_they_were():
    texts = as_tokens([TextExample("", "abc"[: 1 + number % 3] * 2) for number in range(40)], LETTERS, 0)
    stream, later = batches(texts, 3, 8, seed=1), batches(texts, 3, 8, seed=1, skip=5)
    first = [next(stream) for _ in range(7)]
    assert np.array_equal(first[5].tokens, next(later).tokens)
    assert np.array_equal(first[6].targets, next(later).targets)
    assert not np.array_equal(first[0].tokens, next(batches(texts, 3, 8, seed=2)).tokens)


# --- the stage --------------------------------------------------------------------------------------------


def learn(folder, resume=False, **words):
    from training.run import open_run
    from training.text import language_model

    words = {"threads": "1", "log_every": "10", "warm_up": "5", "layers": "1", "width": "32", "heads": "2"} | words
    with open_run(folder, language_model.Settings, [], words, resume) as run:
        language_model.train(run)
    return folder


@pytest.fixture(scope="module")
def rhyme(tmp_path_factory):
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    folder = tmp_path_factory.mktemp("rhyme")
    (folder / "rhyme.txt").write_text("the cat sat on the mat and that was that. " * 100)
    words = {"data": str(folder / "rhyme.txt"), "context": "32", "steps": "120", "batch": "8", "rate": "1e-2"}
    return learn(folder / "run", int8="true", **words)


def test_a_rhyme_is_learned_and_written(rhyme):
    from engine.text.models import open_model
    from training.run import read_metrics

    losses = [line["loss"] for line in read_metrics(rhyme) if "loss" in line]
    assert losses[0] > 2.0
    assert losses[-1] < 0.3
    assert read_metrics(rhyme)[-1]["perplexity"] < 1.4
    for runtime in ("torch", "onnx", "int8"):
        model = open_model(rhyme, runtime)
        tokens = model.tokenizer.encode("the cat sat ")
        for _ in range(12):
            tokens.append(int(model.read(tokens)[0][0, -1].argmax()))
        assert model.tokenizer.decode(tokens) == "the cat sat on the mat a"
    about = open_model(rhyme).about
    assert (about["game"], about["steps"], about["data"]) == ("text", 120, ["rhyme.txt"])
    assert about["held_out"]["perplexity"] < 1.4


def test_a_run_goes_on_from_another_models_weights(rhyme, tmp_path):
    path = lines(tmp_path / "more.jsonl", *[{"prompt": "the ", "completion": "mat sat."}] * 30)
    learn(tmp_path / "run", data=str(path), parent=str(rhyme), steps="30", batch="8", rate="1e-2")
    from engine.text.models import open_model

    model = open_model(tmp_path / "run")
    tokens = model.tokenizer.encode("the ")
    while tokens[-1] and len(tokens) < 20:
        tokens.append(int(model.read(tokens)[0][0, -1].argmax()))
    assert model.tokenizer.decode(tokens) == "the mat sat."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"data": "missing.txt"}, "there is no file missing.txt"),
        ({"width": "30", "heads": "4"}, "width = 30 cannot be shared by 4 heads"),
        ({"heads": "4", "kv_heads": "3"}, "4 heads cannot share kv_heads = 3"),
        ({"row": "512", "context": "256"}, "row = 512 is longer than the model's context, 256"),
        ({"parent": "nothing"}, "there is no language model 'nothing'"),
    ],
)
def test_settings_that_do_not_fit_are_a_sentence(tmp_path, words, said):
    pytest.importorskip("torch")
    with pytest.raises(ValueError, match=said):
        learn(tmp_path / "run", **({"traces": "10"} | words))
    assert not (tmp_path / "run").exists()


def test_a_parent_that_knows_other_characters_is_a_sentence(rhyme, tmp_path):
    with pytest.raises(ValueError, match="the model knows no character '[0-9]'"):
        learn(tmp_path / "run", traces="10", parent=str(rhyme))


def test_the_recipe_is_found_beside_the_others():
    from training import pipeline

    (job,) = pipeline.plan("text", ["language_model"], "tiny")
    assert job.module == "training.text.language_model"


def test_every_stage_of_the_recipe_is_found_and_its_settings_fit():
    from training import pipeline

    jobs = pipeline.plan("text", [], "tiny")
    assert [job.module.rpartition(".")[2] for job in jobs] == [job.stage for job in jobs]
    pipeline.listing(jobs)
