"""REINFORCE (Williams 1992): pushes that were followed by more than the baseline expected become likelier.

    gradient = mean of  grad log p(push) * (return that followed - baseline(state))

Any baseline leaves the mean of that estimate as it is; a good one takes away most of its variance, which is measured.
"""

import numpy as np
import torch
from torch import Tensor

from training.lab.balancing import Balancing
from training.lab.episodes import Episodes, play_anew
from training.lab.networks import drawing
from training.lab.reinforce_settings import Settings
from training.policy_losses import chosen_log_probs, masked_mean, reinforce_loss
from training.report import Curve
from training.run import Run
from training.stage import carry_out

__all__ = ["EpisodicLearning", "Settings", "train"]

VARIANCES = 1 << 41
"""Keeps the seeds of the variance's episodes apart from all others."""


def train(run: Run) -> None:
    """Balance until the last batch, going on from the newest checkpoint."""
    carry_out(run, EpisodicLearning(run.settings))


class EpisodicLearning(Balancing):
    """A policy that learns from what followed in whole episodes."""

    curves = Balancing.curves | {
        "variance_left": Curve(
            "", "The variance of an episode's gradient with the baseline as a share of that without one; 1: no gain."
        ),
    }

    def improve(self, episodes: Episodes) -> None:
        """Take one step; the baseline learns by it, too."""
        mask = self.tensor(episodes.mask)
        advantage, before = self.estimates(episodes, trace=1.0, baseline=self.settings.baseline)
        logits, values = self.learner.forward(self.tensor(episodes.seen[:, :-1]))
        policy = reinforce_loss(chosen_log_probs(logits, self.tensor(episodes.pushes)), advantage, mask)
        value = masked_mean((values - advantage - before) ** 2, mask)
        means = {"policy_loss": policy, "value_loss": value}
        self.learner.update(means | {"loss": policy + value if self.settings.baseline else policy}, self.batch)

    def measure(self) -> dict[str, float]:
        """Return how long poles stand, and how much of the gradient's variance the baseline leaves."""
        return super().measure() | ({"variance_left": self.variance_left()} if self.settings.baseline else {})

    def variance_left(self) -> float:
        """Return the summed variance of the gradient of single episodes with the baseline over that without."""
        random = np.random.default_rng([self.settings.seed, VARIANCES])
        episodes = play_anew(drawing(self.learner.net.policy, random), self.batch, random)
        with_baseline, without = (self._variance(episodes, baseline) for baseline in (True, False))
        return with_baseline / without

    def _variance(self, episodes: Episodes, baseline: bool) -> float:
        advantage, _ = self.estimates(episodes, 1.0, baseline)
        logits, _ = self.learner.net(self.tensor(episodes.seen[:, :-1]))
        logs, mask = chosen_log_probs(logits, self.tensor(episodes.pushes)), self.tensor(episodes.mask)
        gradients = [self._gradient(logs[i : i + 1], advantage[i : i + 1], mask[i : i + 1]) for i in range(self.batch)]
        return float(torch.stack(gradients).var(0).sum())

    def _gradient(self, logs: Tensor, advantage: Tensor, mask: Tensor) -> Tensor:
        weights = list(self.learner.net.policy.parameters())
        found = torch.autograd.grad(reinforce_loss(logs, advantage, mask), weights, retain_graph=True)
        return torch.cat([each.flatten() for each in found])
