"""Benchmarks: the shape that programs read, the arithmetic of rates, and that the work is what it says."""

import io
import json
import threading
import time

import pytest
from rich.console import Console

from engine.go import bench as go_bench
from engine.measures import bench, rates
from engine.measures.rates import Row


def test_rows_and_json_are_as_promised(monkeypatch):
    monkeypatch.setattr(rates, "REPETITIONS", 1)
    rows = [*bench.measure("rules", 0.02), *bench.measure("search", 0.02)]
    report = json.loads(json.dumps(bench.report_json(rows)))
    assert set(report) == {"machine", "rows"}
    assert [row["name"] for row in report["rows"]] == [
        "go9-light-playouts",
        "go19-light-playouts",
        "go9-policy-moves",
        "go19-policy-moves",
        "go9-rollouts-two-threads",
        "backgammon-random-games",
        "backgammon-play-lists",
        "backgammon-0-ply-plays",
        "go9-search-uniform",
        "go19-search-uniform",
    ]
    for row in report["rows"]:
        assert set(row) == {"name", "rate", "unit", "limit", "ratio"}
        assert row["ratio"] == pytest.approx(row["rate"] / row["limit"])
        assert row["rate"] > 0.1


def test_a_suite_that_does_not_exist_is_a_sentence():
    with pytest.raises(ValueError, match="there is no benchmark 'chess'; choose one of rules, search, network"):
        list(bench.measure("chess"))


def test_a_rate_is_work_by_time():
    ticks = iter([0.0, 1.0, 2.0])
    assert rates.rate(lambda: 30, 2, lambda: next(ticks)) == 30


def test_a_rate_needs_at_least_one_turn():
    assert rates.rate(lambda: 5, 0, iter([0.0, 0.5]).__next__) == 10


def test_threads_that_wait_speed_up():
    def sleeper(size: int, seed: int):
        def work() -> int:
            time.sleep(0.01)
            return size

        return work

    assert 1.5 < rates.speed_up(sleeper, 9, 0.5) < 2.5


def test_a_turn_of_search_makes_the_simulations_it_counts(monkeypatch):
    evaluated = []
    plain = go_bench.uniform
    monkeypatch.setattr(go_bench, "uniform", lambda game, states: evaluated.append(len(states)) or plain(game, states))
    work = go_bench.searches(5)
    for _ in range(2):  # the second turn finds the tree empty again
        evaluated.clear()
        assert work() == go_bench.SIMULATIONS
        assert go_bench.SIMULATIONS <= sum(evaluated) <= go_bench.SIMULATIONS + 1
        assert max(evaluated) == go_bench.WAVE


def test_the_table_shows_every_row():
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(bench.report_table([Row("one", 1234.5, "x/s", 1000), Row("two", 1.85, "x", 2)]))
    text = console.export_text()
    assert "1,234" in text
    assert "123%" in text
    assert "1.85" in text


def test_threads_that_hold_each_other_up_do_not():
    lock = threading.Lock()

    def jealous(size: int, seed: int):
        def work() -> int:
            with lock:
                time.sleep(0.005)
            return size

        return work

    assert rates.speed_up(jealous, 9, 0.5) < 1.4
