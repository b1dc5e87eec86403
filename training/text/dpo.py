"""Learning from preferences without a reward model: DPO, DPO-Positive, and iterative DPO.

    pairs -> log ratios of policy and reference -> the loss -> a model that writes what was preferred

Sources: Rafailov et al. 2023 (DPO); Pal et al. 2024 (DPO-Positive); Rosset et al. 2024 (DNO-Prct: in each round the
model draws answers, a reward ranks them, the best and the worst make a pair, and the model of the last round is
reference).
"""

import copy
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.text.llama import Llama
from engine.text.rewards import Reward
from engine.text.tokenizer import Tokenizer
from training.devices import ProcessGroup
from training.learner import Learner, below
from training.learning_stage import LearningStage
from training.run import Run
from training.stage import carry_out
from training.text.beginning import read_beginning, write_model
from training.text.curves import PREFERENCES
from training.text.dpo_settings import Settings
from training.text.losses import dpo_loss, dpo_positive_loss, token_log_probs
from training.text.pairs import PaddedAnswers, TokenPair, as_pairs, drawn, padded, read_pairs
from training.text.rewarding import Drawer, open_reward, read_prompts

__all__ = ["PreferenceLearning", "Settings", "answer_log_probs", "train"]


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    carry_out(run, opened(run))


def opened(run: Run) -> "PreferenceLearning":
    """Return the stage of a run."""
    settings = run.settings
    if not settings.parent:
        raise ValueError("learning from preferences begins with a model that writes: name it, parent=...")
    group = ProcessGroup.join(settings.device, settings.threads)
    net, tokenizer = read_beginning(settings.parent)
    if settings.reward:
        reward = open_reward(settings.reward, parent=settings.parent, prompts=settings.data)
        return IterativeLearning(settings, group, net, tokenizer, reward)
    parts = read_pairs(settings.data, settings.validation, settings.held_out, settings.pairs, settings.seed)
    longest = min(settings.longest, net.shape.context)
    learned, measured = (as_pairs(part, tokenizer, net.shape.end, longest) for part in parts)
    run.say(f"learning {len(learned):,} comparisons, measuring on {len(measured):,}")
    return PreferenceLearning(settings, group, net, tokenizer, learned, measured)


