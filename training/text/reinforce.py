"""Learning from rewards by REINFORCE (Williams, 1992), with the mean of the other answers as baseline.

prompts -> answers of the policy -> rewards -> log probability x (reward - baseline) - divergence -> the policy
"""

from engine.text.llama import Llama
from training.learner import Learner
from training.run import Run
from training.stage import carry_out
from training.text.losses import leave_one_out, reinforce_loss
from training.text.reinforce_settings import Settings
from training.text.rewarded import PaidAnswers, RewardedLearning, beginning

__all__ = ["ReinforceLearning", "Settings", "train"]


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    settings = run.settings
    group, net, tokenizer, reward = beginning(settings)
    carry_out(run, ReinforceLearning(settings, tokenizer, reward, Learner(net, settings, settings.steps, group)))


class ReinforceLearning(RewardedLearning[Llama]):
    """A policy that makes answers likelier which are paid more than others to the same prompt."""

    settings: Settings

    def policy(self, net: Llama) -> Llama:
        """Return the language model of what learns: all of it."""
        return net

    def improve(self, answers: PaidAnswers) -> None:
        """Take one update."""
        rewards = leave_one_out(answers.rewards) if self.settings.baseline else answers.rewards
        new = self.log_probs(self.learner.prepared, answers.tokens)
        pull = self.pull(new, answers)
        loss = reinforce_loss(new, rewards.flatten(), answers.mask) / answers.mask.sum(1).mean()
        self.learner.update({"loss": loss + self.coefficient * pull}, len(answers.tokens))
