"""What the window reads by itself, damaged: settings, kept games, ladders; and names that no font draws."""

import json
import os
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import pygame
import pytest

from engine import levels
from games.go import sgf
from gui import files, following, kept_games, level_field, settings_store
from gui import messages as say
from gui.screen import first_size
from gui.start_messages import ShowMore
from gui.widgets.theme import Theme

DEEP = "[" * 100_000
RECORD = b"(;GM[1]FF[4]SZ[5];B[cc];W[bd])"


@pytest.mark.parametrize(
    "text",
    [DEEP, '{"size": [1e9, 700]}', '{"size": [-1, 700]}', f'{{"size": [{10**30}, 700]}}', '{"scale": NaN}', "9" * 5000],
    ids=["deep", "wide", "negative", "huge", "no number", "digits"],
)
def test_a_damaged_settings_file_is_as_none(tmp_path, text):
    path = tmp_path / "window.json"
    path.write_text(text)
    assert settings_store.load(path) == settings_store.Remembered()


def test_a_size_that_no_screen_has_does_not_count(tmp_path):
    pygame.display.init()
    path = tmp_path / "window.json"
    path.write_text('{"size": [true, 700], "colours": "none", "mute": true}')
    found = settings_store.load(path)
    assert found.mute
    assert min(first_size(None, found.size, 1.0)) >= 200


# --- kept games -------------------------------------------------------------------------------------------


def keep(about: dict | str) -> str:
    """Write a kept game of Go and return its record's path."""
    kept_games.folder().mkdir(parents=True)
    path = kept_games.folder() / "2026-11-30-120000-1-go-1.sgf"
    path.write_bytes(RECORD)
    path.with_suffix(".json").write_text(about if isinstance(about, str) else json.dumps(about))
    return str(path)


@pytest.mark.parametrize(
    "values",
    [{"colour": "green"}, {"size": [5]}, {"size": None}, {"opponent": {"spec": 3}}, {"handicap": {}}, {"komi": "x"}],
    ids=str,
)
def test_a_kept_game_whose_choices_are_damaged_still_shows_its_record(window, values):
    usual = {"size": 5, "colour": "both", "level": "time", "model": "rollouts"}
    path = keep({"game": "go", "values": usual | values, "about": "a game", "over": False})
    app = window()
    for ask in (say.GoOnWith(path), say.Open(path)):
        app.receive(ask)
        files.finish(app)
        app.draw()
        assert app.page.session.history.last == 2
        assert "this is its record" in app.page.session.status
    assert Path(path).read_bytes() == RECORD


@pytest.mark.parametrize("about", [DEEP, "", '{"game": "chess", "values": {}, "about": "", "over": false}', "[1]"])
def test_a_kept_game_that_nothing_is_known_of_is_not_offered(window, about):
    path = keep(about)
    app = window()
    app.draw()
    app.receive(say.GoOnWith(path))
    app.draw()
    assert "there is no such game" in app.start.told
    assert next(iter(sgf.read(path))).moves == [12, 16]


# --- ladders ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda rows: DEEP,
        lambda rows: "{",
        lambda rows: '{"a": 1}',
        lambda rows: [3],
        lambda rows: [row | {"elo": "high"} for row in rows],
        lambda rows: [row | {"low": [1]} for row in rows],
        lambda rows: [row | {"games": True} for row in rows],
        lambda rows: [row | {"visits": -1} for row in rows],
        lambda rows: [{name: row[name] for name in row if name != "anchor"} for row in rows],
        lambda rows: [row | {"number": 3} for row in rows],
        lambda rows: [row | {"game": "chess"} for row in rows],
    ],
)
def test_a_damaged_ladder_is_named_and_the_window_opens_without_levels(window, tmp_path, monkeypatch, damage):
    whole = json.loads((levels.MEASURED / "go.json").read_text())
    damaged = damage(whole)
    (tmp_path / "go.json").write_text(damaged if isinstance(damaged, str) else json.dumps(damaged))
    monkeypatch.setattr(levels, "_read", lambda game, name, _: READ(game, name, tmp_path))
    with pytest.raises(ValueError, match=r"go\.json"):
        levels.find("go", 1)
    assert following.ladder_of("go", {}) == ()
    field = level_field.level_field("go", {"size": 9})
    assert [choice for choice, _ in field.choices] == ["time"]
    assert "go.json is no ladder" in field.hint
    app = window()
    app.remembered = replace(app.remembered, levels={"go, size 9": {"half steps": 3}})
    for more in (True, False):
        app.receive(ShowMore(more))
        app.draw()


def test_a_level_whose_model_is_not_here_is_listed_and_told_when_it_is_to_play(tmp_path, monkeypatch):
    rows = json.loads((levels.MEASURED / "go.json").read_text())
    (tmp_path / "go.json").write_text(json.dumps([row | {"model": "gone", "fingerprint": "0" * 12} for row in rows]))
    monkeypatch.setattr(levels, "_read", lambda game, name, _: READ(game, name, tmp_path))
    assert "its network is another now" in level_field.level_field("go", {"size": 9}).choices[1][1]
    with pytest.raises(ValueError, match="there is no model 'gone'"):
        levels.make(levels.find("go", len(rows)))


READ = levels._read.__wrapped__


# --- names that no font draws -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["caf\udce9", "a\0b", "\u200b" * 9, "\N{GRINNING FACE}", "\x1b[1m", "x" * 100_000])
def test_every_name_is_drawn(name):
    pygame.font.init()
    surface, theme = pygame.Surface((300, 40)), Theme(1.0)
    theme.text(surface, name, (0, 20), width=280)
    theme.text(surface, name[:200], (0, 20))
    assert all(theme.text_width(line) <= 280 or " " not in line for line in theme.wrapped(name[:200], 280))


def test_a_file_whose_name_is_no_text_is_told_and_drawn(window):
    app = window()
    app.begin("go", {"size": 5, "colour": "both", "level": "time", "model": "rollouts"})
    app.receive(say.Open("/nowhere/caf\udce9.sgf"))
    files.finish(app)
    app.draw()
    assert "caf" in app.page.session.status
