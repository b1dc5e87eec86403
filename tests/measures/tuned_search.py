"""Search settings on puzzles of the Game of 24 to choose by: neither a model's solutions nor its critic came from them.

    python tests/measures/tuned_search.py [NAME=VALUE,NAME=VALUE ...] [--seeds 4] [--budget 128] [--decoder tree]

One puzzle in ten of those that language models never learn, numbers up to 20. Each word is one set of settings: a
search's, or `power` and `temperature`. All are compared with the search as it is, with intervals over puzzles.
"""

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.text.comparing import DecodingPlan, decode, paired_difference
from engine.text.critics import critic_of
from engine.text.models import open_model
from engine.text.tasks import puzzle_task
from games.text import twenty_four
from games.text.rows import starts
from training.text.judged_texts import SHARE_MEASURED, unlearned

GREATEST = 20
PLANNED = ("power", "temperature")


def main() -> None:
    """Print the share that each set of settings solves, and its difference to the first."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("settings", nargs="*")
    parser.add_argument("--model", default="twenty_four")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--budget", type=int, default=128)
    parser.add_argument("--decoder", default="tree")
    options = parser.parse_args()
    task = puzzle_task(open_model(options.model))
    critic = critic_of(task, [], 0, 1)
    puzzles = unlearned(GREATEST)[::SHARE_MEASURED]
    prompts = [task.model.tokenizer.encode(twenty_four.write(numbers), special=False) for numbers in puzzles]
    roots = starts(prompts, task.more, task.model.vocabulary, task.end)
    first: np.ndarray | None = None
    for words in ["", *options.settings]:
        values = {name: float(value) for name, value in (word.split("=") for word in words.split(",") if word)}
        search = {name: value for name, value in values.items() if name not in PLANNED}
        plan = {name: value for name, value in values.items() if name in PLANNED}
        runs = [
            decode(
                options.decoder,
                task,
                roots,
                DecodingPlan(options.budget, seed=k, search=search or None, **plan),
                critic,
            )
            for k in range(1, options.seeds + 1)
        ]
        solved = np.mean([run.solved for run in runs], 0)
        first = solved if first is None else first
        mean, low, high = (100 * each for each in paired_difference(solved, first))
        print(
            f"{words or 'as it is':32} {solved.mean():.1%} of {len(puzzles)}: {mean:+.1f} ({low:+.1f} to {high:+.1f})"
        )


if __name__ == "__main__":
    main()
