"""Levels: the files that ship agree with their tournaments, and a level plays as it did in its tournament."""

import json
import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

os.environ["SDL_VIDEODRIVER"] = os.environ["SDL_AUDIODRIVER"] = "dummy"

import yomi
from engine import levels, spec
from engine.backgammon.player import BackgammonPlayer
from engine.clock import Limit
from engine.go.players import rank_of
from engine.networks import evaluator
from engine.networks import model as models
from engine.players import SURE
from engine.spec import PlayerSpec
from games import backgammon, go
from games.backgammon.board import start
from games.game import FIRST, Position
from gui import level_field
from gui.backgammon.page import BackgammonPage
from gui.backgammon.start import begin_match
from gui.backgammon.start import values as match_values
from gui.go.page import GoPage
from gui.go.start import chosen_opponent, values
from gui.go.start import fields as go_fields
from gui.level_field import opponent_sentence
from gui.opponent import Opponent, chosen_before
from gui.opponent import chosen as chosen_of_line
from gui.widgets.theme import Theme
from training.tournament.contestants import Contestants
from training.tournament.settings import read

LADDERS = sorted(path.stem for path in levels.MEASURED.glob("*.json"))
"""Files of levels: "go", "go-19x19"."""

TOURNAMENTS = Path(yomi.__file__).parent / "training" / "tournaments"


def planned(ladder):
    return read(TOURNAMENTS / f"levels-{ladder}.toml")


@pytest.fixture(params=LADDERS)
def ladder(request):
    return request.param


@pytest.fixture
def known(ladder):
    game, _, size = ladder.partition("-")
    return levels.levels(game, {"size": size.partition("x")[0]} if size else None)


@pytest.mark.parametrize(("fast", "asked_at"), [(True, 1), (False, 8)])
def test_only_outside_levels_a_search_depends_on_the_machine(monkeypatch, fast, asked_at):
    monkeypatch.setattr(evaluator, "runs_fast", lambda: fast)
    assert spec.make(PlayerSpec(model="go", visits=8), go).settings.expand_at == asked_at
    for level in levels.levels("go"):
        if level.spec.kind == "search":
            assert levels.make(level).settings.expand_at == 1


# --- what ships -------------------------------------------------------------------------------------------


def test_the_levels_are_the_tournaments_players(ladder, known):
    tournament = planned(ladder)
    tables = {table.name: table for table in tournament.players if table.model}
    assert {level.name for level in known} == set(tables)
    for level in known:
        assert level.spec == replace(tables[level.name], helped=False)
        assert (level.tournament, level.anchor) == (tournament.settings.name, tournament.settings.anchor)
        names = {"go": ("size", "komi", "rules"), "backgammon": ("length",), "connect_four": ()}[level.game]
        assert level.start == {name: getattr(tournament.arena.variant, name) for name in names}
        assert f"training/tournaments/levels-{ladder}.toml" in level.command
    assert tournament.settings.anchor_elo == 0


def test_the_models_are_those_that_were_measured(known):
    measured = [level for level in known if level.spec.model != "rollouts"]
    assert measured
    assert not any(level.stale for level in measured)
    assert all(level.fingerprint for level in measured)


def test_a_level_whose_network_was_replaced_says_so():
    level = next(each for each in levels.levels("go") if each.spec.model == "go")
    other = replace(level, fingerprint="0" * 12)
    assert other.words == f"{level.words} (as it was: its network is another now)"


def test_a_level_is_measured_with_the_model_of_its_board(monkeypatch, tmp_path):
    level = next(each for each in levels.levels("go", {"size": 19}) if each.spec.model == "go")
    for folder in (tmp_path / "go", tmp_path / "go" / "9x9"):
        folder.mkdir()
        (folder / "model.json").write_text((models.find("go").folder / "model.json").read_text())
        (folder / "model.onnx").write_text(folder.name)
    small, large = models.read(tmp_path / "go" / "9x9"), models.read(tmp_path / "go")
    monkeypatch.setattr(levels.models, "find", lambda name: large)
    assert small.fingerprint != large.fingerprint
    assert not replace(level, fingerprint=large.fingerprint).stale
    assert replace(level, fingerprint=small.fingerprint).stale
    on_9 = replace(level, start=level.start | {"size": 9})
    assert not replace(on_9, fingerprint=small.fingerprint).stale
    assert replace(on_9, fingerprint=large.fingerprint).stale


