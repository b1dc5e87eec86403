"""`yomi gtp`: the player that its options name is the one that plays."""

import pytest
from typer.testing import CliRunner

import yomi
from engine import levels
from engine.go import command, gtp


@pytest.fixture
def asked(monkeypatch):
    """What players were asked for; nobody is made and nothing is spoken."""
    found = []
    monkeypatch.setattr(command, "player", lambda spec, seed, level, size: found.append((spec, level, size)))
    monkeypatch.setattr(gtp, "serve", lambda make, rules, size, fits: make())
    return found


def run(*words):
    return CliRunner().invoke(yomi.app, ["gtp", *words])


def test_a_level_plays_with_its_own_model(asked):
    assert run("--level", "2", "--size", "13").exception is None
    [(spec, level, size)] = asked
    assert (spec.model, level, size) == (levels.find("go", 2, {"size": 13}).spec.model, 2, 13)


def test_settings_of_the_search_reach_the_player(asked):
    assert run("--visits", "50", "--search", "c_puct=3", "--search", "wave=1").exception is None
    [(spec, _, _)] = asked
    assert spec.search_settings() == {"c_puct": 3.0, "wave": 1}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--level", "99"), "there is no level 99 of go"),
        (("--level", "2", "--search", "c_puct=3"), "leave --visits, --seconds and --search out"),
        (("--search", "puct=3"), "there is no setting 'puct'"),
        (("--search", "c_puct"), "c_puct"),
    ],
)
def test_what_cannot_be_is_refused_before_the_first_word(asked, words, why):
    assert why in str(run(*words).exception)
    assert not asked
