"""The losses and estimates of learning from preferences and rewards: functions of tensors, and nothing else.

`mask` is 1 where a token belongs to an answer, else 0. Log probabilities are natural.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of values where the mask is 1, 0 where it is 1 nowhere."""
    return (values * mask).sum() / mask.sum().clamp_min(1)


def token_log_probs(logits: Tensor, tokens: Tensor) -> Tensor:
    """Return the log probability of each token [B, T] under the logits [B, T, V] at its place."""
    return logits.float().log_softmax(-1).gather(-1, tokens[..., None])[..., 0]


def entropy(logits: Tensor) -> Tensor:
    """Return the entropy of each next token [B, T], in nats."""
    logs = logits.float().log_softmax(-1)
    return -(logs.exp() * logs).sum(-1)


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


# --- rewards ----------------------------------------------------------------------------------------------


def advantages(rewards: Tensor, values: Tensor, mask: Tensor, discount: float = 1.0, trace: float = 0.95) -> Tensor:
    """Return generalised advantage estimates [B, T] (Schulman et al. 2016); answers end where the mask does.

    `rewards` of each token [B, T], `values` before each token [B, T]; behind the last token the value is 0.
    """
    found, later = torch.zeros_like(rewards), torch.zeros_like(rewards[:, 0])
    after = torch.zeros_like(later)
    for step in range(rewards.shape[1] - 1, -1, -1):
        surprise = rewards[:, step] + discount * after - values[:, step]
        later = (surprise + discount * trace * later) * mask[:, step]
        after = values[:, step] * mask[:, step]
        found[:, step] = later
    return found


def clipped_policy_loss(new: Tensor, old: Tensor, advantage: Tensor, mask: Tensor, clip: float) -> Tensor:
    """Return PPO's policy loss (Schulman et al. 2017) of log probabilities [B, T] now and when they were drawn."""
    ratio = (new - old).exp()
    gain = torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage)
    return -masked_mean(gain, mask)


def clipped_value_loss(new: Tensor, old: Tensor, returns: Tensor, mask: Tensor, clip: float) -> Tensor:
    """Return half the squared error of values [B, T] that may move `clip` from their old ones; 0: any way."""
    error = (new - returns) ** 2
    if clip:
        error = torch.maximum(error, (old + (new - old).clamp(-clip, clip) - returns) ** 2)
    return masked_mean(error, mask) / 2


def reinforce_loss(log_probs: Tensor, advantage: Tensor, mask: Tensor) -> Tensor:
    """Return a loss whose gradient is REINFORCE's estimate: log probabilities [B, T], advantages of answers [B]."""
    return -((log_probs * mask).sum(1) * advantage).mean()


def leave_one_out(rewards: Tensor) -> Tensor:
    """Return rewards [groups, n] less the mean of the others in the group: a baseline that does not bias."""
    count = rewards.shape[1]
    if count < 2:
        return rewards
    return (rewards - rewards.mean(1, keepdim=True)) * count / (count - 1)


# --- divergence -------------------------------------------------------------------------------------------


def k1(policy: Tensor, reference: Tensor) -> Tensor:
    """Return the plain estimate of the divergence of a policy from a reference, of tokens that the policy drew."""
    return policy - reference


def k2(policy: Tensor, reference: Tensor) -> Tensor:
    """Return half the squared log ratio: little variance, little bias near 0."""
    return (policy - reference) ** 2 / 2


def k3(policy: Tensor, reference: Tensor) -> Tensor:
    """Return an estimate that is unbiased and never below 0 (Schulman, 2020)."""
    ratio = reference - policy
    return ratio.exp() - 1 - ratio


def adapted_coefficient(coefficient: float, divergence: float, target: float, horizon: float, count: int) -> float:
    """Return the coefficient of the divergence after `count` answers, nearer to its target (Ziegler et al. 2019)."""
    error = min(0.2, max(-0.2, divergence / target - 1))
    return coefficient * (1 + error * count / horizon)
