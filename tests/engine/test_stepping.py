"""Stepping: the same tree as the search's, and numbers that explain it."""

from dataclasses import replace

import numpy as np
import pytest

from engine import stepping, tree
from engine.clock import Limit
from engine.players import SearchPlayer
from engine.rollouts import policy_priors, shipped_policy
from engine.search import SearchSettings, uniform
from engine.searching import ROLLOUTS
from engine.stepping import Stepper
from engine.tree_steps import CLOSED
from games import backgammon, go
from games.game import CHANCE, FIRST, NOBODY, SECOND, Position
from tests.toys import NOUGHTS, RACE, WORDS, noughts, race, words


def opinionated(game, states):
    """Return uneven priors and values that depend on the position alone."""
    marks = states.astype(np.int64) @ np.arange(1, states.shape[1] + 1)
    moves = game.move_count(states[0])
    priors = 1.0 + (marks[:, None] * 7 + np.arange(moves) * 13) % 11
    return priors.astype(np.float32), ((marks % 17) / 8 - 1).astype(np.float32)


POLICY = shipped_policy(go)
ROLLED = backgammon.with_dice(backgammon.start(), (3, 1))
SEARCHES = {
    "go, a network": (go, go.start(5), opinionated, SearchSettings(), None),
    "go, rollouts": (go, go.start(5), policy_priors(POLICY), replace(ROLLOUTS, expand_at=3), POLICY),
    "go, both": (go, go.start(5), opinionated, SearchSettings(rollout_weight=0.5, seed=9), POLICY),
    "go, both, later": (go, go.start(5), opinionated, SearchSettings(rollout_weight=0.5, expand_at=4, seed=9), POLICY),
    "go, gumbel": (go, go.start(4), opinionated, SearchSettings(gumbel=8), None),
    "go, noise": (go, go.start(4), uniform, SearchSettings(noise_weight=0.25), None),
    "backgammon": (backgammon, ROLLED, uniform, SearchSettings(rollout_weight=0.5, normalise=True), None),
    "race": (race, RACE, opinionated, SearchSettings(rollout_weight=0.3), None),
    "words": (words, WORDS, uniform, SearchSettings(normalise=True, c_puct=4.0, rollout_weight=1.0), None),
    "noughts": (noughts, NOUGHTS, opinionated, SearchSettings(expand_at=2), None),
}


def player_of(case, **changes):
    game, state, evaluator, settings, policy = SEARCHES[case]
    settings = replace(settings, wave=1, threads=1, **changes)
    return SearchPlayer(case, evaluator, settings, Limit(), policy, nodes=20_000), Position(game, state)


@pytest.mark.parametrize("case", SEARCHES)
def test_stepping_leaves_the_tree_of_the_search(case):
    (searched, position), (stepped, _) = player_of(case), player_of(case)
    searched.think(position, Limit(visits=200))
    stepper = Stepper(stepped, position, Limit(visits=200))
    for _ in range(200):
        stepper.simulate()
    for ours, theirs in zip(stepped.tree, searched.tree, strict=True):
        assert np.array_equal(ours, theirs)


def test_leaves_are_followed_as_the_search_follows_them_until_nothing_is_left(monkeypatch):
    followed = SearchSettings(normalise=True, follow=True, first_play=0.0)
    monkeypatch.setitem(SEARCHES, "words, followed", (words, WORDS, opinionated, followed, None))
    (searched, position), (stepped, _) = player_of("words, followed"), player_of("words, followed")
    searched.think(position, Limit(visits=1000))
    stepper, kept = Stepper(stepped, position), 0
    while searched.tree.ints[tree.VISITS, 0] > stepped.tree.ints[tree.VISITS, 0]:
        selected, _, _, rolled_out, backed_up = stepper.simulate()
        sums = {term.move: term.q + term.u for term in selected.choices[0].terms if not term.closed} if kept else {}
        assert not sums or sums[selected.path[0]] == pytest.approx(max(sums.values()), abs=1e-5)
        assert backed_up.value == rolled_out.value
        kept += len(rolled_out.followed)
    with pytest.raises(ValueError, match="nothing left to find"):
        stepper.step()
    assert kept
    for ours, theirs in zip(stepped.tree, searched.tree, strict=True):
        assert np.array_equal(ours, theirs)


def test_a_line_that_was_followed_and_given_up_leaves_no_trace(monkeypatch):
    followed = SearchSettings(normalise=True, follow=True, first_play=0.0)
    monkeypatch.setitem(SEARCHES, "words, followed", (words, WORDS, opinionated, followed, None))
    player, position = player_of("words, followed")
    stepper = Stepper(player, position)
    for _ in range(4):
        stepper.step()
    stepper.abandon()
    assert not (player.tree.ints[tree.IN_FLIGHT] % CLOSED).any()


