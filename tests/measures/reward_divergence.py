"""Reward against divergence: what PPO and DPO gain by a learned reward, and what the checker thinks of it, by seed.

    python tests/measures/reward_divergence.py PARENT FOLDER
    yomi train text reward_model --name FOLDER/proxy parent=PARENT data=FOLDER/pairs.jsonl steps=600 rate=5e-4
    python tests/measures/reward_divergence.py PARENT FOLDER --proxy FOLDER/proxy [--seeds 3] [--picture FILE.svg]

PARENT is a language model of the Game of 24. The first command has it write texts for puzzles with numbers up to 20
that it never learned, and keeps pairs of a right and a wrong one; the second makes a reward model of them. Both stages
are paid by that, on the same puzzles. The gold reward is the share of right solutions, by the checker. Both rewards are
of answers drawn for puzzles of the game that no stage learns from; the divergence (nats an answer) is of the same
answers.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import torch

from engine.text.llama import Llama
from engine.text.reward_model import open_reward_model
from engine.text.solving import Solves
from games.text import twenty_four
from training.devices import ProcessGroup
from training.learner import Learner
from training.text import dpo, ppo
from training.text.beginning import read_beginning
from training.text.losses import token_log_probs
from training.text.pairs import padded
from training.text.rewarding import Drawer, read_prompts
from training.text.traces import GAME_OF_24

GREATEST = 20
"""Numbers of the puzzles that are learned from; the game's own have numbers up to 13."""

ANSWERS, PAIRS = 16, 4
"""Texts of the parent for each puzzle, and the pairs that are made of them at most."""


