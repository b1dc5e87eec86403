"""Cloning against DAgger at equally many labels."""

import numpy as np
import pytest

from games.lab.finite_world import steps_of
from training.lab import dagger


def learned(**words):
    """Return the numbers of a pupil after ten walks."""
    stage = dagger.GridImitation(dagger.Settings(steps=10, **words))
    for step, walk in enumerate(stage.data(0), 1):
        stage.learn(step, walk)
    return stage.measure()


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_dagger_errs_less_than_cloning_at_equal_labels(seed):
    cloning, aggregated = learned(seed=seed, aggregate=False), learned(seed=seed)
    assert aggregated["mistakes"] < 0.75 * cloning["mistakes"]
    assert aggregated["loss"] < 0.75 * cloning["loss"]
    assert cloning["mistakes_late"] > 1.5 * cloning["mistakes_early"]  # the states drift away from the labels
    assert aggregated["mistakes_late"] < 1.2 * aggregated["mistakes_early"]


def test_mistakes_are_those_of_walks():
    stage = dagger.GridImitation(dagger.Settings(length=12, steps=3))
    for step, walk in enumerate(stage.data(0), 1):
        stage.learn(step, walk)
    random, pupil, counts = np.random.default_rng(1), stage.pupil(), np.zeros(12)
    steps = steps_of(stage.world, pupil)
    assert np.allclose(steps.sum(1), 1)
    where = np.full(4000, stage.start)
    for number in range(12):
        counts[number] = (1 - (pupil * stage.expert).sum(1))[where].mean()
        where = (steps[where].cumsum(1) > random.random((4000, 1))).argmax(1)
    assert np.abs(counts - stage.mistakes()).max() < 0.03
    assert stage.mistakes()[0] == pytest.approx(0.075)  # a blunder of 0.1, of which a quarter is right by chance
