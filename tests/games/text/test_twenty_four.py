"""The Game of 24: which puzzles there are, solutions against a brute force of expressions, and the checker."""

from fractions import Fraction
from itertools import islice, permutations, product

import pytest

from games.text import twenty_four

SHAPES = ("(({a}{x}{b}){y}{c}){z}{d}", "({a}{x}({b}{y}{c})){z}{d}", "({a}{x}{b}){y}({c}{z}{d})")
"""Every way to bracket four numbers, where any order of the numbers and `2-1` beside `1-2` are tried, too."""


class Number(Fraction):
    """A fraction with two more operations, written as characters that Python binds alike: b - a and b / a."""

    def __matmul__(self, other):
        return Number(other - Fraction(self))

    def __mod__(self, other):
        return Number(Fraction(other) / Fraction(self))

    def __add__(self, other):
        return Number(Fraction(self) + Fraction(other))

    def __sub__(self, other):
        return Number(Fraction(self) - Fraction(other))

    def __mul__(self, other):
        return Number(Fraction(self) * Fraction(other))

    def __truediv__(self, other):
        return Number(Fraction(self) / Fraction(other))


def expressible(numbers):
    """Tell whether some bracketed expression of four numbers, in any order, is 24."""
    for order in set(permutations(numbers)):
        names = dict(zip("abcd", map(Number, order), strict=True))
        for x, y, z in product("+-*/@%", repeat=3):
            for shape in SHAPES:
                try:
                    if eval(shape.format(a="a", b="b", c="c", d="d", x=x, y=y, z=z), {}, names) == 24:
                        return True
                except ZeroDivisionError:
                    continue
    return False


@pytest.fixture(scope="module")
def puzzles():
    return twenty_four.puzzles()


def test_there_are_1362_puzzles_and_261_are_held_out(puzzles):
    assert len(puzzles) == 1362
    assert sum(map(twenty_four.held_out, puzzles)) == 261
    assert not any(twenty_four.held_out(numbers) and twenty_four.for_critic(numbers) for numbers in puzzles)
    assert twenty_four.held_out((8, 8, 3, 3)) == twenty_four.held_out((3, 3, 8, 8))


@pytest.mark.parametrize("numbers", [(1, 1, 1, 1), (3, 3, 8, 8), (1, 5, 5, 5), (13, 13, 13, 13), (1, 3, 4, 6)])
def test_solvable_is_what_some_expression_can_make(numbers):
    assert twenty_four.solvable(numbers) == expressible(numbers)


def test_every_solution_is_right_and_written_in_the_alphabet(puzzles):
    for numbers in puzzles[::45]:
        found = list(twenty_four.solutions(numbers))
        assert len(found) == len(set(found)) > 0
        for text in found:
            assert twenty_four.why_wrong(numbers, text) == ""
            assert set(text) <= set(twenty_four.ALPHABET)
            assert len(twenty_four.write(numbers) + text) <= twenty_four.LONGEST


def test_every_expression_that_makes_24_is_among_the_solutions():
    lines = {text for text in twenty_four.solutions((1, 1, 2, 6)) if ":" not in text}
    assert "1+1=2,2,6;2*2=4,6;4*6=24." in lines
    assert "2*6=12,1,1;1+1=2,12;2*12=24." in lines
    assert list(twenty_four.solutions((1, 1, 1, 1))) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("12-8=4,2,7;7-4=3,2;3*2=6.", "6 is left"),
        ("12-8=4,2,7;7-4=3,2;3*2=24.", "3*2=24: the result is 6"),
        ("12-8=5,2,7;7*2=14,5;14+5=24.", "12-8=5,2,7: the result is 4"),
        ("12-8=4,2,8;2*8=16,4;16+4=24.", "12-8=4,2,8: what is left is 2, 7"),
        ("12-8=4,2;2+4=24.", "12-8=4,2: what is left is 2, 7"),
        ("12+12=24.", "12+12=24: 12 is not there"),
        ("2-12=10,7,8;", "it does not end with a full stop"),
        ("2-12=10,7,8.", "2-12=10,7,8: it goes below zero or divides by it"),
        ("7-7=0,2,8.", "7-7=0,2,8: 7 is not there"),
        ("24.", "24: it is no step"),
        (".", ": it is no step"),
        ("12-8=4,7,,2.", "12-8=4,7,,2: it is no step"),
        ("12-8=4,7,2:0.", "12-8=4,7,2:0: it is no step"),
        ("", "it does not end with a full stop"),
    ],
)
def test_every_step_is_checked(text, why):
    assert twenty_four.why_wrong((2, 7, 8, 12), text) == why


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("1+1=2,2,6;2*2=4,6;4*6=24.", 25),
        ("1+1=2,2,6;2*2=4,6;4*6=25.", 18),
        ("1+1=2,2,6;2-2=0,6;0*6=0.", 10),  # 24 cannot be made of 0 and 6
        ("1+1=3,2,6;3*2=6,6;", 0),
        ("1+1=2,2,6;2*2=4,", 10),
        ("1+1=2,2,6.", 0),
        ("", 0),
    ],
)
def test_a_text_is_good_up_to_its_last_step_that_leaves_hope(text, good):
    assert twenty_four.hopeful((1, 1, 2, 6), text) == good


