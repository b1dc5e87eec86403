"""Accuracy and calibration of rewards over pairs."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from engine.text.rewards import Reward
from training.text.judging import calibration, judged
from training.text.texts import Comparison


class Vowels(Reward):
    """Pays twice the number of the letter a."""

    def pay(self, prompts, texts):
        assert len(prompts) == len(texts)
        return [2.0 * text.count("a") for text in texts]


def test_a_reward_over_pairs():
    pairs = [
        Comparison("p", "aa", "b"),
        Comparison("p", "b", "a"),
        Comparison([{"role": "r", "content": "c"}], "b", "c"),
    ]
    found = judged(Vowels(), pairs)
    assert found["accuracy"] == pytest.approx((1 + 0 + 0.5) / 3)
    assert found["longer_answer"] == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert found["log_loss"] == pytest.approx(np.mean(np.log1p(np.exp([-4.0, 2.0, 0.0]))))


def test_odds_that_can_be_believed():
    random = np.random.default_rng(1)
    margins = random.normal(0, 2, 20_000)
    right = random.random(20_000) < 1 / (1 + np.exp(-np.abs(margins)))
    fair = np.where(right, np.abs(margins), -np.abs(margins))
    for each in calibration(fair):
        assert each["accuracy"] == pytest.approx(each["confidence"], abs=0.03)
    boastful = calibration(5 * fair)[-1]
    assert boastful["confidence"] > boastful["accuracy"] + 0.1


def test_the_command(tmp_path):
    pytest.importorskip("torch")
    import yomi

    path, reward = tmp_path / "pairs.jsonl", tmp_path / "long.py"
    path.write_text("".join(json.dumps({"prompt": "p", "chosen": "aa", "rejected": "b"}) + "\n" for _ in range(4)))
    reward.write_text("def length(texts):\n    return [len(text) for text in texts]\n")
    words = ["evaluate", "reward", str(path), "--reward", f"{reward}:length"]
    told = CliRunner().invoke(yomi.app, words)
    assert told.exit_code == 0
    assert "right in 100.0% of 4 pairs" in told.output
    found = json.loads(CliRunner().invoke(yomi.app, [*words, "--json"]).output)
    assert (found["pairs"], found["accuracy"], found["bins"][0]["pairs"]) == (4, 1.0, 4)
