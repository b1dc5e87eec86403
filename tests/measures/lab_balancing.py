"""Steps of the world until poles stand for 475 of 500 steps on average: each way of the lab to learn it, five seeds.

    python tests/measures/lab_balancing.py [STAGE ...] [--seeds 1,2,3,4,5] [NAME=VALUE ...]

The settings are those of the recipe `lab`. A measurement is 100 episodes of the likeliest pushes, after each batch but
for those that end within 1,000 steps of the last measurement.
"""

import argparse
import statistics
import time

import torch

from engine.settings import read_words, resolve
from training.lab.balancing import Balancing
from training.lab.episodes import SOLVED
from training.pipeline import StageJob, plan

STAGES = ("reinforce-plain", "reinforce", "actor_critic-td", "actor_critic", "ppo")
APART = 1000
"""Steps of the world between two measurements, or more where a batch has more."""

FOUND = {"reinforce": "EpisodicLearning", "actor_critic": "CriticLearning", "ppo": "ClippedLearning"}


def stage_of(job: StageJob, seed: int, words: dict[str, str]) -> Balancing:
    """Return a stage of the lab as the recipe has it, with another seed and what else `words` say."""
    settings = resolve(job.kind, *job.layers, {"seed": seed}, words)
    return getattr(job.load(), FOUND[job.stage.split("-")[0]])(settings)


def steps_until_solved(stage: Balancing) -> float:
    """Return the steps of the world until 100 episodes last 475 steps on average; infinity if they never do."""
    measured = 0
    for step, data in enumerate(stage.data(0), 1):
        stage.learn(step, data)
        if stage.world_steps >= measured + APART:
            measured = stage.world_steps
            if stage.measure()["return"] >= SOLVED:
                return measured
    return float("inf")


def main() -> None:
    """Print a row for each way to learn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="STAGE or NAME=VALUE")
    parser.add_argument("--seeds", default="1,2,3,4,5")
    options = parser.parse_intermixed_args()
    torch.set_num_threads(1)
    words = read_words(word for word in options.words if "=" in word)
    print(f"{'stage':20}{'median':>9}   each seed")
    for name in [word for word in options.words if "=" not in word] or STAGES:
        (job,), begun = plan("lab", [name]), time.process_time()
        found = [steps_until_solved(stage_of(job, int(seed), words)) for seed in options.seeds.split(",")]
        each = "  ".join(f"{steps:,.0f}" for steps in found)
        print(
            f"{name:20}{statistics.median(found):9,.0f}   {each}   ({time.process_time() - begun:.0f} CPU-s)",
            flush=True,
        )


if __name__ == "__main__":
    main()
