"""Poles that learn to stand by policy gradients, on the estimators of training/policy_losses.py."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from engine.settings import resolve  # noqa: E402
from games.lab import cart_pole  # noqa: E402
from training.lab import actor_critic, dqn, episodes, ppo, reinforce  # noqa: E402
from training.lab.networks import choosing_best, in_numpy, two_layers  # noqa: E402
from training.learner import read_tensors  # noqa: E402
from training.run import open_run, read_metrics  # noqa: E402


def stage_of(module, kind, **words):
    return kind(resolve(module.Settings, words))


def solved(stage, least=475):
    """Learn until the mean return of 100 episodes is 475; return the steps of the world, or fail at the end."""
    for step, data in enumerate(stage.data(0), 1):
        stage.learn(step, data)
        if step % stage.settings.measure_every == 0 and stage.measure()["return"] >= least:
            return stage.world_steps
    raise AssertionError(f"not solved after {stage.world_steps} steps")


# --- episodes ---------------------------------------------------------------------------------------------


def test_episodes_end_where_poles_fall():
    played = episodes.play_anew(lambda states: np.ones(len(states), int), 6, np.random.default_rng(2))
    assert played.fell.all()
    for row, length in enumerate(played.lengths):
        assert 8 <= length <= 12  # pushed one way only
        assert not cart_pole.fallen(played.states[row, :length]).any()
        assert cart_pole.fallen(played.states[row, length:]).all()
    short = episodes.play_anew(
        lambda states: (states[:, 2] + states[:, 3] > 0).astype(int), 6, np.random.default_rng(2), 20
    )
    assert not short.fell.any()
    assert (short.lengths == 20).all()


@pytest.mark.parametrize("unit", [torch.nn.Tanh, torch.nn.ReLU])
def test_numpy_runs_the_same_network(unit):
    torch.manual_seed(3)
    net, states = two_layers(4, 16, 2, unit), np.random.default_rng(3).normal(size=(50, 4)).astype(np.float32)
    with torch.no_grad():
        assert np.abs(in_numpy(net)(states) - net(torch.from_numpy(states)).numpy()).max() < 1e-5
        assert (choosing_best(net)(states) == in_numpy(net)(episodes.seen(states)).argmax(1)).all()


def test_what_would_have_gone_on_counts():
    """The advantage of a step is what its definition says, and an episode whose time was up has a rest."""
    stage = stage_of(reinforce, reinforce.EpisodicLearning, episodes=3, hidden=8)
    for choose, longest in ((lambda s: np.ones(len(s), int), 500), (lambda s: (s[:, 2] + s[:, 3] > 0) * 1, 6)):
        played = episodes.play_anew(choose, 3, np.random.default_rng(4), longest)
        found, _ = stage.estimates(played, trace=1.0)
        with torch.no_grad():
            values = stage.learner.net(torch.from_numpy(played.states / episodes.USUAL))[1].numpy()
        for row, length in enumerate(played.lengths):
            for t in range(length):
                left = length - t
                total = sum(0.01 * 0.99**k for k in range(left))
                total += 0 if played.fell[row] else 0.99**left * values[row, length]
                assert float(found[row, t]) == pytest.approx(total - values[row, t], abs=1e-5)


def test_the_newest_episodes_are_kept():
    """Four episodes of 2 steps and then three of 3 steps: of the last five, two have room for a third step."""
    older, newer = (
        episodes.Episodes(
            np.full((count, steps + 1, 4), count, np.float32),
            np.ones((count, steps), np.int64),
            np.ones((count, steps), np.float32),
            np.arange(count) == 0,
        )
        for count, steps in ((4, 2), (3, 3))
    )
    kept = episodes.newest(older, newer, 5)
    assert kept.lengths.tolist() == [2, 2, 3, 3, 3]
    assert kept.mask[0].tolist() == [1, 1, 0]
    assert kept.states[:, :, 0].tolist() == [[4] * 4, [4] * 4, [3] * 4, [3] * 4, [3] * 4]
    assert kept.fell.tolist() == [False, False, True, False, False]


def test_a_critic_of_td_errors_learns_from_more_than_it_has_just_seen():
    """Passes of one-step TD over the newest batches bring their values to where no error is left."""
    stage = stage_of(
        actor_critic, actor_critic.CriticLearning, trace=0.0, turns=8, critic_batches=3, critic_passes=40, discount=0.5
    )
    for step, data in zip(range(1, 9), stage.data(0), strict=False):
        stage.learn(step, data)
    assert len(stage.recent.fell) == 3 * stage.batch
    left, _ = stage.estimates(stage.recent, trace=0.0)
    assert float(left.abs().mean()) < 0.002  # a value is about 0.02 here


# --- policy gradients -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "kind", "words", "most"),
    [
        (ppo, ppo.ClippedLearning, {"episodes": 4, "measure_every": 3}, 15_000),
        (
            actor_critic,
            actor_critic.CriticLearning,
            {"turns": 16, "critic_batches": 8, "critic_passes": 10, "steps": 100, "measure_every": 8},
            12_000,
        ),
        (reinforce, reinforce.EpisodicLearning, {"steps": 40, "measure_every": 2}, 30_000),
    ],
)
def test_poles_learn_to_stand(module, kind, words, most):
    assert solved(stage_of(module, kind, seed=2, **words)) < most


def test_poles_that_stand_are_played_on():
    stage = stage_of(actor_critic, actor_critic.CriticLearning, episodes=3, turns=5, hidden=8)
    data = stage.data(0)
    first = next(data)
    assert not first.fell.any()
    stage.learn(1, first)
    stage.ages[2] = 499
    second = next(data)
    assert np.array_equal(second.states[:, 0], first.last_states)
    stage.learn(2, second)
    assert stage.ages.tolist() == [10, 10, 0]
    third = next(data)
    assert (third.states[:, 0] == second.last_states).all(1).tolist() == [True, True, False]


def test_a_baseline_halves_the_variance_of_the_gradient():
    stage = stage_of(reinforce, reinforce.EpisodicLearning, steps=60, episodes=16)
    for step, data in enumerate(stage.data(0), 1):
        stage.learn(step, data)
        if step == 20:
            break
    assert stage.variance_left() < 0.5


def learn(stage, first, last):
    """Take the steps from one to another; return the weights."""
    for step, data in zip(range(first, last + 1), stage.data(first - 1), strict=False):
        stage.learn(step, data)
    return stage.learner.net.state_dict()


@pytest.mark.parametrize(
    ("module", "kind", "words"),
    [
        (ppo, ppo.ClippedLearning, {"turns": 7, "measured": 5}),
        (actor_critic, actor_critic.CriticLearning, {"turns": 7, "measured": 5, "critic_batches": 3}),
        (dqn, dqn.DeepQLearning, {"replay": 64, "updates": 3, "turns": 5, "target_every": 4, "measured": 5}),
    ],
)
def test_learning_goes_on_where_it_stopped(module, kind, words, tmp_path):
    folder = tmp_path / "000000004"
    folder.mkdir()
    cut, again, whole = (stage_of(module, kind, steps=8, hidden=8, **words) for _ in range(3))
    learn(cut, 1, 4)
    cut.write(folder)
    assert again.resume(folder) == 4
    found, expected = learn(again, 5, 8), learn(whole, 1, 8)
    assert all(torch.equal(found[name], expected[name]) for name in expected)
    assert again.measure() == whole.measure()
    assert again.measure()["world_steps"] > 0
    other = stage_of(*((dqn, dqn.DeepQLearning) if module is ppo else (ppo, ppo.ClippedLearning)))
    with pytest.raises(ValueError, match="another stage"):
        other.resume(folder)


def test_a_run_leaves_weights_and_numbers(tmp_path):
    opened = open_run(tmp_path / "run", reinforce.Settings, [], {"steps": "1", "measured": "10", "hidden": "8"}, False)
    with opened:
        reinforce.train(opened)
    weights = read_tensors(tmp_path / "run" / "models" / "000000001" / "weights.safetensors")
    assert weights["policy.0.weight"].shape == (8, 4)
    last = {name: value for line in read_metrics(tmp_path / "run") for name, value in line.items()}
    assert {"return", "world_steps", "solved_after", "variance_left"} <= set(last)
