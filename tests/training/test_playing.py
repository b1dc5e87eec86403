"""Who plays makes no difference: this process, others, or Ray; also where some of them are killed in the middle."""

import os
import signal
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="networks are built with torch, of the extra: train")
pytest.importorskip("onnx", reason="snapshots are filled in with onnx, of the extra: train")

from engine.networks.runtimes import OnnxNetwork  # noqa: E402
from engine.networks.towers import NetworkShape, folded, lively  # noqa: E402
from games import connect_four  # noqa: E402
from training.played_games import PlayedGames  # noqa: E402
from training.playing import ProcessRunner, RayRunner, SerialRunner, Snapshot, evaluator_of, runner_of  # noqa: E402
from training.self_play import SelfPlayTask, tasks_of  # noqa: E402
from training.self_play_settings import SelfPlaySettings  # noqa: E402
from training.snapshots import SnapshotMaker  # noqa: E402

SHAPE = NetworkShape(game="connect_four", blocks=2, channels=16, pool_every=2, head_channels=8)
RULES = SelfPlaySettings(visits=10, at_once=12, opening=10, full_share=0.5, fast_visits=4, resign=0.9, cache=1)
TASKS = tasks_of("connect_four", RULES.boards, seed=3, version=7, games=72, size=24)


@cache
def maker() -> SnapshotMaker:
    return SnapshotMaker(SHAPE)


@cache
def snapshot() -> Snapshot:
    return Snapshot("connect_four", maker().snapshot(lively(SHAPE, seed=9)))


def games_of(runner) -> dict[SelfPlayTask, PlayedGames]:
    try:
        return dict(runner.played(TASKS, snapshot(), RULES))
    finally:
        runner.close()


@cache
def serial() -> dict[SelfPlayTask, PlayedGames]:
    return games_of(SerialRunner())


def assert_same(ours, theirs):
    assert set(ours) == set(theirs) == set(TASKS)
    for task in TASKS:
        for each in fields(PlayedGames):
            name = each.name
            assert np.array_equal(getattr(ours[task], name), getattr(theirs[task], name)), (task, name)


def test_a_snapshot_is_the_network(tmp_path):
    net = lively(SHAPE, seed=9)
    (tmp_path / "model.onnx").write_bytes(snapshot().onnx)
    states = np.concatenate([games.positions(connect_four, games.to_learn) for games in serial().values()])[:50]
    priors, values = OnnxNetwork(tmp_path / "model.onnx")(connect_four.features(states))
    with torch.inference_mode():
        logits, true_values = folded(net)(torch.from_numpy(connect_four.features(states)))
    np.testing.assert_allclose(priors, logits.softmax(1).numpy(), atol=1e-5)
    np.testing.assert_allclose(values, true_values.numpy(), atol=1e-5)
    assert np.ptp(values) > 0.01
    assert maker().snapshot(net) == snapshot().onnx
    assert maker().snapshot(lively(SHAPE, seed=10)) != snapshot().onnx


def test_the_same_seeds_give_the_same_games_again():
    assert_same(games_of(SerialRunner()), serial())


def test_processes_play_the_same_games():
    assert_same(games_of(ProcessRunner(2)), serial())


def test_a_process_that_is_killed_costs_no_game():
    runner, found = ProcessRunner(2), {}
    try:
        for task, games in runner.played(TASKS, snapshot(), RULES):
            if not found:
                os.kill(next(iter(runner._pool._processes)), signal.SIGKILL)
            found[task] = games
    finally:
        runner.close()
    assert_same(found, serial())


def test_who_fails_for_another_reason_says_so():
    runner = ProcessRunner(1)
    try:
        with pytest.raises(ValueError, match="there is no engine 'steam'"):
            list(runner.played(TASKS, snapshot(), replace(RULES, engine="steam")))
    finally:
        runner.close()


def test_ray_actors_play_the_same_games_also_when_one_is_killed():
    ray = pytest.importorskip("ray", reason="ray is of the extra: ray")
    runner, found = RayRunner("local", 2), {}
    try:
        for task, games in runner.played(TASKS, snapshot(), RULES):
            if not found:
                ray.kill(runner._actors[0], no_restart=False)
            found[task] = games
    finally:
        runner.close()
        ray.shutdown()
    assert_same(found, serial())


def test_the_runner_of_the_settings():
    assert isinstance(runner_of(0, ""), SerialRunner)
    assert isinstance(runner_of(3, ""), ProcessRunner)


def test_without_a_network_rollouts_value_positions():
    priors, values = evaluator_of(Snapshot("connect_four"), "auto", 1)(connect_four, connect_four.start()[None])
    assert priors.shape == (1, 0)
    assert values[0] in (-1, 0, 1)
