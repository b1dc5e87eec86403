"""SmolLM2 writes one sentence of exactly 60 characters about each of 64 topics: tree search against other decoders.

python tests/measures/sixty_characters.py [--topics tuning|measured] [--budget N] [--seeds N] [--decoders A,B]

After `yomi get smollm2`. The critic learns from texts about the tuning topics alone; settings were tried there, too.
"""

import argparse
import json
import sys
import time
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.text.comparing import DecodingPlan
from engine.text.critics import critic_of
from engine.text.generating import tell
from engine.text.lengths import Exactly
from engine.text.models import open_model
from engine.text.tasks import rewarded_task
from training.text.evaluating import measure, rows

TOPICS = {
    "tuning": """
        bread snow horse violin bridge honey school winter map candle river doctor salt moon market shoe
    """,
    "measured": """
        apple ant anchor autumn bakery balloon beach bear bee bell bicycle bird boat book butter button cactus camera
        castle cat chess cloud coffee coin desert dog door dream drum eagle egg elephant farm feather fire fish flower
        forest frog garden glass grape guitar hammer hill ice island jacket key kite ladder lamp lemon library lion
        mirror mountain needle ocean orchard owl pencil piano train
    """,
}


def prompts(topics: list[str]) -> list[str]:
    return [f"Write one sentence of exactly 60 characters about this topic: {topic}." for topic in topics]


def main() -> None:
    """Learn the critic unless it is kept, run the decoders, and print a row of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", choices=list(TOPICS), default="tuning")
    parser.add_argument("--budget", type=int, default=512)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="the first of the seeds")
    parser.add_argument("--decoders", default="tree,critic,best-of-n")
    asked = parser.parse_args()
    task = rewarded_task(open_model("smollm2"), [Exactly(60, "chars")], 32)
    critic = critic_of(task, prompts(TOPICS["tuning"].split()), 10_000, 1, tell)
    topics, decoders = TOPICS[asked.topics].split(), asked.decoders.split(",")
    seeds = range(asked.seed, asked.seed + asked.seeds)
    results, began = [], time.process_time()
    for each in measure(task, prompts(topics), decoders, [asked.budget], seeds, critic, DecodingPlan()):
        results.append(each)
        spent, began = time.process_time() - began, time.process_time()
        share = f"{each.solved.mean():6.1%} of {len(topics)}"
        tell(f"{each.decoder:12s} {share}, {each.spent:.0f} evaluations, {spent:.0f} s of the processor")
        tell("missed: " + " ".join(topic for topic, solved in zip(topics, each.solved, strict=True) if solved < 1))
    for row in rows(results):
        print(json.dumps(row))
    print(f"interval of a difference: 95 %, paired bootstrap over {len(topics)} topics; seeds {asked.seeds}")


if __name__ == "__main__":
    main()
