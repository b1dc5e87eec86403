"""The player without search: what it never plays, and when it may pass."""

import numpy as np
import pytest

from engine.clock import Limit
from engine.go.policy_player import PolicyPlayer, deciding_captures, sensible
from engine.players import SearchPlayer
from engine.rollouts import policy_priors, shipped_policy
from engine.searching import ROLLOUTS
from games import go
from games.game import FIRST, NOBODY, SECOND, Position
from games.go.board import parse

PASS = 49

DEAD_STONE = """
    . X . X O . O
    X X X X O O .
    X O a X O O O
    X a a X O . O
    X a X X O O O
    X X X O O . O
    . X X O O O O
"""
"""Black owns 26 points once White's stone on the left is captured, and counts 21 to White's 24 while it stands."""


def after_a_pass(komi):
    """White, to play in DEAD_STONE, has passed."""
    state, letters = parse(DEAD_STONE, komi, to_play=SECOND)
    position = Position(go, state)
    position.play(PASS)
    return position, letters["a"]


def who_would_pass(game, states):
    priors = np.full((len(states), go.move_count(states[0])), 0.001, np.float32)
    priors[:, -1] = 0.95
    return priors, np.zeros(len(states), np.float32)


def player():
    return PolicyPlayer("policy", who_would_pass, policy=shipped_policy(go))


@pytest.mark.parametrize("komi", [0.5, -3])  # lost, drawn as it stands
def test_a_pass_that_throws_a_won_game_away_is_none(komi):
    position, around = after_a_pass(komi)
    assert player().choose(position) in around


def test_it_captures_what_is_dead_and_then_ends_the_game():
    position, _ = after_a_pass(komi=0.5)
    while position.turn != NOBODY:
        position.play(PASS if position.turn == SECOND else player().choose(position))
    assert go.final_lead(position.state) == 2.5
    assert len(position.moves) < 14


def test_a_game_that_is_lost_either_way_ends_with_two_passes():
    position, _ = after_a_pass(komi=9.5)
    assert player().choose(position) == PASS


def test_a_person_who_passes_twice_ends_a_game_that_it_has_lost():
    """After one pass it may play on, whatever its policy thinks of passing; a second one is believed."""

    def who_never_passes(game, states):
        priors = np.full((len(states), go.move_count(states[0])), 0.02, np.float32)
        priors[:, -1] = 1e-9
        return priors, np.zeros(len(states), np.float32)

    for komi, ends in ((9.5, True), (0.5, False)):  # lost and won, with the dead stones removed
        position, played = after_a_pass(komi)[0], []
        for _ in range(2):
            played.append(PolicyPlayer("policy", who_never_passes).choose(position))
            position.play(played[-1])
            if position.turn != NOBODY:
                position.play(PASS)
        assert played[0] != PASS
        assert (played[1] == PASS) == ends


def test_it_is_not_the_first_to_pass_and_fills_no_eye():
    state, letters = parse(DEAD_STONE, 9.5)
    assert set(sensible(Position(go, state))) == set(letters["a"])
    assert player().choose(Position(go, state)) in letters["a"]


def test_it_passes_where_nothing_else_is_left():
    """Where the dead stone was, Black has one eye more, and White may not play."""
    captured = DEAD_STONE.replace("X O a X", "X . X X").replace("a", "X")
    for side in (FIRST, SECOND):
        assert list(sensible(Position(go, parse(captured, to_play=side)[0]))) == [PASS]


UNSETTLED = """
    . O X X O X . O .
    . O O X . X O O O
    O . O X X . X X O
    . O O O O X X a X
    X X O O X X X O X
    X X O X X . O X X
    . X X O X X X O X
    X X X . X O O O O
    . O X X O O . . O
"""
"""White captures five stones at H6, or Black one at the same point: whoever moves first wins."""


def test_before_it_answers_a_pass_it_captures_what_the_count_depends_on():
    state, letters = parse(UNSETTLED, komi=7, rules="chinese")
    position = Position(go, state)
    for _ in range(2):
        assert go.judge(position.state).lead == 4, "White would lose"
        position.play(81)
    assert position.value() == 1
    position.undo()
    assert list(deciding_captures(position)) == letters["a"]
    assert player().choose(position) == letters["a"][0]
    position.play(letters["a"][0])
    assert go.judge(position.state).lead < 0


def test_a_search_captures_it_too():
    state, letters = parse(UNSETTLED, komi=7, rules="chinese")
    position = Position(go, state)
    position.play(81)
    policy = shipped_policy(go)
    searcher = SearchPlayer("rollouts", policy_priors(policy), ROLLOUTS, Limit(visits=400), policy)
    assert searcher.choose(position) == letters["a"][0]
