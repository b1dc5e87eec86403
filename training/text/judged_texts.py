"""Texts of the Game of 24 with the solver's verdict: what a model writes itself, and random first steps."""

import random
from functools import cache
from typing import NamedTuple

import numpy as np

from engine.text.critic_learning import written_texts
from engine.text.drawing import by_likelihood
from engine.text.evaluator import TokenEvaluator
from engine.text.models import open_model
from engine.text.tasks import puzzle_task
from engine.text.tokenizer import Tokenizer
from games.text import twenty_four
from games.text.rows import PROMPT, starts, tokens
from training.text.next_values_settings import Settings
from training.text.packing import TokenText
from training.text.traces import OWN_SHARE, reordered

SHARE_MEASURED = 10
"""One in so many puzzles and solutions is measured on."""


class JudgedTexts(NamedTuple):
    """Texts that the parent wrote, as parts that are good and parts that are not, to learn and to measure on.

    A text is good up to its last step that is right and after which its puzzle can still be solved.
    """

    learned_good: list[TokenText]
    learned_bad: list[TokenText]
    measured_good: list[TokenText]
    measured_bad: list[TokenText]

    @property
    def share_good(self) -> float:
        """Return how many of the tokens to learn are good."""
        good, bad = (sum(len(text.tokens) - text.read for text in texts) for texts in self[:2])
        return good / max(1, good + bad)


def roll_out(settings: Settings) -> JudgedTexts:
    """Have the parent write texts for puzzles that it never learned, and judge them by the solver.

    Where it knows the solutions by heart it would learn to remember them, which says nothing of a new puzzle.
    """
    task = puzzle_task(open_model(settings.parent))
    puzzles = unlearned(settings.greatest)
    prompts = [task.model.tokenizer.encode(twenty_four.write(numbers), special=False) for numbers in puzzles]
    roots = starts(prompts, task.more, task.model.vocabulary, task.end)
    states, _ = written_texts(
        TokenEvaluator(task.model), task.game(), roots, settings.rollouts, by_likelihood, settings.seed
    )
    found = JudgedTexts([], [], [], [])
    for number, state in enumerate(states):
        place = number // settings.rollouts  # a puzzle's texts lie side by side
        good = twenty_four.hopeful(puzzles[place], task.text(state))
        side = 2 * int(place % SHARE_MEASURED == 0)
        text, read = tokens(state).copy(), int(state[PROMPT])
        if good:
            found[side].append(TokenText(text[: read + good], read))
        if read + good < len(text):
            found[side + 1].append(TokenText(text, read + good))
    if not all(found):
        raise ValueError(f"{settings.parent} writes only good steps or none: there is nothing to tell apart")
    return found


def judged_steps(count: int, greatest: int, seed: int, tokenizer: Tokenizer) -> tuple[list[TokenText], list[TokenText]]:
    """Return random first steps that are right: those that leave what can make 24, and as many that do not.

    What the rest is worth can be known from where the result begins, so all before it is only read.
    """
    randomness = random.Random(seed)
    measured = set(unlearned(greatest)[::SHARE_MEASURED])
    own = [numbers for numbers in twenty_four.puzzles() if not twenty_four.held_out(numbers)]
    puzzles = [n for n in own * OWN_SHARE + twenty_four.further_puzzles(greatest) if n not in measured]
    found: tuple[list[TokenText], list[TokenText]] = ([], [])
    for number in range(count):
        puzzle, good = randomness.choice(puzzles), number % 2 == 0
        steps = [step for step, can in _first_steps(puzzle) if can == good]
        if steps:
            order = randomness.sample(puzzle, len(puzzle))
            before, equals, after = begun(order, randomness.choice(steps)).partition("=")
            read, rest = (tokenizer.encode(part, special=False) for part in (before, equals + after))
            found[not good].append(TokenText(np.array([*read, *rest], np.int32), len(read)))
    return found


def begun(order: list[int], step: str) -> str:
    """Return a puzzle with its numbers in some order, and a first step of it: `12,2,8,7;12-8=4,2,7;`."""
    return twenty_four.write(order) + reordered(order, step).removesuffix(".") + ";"


@cache
def _first_steps(numbers: twenty_four.Numbers) -> list[tuple[str, bool]]:
    return list(twenty_four.first_steps(numbers))


def unlearned(greatest: int) -> list[twenty_four.Numbers]:
    """List the puzzles that language models never learn the solutions of, and that are not for measuring."""
    puzzles = [numbers for numbers in twenty_four.puzzles() if twenty_four.for_critic(numbers)]
    return puzzles + [numbers for numbers in twenty_four.further_puzzles(greatest) if not _learned(numbers)]


def _learned(numbers: twenty_four.Numbers) -> bool:
    return not twenty_four.held_out(numbers) and not twenty_four.for_critic(numbers)