def test_stepping_goes_on_where_a_search_stopped_and_a_search_where_stepping_did():
    (mixed, position), (searched, _) = player_of("noughts"), player_of("noughts")
    mixed.think(position, Limit(visits=60))
    stepper = Stepper(mixed, position)
    for _ in range(40):
        stepper.simulate()
    mixed.think(position, Limit(visits=150))
    searched.think(position, Limit(visits=150))
    assert np.array_equal(mixed.tree.ints, searched.tree.ints)
    assert np.array_equal(mixed.tree.floats, searched.tree.floats)


@pytest.mark.parametrize("phases", [1, 2, 3, 4])
def test_a_simulation_given_up_leaves_no_trace_in_the_books(phases):
    player, position = player_of("go, both")
    player.think(position, Limit(visits=30))
    before = player.tree.ints[[tree.VISITS, tree.IN_FLIGHT]].copy()
    stepper = Stepper(player, position)
    for _ in range(phases):
        stepper.step()
    stepper.abandon()
    assert np.array_equal(player.tree.ints[[tree.VISITS, tree.IN_FLIGHT]], before)
    assert stepper.step().phase == "select"


@pytest.mark.parametrize("case", SEARCHES)
def test_the_child_taken_has_the_greatest_sum(case):
    player, position = player_of(case)
    stepper = Stepper(player, position, Limit(visits=100))
    for _ in range(100):
        selected = stepper.simulate()[0]
        assert len(selected.choices) == len(selected.path)
        for move, choice in zip(selected.path, selected.choices, strict=True):
            assert choice.terms[choice.taken].move == move
            sums = [term.q + term.u for term in choice.terms]
            assert choice.planned or sums[choice.taken] >= max(sums) - 1e-5


@pytest.mark.parametrize("case", SEARCHES)
def test_phases_tell_what_happens(case):
    player, position = player_of(case)
    stepper, weight = Stepper(player, position, Limit(visits=100)), player.settings.rollout_weight
    for _ in range(100):
        selected, expanded, evaluated, rolled_out, backed_up = events = stepper.simulate()
        assert [event.phase for event in events] == list(stepping.PHASES)
        assert {event.path for event in events} == {selected.path}
        over = expanded.turn == NOBODY
        assert bool(expanded.children) != bool(expanded.why_not)
        assert sum(prior for _, prior in expanded.children) == pytest.approx(float(bool(expanded.children)), abs=1e-4)
        assert (rolled_out.result is None) == (over or weight == 0)
        assert not (evaluated.source.endswith("earlier,") and expanded.children)
        if over:
            assert (evaluated.source, evaluated.value) == ("the rules", rolled_out.value)
        elif rolled_out.result is not None:
            first = evaluated.value or 0.0
            assert rolled_out.value == pytest.approx(first + weight * (rolled_out.result - first), abs=1e-5)
        leaf = position.copy()
        for move in selected.path:
            leaf.play(move)
        assert np.array_equal(evaluated.judged, leaf.state)
        assert np.array_equal(rolled_out.judged, leaf.state) == (rolled_out.result is None)
        assert backed_up.value == rolled_out.value
        assert len(backed_up.changes) == len(selected.path) + 1
        for change in backed_up.changes:
            (n, m), (v, w) = change.visits, change.value
            assert m == n + 1
            assert w * m == pytest.approx(v * n + backed_up.value, abs=1e-3 * max(1, abs(v * n)))


def test_a_rollout_shows_the_position_in_which_it_ended():
    player, position = player_of("go, rollouts")
    rolled_out = Stepper(player, position).simulate()[3]
    assert np.count_nonzero(go.colours(rolled_out.judged)) > 12  # of 25
    assert np.sign(go.final_lead(rolled_out.judged)) == rolled_out.result


def test_why_a_leaf_gets_no_children():
    player, position = player_of("noughts")
    stepper = Stepper(player, position)
    reasons = {stepper.simulate()[1].why_not for _ in range(400)}
    assert reasons == {"", "visit 1 of the 2 that it takes", "the game is over here"}
    player, position = player_of("go, a network")
    player.nodes = 60
    stepper = Stepper(player, position)
    assert "the tree is full" in {stepper.simulate()[1].why_not for _ in range(20)}


def test_dice_lag_their_odds_and_only_players_weigh_values():
    player, position = player_of("race")
    stepper = Stepper(player, position)
    choices = [choice for _ in range(50) for choice in stepper.simulate()[0].choices]
    assert {choice.turn for choice in choices} == {FIRST, SECOND, CHANCE}
    dice = [choice for choice in choices if choice.turn == CHANCE]
    assert all(0 <= term.q < 1 and abs(term.u) < 2 for choice in dice for term in choice.terms)
    assert [term.prior for term in dice[0].terms] == [0.5, 0.25, 0.25]


def test_forbidden_moves_are_not_stepped_into():
    position = Position(go, go.start(4))
    player = SearchPlayer("uniform", nodes=5_000)
    position.forbidden = lambda: np.array([5], np.int32)
    stepper = Stepper(player, position)
    moves = [term.move for term in stepper.simulate()[0].choices[0].terms]
    assert sorted(moves) == [move for move in range(17) if move != 5]
