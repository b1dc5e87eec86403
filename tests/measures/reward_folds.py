"""Accuracy of a reward model on topics that it never saw, in folds: the head on a frozen language model.

python tests/measures/reward_folds.py PAIRS.jsonl.xz [MODEL] [POOLING] [FOLDS]

PAIRS are JSON lines of {topic, prompt, chosen, rejected}; topics in order of their names make the folds, so that both
sides of a debate are in one. Prints each fold's accuracy, that of the longer answer, and the means.
"""

import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from training.devices import ProcessGroup
from training.text.beginning import read_beginning
from training.text.pairs import as_pairs
from training.text.reward_model import RewardLearning, RewardNet, read_features
from training.text.reward_model_settings import Settings
from training.text.texts import Comparison, json_lines


def main(path: str, model: str = "smollm2", pooling: str = "root", folds: str = "8") -> None:
    group = ProcessGroup.join("cpu", 1)
    settings = Settings(
        frozen=True, pooling=pooling, steps=400, batch=256, rate=3e-3, weight_decay=0.3, average=0.98, warm_up=20
    )
    settings = replace(settings, measured=10**6, threads=1)
    lines = [fields for _, fields in json_lines(Path(path))]
    clean = [Comparison(each["prompt"] + "\n", tidy(each["chosen"]), tidy(each["rejected"])) for each in lines]
    llama, tokenizer = read_beginning(model)
    pairs = as_pairs(clean, tokenizer, llama.shape.end, settings.longest)
    features = read_features(RewardNet(llama, pooling), pairs, group, settings.precision)
    topics = sorted({each["topic"] for each in lines})
    found = []
    for fold in range(int(folds)):
        held = set(topics[fold * len(topics) // int(folds) : (fold + 1) * len(topics) // int(folds)])
        inside = np.array([each["topic"] in held for each in lines])
        train, test = np.flatnonzero(~inside), np.flatnonzero(inside)
        torch.manual_seed(fold)
        stage = RewardLearning(
            settings,
            group,
            RewardNet(llama, pooling),
            tokenizer,
            [pairs[number] for number in train],
            [pairs[number] for number in test],
            (features[train], features[test]),
        )
        for step, batch in zip(range(1, settings.steps + 1), stage.data(0), strict=False):
            stage.learn(step, batch)
        longer = np.mean([len(clean[number].chosen) > len(clean[number].rejected) for number in test])
        found.append((stage.measure()["held_out_accuracy"], longer, len(test)))
        print(f"fold {fold}: {found[-1][0]:.4f} of {len(test)} pairs, the longer answer {longer:.4f}", flush=True)
    accuracy, longer, _ = np.mean(found, 0)
    print(f"mean of {folds} folds: {accuracy:.4f}, the longer answer {longer:.4f}")


def tidy(text: str) -> str:
    return re.sub(r"<br */?>", " ", text)


if __name__ == "__main__":
    main(*sys.argv[1:])
