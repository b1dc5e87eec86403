"""Self-play: games by the rules, the same games whoever sits beside them, and what is kept of them."""

from dataclasses import fields, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from games import connect_four, go
from games.connect_four.writing import read_moves
from games.game import FIRST, NOBODY
from games.go import sgf
from training import live_game
from training.played_games import PlayedGames, read_games, write_games
from training.self_play import RolloutEvaluator, SelfPlayTask, check_boards, play, tasks_of
from training.self_play_settings import SelfPlaySettings

QUICK = SelfPlaySettings(visits=12, at_once=16, opening=8)
TASK = SelfPlayTask("connect_four", "", seed=5, version=2, first=40, count=30)
SMALL = SelfPlayTask("go", "5", seed=1, version=0, first=0, count=16)


def start(board):
    from training.connect_four.self_play import start

    return start(board, np.random.default_rng(0))


@cache
def played(task=TASK, settings=QUICK) -> PlayedGames:
    return play(task, RolloutEvaluator(), settings)


def assert_same(ours, theirs):
    for each in fields(PlayedGames):
        assert np.array_equal(getattr(ours, each.name), getattr(theirs, each.name)), each.name


def read_c4(data):
    return read_moves(data.decode()).moves


def read_sgf(data):
    return sgf.position(next(iter(sgf.parse(data)))).moves


# --- games ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("task", "game"), [(TASK, connect_four), (SMALL, go)], ids=["connect_four", "go"])
def test_games_are_by_the_rules_and_end_as_they_say(task, game):
    games = played(task)
    assert games.numbers.tolist() == list(range(task.first, task.first + task.count))
    for g in range(len(games)):
        state = games.starts[g][None].copy()
        for move in games.moves[games.offsets[g] : games.offsets[g] + games.lengths[g]]:
            moves, _, counts = game.legal(state)
            assert move in moves[0, : counts[0]]
            game.play(state, np.array([move], np.int32))
        assert game.turn(state)[0] == NOBODY
        assert game.score(state)[0] == games.outcomes[g]

    assert {1.0, -1.0} <= set(games.outcomes.tolist())


@pytest.mark.parametrize(("task", "read"), [(TASK, read_c4), (SMALL, read_sgf)], ids=["connect_four", "go"])
def test_a_game_can_be_watched_while_it_is_played(task, read, tmp_path, monkeypatch):
    """What is written grows by a move at a time to a game's end, opening included; the games are the same ones."""
    seen = []

    def write(path, data):
        assert path.stem == "playing"
        seen.append(read(data))

    monkeypatch.setattr(live_game, "write_file", write)
    monkeypatch.setattr(live_game, "EVERY", 0.0)
    games = play(task, RolloutEvaluator(), QUICK, tmp_path)
    assert_same(games, played(task))
    ends = [before for before, after in pairwise(seen) if len(after) != len(before) + 1] + seen[-1:]
    played_moves = games.moves[: games.lengths[0]].tolist()
    assert len(ends) > (task is TASK)  # with fewer seats than games, another game takes the seat
    assert ends[0][-len(played_moves) :] == played_moves


def test_openings_are_random_and_of_all_lengths():
    discs = [int(state[0] | state[1]).bit_count() for state in played().starts]
    assert set(discs) == set(range(9))


@pytest.mark.parametrize("task", [TASK, SMALL], ids=["connect_four", "go"])
def test_a_game_is_the_same_whoever_is_played_beside_it(task):
    """Rollouts value a position alike in any batch; of a network that is so where its batches are alike."""
    settings = replace(QUICK, full_share=0.5, fast_visits=5, resign=0.8)
    together, alone = (
        play(task, RolloutEvaluator(), settings),
        [
            play(replace(task, first=task.first + k, count=1), RolloutEvaluator(), replace(settings, at_once=1 + k))
            for k in range(task.count)
        ],
    )
    for name in (each.name for each in fields(PlayedGames) if each.name not in ("version", "board")):
        assert np.array_equal(getattr(together, name), np.concatenate([getattr(each, name) for each in alone])), name


