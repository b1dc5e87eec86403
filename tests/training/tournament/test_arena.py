"""Arenas: a game reads its own settings alone, and one without an arena is an error, never another game."""

import json

import numpy as np
import pytest

from engine.players import RandomPlayer
from engine.spec import PlayerSpec
from games import wings
from tests import toys
from training.tournament import openings
from training.tournament.arena import Arena
from training.tournament.contestants import Contestant
from training.tournament.referee import Referee
from training.tournament.settings import parse

TWO = [{"name": "a", "kind": "random"}, {"name": "b", "kind": "random"}]


class NoughtsArena(Arena):
    game = toys.noughts

    def start(self):
        return toys.noughts_board("... ... ...")


@pytest.fixture(autouse=True)
def all_even(monkeypatch):
    monkeypatch.setattr(openings, "values_of", lambda game, states, random: np.zeros(len(states)))


def seated(seed):
    contestants = [Contestant(PlayerSpec(name=name, kind="random"), RandomPlayer) for name in "ab"]
    for contestant in contestants:
        contestant.begin(seed)
    return contestants


@pytest.mark.parametrize(
    ("tables", "told"),
    [
        ({"game": "chess"}, "Yomi plays no game 'chess'; its games are: go, backgammon"),
        ({"sise": 9}, "there is no setting 'sise' (did you mean 'size'?)"),
        ({"game": "backgammon", "lenght": 5}, "did you mean 'length'?"),
        ({"size": 1}, "size = 1 is less than 2"),
    ],
)
def test_what_no_game_knows_is_told(tables, told):
    with pytest.raises(ValueError, match=".") as wrong:
        parse({"players": TWO} | tables, "small")
    assert told in str(wrong.value)


def test_a_game_that_is_added_by_half_is_not_played_as_another(monkeypatch):
    monkeypatch.setattr(wings, "NAMES", (*wings.NAMES, "checkers"))
    with pytest.raises(ValueError, match="checkers has no arena in training"):
        parse({"players": TWO, "game": "checkers"}, "small")


def test_files_of_old_tournaments_hold_settings_of_other_games():
    planned = parse({"players": TWO, "game": "backgammon", "size": 9, "komi": 7.0, "length": 5}, "old")
    assert planned.arena.variant.length == 5
    assert "size" not in planned.to_toml()


def test_a_game_with_nothing_of_its_own_is_played_and_kept():
    arena, ends = NoughtsArena(), set()
    for seed in range(12):
        opening = arena.make_openings(1, 4, 1)[seed % 4]
        played = arena.play(Referee(seated(seed)), opening, seed)
        kept = json.loads(arena.record(played, ("a", "b"), {"round": "3"}))
        assert played.outcome.points == 0.5 + 0.5 * played.positions[0].value()
        assert len(kept["moves"]) == played.moves
        assert kept["result"] == played.outcome.result
        ends.add(played.outcome.result)
    assert ends >= {"first wins", "second wins"}


def test_openings_differ_while_there_are_others():
    made = NoughtsArena().make_openings(1, 9, 1)
    assert sorted(made) == [[move] for move in range(9)]
