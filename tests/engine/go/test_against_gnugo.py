"""A short slice of `crosscheck_gnugo.py`: our rules and GNU Go's agree on random games."""

import pytest

from tests.measures import crosscheck_gnugo

pytestmark = pytest.mark.skipif(not crosscheck_gnugo.PROGRAM, reason="gnugo is not installed: apt install gnugo")


@pytest.mark.parametrize("size", [2, 5, 9, 13, 19])
def test_boards_prisoners_and_legal_moves(size):
    assert crosscheck_gnugo.crosscheck(games=0, positions=750, judged=0, seed=size, wild_sizes=(size,)) == []


@pytest.mark.parametrize(("size", "games"), [(9, 15), (13, 5)])
def test_scores_of_random_games_played_to_the_end(size, games):
    assert crosscheck_gnugo.crosscheck(games, positions=0, judged=0, seed=2, sizes=(size,)) == []


def test_scores_with_dead_stones():
    assert crosscheck_gnugo.crosscheck(games=0, positions=0, judged=6, seed=3, sizes=(7,)) == []


def test_a_difference_is_noticed(monkeypatch):
    monkeypatch.setitem(crosscheck_gnugo.OPTIONS, "chinese", crosscheck_gnugo.OPTIONS["tromp-taylor"])
    found = crosscheck_gnugo.crosscheck(games=0, positions=600, judged=0, seed=1, wild_sizes=(3,))
    assert any("legal moves: only ours [], only GNU Go's" in line for line in found), "suicide, where we forbid it"
