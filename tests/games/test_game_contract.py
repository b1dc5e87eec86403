"""What every game promises the search, checked on every game: add a game to GAMES and it is held to all of this."""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import pytest

from games import backgammon, connect_four, go
from games.game import CHANCE, FIRST, NOBODY, SECOND, Game, IllegalMove, Position
from games.text.rewarded import TextGame
from games.text.rows import HEAD, start


@dataclass(frozen=True)
class Case:
    """A game under test.

    `lowest` and `highest` bound its values; a random game is broken off after `longest` moves; `chance` says that dice
    fall in it, `repeats` that its repetition rule forbids something in nearly every random game.
    """

    game: ModuleType | TextGame
    start: Callable[[], np.ndarray]
    lowest: float = -1
    highest: float = 1
    longest: int = 300
    chance: bool = False
    repeats: bool = False

    def position(self) -> Position:
        return Position(self.game, self.start())


letters = TextGame(
    score=lambda states: (states[:, HEAD:].sum(1) % 7).astype(np.float32),
    ends=(0, 6),
    allowed=np.arange(27) != 4,
    piece="abcdefghijklmnopqrstuvwxyz.".__getitem__,
)

GAMES = {
    "go-2": Case(go, lambda: go.start(2, 0.5), repeats=True),
    "go-5": Case(go, lambda: go.start(5, 0)),
    "go-9-aga": Case(go, lambda: go.start(9, 7.5, "aga", handicap_bonus=2)),
    "go-9-japanese": Case(go, lambda: go.start(9, 6.5, "japanese")),
    "go-19-chinese": Case(go, lambda: go.start(19, 7.5, "chinese"), longest=150),
    "text": Case(letters, lambda: start([0, 5], 60, 27, 26), 0, 6),
    "connect-four": Case(connect_four, connect_four.start),
    "backgammon": Case(backgammon, backgammon.start, -12288, 12288, longest=2000, chance=True),
    "backgammon-match": Case(backgammon, lambda: backgammon.start(5, (3, 1)), longest=2000, chance=True),
    "backgammon-cubeless": Case(backgammon, lambda: backgammon.start(cube=False), -3, 3, longest=2000, chance=True),
}


@pytest.fixture(params=GAMES.values(), ids=GAMES)
def case(request):
    return request.param


def random_play(case, seed, length=None):
    """Play a random game to its end or to a length; chance moves by their odds."""
    random, position = np.random.default_rng(seed), case.position()
    while not position.over and len(position.moves) < (length or case.longest):
        position.play(int(random.choice(position.legal(), p=odds(position))))
    return position


def odds(position):
    if position.turn != CHANCE:
        return None
    moves, odds, counts = position.game.legal(position.state[None])
    return odds[0, : counts[0]][np.argsort(moves[0, : counts[0]])]


def a_few_states(case):
    """Return positions from all over three random games, [B, W]."""
    return np.stack([state for seed in range(3) for state in random_play(case, seed).states[::7]])


