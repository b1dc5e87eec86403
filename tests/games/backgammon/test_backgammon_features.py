"""What backgammon networks see: TD-Gammon's inputs unit by unit, and what is counted beside a slow count."""

import numpy as np
import pytest

from games import backgammon as bg
from games.backgammon.inputs import CONTACT, COUNTED, HALF, HITS, INPUTS, PRIMES, STRIDES, count_up
from games.backgammon.rules import SIDE
from tests.backgammon_boards import OPENING, board_of, checkers_of, random_boards
from tests.measures import slow_backgammon as slow


def test_the_player_on_roll_is_seen_first():
    random = np.random.default_rng(5)
    for checkers in random_boards(50):
        player = int(random.integers(2))
        state = bg.set_up(checkers[0], checkers[1], mover=player, cube=False)
        turned = bg.set_up(checkers[1], checkers[0], mover=1 - player, cube=False)
        assert np.array_equal(bg.features(state[None]), bg.features(turned[None]))


def test_inputs_unit_by_unit():
    for checkers in random_boards(50):
        inputs = bg.features(bg.set_up(checkers[0], checkers[1], cube=False)[None])[0]
        for own, half in zip(checkers, (inputs[:HALF], inputs[HALF : 2 * HALF]), strict=True):
            for point in range(1, 25):
                expected = [own[point] >= 1, own[point] >= 2, own[point] >= 3, max(own[point] - 3, 0) / 2]
                assert half[4 * point - 4 : 4 * point].tolist() == expected
            assert half[96:].tolist() == pytest.approx([own[bg.BAR] / 2, own[bg.OFF] / 15])
        assert inputs[2 * HALF :].tolist() == [1, 0]
        assert len(inputs) == INPUTS


# --- what is counted --------------------------------------------------------------------------------------


def counted(checkers, me=0):
    found = np.full(COUNTED, -1, np.float32)
    count_up(np.concatenate(checkers if me == 0 else checkers[::-1]).astype(np.int8), me, found)
    return found


def hits(board, dice):
    """Tell whether some way to move checkers by some of the dice hits."""
    return any(after[1] != board[1] or hits(after, left) for _, _, after, left in slow.steps(board, dice))


def goes_whole(board, dice):
    """Tell whether the rearmost checker, alone on his side, can go both dice over open points."""
    alone = (0,) * 14 + board[0][-1:], board[1]
    for first, second in (dice, dice[::-1]):
        if board[0][-1] >= first + second and slow.allowed(alone, alone[0][-1], first):
            after = slow.moved(alone, alone[0][-1], first)
            if slow.allowed(after, after[0][-1], second):
                return True
    return False


def share(condition):
    return sum(1 if roll[0] == roll[1] else 2 for roll in slow.ROLLS if condition(roll)) / 36


def longest_prime(checkers):
    return max(map(len, "".join("#" if count > 1 else " " for count in checkers[1:25]).split()), default=0)


def test_counts_are_those_of_the_slow_referee():
    seen = []
    for checkers in random_boards(120):
        board = board_of(np.concatenate(checkers), 0)
        found = counted(checkers)
        for k, side in enumerate((board, slow.turned(board))):
            assert found[HITS + k] == pytest.approx(share(lambda roll, side=side: hits(side, slow.dice_of(roll))))
            assert found[STRIDES + k] == pytest.approx(share(lambda roll, side=side: goes_whole(side, roll)))
            assert found[PRIMES + k] == pytest.approx(longest_prime(checkers[k]) / 6)
        assert found[CONTACT] == pytest.approx(max(board[0][-1] + board[1][-1] - 24, 0) / 24)
        seen.append(found)
    assert np.std(seen, axis=0).min() > 0.05, "every count was put to the test"


def test_counts_do_not_depend_on_whose_cells_come_first():
    for checkers in random_boards(30):
        assert np.array_equal(counted(checkers, 0), counted(checkers, SIDE))
        around = counted(checkers[::-1])
        assert np.array_equal(counted(checkers)[[1, 0, 3, 2, 5, 4, 6]], around)


def test_counts_at_the_start():
    assert counted(checkers_of(OPENING))[[HITS, PRIMES, CONTACT]].tolist() == pytest.approx([0, 1 / 6, 1])
