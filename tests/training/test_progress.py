"""Is it learning: matches by searches, Elo of a run's models on one page, and plain warnings."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from games import connect_four
from games.game import NOBODY
from training import matches, progress
from training.matches import play_match
from training.metrics import METRICS
from training.progress import Matches, _thinned
from training.self_play import RolloutEvaluator, SelfPlayTask, opened
from training.self_play_settings import SelfPlaySettings
from training.warning_signs import SIGNS, warnings

TASK = SelfPlayTask("connect_four", "", 1, 5, 0, 12)
QUICK = SelfPlaySettings(visits=16, opening=6)


def blind(game, states):
    """An evaluator that finds all moves and positions alike."""
    return np.empty((len(states), 0), np.float32), np.zeros(len(states), np.float32)


def test_who_sees_more_wins_from_either_side_and_the_same_match_comes_again():
    gains = play_match(TASK, RolloutEvaluator(), blind, QUICK)
    assert set(gains.tolist()) <= {-1.0, 0.0, 1.0}
    assert gains[::2].mean() > 0.3
    assert gains[1::2].mean() > 0.3
    assert np.array_equal(play_match(TASK, RolloutEvaluator(), blind, QUICK), gains)
    assert play_match(TASK, blind, RolloutEvaluator(), QUICK).mean() < -0.3


def test_two_games_share_their_beginning_with_the_sides_changed(monkeypatch):
    seen = []
    real = matches._chosen

    def watching(game, states, evaluator, *rest):
        seen.append((evaluator, states.copy()))
        return real(game, states, evaluator, *rest)

    monkeypatch.setattr(matches, "_chosen", watching)
    rollouts = RolloutEvaluator()
    play_match(replace(TASK, count=4), rollouts, blind, replace(QUICK, longest=1))
    starts = [opened(TASK, 6, np.random.default_rng([1, 5, pair]))[2] for pair in (0, 1)]
    assert len(seen) == 2
    for _, states in seen:  # either evaluator begins one game of each pair
        assert sorted(state.tobytes() for state in states) == sorted(start.tobytes() for start in starts)
    assert {evaluator for evaluator, _ in seen} == {rollouts, blind}
    assert (connect_four.turn(np.array(starts)) != NOBODY).all()


def test_a_match_is_kept_and_rates_both_sides_alike(tmp_path, monkeypatch):
    played = []

    def match(task, ours, theirs, settings):
        played.append((ours, theirs))
        return np.array([1, 1, 0, -1], np.float32)

    monkeypatch.setattr(progress, "play_match", match)
    task = replace(TASK, count=4)
    kept = Matches(tmp_path / "page.json", task)
    kept.play("mine", lambda: blind, "other", lambda: blind)
    again = Matches(tmp_path / "page.json", task)
    again.play("mine", lambda: blind, "other", lambda: blind)
    assert len(played) == 1
    assert again.games == kept.games
    assert [(game.first, game.score) for game in kept.games] == [("mine", 1), ("other", 0), ("mine", 0.5), ("other", 1)]
    Matches(tmp_path / "page.json", replace(task, count=6)).play("mine", lambda: blind, "other", lambda: blind)
    assert len(played) == 2


def test_models_are_spread_evenly_and_the_last_is_among_them():
    assert [_thinned(list(range(count)), 5) for count in (0, 1, 5, 9)] == [
        [], [0], [0, 1, 2, 3, 4], [0, 2, 4, 6, 8],
    ]  # fmt: skip
    assert _thinned(list(range(100)), 3)[-1] == 99


def test_one_page_shows_all_stages_with_elo_and_warnings(tmp_path, monkeypatch):
    from engine.networks import model as models

    children = models.find("connect_four").folder / "childhood" / "models"
    for stage, step, child in (("first", "3", "000000002"), ("first", "20", "000000005"), ("second", "7", "000000001")):
        shutil.copytree(children / child, tmp_path / stage / "models" / step)
    (tmp_path / "first" / METRICS).write_text('{"step": 3, "copies": 0.5}\n')
    gains = iter([-1.0, 0.0] * 40)
    monkeypatch.setattr(progress, "play_match", lambda *_: np.array([next(gains), 1.0], np.float32))
    told = []
    found = progress.measure(
        [("first", tmp_path / "first"), ("second", tmp_path / "second")], tmp_path / "p.html", 2, 5, told.append
    )
    assert [(stage.name, len(stage.ratings)) for stage in found] == [("first", 2), ("second", 1)]
    assert told[1] == "first, step 20: 2 games against each of 3"
    page = (tmp_path / "p.html").read_text()
    assert "copies is 0.5: many games are copies" in page
    assert page.count("No warnings.") == 1
    assert page.index("first</h2>") < page.index("second</h2>")
    assert "<svg" in page
    assert len(json.loads((tmp_path / "p.json").read_text())) == 3 + 3 * 3  # the opponents among themselves, too
    with pytest.raises(ValueError, match="there is no model yet in .*third"):
        progress.measure([("third", tmp_path / "third")], tmp_path / "p.html", 2, 5, told.append)


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ({"copies": 0.1, "spread": 0.4, "explained": 0.3, "entropy": 1.2}, []),
        ({"spread": 0.01}, ["spread is 0.01: the value is nearly the same for every position"]),
        ({"root_value_spread": 0.99}, ["root_value_spread is 0.99: searches find nearly every position"]),
        (
            {"entropy": 0.02, "window_age": 40.0},
            ["entropy is 0.02: the policy has", "window_age is 40: most positions"],
        ),
        ({"entropy": float("nan")}, ["entropy is nan"]),
    ],
)
def test_warnings_are_plain(numbers, told):
    found = warnings([{"step": 1} | dict.fromkeys(numbers, 0.5), {"step": 2} | numbers, {"step": 3}])
    assert len(found) == len(told)
    assert all(sentence.startswith(begin) for sentence, begin in zip(found, told, strict=True))
    assert all(sign.least < sign.most for sign in SIGNS.values())
