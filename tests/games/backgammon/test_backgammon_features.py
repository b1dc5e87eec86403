"""What backgammon networks see: TD-Gammon's inputs unit by unit, and what is counted beside a slow count."""

import numpy as np
import pytest

from games import backgammon as bg
from games.backgammon.counted import CONTACT, COUNTED, FEW, HITS, NAMES, PRIMES, STRIDES, count_up
from games.backgammon.inputs import HALF, INPUTS
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


def counted(checkers, me=0, wanted=COUNTED):
    found = np.full(wanted, -1, np.float32)
    count_up(np.concatenate(checkers if me == 0 else checkers[::-1]).astype(np.int8), me, wanted, found)
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
        around = np.arange(COUNTED) ^ 1  # both sides of a pair change places
        around[6:] = 6, *(np.arange(FEW, COUNTED).reshape(-1, 2)[:, ::-1].ravel())
        assert np.array_equal(counted(checkers)[around], counted(checkers[::-1]))
        assert np.array_equal(counted(checkers, wanted=FEW), counted(checkers)[:FEW]), "older networks see the first"


def test_counts_at_the_start():
    assert counted(checkers_of(OPENING))[[HITS, PRIMES, CONTACT]].tolist() == pytest.approx([0, 1 / 6, 1])


# --- the longer list, slowly: lists of checkers, no bits ---------------------------------------------------


def struck(board, dice):
    """Return the points, as the player who moves numbers them, of the blots that some dice may hit."""
    found = set()
    for checker, die, after, left in slow.steps(board, dice):
        if after[1] != board[1]:
            found.add(checker - die)
        found |= struck(after, left)
    return found


def moves_in_full(point, made):
    """Return how many of 36 rolls move a checker in full past a set of made points, in its own numbers."""
    total = 0
    for a, b in slow.ROLLS:
        free = point - a - b not in made and not (point - a in made and point - b in made)
        total += free * (1 if a == b else 2)
    return total


def made_by(side):
    return {point for point in range(1, 25) if side.count(point) > 1}


def shots_slowly(board):
    blots = [struck(board, slow.dice_of(roll)) for roll in slow.ROLLS]
    weights = [1 if a == b else 2 for a, b in slow.ROLLS]
    price = sum(weight * max(hit, default=0) for weight, hit in zip(weights, blots, strict=True))
    return price / 36 / 12, sum(weight for weight, hit in zip(weights, blots, strict=True) if len(hit) > 1) / 36


def walls_slowly(board):
    made = {25 - point for point in made_by(board[0])}
    free = {point: moves_in_full(point, made) for point in range(16, 25)}
    ahead = [free[point] for point in free if point <= board[1][-1]]
    return 1 - min(free.values()) / 36, 1 - min(ahead, default=36) / 36


def movement_slowly(board):
    mine, made = board[0], {25 - point for point in made_by(board[1])}
    free = {point: moves_in_full(point, made) for point in range(7, 26)}
    outside = [point for point in mine if point > 6]
    spare = [point - 6 for point in outside]
    spare += [6 - point for point in made_by(mine) if point >= 18 for _ in range(2)]  # an anchor's two wait
    spare += [point - 1 for point in range(1, 7) for _ in range(mine.count(point) - 2)]
    yield sum((point - 6) * free[point] for point in outside) / 3600
    yield sum(36 - free[point] for point in outside) / 36 / 5
    yield len([point for point in made_by(mine) if point < 7]) ** 2 / 36
    yield sum(spare) / 100


def distances_slowly(board):
    mine, border = board[0], 25 - board[1][-1]
    mean = -(-sum(mine) // 15)
    behind = [(point - mean) ** 2 for point in mine if point > mean]
    yield sum(behind) / max(len(behind), 1) / 200
    yield sum(point - border for point in mine if point > border) / 167
    yield sum(point for point in mine if point < border) / 100


def anchors_slowly(board):
    made = sorted(made_by(board[0]))
    anchors = [point for point in made if point >= 18]
    yield (anchors[-1] - 17) / 7 if anchors else 0
    yield (25 - anchors[0]) / 7 if anchors else 0
    yield (sum(board[0].count(point) for point in anchors) - 3) / 4 if len(anchors) > 1 else 0
    near = [max(12 - (b - a), 0) for a, b in zip(made, made[1:], strict=False)]
    yield sum(near) / max(len(near), 1) / 11


def test_the_longer_list_is_that_of_slow_counts():
    seen = []
    for checkers in random_boards(60):
        board = board_of(np.concatenate(checkers), 0)
        found = counted(checkers)[FEW:].reshape(-1, 2)
        for k, side in enumerate((board, slow.turned(board))):
            counts = (shots_slowly, walls_slowly, movement_slowly, distances_slowly, anchors_slowly)
            expected = [value for count in counts for value in count(side)]
            for name, mine, right in zip(NAMES, found[:, k], expected, strict=True):
                assert mine == pytest.approx(right, abs=1e-6), f"{name} of {side}"
        seen.append(found)
    assert np.std(seen, axis=0).min() > 0.02, "every count was put to the test"
