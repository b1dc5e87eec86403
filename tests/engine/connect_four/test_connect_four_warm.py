"""The first start compiles what playing needs."""

from engine.connect_four import warm


def test_every_step_runs_and_the_search_is_tried_out():
    for step in warm.STEPS["play"]:
        step.work()
    assert warm.try_out() >= warm.VISITS
