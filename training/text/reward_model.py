"""A reward from comparisons: scores of answers, such that preferred ones have higher scores (Bradley and Terry, 1952).

    {prompt, chosen, rejected} -> two scores -> -log sigmoid(chosen - rejected) -> a model folder with a head

`frozen` learns the head alone, on hidden states that are computed once: what a large model knows, in a minute.
"""

from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from engine.text.llama import Llama
from engine.text.reward_model import HEAD
from engine.text.tokenizer import Tokenizer
from training.devices import ProcessGroup
from training.learner import Learner, write_tensors
from training.learning_stage import LearningStage
from training.run import Run
from training.stage import carry_out
from training.text.beginning import begin, write_model
from training.text.curves import PREFERENCES
from training.text.losses import bradley_terry_loss
from training.text.pairs import PaddedAnswers, TokenPair, as_pairs, drawn, padded, read_pairs
from training.text.reward_model_settings import Settings
from training.text.texts import Comparison

__all__ = ["RewardLearning", "RewardNet", "Settings", "read_features", "train"]


class RewardNet(nn.Module):
    """A language model with a linear head on its hidden states."""

    def __init__(self, llama: Llama, pooling: str):
        super().__init__()
        self.llama, self.pooling = llama, pooling
        self.score = nn.Linear(llama.shape.width, 1, bias=False)
        nn.init.zeros_(self.score.weight)

    def forward(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Return the scores of answers [B]."""
        return self.scores(self.pooled(tokens, mask))

    def scores(self, hidden: Tensor) -> Tensor:
        """Return the scores of hidden states [..., C]: in 32 bits, as sixteen cannot tell near answers apart."""
        return (hidden.float() * self.score.weight[0]).sum(-1)

    def pooled(self, tokens: Tensor, mask: Tensor) -> Tensor:
        """Return what is scored of answers [B, C]; `mask` [B, T] is 1 at their tokens."""
        _, hidden = self.llama(tokens)
        if self.pooling == "last":
            return hidden[torch.arange(len(tokens), device=tokens.device), last_tokens(mask)]
        lengths = mask.sum(1, keepdim=True)
        found = (hidden.float() * mask[..., None]).sum(1)
        return found / (lengths if self.pooling == "mean" else lengths.sqrt())


def last_tokens(mask: Tensor) -> Tensor:
    """Return the place of the last 1 in each row."""
    places = torch.arange(mask.shape[1], device=mask.device)
    return (places * mask).argmax(1)


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    carry_out(run, opened(run))


def opened(run: Run) -> "RewardLearning":
    """Return the stage of a run, with its comparisons."""
    settings = run.settings
    group = ProcessGroup.join(settings.device, settings.threads)
    parts = read_pairs(settings.data, settings.validation, settings.held_out, settings.pairs, settings.seed)
    net, tokenizer = begin(settings, lambda: _texts(parts[0] + parts[1]))
    longest = min(settings.longest, net.shape.context)
    learned, measured = (as_pairs(part, tokenizer, net.shape.end, longest) for part in parts)
    run.say(f"learning {len(learned):,} comparisons, measuring on {len(measured):,}")
    return RewardLearning(settings, group, RewardNet(net, settings.pooling), tokenizer, learned, measured)


class RewardLearning(LearningStage):
    """A reward model that learns from pairs of answers, measured on pairs that are held out."""

    counted, curves = "pairs", PREFERENCES

    def __init__(
        self,
        settings: Settings,
        group: ProcessGroup,
        net: RewardNet,
        tokenizer: Tokenizer,
        learned: Sequence[TokenPair],
        measured: Sequence[TokenPair],
        features: tuple[Tensor, Tensor] | None = None,
    ):
        """`features` are those of both parts [N, 2, C], where they are known and the model is frozen."""
        self.settings, self.group, self.tokenizer = settings, group, tokenizer
        self.pairs, self.held_out = learned, measured[: settings.measured]
        self.steps, self.batch = settings.steps, settings.batch
        self.reader = net.to(group.device)
        if settings.frozen:
            found = features or tuple(
                read_features(net, part, group, settings.precision) for part in (self.pairs, self.held_out)
            )
            self.spread = found[0].flatten(0, 1).std(0).clamp_min(1e-6)
            self.features = [
                part[: len(pairs)] / self.spread for part, pairs in zip(found, (learned, self.held_out), strict=True)
            ]
        self.learner: Learner[nn.Module] = Learner(net.score if settings.frozen else net, settings, self.steps, group)

    def data(self, done: int) -> Generator[np.ndarray]:
        """Yield the numbers of the pairs of each step."""
        rows, seed = self.group.share(self.batch), self.settings.seed + (self.group.rank << 32)
        yield from drawn(len(self.pairs), rows, seed, done)

    def learn(self, step: int, data: np.ndarray) -> None:
        """Take a step on a batch of pairs."""
        self.learner.begin(step)
        if self.settings.frozen:
            chosen, rejected = self.learner.net(self.features[0][data])[..., 0].unbind(1)
        else:
            answers = self._rows([self.pairs[number] for number in data])
            chosen, rejected = self.learner.forward(*answers).float().chunk(2)
        accuracy = (chosen > rejected).float().mean()
        self.learner.update({"loss": bradley_terry_loss(chosen, rejected), "accuracy": accuracy}, len(data))

    def _rows(self, pairs: Sequence[TokenPair]) -> PaddedAnswers:
        """Return the chosen answers of pairs, then the rejected."""
        return padded([pair.chosen for pair in pairs] + [pair.rejected for pair in pairs], self.group.device)

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Return the share of held-out pairs in which the preferred answer has the higher score, and the log loss."""
        if self.group.rank or not self.held_out:
            return {}
        margins = torch.cat(list(self._margins())).float()
        right = (margins > 0).float() + (margins == 0).float() / 2
        return {
            "held_out_accuracy": float(right.mean()),
            "held_out_log_loss": float(-nn.functional.logsigmoid(margins).mean()),
        }

    def _margins(self) -> Iterator[Tensor]:
        """Yield by how much the preferred answers' scores are higher."""
        net = self.learner.average
        if self.settings.frozen:
            chosen, rejected = net(self.features[1])[..., 0].unbind(1)
            yield chosen - rejected
            return
        for first in range(0, len(self.held_out), 32):
            answers = self._rows(self.held_out[first : first + 32])
            with self.group.autocast(self.settings.precision):
                chosen, rejected = net(*answers).chunk(2)
            yield chosen - rejected

    def _reward_net(self) -> RewardNet:
        """Return the network of the averaged weights."""
        if not isinstance(self.learner.average, RewardNet):
            weight = self.learner.average.state_dict()["weight"] / self.spread
            self.reader.score.load_state_dict({"weight": weight})
            return self.reader
        return self.learner.average

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights as a reward model."""
        self.learner.check()
        settings, net = self.settings, self._reward_net()
        write_model(
            net.llama,
            self.tokenizer,
            folder,
            settings.int8,
            parent=settings.parent,
            run=run.folder.name,
            steps=step,
            pairs=step * self.batch,
            data=[Path(source).name for source in settings.data],
            pooling=settings.pooling,
            held_out=run.latest("held_out_accuracy"),
        )
        write_tensors(folder / HEAD, {"score.weight": net.score.weight})


@torch.no_grad()
def read_features(net: RewardNet, pairs: Sequence[TokenPair], group: ProcessGroup, precision: str) -> Tensor:
    """Return what is scored of the answers of pairs [N, 2, C]; an answer that occurs again is read once."""
    answers = [answer for pair in pairs for answer in pair]
    numbers = {(tuple(each.tokens), each.read): number for number, each in enumerate(answers)}
    distinct = sorted(numbers.values(), key=lambda number: len(answers[number].tokens))
    rows = torch.zeros(len(answers), net.llama.shape.width, device=group.device)
    for first in range(0, len(distinct), 16):
        some = distinct[first : first + 16]
        with group.autocast(precision):
            rows[some] = net.pooled(*padded([answers[number] for number in some], group.device)).float()
    return rows[[numbers[tuple(each.tokens), each.read] for each in answers]].unflatten(0, (len(pairs), 2))


def _texts(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """Yield all that comparisons say, for a tokenizer to learn from."""
    for each in comparisons:
        yield from (each.chosen, each.rejected)
        yield (
            each.prompt if isinstance(each.prompt, str) else "".join(map(str, each.prompt)) + "system user assistant:\n"
        )
