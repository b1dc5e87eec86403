"""What is left of a search's gain once its texts were learned and nothing is searched any more: the Game of 24.

    python tests/measures/distilled.py FOLDER
    yomi train text distillation --name FOLDER/run parent=PARENT prompts=FOLDER/prompts.jsonl
    python tests/measures/distilled.py FOLDER --parent PARENT --model FOLDER/run [--budget 256] [--seeds 2]

The first command writes puzzles to search: those kept for critics, which no language model learned; without `prompts=`
the puzzles are searched that it did learn. The last one measures on those kept for critics and on those that are held
out from everything: the parent's texts, drawn by likelihood or each token the likeliest, the best of its search
without a critic, and the texts of the model that learned from three rounds of searches.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.text.comparing import DecodingPlan, decode
from engine.text.models import open_model
from engine.text.tasks import puzzle_task
from games.text import twenty_four

SEARCH, DRAWN, LIKELIEST = "gumbel", "sample", "greedy"


def puzzles(held_out: bool) -> list[twenty_four.Numbers]:
    """Return the puzzles that are held out, or those kept for critics."""
    kept = twenty_four.held_out if held_out else twenty_four.for_critic
    return [numbers for numbers in twenty_four.puzzles() if kept(numbers)]


def solved(name: str, decoder: str, some: Sequence[twenty_four.Numbers], budget: int, seeds: int) -> float:
    """Return the share of puzzles that a model solves, without a critic."""
    task = puzzle_task(open_model(name))
    roots = task.roots([" ".join(map(str, numbers)) for numbers in some])
    shares = []
    for seed in range(1, seeds + 1):
        for start in range(0, len(roots), 96):
            decoded = decode(decoder, task, roots[start : start + 96], DecodingPlan(budget, seed=seed), None)
            shares.append(decoded.solved)
    return float(np.concatenate(shares).mean())


def main() -> None:
    """Write the puzzles to search, or print a row for each kind of puzzle and way to write without search."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parent", default="twenty_four")
    parser.add_argument("--model", default="")
    parser.add_argument("--budget", type=int, default=256, help="token evaluations of the search")
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    if not options.model:
        options.folder.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps({"prompt": twenty_four.write(numbers)}) + "\n" for numbers in puzzles(held_out=False)]
        (options.folder / "prompts.jsonl").write_text("".join(lines), "utf-8")
        print(f"{len(lines)} puzzles are in {options.folder / 'prompts.jsonl'}")
        return
    print(f"{'':24}{'before':>8}{'search':>8}{'after':>8}{'kept':>8}")
    for words, held_out in (("for critics", False), ("held out", True)):
        some = puzzles(held_out)
        search = solved(options.parent, SEARCH, some, options.budget, options.seeds)
        for decoder, seeds in ((DRAWN, 4 * options.seeds), (LIKELIEST, 1)):
            before, after = (
                solved(name, decoder, some, options.budget, seeds) for name in (options.parent, options.model)
            )
            shares = "".join(f"{share:8.1%}" for share in (before, search, after))
            print(f"{words + ', ' + decoder:24}{shares}{(after - before) / (search - before):8.0%}", flush=True)


if __name__ == "__main__":
    main()
