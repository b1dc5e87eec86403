"""The rollout policy: its terms against slow definitions, its playouts against its probabilities, its learning."""

import numpy as np
import pytest

from games import go, randomness
from games.compiling import compiled
from games.go import board as go_board
from games.go import patterns as go_patterns
from games.go import playouts as go_playouts
from games.go import rules as go_rules
from games.go.patterns import SHAPE_TERM, parameter_count, shapes, swapped, unpack
from tests.measures import slow_go


def played(size, moves, seed):
    """Return a position after random moves that fill no eyes, and the moves."""
    random, state = np.random.default_rng(seed), go.start(size)[None].copy()
    for _ in range(moves):
        table, _, counts = go.legal(state)
        choices = [m for m in table[0, : counts[0] - 1] if not go_rules.fills_eye(state[0], *point(state[0], m))]
        if not choices:
            break
        go.play(state, random.choice(choices, 1))
    return state[0]


def point(state, move):
    return np.uint64(go_rules.point(state, move)), int(state[go_rules.TO_PLAY])


def made_up_policy(seed=1):
    return unpack(np.random.default_rng(seed).normal(0, 0.8, parameter_count()).astype(np.float32))


def terms_of(state):
    table = np.empty((700, 6), np.int32)
    return table[: go_patterns.list_terms(state, np.empty((2, len(state) // 8 + 1), np.int8), table)]


# --- terms ------------------------------------------------------------------------------------------------


def code(rows):
    """Number the colours around the centre of a 3x3 diagram."""
    return sum(".XO#".index(c) << 2 * k for k, c in enumerate(rows.replace(" ", "").replace("*", "")))


def test_shapes_do_not_change_under_symmetry():
    numbers, count = shapes()
    rows = np.array([list("XO#"), list(".*."), list("..O")])
    images = {code("".join(np.rot90(rows if k < 4 else rows.T, k).ravel())) for k in range(8)}
    assert len(images) == 8
    assert len({numbers[image] for image in images}) == 1
    assert numbers.max() < count  # the last shapes may be true eyes, -1
    assert len(np.unique(numbers)) <= count + 1


@pytest.mark.parametrize(
    ("rows", "eye"),
    [("OXO X*X XXX", False), ("OXX X*X XXX", True), ("XXX X*X XX.", True), ("### X*X XXX", True),
     ("### X*X OXX", False), ("##X #*X #XX", True), ("### #*X #XX", True), ("### #*X #XO", False)],
)  # fmt: skip
def test_true_eyes_have_no_weight(rows, eye):
    assert (shapes()[0][code(rows)] < 0) == eye


def test_swapping_colours():
    assert swapped(np.array([code("XO. # * X OO.")]))[0] == code("OX. # * O XX.")


@pytest.mark.parametrize("seed", range(6))
def test_a_chain_in_atari_is_known_by_its_only_liberty(seed):
    state = played(9, 70, seed)
    board = tuple(go.colours(state).ravel().tolist())
    for move in np.flatnonzero(board):
        p, _ = point(state, move)
        liberties = slow_go.liberties(board, int(move), 9)
        found = int(go_patterns.only_liberty(state, np.uint64(state[p + go_rules.CHAIN])))
        expected = go_rules.point(state, min(liberties)) if len(liberties) == 1 else 0
        assert found == expected


def test_terms_name_what_a_move_does():
    state, points = go_board.parse(
        """
        . . . . . . .
        . X O a . . .
        . b X . . . .
        . . . . X d .
        . . . . O X .
        c O . . e O X
        O X . . . . .
        """,
        to_play=0,
    )
    table = {int(row[0]): row[1:].tolist() for row in terms_of(state)}
    kinds = {letter: table[moves[0]] for letter, moves in points.items() if moves[0] in table}
    assert kinds["c"][2] == 0  # captures the stone in the corner
    assert kinds["a"][2:] == [-1, -1, -1]
    assert all(row[1] == -1 for row in table.values())  # nothing was played yet


def test_a_saving_move_knows_whether_it_breathes():
    text = """
        . . . . .
        . X O . .
        . O . . .
        . a . . .
        . . . . .
        """
    state, _ = go_board.parse(text, to_play=1)
    states = state[None].copy()
    go.play(states, np.array([go_board.move("A4", 5)]))
    table = {int(row[0]): row for row in terms_of(states[0])}
    saving = table[go_board.move("B5", 5)]
    assert saving[go_patterns.SAVE_TERM] == 3 + 6  # a single stone, just put into atari, and the move breathes


def test_surroundings_are_seen_by_the_mover():
    state = played(9, 30, 3)
    other = go.with_turn(state, 1 - int(go.turn(state[None])[0]))
    mine = {int(row[0]): int(row[SHAPE_TERM]) for row in terms_of(state)}
    theirs = {int(row[0]): int(row[SHAPE_TERM]) for row in terms_of(other)}
    for move in set(mine) & set(theirs):
        assert swapped(np.array([mine[move]]))[0] == theirs[move]


# --- playouts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [5, 9, 19])
def test_sums_are_kept_up_to_date_through_a_whole_playout(size):
    policy = made_up_policy()
    for seed in range(5):
        state = go.start(size)
        work = go_playouts._buffers(len(state))
        go_playouts.policy_playout(state, np.uint64(seed * 2 + 1), policy.far, policy.near, policy.factors, *work)
        weights = np.zeros_like(work.weights)
        for move, colour in enumerate(go.colours(state).ravel()):
            p, _ = point(state, move)
            assert work.codes[p >> 3] == go_patterns.surroundings(state, p)
            if colour == go.EMPTY:
                weights[p >> 3] = policy.far[work.codes[p >> 3]]
        assert np.array_equal(work.weights, weights)
        assert work.blocks[-1] == weights.sum()
        assert [work.blocks[k] for k in range(len(weights) // 16)] == [
            weights[16 * k : 16 * k + 16].sum() for k in range(len(weights) // 16)
        ]


@compiled
def first_moves(state, seeds, far, near, factors, work, moves):
    """Draw the first move of a playout, once for every seed."""
    codes, weights, blocks, heads, points, kinds, drawn, place_of = work
    colour, last = np.int64(state[go_rules.TO_PLAY]), np.uint64(state[go_rules.LAST])
    go_playouts._look_around(state, far, codes, weights, blocks)
    watched = go_playouts._watch_all(state, heads)
    for k in range(len(seeds)):
        found, watched = go_playouts._find_special(state, colour, last, heads, watched, points, kinds, place_of)
        p, _ = go_playouts._choose(
            state, seeds[k], colour, near, factors, codes, weights, blocks, points, kinds, drawn, place_of, found
        )
        for i in range(found):
            place_of[points[i] >> np.uint64(3)] = -1
        moves[k] = go_rules.point_move(state, p) if p else -1


@pytest.mark.parametrize("seed", [1, 4, 5, 8])
def test_playouts_draw_moves_as_often_as_the_policy_says(seed):
    policy, state, draws = made_up_policy(), played(9, 45, seed), 40_000
    policy.factors[-3:] = np.minimum(policy.factors[-3:], 1)  # a playout can refuse a self-atari, not prefer it
    policy.parameters[-3:] = np.log(policy.factors[-3:])
    moves = np.empty(draws, np.int64)
    seeds = randomness.random_states(np.arange(draws))
    first_moves(state, seeds, policy.far, policy.near, policy.factors, go_playouts._buffers(len(state)), moves)
    expected = go.priors(state[None], policy)[0, :81] / (1 - go_patterns.PASS_SHARE)
    drawn = np.bincount(moves, minlength=81) / draws
    assert np.abs(drawn - expected).max() < 4 * np.sqrt(0.25 / draws) + 0.004
    assert set(np.flatnonzero(drawn)) <= set(np.flatnonzero(expected))


def test_playouts_end_with_every_point_settled_and_repeat_by_seed():
    policy = made_up_policy()
    states = np.repeat(go.start(9)[None], 50, axis=0)
    values = go.rollout(states, np.arange(50), policy)
    assert set(np.unique(values)) <= {-1.0, 1.0}
    for state in states:
        assert np.count_nonzero(go.colours(state) == go.EMPTY) < 40
    again = np.repeat(go.start(9)[None], 50, axis=0)
    assert np.array_equal(values, go.rollout(again, np.arange(50), policy))
    assert np.array_equal(states, again)


def test_weights_of_another_length_are_refused():
    with pytest.raises(ValueError, match="weights"):
        unpack(np.zeros(7, np.float32))


# --- learning ---------------------------------------------------------------------------------------------


def test_it_learns_to_capture():
    """An expert that captures whenever it can, and else plays the first legal move."""
    parameters = np.zeros(parameter_count(), np.float32)
    squares = np.ones_like(parameters)
    scratch = np.empty((2, 200), np.int8), np.empty((90, 6), np.int32), np.empty(90, np.float32)
    ranks = []
    for seed in range(150):
        state = played(7, 30 + seed % 7, seed)
        captures = [row[0] for row in terms_of(state) if row[go_patterns.CAPTURE_TERM] >= 0]
        if captures:
            loss, better = go_patterns.learn(
                state, captures[0], parameters, squares, np.float32(0.3), *shapes(), *scratch
            )
            assert loss >= 0
            ranks.append(better)
    kinds = parameters[2 * shapes()[1] + go_patterns.NEAR :]
    assert kinds[: go_patterns.CAPTURE].max() > 1
    assert np.mean(ranks[-40:]) < np.mean(ranks[:20])
