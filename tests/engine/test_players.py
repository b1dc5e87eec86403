"""Players: what they decide from a search, what they keep of it, when they pass and when they give up."""

import numpy as np
import pytest

from engine import tree
from engine.clock import Clock, Limit
from engine.gumbel import chosen
from engine.players import RESIGN, RandomPlayer, SearchPlayer, analyse
from engine.search import SearchSettings
from engine.spec import PlayerSpec, make
from games import go
from games.game import CHANCE, NOBODY, Position
from games.go import board as go_board
from tests import toys
from tests.toys import NOUGHTS, RACE, WORDS, noughts, race, words


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
    player = SearchPlayer("toy", settings=SearchSettings(rollout_weight=1.0, c_puct=1.0), limit=Limit(visits=800))
    while not position.over:
        position.play(player.choose(position))
    assert position.value() == 0  # perfect play draws


def letters(pay):
    """Make the game of one player who writes 0s and 1s until 2 ends the text, ten at most; `pay` values a text."""

    def after(state, move):
        return [*state[: state[10]], move, *state[state[10] + 1 : 10], state[10] + 1]

    return toys.game(
        "letters",
        turn=lambda state: NOBODY if state[10] == 10 or 2 in state[: state[10]] else 0,
        moves=lambda state: [0, 1, 2],
        after=after,
        value=lambda state: float(pay([letter for letter in state[: state[10]] if letter < 2])),
        move_count=3,
        players=1,
        ends=(-np.inf, np.inf),
    )


@pytest.mark.parametrize("shift", [0, -200, 1e6])
def test_one_player_writes_the_best_text_whatever_the_rewards_are(shift):
    game = letters(lambda text: 9 * sum(text) + 1 + shift)
    position = Position(game, np.zeros(11, np.int32))
    settings = SearchSettings(rollout_weight=1.0, normalise=True, first_play=0.0)
    player = SearchPlayer("writer", settings=settings, limit=Limit(visits=600))
    while not position.over:
        move = player.choose(position)
        assert move == 1  # to end the text now is worth less, and nothing is ever given up
        position.play(move)
    assert position.value() == 91 + shift


@pytest.mark.parametrize(("game", "start"), [(race, RACE), (words, WORDS), (noughts, NOUGHTS)])
@pytest.mark.parametrize("more", [{}, {"gumbel": 4}, {"widest": 2}])
def test_toys_of_every_kind_are_played_to_the_end(game, start, more):
    random = np.random.default_rng(3)
    position = Position(game, start.copy())
    settings = SearchSettings(rollout_weight=1.0, normalise=game is words, first_play=0.0, **more)
    player = SearchPlayer("toy", settings=settings, limit=Limit(visits=300))
    while not position.over:
        if position.turn == CHANCE:
            position.play(int(random.choice(position.legal())))
            continue
        position.play(player.choose(position))
        assert player.thought is None or player.thought.visits > 0
    if game is words and not more:
        assert position.value() == 1000


def test_an_end_with_the_best_value_is_played_without_a_search():
    position = Position(noughts, toys.noughts_board("xx. oo. ..."))
    player = SearchPlayer("toy", limit=Limit(visits=100))
    assert player.choose(position) == 2
    assert player.thought is None


def test_a_gumbel_root_plays_what_sequential_halving_ends_with():
    differs = 0
    for seed in range(40):
        settings = SearchSettings(gumbel=8, rollout_weight=1.0, wave=1, seed=seed)
        player = SearchPlayer("toy", settings=settings, limit=Limit(visits=40))
        position = Position(noughts, NOUGHTS.copy())
        player.think(position, player.limit)
        node = chosen(player.tree, 0, player.scores)
        move = int(player.tree.ints[tree.MOVE, node])
        below = tree.children(player.tree, int(player.tree.regions[tree.ROOT, 0]))
        most = int(player.tree.ints[tree.MOVE, below[np.argmax(player.tree.ints[tree.VISITS, below])]])
        differs += move != most
        again = SearchPlayer("toy", settings=settings, limit=Limit(visits=40))
        assert again.choose(position) == move == again.thought.lines[0].move
    assert differs  # the most visited move is often another


def test_two_searches_of_one_player_draw_other_noise_and_two_players_of_one_seed_draw_alike():
    settings = SearchSettings(noise_weight=0.25, seed=4)
    one, two = (SearchPlayer("toy", settings=settings) for _ in range(2))
    drawn = []
    for player in (one, two, one):
        thought = player.think(Position(noughts, NOUGHTS.copy()), Limit(visits=20))
        drawn.append(sorted((line.move, line.prior) for line in thought.lines))
    assert drawn[0] == drawn[1] != drawn[2]


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