@pytest.mark.parametrize("change", [{"seed": 6}, {"version": 3}, {"first": 70}])
def test_another_seed_version_or_number_is_another_game(change):
    other = played(replace(TASK, **change))
    assert not np.array_equal(other.starts, played().starts)


def test_openings_that_end_the_game_are_drawn_anew():
    games = play(TASK, RolloutEvaluator(), replace(QUICK, opening=42, visits=2))
    assert (connect_four.turn(games.starts) != NOBODY).all()


def test_a_share_of_the_moves_has_all_the_visits_and_is_learned():
    calls = []

    class Counting(RolloutEvaluator):
        def __call__(self, game, states):
            calls.append(len(states))
            return super().__call__(game, states)

    games = play(TASK, Counting(), replace(QUICK, full_share=0.3, visits=40, fast_visits=4))
    share = games.learned.mean()
    assert 0.15 < share < 0.45
    assert len(games.to_learn) == games.learned.sum()
    wanted = len(games.moves) * (1 + 4 + share * 36)  # the root, and a leaf for each visit that is not at an end
    assert 0.6 * wanted < sum(calls) < wanted


def hopeless(game, states):
    """Evaluate every position as lost for the first player, whatever it is."""
    return np.full((len(states), 7), 1 / 7, np.float32), np.full(len(states), -0.99, np.float32)


def test_who_has_no_hope_gives_up_but_in_the_games_that_measure_whether_that_is_wrong():
    games = play(replace(TASK, count=200), hopeless, replace(QUICK, visits=1, resign=0.9, resign_checked=0.5))
    gave_up = games.resigned == FIRST
    assert 60 < gave_up.sum() < 140
    assert set(games.resigned.tolist()) == {FIRST, NOBODY}
    assert (games.outcomes[gave_up] == -1).all()
    assert (games.wished[gave_up] == FIRST).all()
    on, wrong = games.wrong_resignations()
    kept_on = (games.wished == FIRST) & (games.resigned == NOBODY)
    assert on == kept_on.sum()
    assert wrong == (games.outcomes[kept_on] >= 0).sum() > 0
    never = play(replace(TASK, count=20), hopeless, replace(QUICK, visits=1))
    assert set(never.wished.tolist()) == {NOBODY}
    assert never.wrong_resignations() == (0, 0)


def test_puct_learns_shares_of_visits_and_draws_its_first_moves():
    settings = replace(QUICK, considered=0, noise_weight=0.25, tempered=4)
    games = play(TASK, RolloutEvaluator(), settings)
    shares = games.policies(7, games.to_learn) * 12
    np.testing.assert_allclose(shares, np.round(shares), atol=0.02)
    best = games.policies(7, games.to_learn)[np.arange(len(games.moves)), games.moves]
    most = games.policies(7, games.to_learn).max(1)
    assert (best[games.plies >= 4] == most[games.plies >= 4]).all()
    assert (best[games.plies < 4] < most[games.plies < 4]).any()
    assert_same(games, play(TASK, RolloutEvaluator(), settings))


def test_a_long_game_is_scored_as_it_stands():
    games = play(SMALL, RolloutEvaluator(), replace(QUICK, longest=3))
    assert games.lengths.max() == 3
    ends = games.starts.copy()
    for ply in range(3):
        going = np.flatnonzero(games.lengths > ply)
        rows = ends[going]
        go.play(rows, games.moves[games.offsets[going] + ply])
        ends[going] = rows
    assert np.array_equal(games.outcomes, go.score(ends))


def test_tasks_share_the_games_out_and_boards_take_turns():
    tasks = tasks_of("go", ("5", "7"), seed=9, version=3, games=100, size=30)
    assert [(task.first, task.count) for task in tasks] == [(300, 30), (330, 30), (360, 30), (390, 10)]
    assert [task.board for task in tasks] == ["5", "7", "5", "7"]
    odd = [task.board for v in range(2) for task in tasks_of("go", ("5", "7"), 9, v, 30, 10)]
    assert odd == ["5", "7", "5", "7", "5", "7"]


