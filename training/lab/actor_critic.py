"""Actor-critic: a push becomes likelier if the critic liked what came of it better than the state before.

    TD error   = reward + discount * V(s') - V(s)
    advantage  = sum over k of (discount * trace)^k * TD error k steps later     (Schulman et al. 2016)

The critic learns to expect its own value plus the advantage. It judges every push, so it comes first: it learns several
times from the newest batches before the actor takes a step. What is left of TD errors by then is small, and their scale
says nothing: the actor learns from advantages over their standard deviation.
"""

import torch
from torch import Tensor

from training.lab.actor_critic_settings import Settings
from training.lab.balancing import Balancing
from training.lab.episodes import Episodes, newest
from training.learner import below
from training.policy_losses import chosen_log_probs, clipped_value_loss, normalised, reinforce_loss
from training.run import Run
from training.stage import carry_out

__all__ = ["CriticLearning", "Settings", "train"]


def train(run: Run) -> None:
    """Balance until the last batch, going on from the newest checkpoint."""
    carry_out(run, CriticLearning(run.settings))


class CriticLearning(Balancing):
    """A policy that learns from the advantages that its critic estimates."""

    def __init__(self, settings: Settings):
        super().__init__(settings)
        self.recent: Episodes | None = None

    def improve(self, episodes: Episodes) -> None:
        """Let the critic learn from the newest batches until it is worth believing, and then the actor from one."""
        most = self.batch * self.settings.critic_batches
        self.recent = newest(self.recent, episodes, most) if self.recent else episodes
        for _ in range(self.settings.critic_passes):
            self._move_critic(self.recent)
        advantage, _ = self.estimates(episodes, self.settings.trace)
        mask, (logits, _) = self.tensor(episodes.mask), self.learner.forward(self.tensor(episodes.seen[:, :-1]))
        logs = chosen_log_probs(logits, self.tensor(episodes.pushes))
        loss = reinforce_loss(logs, normalised(advantage, mask), mask)
        self.learner.update({"policy_loss": loss, "loss": loss}, self.batch)

    def _move_critic(self, episodes: Episodes) -> None:
        """Move the values towards what they themselves say of the states that follow."""
        advantage, before = self.estimates(episodes, self.settings.trace)
        _, values = self.learner.forward(self.tensor(episodes.seen[:, :-1]))
        loss = clipped_value_loss(values, before, before + advantage, self.tensor(episodes.mask), clip=0.0)
        self.learner.update({"value_loss": loss, "loss": loss}, self.batch)

    def tensors(self) -> dict[str, Tensor]:
        """Return what learning goes on from beside the learner's own."""
        recent = self.recent._asdict() if self.recent else {}
        return super().tensors() | {f"recent.{name}": torch.from_numpy(rows.copy()) for name, rows in recent.items()}

    def reload(self, tensors: dict[str, Tensor]) -> bool:
        """Go on from what `tensors` returned; return whether it fits."""
        recent = {name: rows.numpy() for name, rows in below(tensors, "recent.").items()}
        if not super().reload(tensors) or set(recent) != set(Episodes._fields):
            return False
        self.recent = Episodes(**recent)
        return True
