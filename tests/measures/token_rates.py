"""Token evaluations a second in a tree search over texts, and the shares of its time: network, evaluator, tree.

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
from engine.text.critics import learn_critic
from engine.text.evaluator import TokenEvaluator
from engine.text.lengths import Exactly
from engine.text.models import open_model
from engine.text.tasks import puzzle_task, rewarded_task
from games.text import twenty_four


class Timed:
    """Stands before a language model and adds up the seconds of its calls."""

    def __init__(self, model):
        self.model, self.seconds, self.tokens, self.calls = model, 0.0, 0, 0

    def __getattr__(self, name):
        return getattr(self.model, name)

    def extend(self, tokens, *more):
        began = time.process_time()
        try:
            return self.model.extend(tokens, *more)
        finally:
            self.seconds += time.process_time() - began
            self.tokens, self.calls = self.tokens + tokens.size, self.calls + 1


class TimedLook:
    """Adds up the seconds that evaluators take, the network's included."""

    def __init__(self):
        self.seconds, look = 0.0, TokenEvaluator.look

        def timed(evaluator, game, states):
            began = time.process_time()
            try:
                return look(evaluator, game, states)
            finally:
                self.seconds += time.process_time() - began

        TokenEvaluator.look = timed


def main(name: str = "twenty_four", prompts: str = "64", budget: str = "128") -> None:
    """Search puzzles side by side, or sentences of 60 characters by a model of prose and a critic; print the rates.

    Rates are in processor time: with one thread they are what a clock would say.
    """
    model, looks, critic = Timed(open_model(name)), TimedLook(), None
    if len(model.tokenizer.encode("12", special=False)) == 2 and model.vocabulary < 100:
        task = puzzle_task(model)
        puzzles = islice((each for each in twenty_four.puzzles() if twenty_four.for_critic(each)), int(prompts))
        roots = task.roots([" ".join(map(str, each)) for each in puzzles])
    else:
        task = rewarded_task(model, [Exactly(60, "chars")], 32)
        roots = task.roots([f"Write one short sentence about the number {n}." for n in range(int(prompts))])
        critic, _ = learn_critic(task, roots, 1000, seed=1)
    decode("tree", task, roots[:2], DecodingPlan(budget=20), critic)  # compiles
    model.seconds, model.tokens, model.calls, looks.seconds = 0.0, 0, 0, 0.0
    began = time.process_time()
    found = decode("tree", task, roots, DecodingPlan(budget=int(budget)), critic)
    total, spent = time.process_time() - began, sum(attempt.spent for attempt in found.attempts)
    print(f"{spent:,} evaluations of {len(roots)} prompts side by side, solved {np.mean(found.solved):.0%}")
    print(f"{spent / total:,.0f} evaluations a second in the search, {spent / model.seconds:,.0f} in the network alone")
    print(f"{model.calls} calls of the network, {model.tokens:,} tokens with those of the prompts")
    parts = np.array([model.seconds, looks.seconds - model.seconds, total - looks.seconds]) / total
    print("of the processor time the network takes {:.1%}, the evaluator {:.1%}, tree and scores {:.1%}".format(*parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
