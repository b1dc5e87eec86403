"""Losses and estimates of learning a policy from rewards: functions of tensors, and nothing else.

An episode is a row of T choices: the tokens of an answer, the moves of a game. `mask` is 1 where a choice belongs to
the episode, else 0. Log probabilities are natural.
"""

import torch
from torch import Tensor


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """Return the mean of values where the mask is 1, 0 where it is 1 nowhere."""
    return (values * mask).sum() / mask.sum().clamp_min(1)


def normalised(values: Tensor, mask: Tensor) -> Tensor:
    """Return values less their mean, over their standard deviation; both of where the mask is 1."""
    centred = values - masked_mean(values, mask)
    return centred / (masked_mean(centred**2, mask).sqrt() + 1e-6)


def chosen_log_probs(logits: Tensor, choices: Tensor) -> Tensor:
    """Return the log probability of each choice [B, T] under the logits [B, T, V] at its place."""
    return logits.float().log_softmax(-1).gather(-1, choices[..., None])[..., 0]


def entropy(logits: Tensor) -> Tensor:
    """Return the entropy of each choice [B, T] under its logits [B, T, V], in nats."""
    logs = logits.float().log_softmax(-1)
    return -(logs.exp() * logs).sum(-1)


def advantages(rewards: Tensor, values: Tensor, mask: Tensor, discount: float = 1.0, trace: float = 0.95) -> Tensor:
    """Return generalised advantage estimates [B, T] (Schulman et al. 2016); episodes end where the mask does.

    `rewards` of each choice [B, T], `values` before each choice [B, T]; behind the last choice the value is 0.
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
    """Return a loss whose gradient is REINFORCE's estimate: log probabilities [B, T].

    The advantages are those of whole episodes [B], or of each choice [B, T].
    """
    return -(log_probs * mask * advantage.view(len(advantage), -1)).sum(1).mean()


def leave_one_out(rewards: Tensor) -> Tensor:
    """Return rewards [groups, n] less the mean of the others in the group: a baseline that does not bias."""
    count = rewards.shape[1]
    if count < 2:
        return rewards
    return (rewards - rewards.mean(1, keepdim=True)) * count / (count - 1)
