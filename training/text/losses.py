"""The losses of learning from preferences, and divergences from a reference: functions of tensors, and nothing else.

Those of learning from rewards are `training/policy_losses.py`'s. Log probabilities are natural.
"""

import torch.nn.functional as F
from torch import Tensor

from training.policy_losses import (  # noqa: F401  what learns from texts finds them here
    advantages,
    clipped_policy_loss,
    clipped_value_loss,
    entropy,
    leave_one_out,
    masked_mean,
    reinforce_loss,
)
from training.policy_losses import chosen_log_probs as token_log_probs  # noqa: F401

# --- preferences ------------------------------------------------------------------------------------------


def bradley_terry_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """Return the loss of scores [B] under the Bradley-Terry model: -log sigmoid(chosen - rejected)."""
    return -F.logsigmoid(chosen - rejected).mean()


def dpo_loss(chosen: Tensor, rejected: Tensor, beta: float, smoothing: float = 0.0) -> Tensor:
    """Return the loss of direct preference optimisation (Rafailov et al. 2023).

    The arguments are log ratios [B] of whole answers: log policy - log reference. `smoothing` is the share of labels
    that are assumed to be wrong.
    """
    margin = beta * (chosen - rejected)
    return (-(1 - smoothing) * F.logsigmoid(margin) - smoothing * F.logsigmoid(-margin)).mean()


def dpo_positive_loss(chosen: Tensor, rejected: Tensor, beta: float, weight: float, inside: bool = True) -> Tensor:
    """Return the loss of DPO-Positive (Pal et al. 2024): as DPO, but a chosen answer that grows less likely costs more.

    The penalty stands inside the sigmoid, as in the paper, or outside of it, as others print it.
    """
    penalty = weight * F.relu(-chosen)
    if inside:
        return -F.logsigmoid(beta * (chosen - rejected - penalty)).mean()
    return (-F.logsigmoid(beta * (chosen - rejected)) + penalty).mean()


# --- divergence -------------------------------------------------------------------------------------------


def k3(policy: Tensor, reference: Tensor) -> Tensor:
    """Return an estimate that is unbiased and never below 0 (Schulman, 2020)."""
    ratio = reference - policy
    return ratio.exp() - 1 - ratio


def adapted_coefficient(coefficient: float, divergence: float, target: float, horizon: float, count: int) -> float:
    """Return the coefficient of the divergence after `count` answers, nearer to its target (Ziegler et al. 2019)."""
    error = min(0.2, max(-0.2, divergence / target - 1))
    return coefficient * (1 + error * count / horizon)
