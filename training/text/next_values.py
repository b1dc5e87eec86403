"""Learning what next tokens are worth: a model of the Game of 24 foresees which of its own tokens lead to a solution.

    parent -> rollouts -> the solver tells up to where each can still be solved -> cross entropy of good or not, for
    each token that was written -> the same model, whose last hidden state also tells values, and a critic of them

One network does both, so a search pays one evaluation for likelihoods and values of all next tokens. It goes on
learning solutions meanwhile, so that it writes as well as before. What decides most puzzles is whether three numbers
can make 24, and the parent's own first steps show too few of them: random ones are judged beside.
"""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.text.critic import Critic
from engine.text.critic_learning import HIDDEN
from engine.text.llama import Llama
from engine.text.tasks import TWENTY_FOUR
from training.devices import ProcessGroup
from training.learner import Learner
from training.learning_stage import LearningStage
from training.run import Run
from training.stage import carry_out
from training.text.beginning import read_beginning, write_model
from training.text.judged_texts import SHARE_MEASURED, JudgedTexts, judged_steps, roll_out
from training.text.language_model import next_token_loss
from training.text.next_values_settings import Settings
from training.text.packing import UNLEARNED, RowBatch, TokenText, as_tokens, batches, in_order
from training.text.traces import traces

__all__ = ["NextValues", "Settings", "train"]

OUTCOMES = (1.0, 0.0, 1.0, 0.0)
"""What good and bad steps are worth: the parent's, then random ones."""

CERTAIN = 10.0
"""The logit of what is certain."""


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    settings = run.settings
    if not settings.parent:
        raise ValueError("next_values goes on from a language model: name it by parent=FOLDER")
    group = ProcessGroup.join(settings.device, settings.threads)
    rollouts = roll_out(settings)
    run.say(f"{rollouts.share_good:.0%} of the tokens to learn belong to good steps")
    carry_out(run, NextValues(settings, group, rollouts))


