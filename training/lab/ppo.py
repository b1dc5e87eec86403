"""Proximal policy optimisation (Schulman et al. 2017): each batch is learned several times, but not too far.

gain = min(ratio * advantage, clip(ratio, 1 - e, 1 + e) * advantage),   ratio = p_new(push) / p_old(push)
"""

import math

import torch

from training.lab.balancing import Balancing
from training.lab.episodes import Episodes
from training.lab.ppo_settings import Settings
from training.policy_losses import chosen_log_probs, clipped_policy_loss, clipped_value_loss, entropy, normalised
from training.run import Run
from training.stage import carry_out

__all__ = ["ClippedLearning", "Settings", "train"]


def train(run: Run) -> None:
    """Balance until the last batch, going on from the newest checkpoint."""
    carry_out(run, ClippedLearning(run.settings))


class ClippedLearning(Balancing):
    """A policy that learns several times from the same pushes."""

    def improve(self, episodes: Episodes) -> None:
        """Go over all pushes of the batch, in small parts and a new order each time."""
        played = self.tensor(episodes.mask) > 0
        advantage, before = (each[played] for each in self.estimates(episodes, self.settings.trace))
        returns, gains = advantage + before, normalised(advantage, torch.ones_like(advantage))
        states, pushes = self.tensor(episodes.seen[:, :-1])[played], self.tensor(episodes.pushes)[played]
        with torch.no_grad():
            old = chosen_log_probs(self.learner.net(states)[0], pushes)
        for _ in range(self.settings.passes):
            for part in torch.randperm(len(states)).chunk(math.ceil(len(states) / self.settings.minibatch)):
                logits, values = self.learner.forward(states[part])
                whole, spread = torch.ones_like(values), entropy(logits).mean()
                new = chosen_log_probs(logits, pushes[part])
                policy = clipped_policy_loss(new, old[part], gains[part], whole, self.settings.ratio)
                value = clipped_value_loss(values, before[part], returns[part], whole, clip=0.0)
                means = {"policy_loss": policy, "value_loss": value, "entropy": spread}
                loss = policy + value - self.settings.entropy * spread
                self.learner.update(means | {"loss": loss}, len(part))