def finished(case):
    """Return a finished game: random moves, then whatever ends it soonest (the last legal move: a pass in Go)."""
    position = random_play(case, 4, case.longest // 4)
    while not position.over:
        position.play(int(position.legal()[-1]))
    return position


# --- the five answers -------------------------------------------------------------------------------------


def test_a_game_has_every_function_of_the_protocol(case):
    facts = {"name", "players", "ends"}
    assert isinstance(case.game.name, str)
    assert case.game.players in (1, 2)
    assert case.game.ends[0] < case.game.ends[1]
    verbs = {verb for verb in vars(Game) if not verb.startswith("_")} - facts
    assert [verb for verb in sorted(verbs) if not callable(getattr(case.game, verb, None))] == []


def test_states_are_flat_rows_of_one_width(case):
    position = random_play(case, 1)
    assert {(state.shape, state.dtype) for state in position.states} == {(case.start().shape, case.start().dtype)}
    assert case.start().ndim == 1


def test_turns(case):
    turns = case.game.turn(a_few_states(case))
    assert turns.dtype == np.int8
    assert turns.ndim == 1
    assert set(turns.tolist()) <= {FIRST, SECOND, CHANCE, NOBODY}


def test_legal_moves_have_their_shapes(case):
    states = a_few_states(case)
    moves, odds, counts = case.game.legal(states)
    assert (moves.dtype, odds.dtype, counts.dtype) == (np.int32, np.float32, np.int32)
    assert moves.shape[0] == odds.shape[0] == counts.shape[0] == len(states)
    assert odds.shape[1] in (0, moves.shape[1])
    for row, count, state in zip(moves, counts, states, strict=True):
        assert len(set(row[:count].tolist())) == count
        assert all(0 <= move < case.game.move_count(state) for move in row[:count])


def test_odds_of_chance_add_up_to_one(case):
    states = a_few_states(case)
    falls = case.game.turn(states) == CHANCE
    assert falls.any() == case.chance
    _, odds, counts = case.game.legal(states)
    assert odds.shape[1] or not case.chance
    for row, count in zip(odds[falls], counts[falls], strict=True):
        assert np.isclose(row[:count].sum(), 1)


def test_somebody_can_always_move_until_the_game_is_over(case):
    states = np.concatenate([a_few_states(case), finished(case).state[None]])
    counts = case.game.legal(states)[2]
    assert np.array_equal(counts == 0, case.game.turn(states) == NOBODY)
    assert counts[-1] == 0


def test_legal_moves_are_those_that_nothing_is_said_against(case):
    for state in a_few_states(case)[::5]:
        moves, _, counts = case.game.legal(state[None])
        explained = {move for move in range(case.game.move_count(state)) if not case.game.explain(state, move)}
        assert set(moves[0, : counts[0]].tolist()) == explained


def test_batches_play_as_single_positions_do(case):
    states = a_few_states(case)
    states = states[case.game.turn(states) != NOBODY]
    moves, _, counts = case.game.legal(states)
    chosen = np.random.default_rng(1).integers(0, counts)
    chosen = np.take_along_axis(moves, chosen[:, None].astype(np.int64), 1)[:, 0]
    together = states.copy()
    assert case.game.play(together, chosen) is None
    for k in range(len(states)):
        alone = states[k : k + 1].copy()
        case.game.play(alone, chosen[k : k + 1])
        assert np.array_equal(alone[0], together[k])


def test_replay_is_play_one_by_one(case):
    games = [random_play(case, seed, 40) for seed in range(4)]
    starts = [min(start, len(game.moves)) for start, game in zip((0, 3, 5, 11), games, strict=True)]
    roots = np.stack([game.states[start] for game, start in zip(games, starts, strict=True)])
    tree = np.array([2, 0, 3, 1, 2, 2], np.int32)
    lengths = np.array([0, 1, 4, 9, 20, 2], np.int32)
    lengths = np.minimum(lengths, [len(games[t].moves) - starts[t] for t in tree]).astype(np.int32)
    paths = np.full((6, 25), -1, np.int32)
    for row, t, length in zip(paths, tree, lengths, strict=True):
        row[:length] = games[t].moves[starts[t] : starts[t] + length]
    untouched = roots.copy()
    states = case.game.replay(roots, tree, paths, lengths)
    expected = [games[t].states[starts[t] + length] for t, length in zip(tree, lengths, strict=True)]
    assert np.array_equal(states, expected)
    assert np.array_equal(roots, untouched)
    assert states.dtype == roots.dtype


def test_features_of_a_position_do_not_depend_on_its_batch(case):
    states = a_few_states(case)[:20]
    together = case.game.features(states)
    assert len(together) == len(states)
    assert np.array_equal(np.concatenate([case.game.features(state[None]) for state in states]), together)
    assert len({planes.tobytes() for planes in together}) > 1


def test_scores_are_values(case):
    over = np.stack([finished(case).state] * 2)
    values = case.game.score(over)
    assert values.dtype == np.float32
    assert values.shape == (2,)
    assert ((case.lowest <= values) & (values <= case.highest)).all()
    assert finished(case).value() == values[0]


# --- rollouts ---------------------------------------------------------------------------------------------


def test_rollouts_return_values_that_their_seeds_decide(case):
    states, seeds = np.stack([case.start()] * 64), np.arange(64, dtype=np.uint64)
    values = case.game.rollout(states.copy(), seeds)
    assert values.dtype == np.float32
    assert values.shape == (64,)
    assert ((case.lowest <= values) & (values <= case.highest)).all()
    assert len(set(values.tolist())) > 1, "random play decides nothing here"
    assert np.array_equal(case.game.rollout(states.copy(), seeds), values)
    assert np.array_equal(case.game.rollout(states.copy(), seeds[::-1].copy()), values[::-1])


def test_rollouts_start_anywhere(case):
    states = np.concatenate([a_few_states(case), finished(case).state[None]])
    values = case.game.rollout(states, np.arange(len(states), dtype=np.uint64))
    assert ((case.lowest <= values) & (values <= case.highest)).all()


# --- what only looks --------------------------------------------------------------------------------------


def test_questions_change_nothing(case):
    states = a_few_states(case)
    before = states.copy()
    case.game.turn(states)
    case.game.legal(states)
    case.game.score(states)
    case.game.features(states)
    for state in states:
        case.game.key(state)
        case.game.forbidden(state, [1, 2])
        case.game.explain(state, 0)
        case.game.with_turn(state, SECOND)
        case.game.notation(state, 0)
    assert np.array_equal(states, before)


def test_names_of_moves_differ(case):
    state = case.start()
    names = [case.game.notation(state, move) for move in range(case.game.move_count(state))]
    assert len(set(names)) == len(names)
    assert all(names)


def test_either_player_can_be_given_the_turn(case):
    for state in (case.start(), finished(case).state):
        for player in (FIRST, SECOND):
            assert case.game.turn(case.game.with_turn(state, player)[None]) == player


# --- a game in progress -----------------------------------------------------------------------------------


def test_forbidden_moves_look_legal(case):
    seen = 0
    for seed in range(6):
        position = random_play(case, seed)
        while position.moves:
            moves, _, counts = case.game.legal(position.state[None])
            forbidden = set(position.forbidden().tolist())
            assert forbidden <= set(moves[0, : counts[0]].tolist())
            assert forbidden.isdisjoint(position.legal().tolist())
            seen += len(forbidden)
            position.undo()
    assert seen or not case.repeats


def test_undo_takes_back_everything(case):
    position = random_play(case, 5, 60)
    states, keys, movers = list(position.states), list(position.keys), list(position.movers)
    for left in reversed(range(len(movers))):
        position.undo()
        assert np.array_equal(position.state, states[left])
        assert position.keys == keys[: left + 1]
        assert position.movers == movers[:left]
    assert np.array_equal(position.state, case.start())
    with pytest.raises(IndexError, match="no move to take back"):
        position.undo()


def test_play_leaves_earlier_positions_alone(case):
    position = case.position()
    snapshots = []
    for move in random_play(case, 6, 40).moves:
        snapshots.append(position.state.copy())
        position.play(move)
    assert np.array_equal(snapshots, position.states[:-1])


def test_a_copy_lives_its_own_life(case):
    position = random_play(case, 7, 10)
    twin, before, length = position.copy(), position.state.copy(), len(position.moves)
    twin.undo()
    assert len(position.moves) == len(position.movers) == length
    assert len(position.states) == len(position.keys) == length + 1
    assert np.array_equal(position.state, before)
    position.undo()
    position.undo()
    assert len(twin.moves) == len(twin.keys) - 1 == length - 1


def test_illegal_moves_are_refused_and_change_nothing(case):
    for position in (random_play(case, 8, 12), finished(case)):
        before, count = position.state.copy(), case.game.move_count(position.state)
        illegal = set(range(-2, count + 2)) - set(position.legal().tolist())
        for move in sorted(illegal):
            with pytest.raises(IllegalMove, match=r"is not legal here: \w"):
                position.play(move)
        assert np.array_equal(position.state, before)
        assert len(position.states) == len(position.keys) == len(position.moves) + 1 == len(position.movers) + 1


def test_why_not_says_nothing_about_legal_moves(case):
    position = random_play(case, 9, 12)
    assert [position.why_not(int(move)) for move in position.legal()] == [""] * len(position.legal())


def test_a_player_may_move_out_of_turn(case):
    position = case.position()
    for player in (SECOND, SECOND, FIRST, FIRST):
        move = int(case.game.legal(case.game.with_turn(position.state, player)[None])[0][0, 0])
        assert position.why_not(move, by=player) == ""
        position.play(move, by=player)
        assert position.movers[-1] == player