class ValuedLlama(nn.Module):
    """A language model with an output for the value of each next token."""

    def __init__(self, language: Llama):
        super().__init__()
        self.language = language
        self.inner = nn.Linear(language.shape.width, HIDDEN)
        self.outer = nn.Linear(HIDDEN, language.shape.vocabulary)

    def forward(self, rows: Tensor, texts: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of next tokens and of their values, both [B, T, V]."""
        logits, hidden = self.language(rows, texts)
        return logits, self.outer(torch.tanh(self.inner(hidden)))

    def critic(self) -> Critic:
        """Return the outputs of values as a critic of the hidden state."""
        width = self.language.shape.width
        inner, inner_bias, outer, outer_bias = (
            weight.detach().float().cpu().numpy()
            for weight in (self.inner.weight.T, self.inner.bias, self.outer.weight.T, self.outer.bias)
        )
        return certain(Critic(np.zeros(width), np.ones(width), inner, inner_bias, outer, outer_bias))


def certain(critic: Critic) -> Critic:
    """Return the critic of a hidden state with three counters more, which it need not learn: the checker's are certain.

    They are those of the Game of 24: what is wrong is worth nothing, a solution all; what ends is one or the other.
    """
    counters, (units, tokens) = 3, critic.outer.shape
    inner, outer = np.zeros((len(critic.mean) + counters, units + 2)), np.zeros((units + 2, tokens))
    inner[:-counters, :units], outer[:units] = critic.inner, critic.outer
    inner[-counters, units], inner[1 - counters, units + 1] = CERTAIN, CERTAIN
    outer[units], outer[units + 1] = -CERTAIN, CERTAIN
    return Critic(
        np.append(critic.mean, np.zeros(counters)),
        np.append(critic.scale, np.ones(counters)),
        inner.astype(np.float32),
        np.append(critic.inner_bias, np.zeros(2, np.float32)),
        outer.astype(np.float32),
        critic.outer_bias,
    )


class NextValues(LearningStage):
    """A language model that learns values beside likelihoods, measured on puzzles that are held out from it."""

    counted = "tokens"

    def __init__(self, settings: Settings, group: ProcessGroup, rollouts: JudgedTexts):
        self.settings, self.group, self.rollouts, self.steps = settings, group, rollouts, settings.steps
        language, self.tokenizer = read_beginning(settings.parent)
        texts = as_tokens(traces(settings.traces, settings.seed, settings.greatest), self.tokenizer, language.shape.end)
        self.learned, self.measured = texts[: -len(texts) // SHARE_MEASURED], texts[-len(texts) // SHARE_MEASURED :]
        self.judged = judged_steps(settings.judged, settings.greatest, settings.seed, self.tokenizer)
        self.batch = settings.batch * settings.row
        self.learner = Learner(ValuedLlama(language), settings, settings.steps, group)

    def data(self, done: int) -> Generator[list[list[Tensor]]]:
        """Yield batches of solutions, of the parent's good and bad steps, and of random steps, good and bad."""
        rows = self.group.share(self.settings.batch)
        parts = (
            (self.learned, rows // 4),
            (self.rollouts.learned_good, rows // 8),
            (self.rollouts.learned_bad, rows // 4),
            *((steps, 3 * rows // 16) for steps in self.judged),
        )
        first = self.group.rank * (1 << 32) + self.settings.seed
        streams = [batches(texts, count, self.settings.row, first, done) for texts, count in parts]
        for each in zip(*streams, strict=True):
            yield [self.group.tensors(batch) for batch in each]

    def learn(self, step: int, data: list[list[Tensor]]) -> None:
        """Take a step down all losses."""
        self.learner.begin(step)
        parts = [[tensor.to(self.group.device) for tensor in batch] for batch in data]
        rows, targets, texts = (torch.cat(each) for each in zip(*parts, strict=True))
        logits, values = self.learner.forward(rows, texts)
        solutions, *sizes = (len(part[0]) for part in parts)
        good, bad, can, cannot = map(
            value_loss, values[solutions:].split(sizes), targets[solutions:].split(sizes), OUTCOMES
        )
        share = self.rollouts.share_good
        losses = {
            "likelihood_loss": next_token_loss(logits[:solutions], targets[:solutions]),
            "value_loss": share * good + (1 - share) * bad,
            "judged_loss": (can + cannot) / 2,
        }
        loss = losses["likelihood_loss"] + self.settings.weight * (losses["value_loss"] + losses["judged_loss"])
        self.learner.update({"loss": loss, **losses}, int((targets != UNLEARNED).sum()))

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Return the losses of the averaged weights on what is held out, and how much of the outcome they foresee."""
        if self.group.rank:
            return {}
        likelihood = [next_token_loss(logits, targets) for logits, _, targets in self._looked_at(self.measured, 4)]
        won = self._predicted(self.rollouts.measured_good)
        lost = self._predicted(self.rollouts.measured_bad)
        foreseen = torch.cat([won, lost])
        outcome = torch.cat([torch.ones(len(won)), torch.zeros(len(lost))])
        explained = 1 - float(((foreseen - outcome) ** 2).mean() / outcome.var(correction=0).clamp(min=1e-9))
        return {"held_out_loss": float(torch.stack(likelihood).mean()), "value_explained": explained}

    def _predicted(self, texts: Sequence[TokenText]) -> Tensor:
        """Return the values of all tokens that were written in some texts."""
        found = [torch.zeros(0)]
        for _, values, targets in self._looked_at(texts, 8):
            chosen = targets != UNLEARNED
            found.append(torch.sigmoid(_of_targets(values, targets)[chosen]).cpu())
        return torch.cat(found)

    def _looked_at(self, texts: Sequence[TokenText], most: int) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
        """Yield logits, values and targets of some texts by the averaged weights, `most` batches."""
        for number, batch in enumerate(_some(texts, self.settings)):
            if number == most:
                return
            rows, targets, numbers = (tensor.to(self.group.device) for tensor in self.group.tensors(batch))
            with self.group.autocast(self.settings.precision):
                logits, values = self.learner.average(rows, numbers)
            yield logits.float(), values.float(), targets

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights as a model, and the critic that belongs to it."""
        self.learner.check()
        settings, average = self.settings, self.learner.average
        write_model(
            average.language, self.tokenizer, folder, settings.int8,
            parent=settings.parent, run=run.folder.name, steps=step, tokens=step * self.batch,
            held_out=run.latest("value_explained"),
        )  # fmt: skip
        average.critic().save(folder / f"critic-{TWENTY_FOUR}.npz")


def value_loss(values: Tensor, targets: Tensor, outcome: float) -> Tensor:
    """Return the mean cross entropy of one outcome, 0 or 1, for the tokens that were written."""
    chosen = _of_targets(values.float(), targets)[targets != UNLEARNED]
    return F.binary_cross_entropy_with_logits(chosen, torch.full_like(chosen, outcome))


def _of_targets(values: Tensor, targets: Tensor) -> Tensor:
    """Return the values [B, T] of the tokens that were written, out of those of all tokens [B, T, V]."""
    return values.gather(2, targets.clamp(min=0)[..., None])[..., 0]


def _some(texts: Sequence[TokenText], settings: Settings) -> Iterator[RowBatch]:
    return in_order(texts, settings.batch, settings.row)
