"""The language models that ship: they open without torch, are small, and can do what model.json says."""

import subprocess
import sys

import numpy as np
import pytest

from engine.text.comparing import DecodingPlan, decode
from engine.text.dialogue import STOCK, is_dull, turns_of, words_of
from engine.text.models import SHIPPED, names, open_model
from engine.text.tasks import rewarded_task
from games.text import twenty_four

pytest.importorskip("onnxruntime")


def likeliest_answers(model, prompts, most):
    """Return the answers of likeliest tokens, all prompts at once; prompts are of one length."""
    tokens = np.array([model.tokenizer.encode(prompt) for prompt in prompts])
    tails, said = model.no_tails(len(prompts)), []
    for _ in range(most):
        lengths = np.full(len(prompts), tails.shape[4])
        logits, _, memory = model.extend(tokens, model.no_prefix(), tails, lengths)
        tails, tokens = np.concatenate([tails, memory], 4), logits[:, -1:].argmax(-1)
        said.append(tokens[:, 0])
    rows = np.stack(said, 1).tolist()
    return [model.tokenizer.decode(row[: row.index(model.end)] if model.end in row else row) for row in rows]


def test_the_shipped_model_solves_puzzles_that_it_never_saw():
    folder = SHIPPED / "twenty_four"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 3e6
    model = open_model("twenty_four")
    assert model.runtime == "onnxruntime, int8"
    puzzles = [numbers for numbers in twenty_four.puzzles() if twenty_four.held_out(numbers)]
    puzzles = [numbers for numbers in puzzles if len(twenty_four.write(numbers)) == 10]
    answers = likeliest_answers(model, list(map(twenty_four.write, puzzles)), 44)
    solved = [twenty_four.solves(numbers, answer) for numbers, answer in zip(puzzles, answers, strict=True)]
    assert len(solved) > 60
    assert np.mean(solved) > 0.3
    assert any(answer.endswith("=24.") and not right for answer, right in zip(answers, solved, strict=True))


def test_a_shipped_model_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = sys.modules['tokenizers'] = sys.modules['onnx'] = None;"
        "from engine.text.models import open_model; model = open_model('twenty_four');"
        "print(model.read(model.tokenizer.encode('1,2,3,4;'))[0].shape)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.returncode) == ("(1, 8, 20)", 0), done.stderr


def test_names_list_what_ships():
    assert "twenty_four" in names()


def cost(model, text):
    """Return what a character of a text costs a model, in nats."""
    tokens = model.tokenizer.encode(text, special=False)
    logits = model.read([model.end, *tokens[:-1]])[0][0].astype(np.float64)
    chosen = logits[np.arange(len(tokens)), tokens] - np.log(np.exp(logits).sum(1))
    return -chosen.sum() / len(text)


def test_the_model_of_dialogues_goes_on_with_a_turn_in_words_that_fit():
    pytest.importorskip("tokenizers")
    folder = SHIPPED / "dialogue"
    assert sum((folder / name).stat().st_size for name in ("model.int8.onnx", "model.safetensors")) < 3e6
    model = open_model("dialogue")
    said = "Have you seen any good movies?\nYes, I liked the new Star Wars.\nMe too! Who is your favorite actor?\n"
    shuffled = "Movies you good any seen have?\nLiked Wars, Star yes new the I.\nToo me! Favorite who actor your is?\n"
    assert cost(model, said) < 0.6
    assert cost(model, shuffled) > 1.5 * cost(model, said)
    task = rewarded_task(model, [], 40)
    decoded = decode("sample", task, task.roots(["hello, how are you?"] * 12), DecodingPlan(budget=40, seed=1), None)
    texts = [task.text(attempt.best) for attempt in decoded.attempts]
    turns = [turn for text in texts for turn in turns_of(text)]
    assert len(set(turns)) > 24
    assert np.mean([is_dull(turn) for turn in turns]) < 0.2
    words = [word for turn in turns for word in words_of(turn)]
    assert 5 < len(words) / len(turns) < 12
    assert np.mean([word in STOCK for word in words]) > 0.4
