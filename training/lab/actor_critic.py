"""Actor-critic: a push becomes likelier if the critic liked what came of it better than the state before.

    TD error   = reward + discount * V(s') - V(s)
    advantage  = sum over k of (discount * trace)^k * TD error k steps later     (Schulman et al. 2016)

The critic learns to expect its own value plus the advantage.
"""

import torch

from training.lab.actor_critic_settings import Settings
from training.lab.balancing import Balancing
from training.lab.episodes import Episodes
from training.policy_losses import chosen_log_probs, clipped_value_loss, reinforce_loss
from training.run import Run
from training.stage import carry_out

__all__ = ["CriticLearning", "Settings", "train"]


def train(run: Run) -> None:
    """Balance until the last batch, going on from the newest checkpoint."""
    carry_out(run, CriticLearning(run.settings))


class CriticLearning(Balancing):
    """A policy that learns from the advantages that its critic estimates."""

    def improve(self, episodes: Episodes) -> None:
        """Let the critic take some steps, the last of them together with the actor."""
        states, mask = self.tensor(episodes.states[:, :-1]), self.tensor(episodes.mask)
        for done in range(1, self.settings.critic_passes + 1):
            advantage, before = self.estimates(episodes, self.settings.trace)
            logits, values = self.learner.forward(states)
            value = clipped_value_loss(values, before, advantage + before, mask, clip=0.0)
            policy = torch.zeros_like(value)
            if done == self.settings.critic_passes:
                policy = reinforce_loss(chosen_log_probs(logits, self.tensor(episodes.pushes)), advantage, mask)
            self.learner.update({"policy_loss": policy, "value_loss": value, "loss": policy + value}, self.batch)
