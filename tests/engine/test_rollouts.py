"""Learning the rollout policy, and loading what was learned."""

import json
from pathlib import Path

import numpy as np
import pytest

from engine.rollouts import load_policy, policy_priors, shipped_policy
from games import go
from training.go import rollouts
from training.run import open_run

TINY = {"practice": "60", "practice_size": "7", "block": "16", "measured": "20", "measure_every": "20"}


def learn(folder, steps, resume=False, **words):
    with open_run(folder, rollouts.Settings, [], {**TINY, "steps": str(steps), **words}, resume) as run:
        rollouts.train(run)
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [line for line in lines if "log_loss" in line]  # what was measured, not what was logged on the way


def test_it_learns_what_practice_games_show(tmp_path):
    metrics = learn(tmp_path / "run", 60)
    assert metrics[-1]["log_loss"] < metrics[0]["log_loss"] < np.log(49)
    assert metrics[-1]["top1"] > 0.2
    weights = tmp_path / "run" / "models" / "000000060" / "weights.npy"
    priors, values = policy_priors(load_policy(go, weights))(go, go.start(7)[None])
    assert priors.sum() == pytest.approx(1, abs=1e-3)
    assert values.tolist() == [0]


def test_a_resumed_run_is_the_run(tmp_path):
    whole = learn(tmp_path / "whole", 40)
    learn(tmp_path / "parts", 40, minutes="0.000001")
    assert not (tmp_path / "parts" / "models" / "000000040").exists()
    parts = learn(tmp_path / "parts", 40, resume=True, minutes="0")
    assert [line["log_loss"] for line in parts] == [line["log_loss"] for line in whole]


def test_the_shipped_policy_prefers_to_save_and_to_capture():
    state = go.start(9)[None].copy()
    for vertex in (40, 41, 31, 0, 49, 8, 39):  # Black surrounds nothing yet; then White's stone at 41 loses liberties
        go.play(state, np.array([vertex]))
    priors = go.priors(state, shipped_policy(go))[0]
    assert priors[:81].argmax() in (32, 42, 50, 30, 48)  # next to the fight, not in the open
    assert priors[81] == pytest.approx(0.01)


def test_a_file_that_holds_no_weights_is_refused(tmp_path):
    path = tmp_path / "weights.npy"
    with pytest.raises(ValueError, match="holds no rollout weights"):
        load_policy(go, path)
    path.write_bytes(b"nonsense")
    with pytest.raises(ValueError, match="holds no rollout weights"):
        load_policy(go, path)
    np.save(path, np.zeros(5))
    with pytest.raises(ValueError, match="a rollout policy has"):
        load_policy(go, path)
    weights = np.load(Path(go.__file__).with_name("rollouts.npy"))
    weights[7] = np.nan
    np.save(path, weights)
    with pytest.raises(ValueError, match=r"weights\.npy holds weights that are not finite numbers"):
        load_policy(go, path)
