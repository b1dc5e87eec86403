"""What REINFORCE and PPO share: drawing answers, paying them, and the divergence from where learning began."""

import copy
from abc import abstractmethod
from collections.abc import Generator
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from engine.text.llama import Llama
from engine.text.rewards import Reward
from engine.text.tokenizer import Tokenizer
from training.devices import ProcessGroup
from training.learner import Learner
from training.learning_stage import LearningStage
from training.run import Run
from training.text.beginning import read_beginning, write_model
from training.text.curves import REWARDS
from training.text.losses import adapted_coefficient, k3, masked_mean, token_log_probs
from training.text.pairs import padded
from training.text.rewarded_settings import RewardedSettings
from training.text.rewarding import Drawer, open_reward, read_prompts

Net = TypeVar("Net", bound=nn.Module)


class PaidAnswers(NamedTuple):
    """Answers that were drawn, as rows; log probabilities are of `tokens` from the second on."""

    tokens: Tensor
    """int64 [B, T]"""
    mask: Tensor
    """1 where a token was drawn, float32 [B, T - 1]."""
    drawn: Tensor
    """Log probabilities when they were drawn [B, T - 1]."""
    reference: Tensor
    """Log probabilities under the reference [B, T - 1]."""
    rewards: Tensor
    """What each answer was paid, float32 [prompts, answers]."""


class RewardedLearning(LearningStage, Generic[Net]):
    """A policy that draws answers and learns from what they are paid."""

    counted, gathering, curves = "answers", "drawing", REWARDS

    def __init__(self, settings: RewardedSettings, tokenizer: Tokenizer, reward: Reward, learner: Learner[Net]):
        self.settings, self.group, self.tokenizer, self.learner = settings, learner.group, tokenizer, learner
        self.steps, self.batch = settings.steps, settings.batch * settings.answers
        self.reference: Llama = copy.deepcopy(self.policy(learner.net)).eval().requires_grad_(False)
        self.prompts, self.held_out = read_prompts(settings.prompts, settings.seed)
        self.drawer = Drawer(tokenizer, reward, settings.longest_answer, settings.temperature)
        self.coefficient = settings.coefficient

    @abstractmethod
    def policy(self, net: Net) -> Llama:
        """Return the language model of what learns."""

    @abstractmethod
    def improve(self, answers: PaidAnswers) -> None:
        """Take the updates of a step."""

    def data(self, done: int) -> Generator[PaidAnswers]:
        """Yield answers of the policy as it is now."""
        for step in range(done + 1, self.steps + 1):
            yield self.draw(step)

    @torch.no_grad()
    def draw(self, step: int) -> PaidAnswers:
        """Draw answers to prompts of a step; what is drawn depends on seed, step and policy alone."""
        randomness = np.random.default_rng([self.settings.seed, step, self.group.rank])
        rows = self.group.share(self.settings.batch)
        chosen = randomness.choice(len(self.prompts), rows, replace=rows > len(self.prompts))
        generator = torch.Generator().manual_seed(int(randomness.integers(1 << 62)))
        policy = self.policy(self.learner.net)
        prompts = [self.prompts[number] for number in chosen]
        rewards, answers = self.drawer.draw(policy, prompts, self.settings.answers, generator)
        tokens, mask = padded([answer for several in answers for answer in several], self.group.device)
        paid = torch.tensor(rewards, dtype=torch.float32, device=self.group.device)
        drawn, reference = (self.log_probs(net, tokens) for net in (policy, self.reference))
        return PaidAnswers(tokens, mask[:, 1:], drawn, reference, paid)

    def log_probs(self, net: Any, tokens: Tensor) -> Tensor:
        """Return the log probability of each token from the second on [B, T - 1], at the temperature of drawing."""
        with self.group.autocast(self.settings.precision):
            logits, _ = net(tokens[:, :-1])
        return token_log_probs(logits.float() / self.settings.temperature, tokens[:, 1:])

    def learn(self, step: int, data: PaidAnswers) -> None:
        """Take a step on the answers that were drawn."""
        self.learner.begin(step)
        divergence = (k3(data.drawn, data.reference) * data.mask).sum(1).mean()
        lengths = data.mask.sum(1).mean()
        self.improve(data)
        if self.settings.target:
            self.coefficient = adapted_coefficient(
                self.coefficient, float(divergence), self.settings.target, self.settings.horizon, len(data.tokens)
            )
        numbers = {"reward": data.rewards.mean(), "divergence": divergence, "answer_tokens": lengths}
        self.learner.count(numbers | {"coefficient": torch.tensor(self.coefficient)}, len(data.tokens))

    def pull(self, new: Tensor, answers: PaidAnswers) -> Tensor:
        """Return the mean divergence of a token from the reference, by k3: its gradient pulls the policy back."""
        return masked_mean(k3(new, answers.reference), answers.mask)

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Return what answers to held-out prompts are paid, and how far they are from the reference; {} in a helper."""
        if self.group.rank:
            return {}
        generator, policy = torch.Generator().manual_seed(self.settings.seed), self.policy(self.learner.average)
        rewards, answers = self.drawer.draw(policy, self.held_out[: self.settings.measured], 2, generator)
        tokens, mask = padded([answer for several in answers for answer in several], self.group.device)
        ratios = self.log_probs(policy, tokens) - self.log_probs(self.reference, tokens)
        divergence = (ratios * mask[:, 1:]).sum(1).mean()
        return {"held_out_reward": float(rewards.mean()), "held_out_divergence": float(divergence)}

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint; return its step."""
        tensors = self.learner.resume(checkpoint)
        self.coefficient = float(tensors["coefficient"])
        return self.learner.step

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from; the reference is `parent`."""
        self.learner.write(folder, {"coefficient": torch.tensor(self.coefficient, dtype=torch.float64)})

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged policy as a model to write with."""
        self.learner.check()
        settings = self.settings
        write_model(
            self.policy(self.learner.average),
            self.tokenizer,
            folder,
            settings.int8,
            parent=settings.parent,
            run=run.folder.name,
            steps=step,
            answers=step * self.batch,
            reward=Path(settings.reward).name,
            held_out=run.latest("held_out_reward"),
        )


def beginning(settings: RewardedSettings) -> tuple[ProcessGroup, Llama, Tokenizer, Reward]:
    """Return what learning from rewards begins with; raise `ValueError` where no parent is named."""
    if not settings.parent:
        raise ValueError("learning from rewards begins with a model that writes: name it, parent=...")
    group = ProcessGroup.join(settings.device, settings.threads)
    net, tokenizer = read_beginning(settings.parent)
    return group, net, tokenizer, open_reward(settings.reward, settings.threads or 1, settings.parent, settings.prompts)