def test_boards_that_there_are_not_are_refused():
    with pytest.raises(ValueError, match="names none to play on"):
        check_boards("connect_four", ())
    with pytest.raises(ValueError, match="boards = '8x8': there is only the usual board"):
        play(replace(TASK, board="8x8"), RolloutEvaluator(), QUICK)
    with pytest.raises(ValueError, match="boards = '' names no size"):
        play(replace(SMALL, board=""), RolloutEvaluator(), QUICK)


# --- what is kept -----------------------------------------------------------------------------------------


def test_positions_are_those_before_the_moves():
    games = played()
    chosen = np.random.default_rng(1).permutation(len(games.moves))
    states = games.positions(connect_four, chosen)
    for state, number in zip(states, chosen, strict=True):
        game = int(np.searchsorted(games.offsets, number, "right")) - 1
        slow = games.starts[game][None].copy()
        for move in games.moves[games.offsets[game] : number]:
            connect_four.play(slow, np.array([move], np.int32))
        assert np.array_equal(slow[0], state)
    policies = games.policies(7, chosen)
    np.testing.assert_allclose(policies.sum(1), 1, atol=1e-5)
    moves, _, counts = connect_four.legal(states)
    for row, listed, count in zip(policies, moves, counts, strict=True):
        assert set(np.flatnonzero(row)) <= set(listed[:count])


def test_values_to_learn_are_mixed():
    games, chosen = played(), np.arange(10)
    owners = games.owners[chosen]
    assert np.array_equal(games.targets(chosen, 0), games.outcomes[owners])
    np.testing.assert_allclose(games.targets(chosen, 1), games.values[chosen], atol=1e-6)
    np.testing.assert_allclose(
        games.targets(chosen, 0.25), 0.75 * games.outcomes[owners] + 0.25 * games.values[chosen], atol=1e-6
    )


def test_games_are_read_as_they_were_written(tmp_path):
    write_games(tmp_path / "games.npz", played())
    assert_same(read_games(tmp_path / "games.npz", connect_four, start), played())
    assert (tmp_path / "games.npz").stat().st_size < 60 * len(played().moves) + 4000


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"moves": lambda x: np.roll(x, 1)}, "is not legal"),
        ({"moves": lambda x: x[:-1]}, "not"),
        ({"moves": lambda x: x.astype(np.int64)}, "moves is int64"),
        ({"lengths": lambda x: x + 1}, "other moves than it says"),
        ({"values": lambda x: x * np.float32(np.nan)}, "values are not finite"),
        ({"starts": lambda x: x[:, :2]}, "its positions are uint64"),
        ({"policy_moves": lambda x: x + 1}, "a policy has a move that there is not"),
        ({"policy_shares": lambda x: x[:-1]}, "its policies have other moves"),
        ({"resigned": lambda x: x + 9}, "a side gave up that there is not"),
    ],
)
def test_files_that_make_no_sense_are_refused(tmp_path, change, why):
    games = played()
    write_games(
        tmp_path / "g.npz", replace(games, **{name: edit(getattr(games, name)) for name, edit in change.items()})
    )
    with pytest.raises(ValueError, match=f"g.npz holds no games that can be learned from .*{why}.*; remove it"):
        read_games(tmp_path / "g.npz", connect_four, start)


def test_damaged_files_are_refused(tmp_path):
    path = tmp_path / "g.npz"
    write_games(path, played())
    whole = path.read_bytes()
    for damaged in (
        whole[:-50],
        whole[:100],
        b"",
        bytes(b ^ 255 if len(whole) // 2 == k else b for k, b in enumerate(whole)),
    ):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="g.npz holds no games"):
            read_games(path, connect_four, start)