@pytest.mark.parametrize(
    ("text", "wrong_from"),
    [
        ("1+1=2,2,6;2*2=4,6;4*6=24.", None),
        ("1+1=2,6,2;2-2=0,6;", None),  # 24 cannot be made of 0 and 6, but the steps are right
        ("1+1=2,2,6;2-2=0,6;0*6=0.", 24),  # the last step has to make 24
        ("1+1=3,2,6;3*2=6,6;", 5),
        ("1+1=2,2,6;2+1=3,6;", 13),
        ("1+1=22", 6),
        ("2/6=1:3,1,1", None),
        ("1-2=1,1,6;", 3),  # below zero
        ("1+1=2,2,6;2*2=4,6;4*6=24;", 25),
        ("1+1=2,2,6.", 10),
        ("", None),
    ],
)
def test_a_text_is_possible_up_to_its_first_wrong_number(text, wrong_from):
    ends = range(len(text) + 1)
    first = next((end for end in ends if not twenty_four.possible((1, 1, 2, 6), text[:end])), None)
    assert first == wrong_from
    assert not any(twenty_four.possible((1, 1, 2, 6), text[:end]) for end in ends if first is not None and end >= first)


@pytest.mark.parametrize("numbers", [(3, 3, 8, 8), (2, 7, 8, 12)])
def test_what_the_solver_writes_is_possible_throughout(numbers):
    for text in islice(twenty_four.solutions(numbers), 9):
        assert all(twenty_four.possible(numbers, text[:end]) for end in range(len(text) + 1))


@pytest.mark.parametrize("numbers", [(1, 1, 2, 6), (3, 3, 8, 8), (2, 7, 8, 12)])
def test_first_steps_are_those_of_the_checker_and_begin_all_solutions(numbers):
    steps = list(twenty_four.first_steps(numbers))
    assert all((twenty_four.hopeful(numbers, step + ";") > 0) == can for step, can in steps)
    assert all(twenty_four.possible(numbers, step + ";") for step, _ in steps)
    begun = {text.partition(";")[0] for text in twenty_four.solutions(numbers)}
    assert begun == {step for step, can in steps if can}


def test_fractions_are_written_with_a_colon():
    assert twenty_four.solves((3, 3, 8, 8), "8/3=8:3,3,8;3-8:3=1:3,8;8/1:3=24.")
    assert not twenty_four.solves((3, 3, 8, 8), "8/3=2,3,8;3*8=24,2;24*2=24.")


@pytest.mark.parametrize("text", ["2 7 8", "2 7 8 14", "0 1 2 3", "2,7,8,x", "2,7,8,12,1", "", "²,7,8,12"])
def test_what_is_no_puzzle_is_refused(text):
    with pytest.raises(ValueError, match="four numbers from 1 to 13"):
        twenty_four.read(text)


def test_a_puzzle_is_read_as_it_is_written():
    assert twenty_four.read("12 7, 8,2;") == (2, 7, 8, 12)
    assert twenty_four.read(twenty_four.write((2, 7, 8, 12))) == (2, 7, 8, 12)
