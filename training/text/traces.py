"""Solutions of the Game of 24 to learn from: the puzzles that are neither for measuring nor for the critic."""

import random
from functools import cache

from games.text import twenty_four
from training.text.texts import TextExample

GAME_OF_24 = "game-of-24"
"""How settings name puzzles and solutions that are made here, in place of a file."""


OWN_SHARE = 3
"""A puzzle of the game is learned so often as a puzzle of greater numbers."""


def traces(count: int, seed: int, greatest: int = twenty_four.GREATEST) -> list[TextExample]:
    """Return random solutions of random puzzles, their numbers in a random order.

    Each puzzle comes as often as another; one with numbers over 13, up to `greatest`, less often than the game's own.
    """
    randomness = random.Random(seed)
    numbers = _learnable(greatest)
    numbers = randomness.sample(numbers, len(numbers))
    made = []
    for number in range(count):
        puzzle = numbers[number % len(numbers)]
        order = randomness.sample(puzzle, len(puzzle))
        solution = randomness.choice(_solutions(puzzle))
        made.append(TextExample(twenty_four.write(order), reordered(order, solution)))
    return made


@cache
def _learnable(greatest: int) -> list[twenty_four.Numbers]:
    further = twenty_four.further_puzzles(greatest)
    found = twenty_four.puzzles() * (OWN_SHARE if further else 1) + further
    kept = (twenty_four.held_out, twenty_four.for_critic)
    return [numbers for numbers in found if not any(each(numbers) for each in kept)]


@cache
def _solutions(numbers: twenty_four.Numbers) -> list[str]:
    return list(twenty_four.solutions(numbers))


def reordered(order: list[int], solution: str) -> str:
    """Return the same steps, with what is left in the order that follows from another order of the numbers."""
    left, steps = list(map(str, order)), []
    for step in solution.removesuffix(".").split(";"):
        taken, _, after = step.partition("=")
        result = after.partition(",")[0]
        for name in _operands(taken):
            left.remove(name)
        left.insert(0, result)
        steps.append(f"{taken}={','.join(left)}")
    return ";".join(steps) + "."


def _operands(taken: str) -> tuple[str, str]:
    """Return the two numbers of `12-8`."""
    sign = next(letter for letter in taken if letter in "+-*/")
    first, _, second = taken.partition(sign)
    return first, second
