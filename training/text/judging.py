"""How well a reward tells which of two answers was preferred, and whether its odds can be believed."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.text.rewards import Reward
from training.text.texts import Comparison

BINS = 5
"""Bins of the confidence, from 0.5 to 1."""


def judged(reward: Reward, comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """Return accuracy, log loss and calibration of a reward over pairs, beside those of taking the longer answer.

    The odds of a pair are sigmoid(chosen - rejected), as Bradley and Terry have it; a tie counts a half.
    """
    prompts = [_text(each) for each in comparisons]
    chosen = np.array(reward.pay(prompts, [each.chosen for each in comparisons]))
    rejected = np.array(reward.pay(prompts, [each.rejected for each in comparisons]))
    margins = chosen - rejected
    longer = np.array([len(each.chosen) - len(each.rejected) for each in comparisons])
    accuracy = _share(margins)
    return {
        "pairs": len(margins),
        "accuracy": accuracy,
        "error": math.sqrt(accuracy * (1 - accuracy) / len(margins)),
        "log_loss": float(np.logaddexp(0, -margins).mean()),
        "longer_answer": _share(longer),
        "calibration_error": _calibration_error(margins),
        "bins": calibration(margins),
    }


def calibration(margins: np.ndarray) -> list[dict[str, float]]:
    """Return how sure the reward is of pairs, and how often it is right, in bins of its confidence."""
    confidence = 1 / (1 + np.exp(-np.abs(np.clip(margins, -500, 500))))
    places = np.minimum(((confidence - 0.5) * 2 * BINS).astype(int), BINS - 1)
    found = []
    for place in range(BINS):
        inside = places == place
        if inside.any():
            sure, right = float(confidence[inside].mean()), _share(margins[inside])
            found.append({"pairs": int(inside.sum()), "confidence": sure, "accuracy": right})
    return found


def _calibration_error(margins: np.ndarray) -> float:
    """Return the mean distance of confidence and accuracy (the expected calibration error)."""
    return sum(each["pairs"] * abs(each["confidence"] - each["accuracy"]) for each in calibration(margins)) / len(
        margins
    )


def _share(margins: np.ndarray) -> float:
    return float(((margins > 0) + (margins == 0) / 2).mean())


def _text(comparison: Comparison) -> str:
    """Return the prompt as text; a conversation as its messages, a line each."""
    prompt = comparison.prompt
    return prompt if isinstance(prompt, str) else "".join(f"{each['role']}: {each['content']}\n" for each in prompt)
