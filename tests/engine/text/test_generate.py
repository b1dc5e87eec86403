"""`yomi generate`: one text, the table of decoders at equal cost, trees, critics that are kept, and what is refused."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import yomi
from engine.text import models
from engine.text.comparing import KINDS, paired_difference
from engine.text.tasks import rewarded_task
from engine.text.tree_decoder import picture
from engine.tree import allocate
from games.text import twenty_four
from tests.engine.text.models import Trigrams

LETTERS = "abcdefgh \n."


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    """Models are small tables, and critics are kept in a folder of this test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    opened = []

    def open_model(name):
        opened.append(name)
        return Trigrams(twenty_four.ALPHABET + "$" if name == "twenty_four" else LETTERS, seed=2)

    monkeypatch.setattr(models, "open_model", open_model)
    monkeypatch.setattr(models, "names", lambda: ["smollm2", "twenty_four"])
    return opened


def generate(*words, fails=False):
    result = CliRunner().invoke(yomi.app, ["generate", *words])
    if fails:
        assert isinstance(result.exception, ValueError)
        return str(result.exception)
    assert result.exception is None, result.exception
    return result.stdout


def test_a_text_is_written_and_a_seed_decides_it():
    texts = [generate("abc", "--seed", seed, "--tokens", "30") for seed in ("1", "1", "2")]
    assert texts[0] == texts[1] != texts[2]
    assert set(texts[0]) <= set(LETTERS)


def test_the_tree_does_what_is_asked():
    text = generate("abc", "--exactly", "9", "chars", "--without", "eg", "--budget", "400", "--learn", "3000")
    assert len(text.strip()) == 9
    assert not set("eg") & set(text)


def test_decoders_are_compared_at_equal_cost():
    words = ("--exactly", "12", "chars", "--budget", "150", "--tokens", "20", "--compare", "--learn", "2000")
    found = json.loads(generate("abc", *words, "--json"))
    assert [row["decoder"] for row in found["decoders"]] == list(KINDS)
    for row in found["decoders"]:
        assert 0 < row["evaluations"] <= 150
        assert row["distinct"] <= row["texts"]
        assert (row["verdict"] == "all right") == (len(row["text"].strip()) == 12)
    assert found["reward"] == "exactly 12 chars"
    table = generate("abc", *words)
    assert all(name[:5] in table for name in KINDS)


def test_without_a_reward_only_decoders_that_need_no_critic_are_compared():
    found = json.loads(generate("abc", "--compare", "--json", "--budget", "60", "--tokens", "20"))
    assert [row["decoder"] for row in found["decoders"]] == [name for name in KINDS if not KINDS[name].critic]


def test_four_numbers_are_a_puzzle_and_the_checker_judges_it(somewhere):
    found = json.loads(generate("2 7 8 12", "--decoder", "best-of-n", "--json", "--budget", "300", "--learn", "0"))
    assert somewhere == ["twenty_four"]
    row = found["decoders"][0]
    assert row["verdict"]
    assert set(row["text"]) <= set(twenty_four.ALPHABET)


def test_a_critic_is_learned_once(tmp_path):
    words = ("abc", "--exactly", "9", "chars", "--budget", "50", "--learn", "2000", "--tokens", "15")
    first = CliRunner().invoke(yomi.app, ["generate", *words])
    again = CliRunner().invoke(yomi.app, ["generate", *words])
    assert "learning what texts will be paid" in first.stderr
    assert "(R2)" in first.stderr
    assert again.stderr == ""
    assert len(list((tmp_path / "data").rglob("*.npz"))) == 1
    other = CliRunner().invoke(yomi.app, ["generate", *words[:2], "8", *words[3:]])
    assert "learning" in other.stderr


def test_where_all_texts_are_paid_alike_nothing_is_learned():
    told = CliRunner().invoke(yomi.app, ["generate", "abc", "--include", "zebra", "--budget", "40", "--learn", "1000"])
    assert "nothing to learn" in told.stderr


