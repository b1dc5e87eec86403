"""Learning what next tokens are worth: the losses, and a run from rollouts to a model that brings its critic."""

import json
import math

import numpy as np
import pytest
import torch

from engine.text.critic import Critic
from engine.text.llama import Llama
from engine.text.models import open_model
from engine.text.shape import LlamaShape
from engine.text.tasks import puzzle_task
from engine.text.tokenizer import CharacterTokenizer
from games.text import twenty_four
from training import pipeline
from training.text import next_values
from training.text.beginning import write_model
from training.text.judged_texts import judged_steps
from training.text.next_values import ValuedLlama, value_loss
from training.text.packing import UNLEARNED, TokenText
from training.text.texts import TextExample

SHAPE = LlamaShape(vocabulary=20, context=80, width=16, layers=1, heads=2, kv_heads=2, head_size=8, inner=32, end=0)


@pytest.fixture
def parent(tmp_path):
    torch.manual_seed(1)
    (tmp_path / "parent").mkdir()
    write_model(Llama(SHAPE), CharacterTokenizer(sorted(twenty_four.ALPHABET)), tmp_path / "parent")
    return tmp_path / "parent"


def test_the_loss_of_values_is_the_cross_entropy_of_the_tokens_that_were_written():
    values = torch.tensor([[[0.0, 2.0], [1.0, -1.0], [5.0, 5.0]]])
    targets = torch.tensor([[1, 0, UNLEARNED]])
    won = (math.log1p(math.exp(-2)) + math.log1p(math.exp(-1))) / 2
    lost = (math.log1p(math.exp(2)) + math.log1p(math.exp(1))) / 2
    assert float(value_loss(values, targets, 1.0)) == pytest.approx(won, rel=1e-6)
    assert float(value_loss(values, targets, 0.0)) == pytest.approx(lost, rel=1e-6)


def test_the_critic_of_a_network_says_what_its_outputs_say():
    torch.manual_seed(2)
    net = ValuedLlama(Llama(SHAPE))
    rows = torch.tensor([[1, 2, 3, 4]])
    with torch.no_grad():
        _, values = net(rows, torch.zeros_like(rows))
        hidden = net.language(rows)[1]
    moves, critic, counted = np.array([[0, 7, 19]], np.int32), net.critic(), np.zeros((1, 3, 3), np.float32)
    critic.counters = lambda states, moves: counted
    found = critic.judge(hidden[:, -1].numpy(), np.zeros((1, 1), np.int32), moves)
    assert np.allclose(found, torch.sigmoid(values[0, -1, [0, 7, 19]]).numpy(), atol=1e-5)
    counted[0, 0, 0] = counted[0, 1, 1] = counted[0, 2, 2] = 1  # wrong, a solution, an end
    wrong, solved, ended = critic.judge(hidden[:, -1].numpy(), np.zeros((1, 1), np.int32), moves)[0]
    assert wrong < 1e-3
    assert solved > 0.999
    assert ended == pytest.approx(found[0, 2], abs=1e-5)


def test_a_run_ends_with_a_model_and_its_critic(parent, tmp_path, monkeypatch):
    random = np.random.default_rng(1)

    def some(count):
        return [TokenText(random.integers(1, 20, 30).astype(np.int32), 9) for _ in range(count)]

    judged = next_values.JudgedTexts(some(20), some(60), some(4), some(9))
    solutions = [TextExample("1,1,2,6;", text) for text in twenty_four.solutions((1, 1, 2, 6))]
    monkeypatch.setattr(next_values, "traces", lambda count, seed, greatest: solutions)
    monkeypatch.setattr(next_values, "roll_out", lambda settings: judged)
    words = [f"parent={parent}", "steps=6", "batch=16", "row=64", "judged=80", "measure_every=3", "log_every=2"]
    pipeline.carry_out(pipeline.plan("text", ["next_values", *words, "threads=1"], "", str(tmp_path / "run")))
    model = open_model(tmp_path / "run")
    critic = Critic.load(model.folder / "critic-twenty_four.npz", 16, 20, puzzle_task(model).counters())
    assert critic.by_token
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert {"likelihood_loss", "value_loss", "judged_loss"} <= {name for line in lines for name in line}
    assert all(math.isfinite(line["value_explained"]) for line in lines if "value_explained" in line)


def test_random_first_steps_are_judged_from_their_result_on_and_none_is_of_a_puzzle_to_measure_with():
    tokenizer = CharacterTokenizer(sorted(twenty_four.ALPHABET))
    good, bad = judged_steps(200, 14, 1, tokenizer)
    assert len(good) == 100
    for text, learned in ((tokenizer.decode(each.tokens.tolist()), each) for each in good + bad):
        puzzle, step, _ = text.split(";")
        numbers = twenty_four.read(puzzle, 14)
        assert not twenty_four.held_out(numbers) or numbers[-1] > twenty_four.GREATEST
        assert text[learned.read - len(text) :].startswith("=")
        assert twenty_four.possible(numbers, step + ";")
        assert (twenty_four.hopeful(numbers, step + ";") > 0) == any(learned is each for each in good)


def test_a_parent_that_writes_no_good_step_is_told(parent):
    settings = next_values.Settings(parent=str(parent), rollouts=1)
    with pytest.raises(ValueError, match="only good steps or none"):
        next_values.roll_out(settings)


def test_a_parent_is_needed(tmp_path):
    jobs = pipeline.plan("text", ["next_values", "parent="], "", str(tmp_path / "run"))
    with pytest.raises(ValueError, match="name it by parent=FOLDER"):
        pipeline.carry_out(jobs)
