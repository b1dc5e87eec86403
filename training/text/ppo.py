"""Learning from rewards by proximal policy optimisation, with a critic that a search can use afterwards.

    answers -> rewards and values -> advantages (GAE) -> clipped policy loss + divergence + clipped value loss

The critic is a reward model of its own, which values every beginning of an answer; it may begin as the reward model
that pays. Sources: Schulman et al. 2017; Ziegler et al. 2019. The divergence is part of the loss (k3), not of the
rewards.
"""

import copy
from pathlib import Path

import torch
from torch import Tensor, nn

from engine.text.llama import Llama
from engine.text.models import find_folder
from engine.text.reward_model import HEAD, has_head
from training.learner import Learner, read_tensors, write_tensors
from training.run import Run
from training.stage import carry_out
from training.text.beginning import read_beginning, write_model
from training.text.losses import advantages, clipped_policy_loss, clipped_value_loss, entropy, masked_mean
from training.text.ppo_settings import Settings
from training.text.reward_model import RewardNet
from training.text.rewarded import PaidAnswers, RewardedLearning, beginning

__all__ = ["PolicyAndCritic", "PpoLearning", "Settings", "train"]


class PolicyAndCritic(nn.Module):
    """A policy, and a critic that values every beginning of what it writes."""

    def __init__(self, policy: Llama, critic: RewardNet):
        super().__init__()
        self.policy, self.critic = policy, critic

    def forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [B, T, V] and values [B, T] of what stands up to each token."""
        logits, _ = self.policy(tokens)
        _, hidden = self.critic.llama(tokens)
        return logits, self.critic.scores(hidden)


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    settings = run.settings
    group, net, tokenizer, reward = beginning(settings)
    both = PolicyAndCritic(net, first_critic(settings, net))
    carry_out(run, PpoLearning(settings, tokenizer, reward, Learner(both, settings, settings.steps, group)))


def first_critic(settings: Settings, policy: Llama) -> RewardNet:
    """Return the critic to begin with: a reward model, or the policy with a head of zeros."""
    if not settings.critic:
        return RewardNet(copy.deepcopy(policy), "last")
    folder = find_folder(settings.critic)
    if not has_head(folder):
        raise ValueError(f"{folder} is a language model and no reward model: there is no {HEAD} in it")
    llama, _ = read_beginning(settings.critic)
    if llama.shape.vocabulary != policy.shape.vocabulary:
        raise ValueError(f"{folder} reads {llama.shape.vocabulary} tokens, the policy {policy.shape.vocabulary}")
    critic = RewardNet(llama, "last")
    head = read_tensors(folder / HEAD).get("score.weight")
    if head is None or head.shape != critic.score.weight.shape:
        raise ValueError(f"{folder / HEAD} holds no head of {llama.shape.width} numbers")
    critic.score.load_state_dict({"weight": head})
    return critic


class PpoLearning(RewardedLearning[PolicyAndCritic]):
    """A policy that takes small safe steps, and its critic."""

    settings: Settings

    def policy(self, net: PolicyAndCritic) -> Llama:
        """Return the language model of what learns."""
        return net.policy

    def improve(self, answers: PaidAnswers) -> None:
        """Take the updates of a step: some passes, each in parts."""
        settings, count = self.settings, len(answers.tokens)
        with torch.no_grad():
            _, values = self._forward(answers.tokens)
        rewards = torch.zeros_like(answers.mask)
        ends = (answers.mask * torch.arange(1, answers.mask.shape[1] + 1, device=answers.mask.device)).argmax(1)
        rewards[torch.arange(count, device=ends.device), ends] = answers.rewards.flatten()
        gains = advantages(rewards, values, answers.mask, settings.discount, settings.trace)
        returns = gains + values
        gains = normalised(gains, answers.mask)
        generator = torch.Generator().manual_seed((settings.seed << 32) + self.learner.step)
        for _ in range(settings.passes):
            order = torch.randperm(count, generator=generator).to(ends.device)
            for part in order.chunk(min(settings.parts, count)):
                self._update(answers, part, gains[part], values[part], returns[part])

    def _update(self, answers: PaidAnswers, part: Tensor, gains: Tensor, values: Tensor, returns: Tensor) -> None:
        """Take one update on a part of the answers."""
        settings = self.settings
        tokens, mask, drawn, reference = (each[part] for each in answers[:4])
        some = PaidAnswers(tokens, mask, drawn, reference, answers.rewards)
        logits, now = self._forward(some.tokens)
        logs = logits.log_softmax(-1)
        new = logs.gather(-1, some.tokens[:, 1:, None])[..., 0]
        means = {
            "policy_loss": clipped_policy_loss(new, some.drawn, gains, some.mask, settings.clip_ratio),
            "value_loss": clipped_value_loss(now, values, returns, some.mask, settings.clip_value),
            "entropy": masked_mean(entropy(logits), some.mask),
        }
        loss = means["policy_loss"] + settings.value_weight * means["value_loss"]
        loss = loss - settings.entropy_weight * means["entropy"] + self.coefficient * self.pull(new, some)
        with torch.no_grad():
            moved = ((new - some.drawn).exp() - 1).abs() > settings.clip_ratio
            means["clipped"] = masked_mean(moved.float(), some.mask)
        self.learner.update({"loss": loss} | means, len(part))

    def _forward(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits at the temperature of drawing, and the values before each token from the second on."""
        logits, values = self.learner.forward(tokens[:, :-1])
        return logits.float() / self.settings.temperature, values.float()

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged policy, and its critic as a reward model in the folder `critic`."""
        super().export(run, step, folder)
        critic = self.learner.average.critic
        (folder / "critic").mkdir()
        write_model(critic.llama, self.tokenizer, folder / "critic", pooling="last", critic_of=run.folder.name)
        write_tensors(folder / "critic" / HEAD, {"score.weight": critic.score.weight})


def normalised(values: Tensor, mask: Tensor) -> Tensor:
    """Return values with mean 0 and spread 1 over the mask; as they are where they do not differ."""
    mean = masked_mean(values, mask)
    spread = masked_mean((values - mean) ** 2, mask).sqrt()
    return (values - mean) / spread.clamp_min(1e-6) if spread > 1e-6 else values - mean
