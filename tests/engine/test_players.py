"""Players: what they decide from a search, what they keep of it, when they pass and when they give up."""

import numpy as np
import pytest

from engine import tree
from engine.clock import Clock, Limit
from engine.players import RESIGN, RandomPlayer, SearchPlayer, analyse
from engine.search import Settings
from engine.spec import PlayerSpec, make
from games import go
from games.game import NOBODY, Position
from games.go import board as go_board
from tests.toys import NOUGHTS, noughts


def from_diagram(text, **start):
    return Position(go, go_board.parse(text, **start)[0])


def rollouts(visits=200, **more):
    return make(PlayerSpec(model="rollouts", visits=visits), go, **more)


def at(position, vertex):
    return go_board.move(vertex, int(position.state[0]))


def test_a_search_player_captures():
    position = from_diagram(
        """
        . X O . .
        X O O X .
        . X X . .
        . . . . .
        . . O . O
        """
    )
    player = rollouts(400)
    assert player.choose(position) == at(position, "D5")
    assert player.thought.lines[0].variation[0] == at(position, "D5")
    assert player.thought.value > 0.9


def test_the_second_pass_is_played_where_it_wins_and_only_there():
    text = """
        . O . O .
        O O O O O
        . O . . .
        . . . . .
        . . . . .
        """
    position = from_diagram(text, to_play=0)
    position.play(25)
    assert rollouts().choose(position) == 25
    losing = from_diagram(text.replace("O", "X"), to_play=0)
    losing.play(25)
    assert rollouts().choose(losing) != 25


def test_a_hopeless_game_is_resigned_but_not_on_few_visits():
    text = """
        . X . X .
        X X X X X
        . X X X .
        X X X X X
        . X . X .
        """
    position = from_diagram(text, to_play=1)
    assert rollouts(1000).choose(position) == RESIGN
    assert rollouts(100).choose(position) != RESIGN


def test_the_tree_is_kept_for_the_moves_that_follow():
    position, player = Position(go, go.start(5)), rollouts(600)
    position.play(player.choose(position))
    reply = player.thought.lines[0].variation[1]
    before = {line.move: line for line in analyse(player.tree, 0).lines}
    assert before
    position.play(reply)
    analysis = player.think(position, Limit(visits=700))
    assert 0 < analysis.simulations < 700 == analysis.visits
    position.undo()
    position.undo()
    assert player.think(position, Limit(visits=50)).simulations == 50


def test_the_tree_of_another_game_is_not_used():
    player = rollouts(100)
    player.choose(Position(go, go.start(5, 0.5)))
    assert player.think(Position(go, go.start(5, 7.5)), Limit(visits=50)).simulations == 50


def test_superko_rules_moves_out_of_the_search():
    position = from_diagram(
        """
        . X O .
        X O . O
        . X O .
        . . . .
        """,
        komi=0.5,
    )
    position.play(at(position, "C3"))
    position.play(at(position, "A1"))
    position.play(at(position, "D1"))
    lines = rollouts(300).think(position, Limit(visits=300)).lines
    assert {line.move for line in lines} <= set(position.legal().tolist())


def test_clocks_shorten_the_thinking():
    player = make(PlayerSpec(model="rollouts", seconds=30), go)
    player.choose(Position(go, go.start(9)), Clock(main=2.0))
    assert player.thought.seconds < 1


def test_reports_come_while_it_thinks():
    seen = []
    player = make(PlayerSpec(model="rollouts", seconds=0.5, threads=2), go)
    player.choose(Position(go, go.start(9)), report=seen.append, every=0.1)
    assert 3 <= len(seen) <= 6
    assert [analysis.visits for analysis in seen] == sorted(analysis.visits for analysis in seen)


def test_the_same_seed_gives_the_same_move_and_numbers():
    once, again = (rollouts(300, seed=5).think(Position(go, go.start(7)), Limit(visits=300)) for _ in range(2))
    assert once.lines == again.lines


def test_any_game_has_a_search_player():
    position = Position(noughts, NOUGHTS.copy())
    player = SearchPlayer("toy", settings=Settings(rollout_weight=1.0, c_puct=1.0), limit=Limit(visits=800))
    while not position.over:
        position.play(player.choose(position))
    assert position.value() == 0  # perfect play draws


def test_a_random_player_plays_to_the_end():
    position, player = Position(go, go.start(4, rules="chinese")), RandomPlayer(seed=3)
    while not position.over and len(position.moves) < 500:
        position.play(player.choose(position))
    assert position.turn == NOBODY


def test_an_unknown_model_is_named():
    with pytest.raises(ValueError, match="no model 'nobody'"):
        make(PlayerSpec(model="nobody", visits=1), go)


def test_analyse_sorts_by_visits_and_follows_them():
    player = rollouts(500)
    analysis = player.think(Position(go, go.start(5)), Limit(visits=500))
    visits = [line.visits for line in analysis.lines]
    assert visits == sorted(visits, reverse=True)
    assert sum(visits) == 500
    assert np.isclose(sum(line.value * line.visits for line in analysis.lines) / 500, analysis.value, atol=1e-3)
    assert tree.variation(player.tree, 0)[0] == analysis.lines[0].move


def test_thinking_ends_when_the_move_is_decided_and_not_before():
    position = from_diagram(
        """
        . X O . .
        X O O X .
        . X X . .
        . . . . .
        . . O . O
        """
    )
    player = make(PlayerSpec(model="rollouts", visits=160_000), go)
    move = player.choose(position)
    first, second = player.thought.lines[:2]
    assert player.thought.visits < 160_000
    assert first.visits - second.visits > 160_000 - player.thought.visits
    assert move == first.move
    player.forget()
    assert player.think(position, Limit(visits=4_000)).visits == 4_000  # an analysis goes on


def test_a_single_legal_move_needs_no_thinking():
    position = from_diagram(
        """
        . X
        X .
        """,
        to_play=1,
    )
    player = make(PlayerSpec(model="rollouts", seconds=20), go)
    assert player.choose(position) in (4, RESIGN)