class PreferenceLearning(LearningStage):
    """A language model that learns from pairs of answers."""

    counted, curves = "pairs", PREFERENCES

    def __init__(
        self,
        settings: Settings,
        group: ProcessGroup,
        net: Llama,
        tokenizer: Tokenizer,
        learned: Sequence[TokenPair],
        measured: Sequence[TokenPair],
    ):
        self.settings, self.group, self.tokenizer = settings, group, tokenizer
        self.steps, self.batch = settings.steps, settings.batch
        self.learner = Learner(net, settings, settings.steps, group)
        self.reference = copy.deepcopy(self.learner.net).eval().requires_grad_(False)
        self.pairs, self.held_out = learned, measured[: settings.measured]
        self.known = self.log_probs(self.reference, self.pairs)
        self.known_held_out = self.log_probs(self.reference, self.held_out)

    def data(self, done: int) -> Generator[np.ndarray]:
        """Yield the numbers of the pairs of each step."""
        rows, seed = self.group.share(self.batch), self.settings.seed + (self.group.rank << 32)
        yield from drawn(len(self.pairs), rows, seed, done)

    def learn(self, step: int, data: np.ndarray) -> None:
        """Take a step on a batch of pairs."""
        self.learner.begin(step)
        answers = self._rows([self.pairs[number] for number in data])
        with self.group.autocast(self.settings.precision):
            logits, _ = self.learner.prepared(answers.tokens)
        ratios = answer_log_probs(logits, answers) - self.known[data].T.flatten()
        chosen, rejected = ratios.chunk(2)
        means = {
            "loss": self.loss(chosen, rejected),
            "accuracy": (chosen > rejected).float().mean(),
            "margin": self.settings.beta * (chosen - rejected).mean(),
            "chosen_log_ratio": chosen.mean(),
        }
        self.learner.update(means, len(data))

    def loss(self, chosen: Tensor, rejected: Tensor) -> Tensor:
        """Return the loss of log ratios [B]."""
        settings = self.settings
        if settings.loss == "dpo":
            return dpo_loss(chosen, rejected, settings.beta, settings.smoothing)
        return dpo_positive_loss(chosen, rejected, settings.beta, settings.weight, settings.loss == "positive")

    def _rows(self, pairs: Sequence[TokenPair]) -> PaddedAnswers:
        """Return the chosen answers of pairs, then the rejected."""
        return padded([pair.chosen for pair in pairs] + [pair.rejected for pair in pairs], self.group.device)

    @torch.no_grad()
    def log_probs(self, net: Llama, pairs: Sequence[TokenPair]) -> Tensor:
        """Return the log probabilities of the answers of pairs [N, 2]."""
        found = [torch.empty(0, 2, device=self.group.device)]
        for first in range(0, len(pairs), 32):
            answers = self._rows(pairs[first : first + 32])
            with self.group.autocast(self.settings.precision):
                logits, _ = net(answers.tokens)
            found.append(answer_log_probs(logits, answers).view(2, -1).T)
        return torch.cat(found)

    def measure(self) -> dict[str, float]:
        """Return in how many held-out pairs the preferred answer gained more than the other."""
        if self.group.rank or not self.held_out:
            return {}
        ratios = self.log_probs(self.learner.average, self.held_out) - self.known_held_out
        right = (ratios[:, 0] > ratios[:, 1]).float() + (ratios[:, 0] == ratios[:, 1]).float() / 2
        return {"held_out_accuracy": float(right.mean()), "held_out_chosen_log_ratio": float(ratios[:, 0].mean())}

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights as a model to write with."""
        self.learner.check()
        settings = self.settings
        about = {"loss": settings.loss, "beta": settings.beta, "held_out": run.latest("held_out_accuracy")}
        write_model(
            self.learner.average,
            self.tokenizer,
            folder,
            settings.int8,
            parent=settings.parent,
            run=run.folder.name,
            steps=step,
            pairs=step * self.batch,
            **about,
        )


class IterativeLearning(PreferenceLearning):
    """Rounds of DPO on pairs that the model draws itself, ranked by a reward."""

    def __init__(self, settings: Settings, group: ProcessGroup, net: Llama, tokenizer: Tokenizer, reward: Reward):
        super().__init__(settings, group, net, tokenizer, [], [])
        self.drawer = Drawer(tokenizer, reward, settings.longest_answer, settings.temperature)
        self.prompts, self.held_out_prompts = read_prompts(settings.data, settings.seed)
        self.paid = float("nan")  # the mean of what the answers of a round were paid

    @property
    def round_steps(self) -> int:
        return -(-self.settings.steps // self.settings.rounds)

    def data(self, done: int) -> Generator[np.ndarray]:
        """Yield the numbers of the pairs of each step; at the beginning of a round new pairs are drawn."""
        rows = self.group.share(self.batch)
        for round_ in range(done // self.round_steps, self.settings.rounds):
            begun = done - round_ * self.round_steps
            if begun <= 0:
                self.reference.load_state_dict(self.learner.net.state_dict())
            self.draw_pairs(round_)
            batches = drawn(len(self.pairs), rows, self.settings.seed + round_ + (self.group.rank << 32), max(0, begun))
            for _ in range(self.round_steps - max(0, begun)):
                yield next(batches)

    def draw_pairs(self, round_: int) -> None:
        """Draw answers of the reference; the best and the worst of a prompt make a pair, where their rewards differ."""
        settings = self.settings
        randomness = np.random.default_rng([settings.seed, round_])
        chosen = randomness.choice(len(self.prompts), min(settings.prompts, len(self.prompts)), replace=False)
        generator = torch.Generator().manual_seed(int(randomness.integers(1 << 62)))
        self.pairs, paid = [], []
        for first in range(0, len(chosen), 32):
            prompts = [self.prompts[number] for number in chosen[first : first + 32]]
            rewards, answers = self.drawer.draw(self.reference, prompts, settings.answers, generator)
            paid.append(rewards)
            for row, said in zip(rewards, answers, strict=True):
                if row.max() > row.min():
                    self.pairs.append(TokenPair(said[int(row.argmax())], said[int(row.argmin())]))
        self.paid = float(np.concatenate(paid).mean())
        if len(self.pairs) < self.batch:
            raise ValueError(
                f"only {len(self.pairs)} of {len(chosen)} prompts had answers of different rewards, fewer than a batch "
                f"of {self.batch}: draw more answers, or begin with a better model"
            )
        self.known = self.log_probs(self.reference, self.pairs)

    def means(self) -> dict[str, float]:
        """Return the losses since this was last asked, the rate, and what the answers of this round were paid."""
        return super().means() | {"drawn_reward": self.paid, "drawn_pairs": float(len(self.pairs))}

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Return what answers to held-out prompts are paid."""
        generator = torch.Generator().manual_seed(self.settings.seed)
        rewards, _ = self.drawer.draw(self.learner.average, self.held_out_prompts[:64], 2, generator)
        return {"held_out_reward": float(rewards.mean())}

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint, with the reference of its round; return its step."""
        tensors = self.learner.resume(checkpoint)
        self.reference.load_state_dict(below(tensors, "reference."))
        return self.learner.step

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        self.learner.write(folder, {f"reference.{name}": value for name, value in self.reference.state_dict().items()})


def answer_log_probs(logits: Tensor, answers: PaddedAnswers) -> Tensor:
    """Return the log probability of each answer [B], summed over its tokens."""
    found = token_log_probs(logits[:, :-1], answers.tokens[:, 1:])
    return (found * answers.mask[:, 1:]).sum(1)
