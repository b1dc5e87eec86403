"""What deep Q-learning owes to its memory and to its target network: poles of the lab, five seeds.

    python tests/measures/lab_dqn.py [STAGE ...] [--seeds 1,2,3,4,5] [NAME=VALUE ...]

The settings are those of the recipe `lab`. `later` is the mean return of the measurements in the later half of the
rounds, `kept` that of the network that is kept, in 100 episodes that it was not chosen by, `solved after` the steps of
the world until a return of 475.
"""

import argparse
import statistics
import time

import torch

from engine.settings import read_words, resolve
from training.lab.dqn import DeepQLearning
from training.pipeline import StageJob, plan

STAGES = ("dqn", "dqn-without_replay", "dqn-without_target")


def learned(job: StageJob, seed: int, words: dict[str, str]) -> dict[str, float]:
    """Return the last numbers of a whole run, and its mean return in the later half."""
    stage, returns = DeepQLearning(resolve(job.kind, *job.layers, {"seed": seed}, words)), []
    for step, data in enumerate(stage.data(0), 1):
        stage.learn(step, data)
        if step % stage.settings.measure_every == 0:
            numbers = stage.measure()
            returns.append(numbers["return"])
    return numbers | {"later": statistics.mean(returns[len(returns) // 2 :])}


def main() -> None:
    """Print a row for each seed, and the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="STAGE or NAME=VALUE")
    parser.add_argument("--seeds", default="1,2,3,4,5")
    options = parser.parse_intermixed_args()
    torch.set_num_threads(1)
    words = read_words(word for word in options.words if "=" in word)
    for name in [word for word in options.words if "=" not in word] or STAGES:
        (job,), begun, later, kept = plan("lab", [name]), time.process_time(), [], []
        for seed in options.seeds.split(","):
            found = learned(job, int(seed), words)
            later, kept = [*later, found["later"]], [*kept, found["kept_return"]]
            print(f"{name} seed {seed}: solved after {found['solved_after']:,.0f}", end="  ")
            print(f"later {found['later']:.3g}  kept {found['kept_return']:.3g}", flush=True)
        seconds = (time.process_time() - begun) / len(later)
        print(f"{name} mean: later {statistics.mean(later):.3g}  kept {statistics.mean(kept):.3g}", end="  ")
        print(f"({seconds:.0f} CPU-s a seed)", flush=True)


if __name__ == "__main__":
    main()