def test_the_search_tree_is_written_as_nested_values(tmp_path):
    file = tmp_path / "tree.json"
    generate("abc", "--exactly", "5", "chars", "--budget", "60", "--learn", "0", "--tokens", "8", "--tree", str(file))
    root = json.loads(file.read_text())

    def walk(node, depth=0):
        yield node, depth
        for child in node["children"]:
            yield from walk(child, depth + 1)

    nodes = list(walk(root))
    assert root["visits"] > 0
    assert all(node["visits"] > 0 and node["token"] for node, depth in nodes if depth)
    assert max(depth for _, depth in nodes) <= 8
    assert any(node["closed"] for node, _ in nodes)


def test_a_tree_that_cannot_be_written_does_not_cost_the_text(tmp_path):
    asked = ["abc", "--exactly", "5", "chars", "--budget", "60", "--learn", "0", "--tokens", "8"]
    nowhere = tmp_path / "nowhere" / "tree.json"
    result = CliRunner().invoke(yomi.app, ["generate", *asked, "--tree", str(nowhere)])
    assert isinstance(result.exception, OSError)
    assert result.exception.filename == str(nowhere)
    assert result.stdout == generate(*asked) != ""


def test_a_critic_that_cannot_be_kept_is_used_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    asked = ["abc", "--exactly", "5", "chars", "--budget", "60", "--learn", "600", "--tokens", "8"]
    result = CliRunner().invoke(yomi.app, ["generate", *asked])
    assert result.exception is None
    assert "cannot be written: Not a directory" in result.stderr
    assert result.stdout.strip()


def test_an_unsearched_tree_is_one_node():
    assert picture(allocate(1, 8), str)["children"] == []


def test_a_function_of_ones_own_is_a_reward(tmp_path):
    (tmp_path / "mine.py").write_text("def pay(texts):\n    return [text.count('h') for text in texts]\n")
    words = ("--reward", f"{tmp_path / 'mine.py'}:pay", "--tokens", "6", "--budget", "300", "--learn", "2000")
    text = generate("abc", *words)
    assert text.count("h") >= 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("",), "the prompt is empty"),
        (("abc" * 100,), "too long for the model"),
        (("xyz",), "knows no such character"),
        (("abc", "--decoder", "magic"), "there is no decoder 'magic'"),
        (("abc", "--exactly", "5", "lines"), "--exactly takes"),
        (("abc", "--reward", "nowhere.py:pay"), "no such file"),
        (("abc", "--meter", "five"), "--meter takes"),
        (("abc", "--decoder", "beam", "--tree", "x.json"), "only the decoders tree and gumbel"),
        (("abc", "--decoder", "best-of-n", "--budget", "1", "--tokens", "50"), "no text was finished"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(words, told):
    assert told in generate(*words, fails=True)


def test_a_prompt_to_a_model_of_dialogues_is_a_whole_turn():
    model = Trigrams(LETTERS)
    model.about = {"after_prompt": "\n"}
    task = rewarded_task(model, [])
    assert [task.prompt(root) for root in task.roots(["abc", "abc\n", "ab\nc"])] == ["abc\n", "abc\n", "ab\nc\n"]


def test_without_a_model_for_prose_it_is_told_where_one_is(monkeypatch):
    monkeypatch.setattr(models, "names", lambda: ["twenty_four"])
    assert "`yomi get smollm2` fetches one" in generate("once upon a time", fails=True)
    assert "four numbers" in generate("1 2 3", fails=True)
    assert generate("abc", "--model", "mine", "--tokens", "5", "--decoder", "greedy")


def test_the_interval_of_a_difference_is_paired():
    one, other = np.array([1, 1, 0, 1] * 20, float), np.array([1, 0, 0, 1] * 20, float)
    mean, low, high = paired_difference(one, other)
    assert mean == 0.25
    assert 0.1 < low < mean < high < 0.4
    assert paired_difference(one, one) == (0, 0, 0)