def write_pairs(parent: str, folder: Path) -> None:
    """Write prompts.jsonl and pairs.jsonl: puzzles, and a right and a wrong text of the parent to each."""
    net, tokenizer = read_beginning(parent)
    puzzles = [each for each in twenty_four.further_puzzles(GREATEST) if unlearned(each)]
    prompts = list(map(twenty_four.write, puzzles))
    drawer, generator, pairs = Drawer(tokenizer, Solves(), 64, 1.0), torch.Generator().manual_seed(1), []
    for first in range(0, len(prompts), 32):
        some = prompts[first : first + 32]
        rewards, answers = drawer.draw(net, some, ANSWERS, generator)
        for prompt, paid, several in zip(some, rewards, answers, strict=True):
            texts = [tokenizer.decode(each.tokens[each.read :]) for each in several]
            right, wrong = (dict.fromkeys(np.array(texts)[paid == value].tolist()) for value in (1, 0))
            for chosen, rejected in islice(zip(right, wrong, strict=False), PAIRS):
                pairs.append({"prompt": prompt, "chosen": chosen, "rejected": rejected})
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in (("prompts", [{"prompt": prompt} for prompt in prompts]), ("pairs", pairs)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    print(f"{len(prompts):,} puzzles and {len(pairs):,} pairs are in {folder}")


def unlearned(numbers: twenty_four.Numbers) -> bool:
    """Tell whether the language model that ships never learned a puzzle."""
    return twenty_four.held_out(numbers) or twenty_four.for_critic(numbers)


class Point(NamedTuple):
    """What the answers of a model are like."""

    divergence: float
    proxy: float
    gold: float


class Scale:
    """Measures models against the parent, on the same prompts."""

    def __init__(self, parent: str, proxy: str, draws: int):
        self.reference, self.tokenizer = read_beginning(parent)
        self.proxy, self.draws = open_reward_model(proxy), draws
        self.drawer = Drawer(self.tokenizer, Solves(), 64, 1.0)
        self.prompts = read_prompts([GAME_OF_24], 1)[1]

    @torch.no_grad()
    def of(self, net: Llama) -> Point:
        """Return the point of a model; the same draws for all."""
        gold, answers = self.drawer.draw(net, self.prompts, self.draws, torch.Generator().manual_seed(1))
        rows = padded([each for several in answers for each in several])
        new, old = (
            token_log_probs(each(rows.tokens[:, :-1])[0].float(), rows.tokens[:, 1:]) for each in (net, self.reference)
        )
        divergence = float(((new - old) * rows.mask[:, 1:]).sum(1).mean())
        texts = [self.tokenizer.decode(each.tokens[each.read :]) for several in answers for each in several]
        prompts = [prompt for prompt in self.prompts for _ in range(self.draws)]
        return Point(divergence, float(np.mean(self.proxy.pay(prompts, texts))), float(gold.mean()))


def by_ppo(options: Any, seed: int, group: ProcessGroup) -> Iterator[Llama]:
    """Yield the policy of PPO after each step."""
    settings = ppo.Settings(
        parent=options.parent, prompts=(f"{options.folder}/prompts.jsonl",), steps=options.steps, seed=seed,
        rate=options.rate, coefficient=options.coefficient, threads=1, decay=0.0,
    )  # fmt: skip
    net, tokenizer = read_beginning(options.parent)
    both = ppo.PolicyAndCritic(net, ppo.first_critic(settings, net))
    reward = open_reward_model(options.proxy)
    stage = ppo.PpoLearning(settings, tokenizer, reward, Learner(both, settings, settings.steps, group))
    for step, answers in zip(range(1, settings.steps + 1), stage.data(0), strict=False):
        stage.learn(step, answers)
        yield stage.learner.net.policy


def by_dpo(options: Any, seed: int, group: ProcessGroup) -> Iterator[Llama]:
    """Yield the policy of iterative DPO after each step, of four rounds."""
    settings = dpo.Settings(
        parent=options.parent, data=(f"{options.folder}/prompts.jsonl",), reward=options.proxy, steps=options.steps,
        seed=seed, rate=options.rate, rounds=4, prompts=128, answers=8, batch=32, threads=1, decay=0.0,
    )  # fmt: skip
    net, tokenizer = read_beginning(options.parent)
    stage = dpo.IterativeLearning(settings, group, net, tokenizer, open_reward_model(options.proxy))
    for step, pairs in zip(range(1, settings.steps + 1), stage.data(0), strict=False):
        stage.learn(step, pairs)
        yield stage.learner.net


KINDS = {"PPO": by_ppo, "DPO": by_dpo}


def curve(kind: str, options: Any, seed: int, scale: Scale, start: Point, group: ProcessGroup) -> list[Point]:
    """Return the points of a run, the parent's first."""
    torch.manual_seed(seed)
    points = [start]
    for step, net in enumerate(KINDS[kind](options, seed, group), 1):
        if step % options.every == 0:
            points.append(scale.of(net))
            print(f"{kind} seed {seed} step {step:4}  " + "  ".join(f"{each:.3f}" for each in points[-1]), flush=True)
    return points


def draw(path: Path, curves: dict[str, list[list[Point]]]) -> None:
    """Draw gold and proxy against the divergence, the peak of gold marked."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 3), layout="constrained")
    for axes, (kind, runs) in zip(figure.subplots(1, len(curves)), curves.items(), strict=True):
        proxy = axes.twinx()
        for run in runs:
            found = np.array(run)
            best = found[:, 2].argmax()
            axes.plot(found[:, 0], 100 * found[:, 2], color="C0", marker=".", lw=1)
            axes.plot(found[best, 0], 100 * found[best, 2], color="C3", marker="*", ms=10, ls="")
            proxy.plot(found[:, 0], found[:, 1], color="C1", lw=1, ls="--")
        axes.axhline(100 * runs[0][0].gold, color="0.5", lw=0.8)
        axes.set(title=kind, xlabel="divergence from the parent, nats")
        axes.set_ylabel("right solutions, % (peak: star)", color="C0")
        proxy.set_ylabel("learned reward (dashed)", color="C1")
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "divergence"}):
        figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Print a line for each point, then where each run's gold reward was greatest."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parent")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--proxy", default="", help="a reward model; without one, pairs to learn it from are written")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--every", type=int, default=10)
    parser.add_argument("--draws", type=int, default=4, help="answers to each of 271 puzzles of a point")
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--coefficient", type=float, default=0.1)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    group = ProcessGroup.join("cpu", 1)
    if not options.proxy:
        write_pairs(options.parent, options.folder)
        return
    scale = Scale(options.parent, options.proxy, options.draws)
    start = scale.of(scale.reference)
    print(f"parent                 0.000  {start.proxy:.3f}  {start.gold:.3f}   (divergence, learned reward, gold)")
    curves = {
        kind: [curve(kind, options, seed, scale, start, group) for seed in range(1, options.seeds + 1)]
        for kind in KINDS
    }
    for kind, runs in curves.items():
        for seed, run in enumerate(runs, 1):
            best = max(run, key=lambda point: point.gold)
            below = sum(point.gold < start.gold for point in run)
            print(
                f"{kind} seed {seed}: gold {start.gold:.3f} -> peak {best.gold:.3f} at {best.divergence:.2f} nats, "
                f"{run[-1].gold:.3f} at the end; {below} of {len(run) - 1} points below the parent"
            )
    if options.picture:
        draw(options.picture, curves)


if __name__ == "__main__":
    main()
