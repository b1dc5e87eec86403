"""What a critic foresees of the final reward after a quarter, a half, three quarters and all of a text: R2.

    python tests/measures/critic_foresight.py [--model twenty_four] [--texts 16] [--learn 100000]

Texts are drawn from the model by likelihood, for the held-out puzzles of the Game of 24. Three critics see them: the
one that ships, which learned the solver's verdict on each step; the same, its values mapped to rewards by a line at
each point (least squares on puzzles that are kept for critics); and one that is learned here from rewards alone, on
those puzzles. "known" is the R2 of the solver itself: the mean reward of the texts of its verdict so far. "foreseeable"
is what nobody can exceed: the share of the rewards' variance that is common to two texts of one beginning (the text
itself and another that the model draws from there).
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.text.critic import Critic
from engine.text.critic_learning import collect, learn, written_texts
from engine.text.critics import critic_of
from engine.text.drawing import by_likelihood
from engine.text.evaluator import TokenEvaluator
from engine.text.models import open_model
from engine.text.tasks import WritingTask, puzzle_task
from games.game import FIRST, NOBODY
from games.text import twenty_four
from games.text.rows import HEAD, LENGTH, PROMPT, TURN, tokens

POINTS = (0.25, 0.5, 0.75, 1.0)
"""Parts of a text after which the critic is asked: at the first token that completes them."""


class Looks(NamedTuple):
    """What stands at the points of N texts."""

    hidden: np.ndarray  # float32 [N, 4, C]   the model's last hidden state before the token
    states: np.ndarray  # int32 [N, 4, W]   the text before the token
    tokens: np.ndarray  # int32 [N, 4]
    good: np.ndarray  # bool [N, 4]   every whole step up to there is right, and the puzzle can still be solved
    rewards: np.ndarray  # float32 [N]

    def values(self, critic: Critic) -> np.ndarray:
        """Return a critic's values of the tokens, float32 [N, 4]."""
        found = [critic.judge(self.hidden[:, k], self.states[:, k], self.tokens[:, k : k + 1]) for k in range(4)]
        return np.concatenate(found, 1)


def looked_at(task: WritingTask, puzzles: list[twenty_four.Numbers], texts: int, seed: int) -> Looks:
    """Draw so many texts for each puzzle, and look at their points."""
    roots = task.roots([" ".join(map(str, numbers)) for numbers in puzzles])
    states, rewards = written_texts(TokenEvaluator(task.model), task.game(), roots, texts, by_likelihood, seed)
    hidden, before, written, good = [], [], [], []
    for number, state in enumerate(states):
        text, prompt = tokens(state), int(state[PROMPT])
        at = prompt + np.ceil(np.array(POINTS) * (len(text) - prompt) - 1e-6).astype(int) - 1
        hidden.append(task.model.read(text.tolist())[1][0, at - 1])
        before.append([beginning(state, k) for k in at])
        written.append(text[at])
        right = twenty_four.hopeful(puzzles[number // texts], task.text(state))
        ends = [task.text(state)[: k + 1 - prompt] for k in at]
        good.append([max(end.rfind(";"), end.rfind(".")) + 1 <= right for end in ends])
    return Looks(np.array(hidden), np.array(before), np.array(written, np.int32), np.array(good), rewards)


def beginning(state: np.ndarray, length: int) -> np.ndarray:
    """Return the first tokens of a text, to go on from."""
    found = state.copy()
    found[TURN], found[LENGTH], found[HEAD + length :] = FIRST, length, 0
    return found


def foreseeable(task: WritingTask, looks: Looks, seed: int) -> list[float]:
    """Return the covariance of each text's reward with that of another text of its beginning, as a share of R2."""
    found = []
    for k in range(len(POINTS)):
        after = looks.states[:, k].copy()
        task.game().play(after, looks.tokens[:, k])
        open_, rewards = after[:, TURN] != NOBODY, looks.rewards.copy()
        if open_.any():
            evaluator = TokenEvaluator(task.model)
            _, rewards[open_] = written_texts(evaluator, task.game(), after[open_], 1, by_likelihood, seed)
        found.append(float(np.cov(looks.rewards, rewards)[0, 1] / looks.rewards.var()))
    return found


def explained(predicted: np.ndarray, rewards: np.ndarray) -> list[float]:
    """Return R2 at each point, of values [N, 4]."""
    errors = ((predicted - rewards[:, None]) ** 2).mean(0)
    return (1 - errors / rewards.var()).tolist()


def line(values: np.ndarray, rewards: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return the map of values [N, 4] to rewards, a line at each point, that fits these best."""
    fits = [np.polyfit(values[:, k], rewards, 1) for k in range(values.shape[1])]
    return lambda found: np.stack([np.polyval(fit, found[:, k]) for k, fit in enumerate(fits)], 1)


def main() -> None:
    """Print a row for each critic."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="twenty_four")
    parser.add_argument("--texts", type=int, default=16)
    parser.add_argument("--learn", type=int, default=100_000, help="token evaluations that rewards are learned from")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    task = puzzle_task(open_model(options.model))
    shipped = critic_of(task, [], 0, options.seed)
    assert shipped
    every = twenty_four.puzzles()
    held_out, others = (list(filter(kind, every)) for kind in (twenty_four.held_out, twenty_four.for_critic))
    test, rest = (looked_at(task, each, options.texts, options.seed) for each in (held_out, others))
    fitted = line(rest.values(shipped), rest.rewards)
    solver = line(rest.good.astype(float), rest.rewards)
    roots = task.roots([" ".join(map(str, numbers)) for numbers in others])
    count = max(8, options.learn // task.usual // len(roots))
    counters = task.counters()
    samples = collect(TokenEvaluator(task.model), task.game(), roots, count, by_likelihood, options.seed + 1, counters)
    learned = learn(samples, task.reward.ends, task.model.vocabulary, 60, options.seed, counters)
    print(f"{len(held_out)} puzzles, {options.texts} texts each, {test.rewards.mean():.1%} of them right")
    print(f"{'R2 after':24}" + "".join(f"{point:8.0%}" for point in POINTS))
    rows = {
        "ships, as it is": test.values(shipped),
        "ships, mapped": fitted(test.values(shipped)),
        "learned from rewards": test.values(learned),
        "known": solver(test.good.astype(float)),
    }
    found = {name: explained(values, test.rewards) for name, values in rows.items()}
    found["foreseeable"] = foreseeable(task, test, options.seed + 2)
    for name, numbers in found.items():
        print(f"{name:24}" + "".join(f"{each:8.3f}" for each in numbers))


if __name__ == "__main__":
    main()
