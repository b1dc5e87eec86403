"""A tournament of Connect Four from its file to its table."""

import json

from games.connect_four.writing import read_moves
from training.tournament import settings
from training.tournament.arena import kind_of


def test_openings_are_games_that_go_on():
    arena = kind_of("connect_four")()
    made = arena.make_openings(4, 6, seed=1)
    assert len({tuple(each) for each in made}) == 6
    for opening in made:
        assert not read_moves("".join(str(move + 1) for move in opening)).over


def test_a_tournament_is_read():
    players = [{"name": "a", "kind": "random"}, {"name": "b", "kind": "solver"}]
    planned = settings.parse({"game": "connect_four", "players": players}, "small")
    assert planned.arena.headline == "Connect four"


def test_a_record_holds_the_moves():
    from training.tournament.referee import Outcome, Played

    arena, position = kind_of("connect_four")(), read_moves("4141414")
    kept = json.loads(arena.record(Played(arena.outcome(position, None), [position], (0.0, 0.0)), ("a", "b"), {}))
    assert (kept["result"], "".join(kept["moves"])) == ("first wins", "4141414")
    assert isinstance(arena.outcome(position, None), Outcome)
