"""`yomi evaluate text`: decoders over prompts, with paired differences, on a model that is a table."""

import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

import yomi
from engine.text import models
from engine.text.critics import practice
from engine.text.tasks import puzzle_task
from games.text import twenty_four
from games.text.rows import play, start
from tests.engine.text.models import Trigrams
from training.text import evaluating


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    alphabet = {"twenty_four": twenty_four.ALPHABET + "$"}
    monkeypatch.setattr(models, "open_model", lambda name: Trigrams(alphabet.get(name, "abcdefgh ."), seed=2))


def evaluate(*words):
    result = CliRunner().invoke(yomi.app, ["evaluate", "text", *words])
    assert result.exception is None, result.exception
    return result.stdout


def test_decoders_are_measured_on_the_same_prompts(tmp_path):
    (tmp_path / "prompts.txt").write_text("abc\nfgh\n\nbad\nhead\n")
    words = (str(tmp_path / "prompts.txt"), "--exactly", "9", "chars", "--budgets", "60,120", "--learn", "2000")
    words = (*words, "--decoders", "tree,best-of-n,critic", "--tokens", "14", "--seeds", "2", "--model", "table")
    found = json.loads(evaluate(*words, "--json"))
    assert (found["prompts"], found["seeds"]) == (4, 2)
    names = [(row["budget"], row["decoder"]) for row in found["rows"]]
    assert names == [(b, d) for b in (60, 120) for d in ("tree", "best-of-n", "critic")]
    for row in found["rows"]:
        assert 0 < row["evaluations"] <= row["budget"]
        assert 0 <= row["solved"] <= row["reward"] <= 1
        assert row["perplexity"] > 1
        if row["decoder"] != "tree":
            mean, low, high = row["first_solves_more"]
            assert low <= mean <= high
    assert "best" in evaluate(*words)


@pytest.mark.parametrize(
    ("option", "value"),
    [*(("--budgets", value) for value in ("0", "8,-1", "8,,8", "x", "2000000000")), ("--decoders", ",")],
)
def test_an_option_that_measures_nothing_is_refused(option, value):
    found = CliRunner().invoke(yomi.app, ["evaluate", "text", option, value])
    assert isinstance(found.exception, ValueError)
    assert "whole numbers such as" in str(found.exception) or "there is no decoder" in str(found.exception)


def test_without_a_file_held_out_puzzles_are_solved():
    found = json.loads(evaluate("--limit", "3", "--budgets", "40", "--decoders", "beam", "--learn", "0", "--json"))
    assert found["prompts"] == 3
    puzzles = evaluating.held_out_puzzles()
    assert len(puzzles) == 261
    kept = practice(puzzle_task(Trigrams(twenty_four.ALPHABET)), puzzles)
    assert len(kept) == len(set(kept)) == 100
    assert not set(puzzles) & set(kept)


def test_perplexity_is_that_of_the_table():
    model = Trigrams("abc.")
    states = np.stack([start([0, 1], 2, 4, 3)])
    for move in (2, 0):
        play(states, np.array([move], np.int32))
    logp = [model.table[0, 1][2] - np.log(np.exp(model.table[0, 1]).sum())]
    logp += [model.table[1, 2][0] - np.log(np.exp(model.table[1, 2]).sum())]
    assert evaluating.perplexity(model, states) == pytest.approx(math.exp(-np.mean(logp)), rel=1e-5)


def test_a_file_without_prompts_is_refused(tmp_path):
    for name, words in (("empty.txt", "holds no prompts"), ("missing.txt", "cannot be read")):
        (tmp_path / "empty.txt").write_text("\n\n")
        with pytest.raises(ValueError, match=words):
            evaluating.read_prompts(str(tmp_path / name))
    (tmp_path / "bytes.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match=r"bytes\.txt, line \d+ is no UTF-8"):
        evaluating.read_prompts(str(tmp_path / "bytes.txt"))
