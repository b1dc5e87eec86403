"""Dice: fair, the same for the same seed whatever is played, and readable from people's hands."""

import numpy as np
import pytest

from games import backgammon
from games.backgammon.dice import LARGEST_SEED, GivenDice, SeededDice, checked, move_of, openings, read_throw, rolls
from games.backgammon.rules import DICE, MOVER, OPENING
from games.game import CHANCE, FIRST, SECOND, Position

THROWS = 10**6
RARE = {35: 97.7, 29: 87.9, 1295: 1577.3}
"""What chi-square of a fair source exceeds once in ten million times, by degrees of freedom (Wilson, Hilferty 1931)."""


def chi_square(cases: np.ndarray, count: int) -> float:
    """Return the statistic of cases that should be equally likely."""
    found = np.bincount(cases, minlength=count)
    assert len(found) == count
    return float(((found - len(cases) / count) ** 2).sum() / (len(cases) / count))


def cases_of(throws: np.ndarray) -> np.ndarray:
    return (throws[:, 0].astype(int) - 1) * 6 + throws[:, 1] - 1


@pytest.mark.parametrize("seed", [0, 1, 20261120, LARGEST_SEED])
def test_a_million_rolls_are_fair(seed):
    assert chi_square(cases_of(rolls(seed, THROWS)), 36) < RARE[35]


def test_a_million_openings_are_fair_and_never_doubles():
    throws = openings(7, THROWS)
    assert (throws[:, 0] != throws[:, 1]).all()
    steps = (throws[:, 1].astype(int) - throws[:, 0]) % 6 - 1
    assert chi_square((throws[:, 0].astype(int) - 1) * 5 + steps, 30) < RARE[29]


def test_a_roll_tells_nothing_about_the_next():
    cases = cases_of(rolls(3, THROWS + 1))
    together = np.histogram2d(cases[:-1], cases[1:], bins=36)[0]
    assert chi_square(np.repeat(np.arange(1296), together.astype(int).ravel()), 1296) < RARE[1295]


def test_the_first_rolls_of_many_games_are_fair():
    throws = np.concatenate([rolls(5, 1, game) for game in range(20000)])
    assert chi_square(cases_of(throws), 36) < RARE[35]


def test_throws_depend_on_their_number_alone():
    assert (rolls(9, 50, game=2)[20:] == rolls(9, 30, game=2, first=20)).all()
    assert (rolls(9, 50, game=2) != rolls(9, 50, game=3)).any()
    assert (rolls(9, 50) != rolls(10, 50)).any()


def test_the_same_seed_gives_the_same_dice_whatever_is_played():
    def dice_of(seed_of_moves: int) -> list:
        random, dice = np.random.default_rng(seed_of_moves), SeededDice(42)
        position, number, fell = Position(backgammon, backgammon.start(cube=False)), 0, []
        while number < 25:
            if position.turn == CHANCE:
                opening = bool(position.state[OPENING])
                fell.append(dice.throw(0, number, opening))
                position.play(move_of(fell[-1], opening))
                number += 1
            else:
                position.play(int(random.choice(position.legal())))
        return fell

    assert dice_of(1) == dice_of(2)


def test_a_throw_falls_once_and_is_logged():
    dice = SeededDice(1)
    first = dice.throw(0, 0, opening=True)
    assert dice.throw(0, 0, opening=True) == first
    assert dice.throw(0, 1) == tuple(rolls(1, 2)[1].tolist())
    assert dice.log == {(0, 0): first, (0, 1): dice.throw(0, 1)}
    assert "seed 1" in dice.describe()


def test_duplicate_games_swap_the_players_dice():
    dice, swapped = SeededDice(8), SeededDice(8, swapped=True)
    one, other = dice.throw(0, 0, opening=True)
    assert swapped.throw(0, 0, opening=True) == (other, one)
    beginners = {int(played(move_of(each.throw(0, 0, True), True))[MOVER]) for each in (dice, swapped)}
    assert beginners == {FIRST, SECOND}
    assert sorted(dice.throw(0, 1)) == sorted(swapped.throw(0, 1))


def played(move: int) -> np.ndarray:
    state = backgammon.start()[None]
    backgammon.play(state, np.array([move], np.int32))
    return state[0]


@pytest.mark.parametrize("throw", [(3, 1), (1, 3), (6, 6), (2, 5)])
def test_throws_are_moves(throw):
    state = backgammon.set_up(*[backgammon.start()[:26]] * 2, cube=False)
    assert sorted(backgammon.with_dice(state, throw)[DICE : DICE + 2]) == sorted(throw)
    assert move_of(throw) == backgammon.roll_move(*throw)


@pytest.mark.parametrize(("throw", "mover"), [((3, 1), FIRST), ((1, 3), SECOND), ((5, 6), SECOND)])
def test_the_larger_die_begins(throw, mover):
    state = played(move_of(throw, opening=True))
    assert (int(state[MOVER]), list(state[DICE : DICE + 2])) == (mover, sorted(throw, reverse=True))


@pytest.mark.parametrize(
    ("text", "throw"), [("31", (3, 1)), ("1 3", (1, 3)), ("6-6", (6, 6)), (" 2x5 ", (2, 5)), ("4, 4", (4, 4))]
)
def test_people_write_throws(text, throw):
    assert read_throw(text) == throw


@pytest.mark.parametrize("text", ["", "7 1", "0 3", "3", "3 1 1", "three one", "-3 1", "٣1", "9" * 100])
def test_what_no_dice_show_is_told(text):
    with pytest.raises(ValueError, match="two dice show 1 to 6 each"):
        read_throw(text)


def test_impossible_openings_and_seeds_are_told():
    with pytest.raises(ValueError, match="two different dice"):
        read_throw("33", opening=True)
    with pytest.raises(ValueError, match="not 0 and 7"):
        checked((0, 7))
    for seed in (-1, LARGEST_SEED + 1):
        with pytest.raises(ValueError, match="a seed is a whole number"):
            SeededDice(seed)


def test_given_dice_are_asked_for_once_each_and_checked():
    given = iter([(3, 1), (6, 6), (2, 9)])
    dice = GivenDice(lambda game, number, opening: next(given))
    assert (dice.throw(0, 0, True), dice.throw(0, 1), dice.throw(0, 0, True)) == ((3, 1), (6, 6), (3, 1))
    with pytest.raises(ValueError, match="not 2 and 9"):
        dice.throw(0, 2)
    assert set(dice.log) == {(0, 0), (0, 1)}
    with pytest.raises(ValueError, match="nobody"):
        GivenDice().throw(0, 0)