def test_levels_are_numbered_from_the_weakest(known):
    game, start = known[0].game, known[0].start
    assert [level.number for level in known] == list(range(1, len(known) + 1))
    assert [level.elo for level in known] == sorted(level.elo for level in known)
    assert all((level.low or -9999) <= level.elo <= (level.high or 9999) for level in known)
    assert levels.find(game, "1", start) is known[0]
    with pytest.raises(ValueError, match=f"no level 0 of {game}; its levels are 1, 2"):
        levels.find(game, 0, start)


def test_a_level_leaves_nothing_to_where_it_plays(ladder):
    """A tournament of many games at once has small waves where a search does not say its own; and what is different
    on fast machines a level names."""
    for table in planned(ladder).players:
        assert not table.seconds
        if table.kind == "search" and table.model != "rollouts":
            assert set(models.find(table.model).fast_search) <= set(table.search_settings())
        assert table.kind != "search" or table.wave


def test_the_strength_is_told_as_it_was_measured(tmp_path):
    row = {"name": "a", "kind": "search", "model": "rollouts", "visits": 5, "games": 9, "game": "go", "size": 9,
           "komi": 7.0, "rules": "chinese", "tournament": "levels-go", "anchor": "b"}  # fmt: skip
    bounds = [(-210.4, -250.0, -170.0), (-90.0, None, -20.0), (3.0, 1.0, None), (4.0, None, None)]
    rows = [row | {"elo": elo, "low": low, "high": high} for elo, low, high in bounds]
    (tmp_path / "go.json").write_text(json.dumps([{"name": "b", "kind": "gtp", "command": "gnugo"}, *rows]))
    told = [level.words for level in levels.levels("go", folder=tmp_path)]
    assert told == [
        "1:  -210 ± 40, about 15-12 kyu   a", "2:  below -20, about 12-10 kyu   a",
        "3:  above +1, about 11-8 kyu   a", "4:  unknown, about 11-8 kyu   a",
    ]  # fmt: skip
    assert levels.levels("backgammon", folder=tmp_path) == ()
    assert (
        "-1261 ± 123, loses 250 thousandths a decision"
        in replace(levels.find("backgammon", 1), elo=-1261, low=-1385, high=-1139, error_rate=250.2).words
    )


def test_ranks_of_people_are_named_about_gnu_gos_and_not_far_from_it():
    told = [rank_of(elo) for elo in (-1200, -500, 0, 150, 900)]
    assert told == ["weaker than 30 kyu", "about 23-19 kyu", "about 11-8 kyu", "about 8-6 kyu", "stronger than 5 kyu"]


def test_a_board_has_the_levels_of_its_size_or_the_usual_ones_with_a_sentence(tmp_path, monkeypatch):
    row = {"name": "small", "kind": "search", "model": "rollouts", "visits": 5, "games": 9, "game": "go", "size": 9,
           "komi": 7.0, "elo": 1, "low": 0, "high": 2, "tournament": "levels-go", "anchor": "b"}  # fmt: skip
    monkeypatch.setattr(levels, "levels", partial(levels.levels, folder=tmp_path))
    monkeypatch.setattr(level_field, "levels", levels.levels)
    monkeypatch.setattr(level_field, "find", levels.find)
    (tmp_path / "go.json").write_text(json.dumps([row]))
    (tmp_path / "go-19x19.json").write_text(json.dumps([row | {"name": "large", "size": 19}]))
    told = {size: opponent_sentence("go", {"level": "1", "size": size}, None) for size in (9, "13", 19)}
    assert ["large" in words for words in told.values()] == [False, False, True]
    assert ["Nobody has measured it on 13x13." in words for words in told.values()] == [False, True, False]
    chosen = Opponent.of(levels.find("go", 1, {"size": 19}))
    assert chosen_before("go", chosen.as_words()) == chosen
    fields = {size: next(field for field in go_fields({"size": size}) if field.name == "level") for size in (13, 19)}
    assert [field.choices[1][1].split()[-1] for field in fields.values()] == ["small", "large"]


# --- how they play ----------------------------------------------------------------------------------------


def played(player, moves):
    """Return the moves of a game that a player of Go plays against itself."""
    position = Position(go, go.start(9))
    while len(position.moves) < moves and not position.over:
        position.play(player.choose(position))
    return position.moves


@pytest.mark.parametrize("level", levels.levels("go"), ids=lambda each: each.name)
def test_a_level_of_go_plays_as_its_contestant_did(level):
    pytest.importorskip("onnxruntime")
    tournament = planned("go")
    tournament = replace(tournament, players=tuple(table for table in tournament.players if table.name == level.name))
    with Contestants(tournament) as contestants, contestants.seated([level.name], 8) as (seated,):
        there = seated.player
        here = levels.make(level, seed=16)
        assert (type(here), here.limit) == (type(there), there.limit)
        assert here.settings == there.settings or level.spec.kind == "policy"
        if level.spec.visits < SURE:  # beyond, a search ends by the clock once its move is decided
            with seated.calling():
                assert played(here, 6) == played(there, 6)


