"""The language models that ship: they open without torch, are small, and can do what model.json says."""

import subprocess
import sys

import numpy as np
import pytest

from engine.text.models import SHIPPED, names, open_model
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
