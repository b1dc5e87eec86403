"""Token evaluations a second in a tree search over texts, and the share of its time that the network takes.

python tests/measures/token_rates.py [MODEL [PROMPTS [BUDGET]]]
"""

import sys
import time
from itertools import islice
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.text.comparing import DecodingPlan, decode
from engine.text.models import open_model
from engine.text.rewards import Exactly
from engine.text.tasks import puzzle_task, rewarded_task
from games.text import twenty_four


class Timed:
    """Stands before a language model and adds up the seconds of its calls."""

    def __init__(self, model):
        self.model, self.seconds, self.tokens = model, 0.0, 0

    def __getattr__(self, name):
        return getattr(self.model, name)

    def extend(self, tokens, *more):
        began = time.process_time()
        try:
            return self.model.extend(tokens, *more)
        finally:
            self.seconds += time.process_time() - began
            self.tokens += tokens.size


def main(name: str = "twenty_four", prompts: str = "64", budget: str = "128") -> None:
    """Search puzzles side by side, or sentences of 60 characters by a model of prose, and print the rates.

    Rates are in processor time: with one thread they are what a clock would say.
    """
    model = Timed(open_model(name))
    if len(model.tokenizer.encode("12", special=False)) == 2 and model.vocabulary < 100:
        task = puzzle_task(model)
        puzzles = islice((each for each in twenty_four.puzzles() if twenty_four.for_critic(each)), int(prompts))
        roots = task.roots([" ".join(map(str, each)) for each in puzzles])
    else:
        task = rewarded_task(model, [Exactly(60, "chars")], 32)
        roots = task.roots([f"Write one short sentence about the number {n}." for n in range(int(prompts))])
    decode("tree", task, roots[:2], DecodingPlan(budget=20), None)  # compiles
    model.seconds, model.tokens = 0.0, 0
    began = time.process_time()
    found = decode("tree", task, roots, DecodingPlan(budget=int(budget)), None)
    total, spent = time.process_time() - began, sum(attempt.spent for attempt in found.attempts)
    print(f"{spent:,} evaluations of {len(roots)} prompts side by side, solved {np.mean(found.solved):.0%}")
    print(f"{spent / total:,.0f} evaluations a second in the search, {spent / model.seconds:,.0f} in the network alone")
    print(f"the network takes {model.seconds / total:.0%} of the processor time")


if __name__ == "__main__":
    main(*sys.argv[1:])