@pytest.mark.parametrize("level", levels.levels("backgammon"), ids=lambda each: each.name)
def test_a_level_of_backgammon_plays_as_its_contestant_did(level):
    tournament = planned("backgammon")
    tournament = replace(tournament, players=tuple(table for table in tournament.players if table.name == level.name))
    with Contestants(tournament) as contestants, contestants.seated([level.name], 8) as (seated,):
        both = levels.make(level, seed=16), seated.player
        for dice in ((3, 1), (6, 5), (4, 4), (5, 2), (6, 2)):
            rolled = Position(backgammon, backgammon.with_dice(start(), dice))
            assert len({tuple(player._find_play(rolled, None, None, 0.5)) for player in both}) == 1


def test_a_temperature_draws_worse_plays_the_more_often_the_higher_it_is():
    strongest = levels.make(next(each for each in levels.levels("backgammon") if each.spec.plies == 0), threads=1)
    rolled = backgammon.with_dice(start(), (6, 5))
    found = strongest.lookahead.rank(rolled)
    worth, means = {each.moves: each.equity for each in found}, []
    for temperature in (0.0, 0.05, 0.5, 50.0):
        player, position = (
            BackgammonPlayer("x", strongest.lookahead, 0, None, temperature),
            Position(backgammon, rolled),
        )
        means.append(np.mean([worth[player._find_play(position, None, None, 1)] for _ in range(60)]))
    assert means[0] == pytest.approx(found[0].equity)
    assert means == sorted(means, reverse=True)
    assert means[3] == pytest.approx(np.mean([each.equity for each in found]), abs=0.1)


def test_an_analysis_does_not_help_a_level():
    weakest = levels.find("go", 1)
    searching = replace(weakest.spec, kind="search", model="rollouts", visits=100, temperature=0.0, wave=0)
    level = replace(weakest, spec=searching)
    player, position = levels.make(level), Position(go, go.start(9))
    player.think(position, Limit(visits=2000))
    player.choose(position)
    assert player.thought.visits <= 130
    position.play(player.thought.lines[0].move)
    player.choose(position)
    assert player.thought.visits > player.thought.simulations > 0  # its own thoughts it keeps


# --- where they are offered -------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [GoPage, BackgammonPage])
def test_the_start_page_offers_them_with_their_elo(page):
    field = next(each for each in page.fields() if each.name == "level")
    known = levels.levels(page.name)
    assert [value for value, _ in field.choices] == ["follow", *(str(level.number) for level in known), "time"]
    assert known[2].strength in field.choices[3][1]
    assert known[0].command in field.hint
    told = opponent_sentence(page.name, {"level": "3"}, None)
    for words in (known[2].strength, known[2].name, known[2].where, known[2].anchor, f"3 of {len(known)}"):
        assert words in told


def test_a_level_that_was_chosen_plays():
    page = GoPage.begin({"level": "3", "size": 9, "colour": "both", "model": "go"}, Theme(1))
    try:
        level = levels.find("go", 3)
        assert page.session.opponent == chosen_opponent({"level": "3"})
        player = page.session.engine.ready()
        assert (player.name, player.temperature) == (level.name, level.spec.temperature)
        assert "level 3" in page.session.opponent.words
    finally:
        page.session.engine.close()
    told = values(9, "black", None, "chinese", 0, chosen_of_line("go", PlayerSpec(model="rollouts"), 1, 3))
    assert told["opponent"].level == level


def test_a_level_of_a_match_plays_by_the_form_and_the_command_line():
    opponent = chosen_of_line("backgammon", PlayerSpec(model="backgammon", plies=1), 1, 1)
    line = match_values(5, "first", "seed", 1, True, True, "", opponent)
    for chosen in ({"level": "1", "seed": "1"}, line):
        match = begin_match(chosen, BackgammonPage.store)
        try:
            level = levels.find("backgammon", 1)
            assert (match.engine.ready().name, match.engine.ready().temperature) == (level.name, level.spec.temperature)
            assert FIRST in match.people
        finally:
            match.engine.close()


@pytest.mark.parametrize("level", ["99", "x", ""])
def test_a_level_that_is_not_there_is_refused(level):
    with pytest.raises(ValueError, match="there is no level"):
        chosen_opponent({"level": level})
    with pytest.raises(ValueError, match="there is no level"):
        begin_match({"level": level}, BackgammonPage.store)
