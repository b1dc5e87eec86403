"""Held-out puzzles of the Game of 24 that a tree search solves, against its simulations: PUCT beside a Gumbel root.

    python tests/measures/budget_curve.py [--puzzles 261] [--simulations 4,8,16,32,64,128] [--picture FILE.svg]

A simulation goes from the root to the end of a text, or to where it is given up. Model and critic are those that ship.
The interval is of the difference to the row above it: a paired bootstrap over the puzzles.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from engine.text.attempt import Attempt
from engine.text.comparing import POWER, DecodingPlan, hash_of, paired_difference
from engine.text.critics import critic_of
from engine.text.evaluator import TokenEvaluator
from engine.text.models import open_model
from engine.text.tasks import puzzle_task
from engine.text.tree_decoder import GUMBEL, PUCT, fitted, tree_search
from games.text import twenty_four

SEARCHES = {"PUCT": PUCT, "Gumbel": GUMBEL}


def solved(name: str, task, roots: np.ndarray, critic, simulations: int, seed: int) -> tuple[np.ndarray, float]:
    """Return which puzzles so many simulations solve [N], and the token evaluations of a puzzle."""
    plan, game = DecodingPlan(seed=seed), task.game()
    budget = 2 * simulations * task.usual
    attempts = [Attempt(game, root, budget, hash_of(seed, k), task.usual, 1) for k, root in enumerate(roots)]
    settings = replace(fitted(SEARCHES[name], game.ends), wave=1, seed=seed)
    evaluator = TokenEvaluator(task.model, plan.widest, plan.temperature, critic, POWER)
    tree_search(attempts, evaluator, settings, simulations)
    right = np.array([attempt.reward >= game.ends[1] for attempt in attempts])
    return right, float(np.mean([attempt.spent for attempt in attempts]))


def draw(path: Path, shares: dict[str, dict[int, float]], count: int) -> None:
    """Draw the curves with their standard errors."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.8, 3), layout="constrained")
    axes = figure.subplots()
    for name, found in shares.items():
        share = np.array(list(found.values()))
        axes.errorbar(list(found), 100 * share, 100 * np.sqrt(share * (1 - share) / count), label=name, capsize=2)
    axes.set_xscale("log", base=2)
    axes.set_xticks(list(found), [str(each) for each in found])
    axes.set_xlabel("simulations a puzzle")
    axes.set_ylabel("puzzles solved, %")
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "budget"}):
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Print a row for each search and budget."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--puzzles", type=int, default=261)
    parser.add_argument("--simulations", default="4,8,16,32,64,128")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    task = puzzle_task(open_model("twenty_four"))
    critic = critic_of(task, [], 10_000, 1)
    every = [each for each in twenty_four.puzzles() if twenty_four.held_out(each)]
    order = np.random.default_rng(1).permutation(len(every))[: options.puzzles]
    roots = task.roots([" ".join(map(str, every[k])) for k in order])
    shares: dict[str, dict[int, float]] = {name: {} for name in SEARCHES}
    print(f"{len(roots)} puzzles, seed {options.seed}\n{'':8}{'simulations':>12}{'solved':>8}{'evaluations':>12}")
    for name, before in ((name, None) for name in SEARCHES):
        for simulations in map(int, options.simulations.split(",")):
            begun = time.process_time()
            found, spent = solved(name, task, roots, critic, simulations, options.seed)
            more = "" if before is None else "{:+7.1%}  [{:+.1%}, {:+.1%}]".format(*paired_difference(found, before))
            line = f"{name:8}{simulations:12}{found.mean():8.1%}{spent:12,.0f}"
            print(f"{line}  {more}  ({time.process_time() - begun:.0f} CPU-s)", flush=True)
            shares[name][simulations], before = float(found.mean()), found
    if options.picture:
        draw(options.picture, shares, len(roots))


if __name__ == "__main__":
    main()
