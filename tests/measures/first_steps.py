"""Does a critic of the Game of 24 know which first steps leave hope? Pairs of right steps that it tells apart.

    python tests/measures/first_steps.py [MODEL ...]

All right first steps of puzzles are valued before their result is written and after it. Of a step after which 24 can
still be made and one after which it cannot, drawn at random, the former should be worth more.
"""

import random
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.text.critic import Critic
from engine.text.language_model import LanguageModel
from engine.text.memory import PrefixMemory
from engine.text.models import open_model
from engine.text.tasks import TWENTY_FOUR
from games.text import twenty_four
from training.text.judged_texts import begun

PUZZLES = 261


def steps(puzzles: list[twenty_four.Numbers], seed: int) -> tuple[list[str], np.ndarray]:
    """Return puzzles, their numbers in a random order, with each right first step, and whether it leaves hope."""
    randomness = random.Random(seed)
    texts, hopeful = [], []
    for numbers in puzzles:
        for step, can in twenty_four.first_steps(numbers):
            order = randomness.sample(numbers, len(numbers))
            texts.append(begun(order, step))
            hopeful.append(can)
    return texts, np.array(hopeful)


def value(model: LanguageModel, critic: Critic, texts: list[str]) -> np.ndarray:
    """Return the critic's values of the last character of each text [N]."""
    rows = [np.array(model.tokenizer.encode(text, special=False), np.int32) for text in texts]
    found = []
    for k in range(0, len(rows), 256):
        some = rows[k : k + 256]
        hidden = PrefixMemory(model).read([row[:-1] for row in some]).hidden
        moves = np.array([row[-1:] for row in some])
        found.append(critic.judge(hidden, moves, moves)[:, 0])
    return np.concatenate(found)


def told(values: np.ndarray, hopeful: np.ndarray) -> float:
    """Return the share of pairs, one with hope and one without, that values tell right; equal values count half."""
    lost = np.sort(values[~hopeful])
    return float((np.searchsorted(lost, values[hopeful]) + np.searchsorted(lost, values[hopeful], "right")).mean()) / (
        2 * len(lost)
    )


def main(*names: str) -> None:
    """Print the shares for puzzles that nothing was learned from, and for as many others."""
    held_out = [numbers for numbers in twenty_four.puzzles() if twenty_four.held_out(numbers)]
    others = [numbers for numbers in twenty_four.puzzles() if not twenty_four.held_out(numbers)]
    others = random.Random(1).sample(others, PUZZLES)
    print(f"{'pairs told right':40} held-out puzzles, before = / after ;    others, before = / after ;")
    for name in names or ("twenty_four",):
        model, shares = open_model(name), []
        critic = Critic.load(model.folder / f"critic-{TWENTY_FOUR}.npz", model.width, model.vocabulary, none)
        for puzzles in (held_out, others):
            texts, hopeful = steps(puzzles, 1)
            for end in ("=", ";"):
                cut = texts if end == ";" else [text[: text.index("=") + 1] for text in texts]
                shares.append(told(value(model, critic, cut), hopeful))
        print(f"{name[-40:]:40} {shares[0]:19.1%} / {shares[1]:.1%} {shares[2]:25.1%} / {shares[3]:.1%}")


def none(states: np.ndarray, moves: np.ndarray) -> np.ndarray:
    """Count nothing: right steps are neither wrong nor a solution."""
    return np.zeros((*moves.shape, 3), np.float32)


if __name__ == "__main__":
    main(*sys.argv[1:])
