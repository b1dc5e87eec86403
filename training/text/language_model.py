"""Learning to write: the next token of texts, or of answers to prompts, by supervised learning.

    texts -> tokens -> packed rows -> cross entropy of the next token -> a running average -> a Hugging Face folder

Pre-training and fine-tuning are one stage: with a `parent` it goes on from another model, and where texts have prompts
only the answers are learned.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from training.devices import ProcessGroup
from training.learner import Learner
from training.learning_stage import LearningStage
from training.run import Run
from training.stage import carry_out
from training.text.beginning import Beginning, begin, write_model
from training.text.curves import WRITING
from training.text.language_model_settings import Settings
from training.text.packing import UNLEARNED, RowBatch, TokenText, as_tokens, batches, in_order
from training.text.texts import TextExample, found_files, read_examples
from training.text.traces import GAME_OF_24, traces

__all__ = ["LanguageModelling", "Settings", "train"]


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    carry_out(run, opened(run))


def opened(run: Run) -> "LanguageModelling":
    """Return the stage of a run, with its texts."""
    settings = run.settings
    group = ProcessGroup.join(settings.device, settings.threads)
    learned, measured = read_data(settings)
    beginning = begin(settings, lambda: texts_of(learned + measured))
    end, tokenizer = beginning.net.shape.end, beginning.tokenizer
    each = [as_tokens(examples, tokenizer, end, settings.only_answers) for examples in (learned, measured)]
    run.say(f"learning {sum(len(text.tokens) for text in each[0]):,} tokens of {len(learned):,} texts")
    return LanguageModelling(settings, group, beginning, *each)


class LanguageModelling(LearningStage):
    """A network that learns the next token, measured on texts that are held out."""

    counted, curves = "tokens", WRITING

    def __init__(
        self,
        settings: Settings,
        group: ProcessGroup,
        beginning: Beginning,
        learned: Sequence[TokenText],
        measured: Sequence[TokenText],
    ):
        self.settings, self.group, self.learned, self.measured = settings, group, learned, measured
        self.tokenizer, self.steps = beginning.tokenizer, settings.steps
        self.row = settings.row or beginning.net.shape.context
        if self.row > beginning.net.shape.context:
            raise ValueError(f"row = {self.row} is longer than the model's context, {beginning.net.shape.context}")
        self.batch = settings.batch * self.row
        self.learner = Learner(beginning.net, settings, settings.steps, group)

    def data(self, done: int) -> Generator[list[Tensor]]:
        """Yield batches on the device: tokens, targets and the texts' numbers, int64 [B, T]."""
        rows = self.group.share(self.settings.batch)
        first = self.group.rank * (1 << 32) + self.settings.seed
        yield from self.group.on_device(map(self.group.tensors, batches(self.learned, rows, self.row, first, done)))

    def learn(self, step: int, data: list[Tensor]) -> None:
        """Take a step on a batch."""
        self.learner.begin(step)
        tokens, targets, texts = data
        logits, _ = self.learner.forward(tokens, None if one_text_a_row(texts) else texts)
        self.learner.update({"loss": next_token_loss(logits, targets)}, int((targets != UNLEARNED).sum()))

    def measure(self) -> dict[str, float]:
        """Return loss and perplexity of the averaged weights on held-out texts; {} in a helping process."""
        if self.group.rank or not self.measured:
            return {}
        loss = self.held_out_loss()
        return {"held_out_loss": loss, "perplexity": math.exp(min(loss, 50.0))}

    @torch.no_grad()
    def held_out_loss(self) -> float:
        """Return the mean cross entropy of held-out tokens, in nats."""
        total, count = 0.0, 0
        for batch in self._held_out():
            tokens, targets, texts = (tensor.to(self.group.device) for tensor in self.group.tensors(batch))
            with self.group.autocast(self.settings.precision):
                logits, _ = self.learner.average(tokens, None if one_text_a_row(texts) else texts)
            learned = int((targets != UNLEARNED).sum())
            total, count = total + learned * float(next_token_loss(logits, targets)), count + learned
            if count >= self.settings.measured:
                break
        return total / max(1, count)

    def _held_out(self) -> Iterator[RowBatch]:
        return in_order(self.measured, self.settings.batch, self.row)

    def export(self, run: Run, step: int, folder: Path) -> None:
        """Write the averaged weights as a model to write with."""
        self.learner.check()
        settings = self.settings
        write_model(
            self.learner.average,
            self.tokenizer,
            folder,
            settings.int8,
            parent=settings.parent,
            run=run.folder.name,
            steps=step,
            tokens=step * self.batch,
            data=[Path(source).name for source in settings.data],
            held_out=run.latest("held_out_loss"),
        )


def next_token_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the mean cross entropy of targets [B, T] that are not UNLEARNED, 0 where all are."""
    if not bool((targets != UNLEARNED).any()):
        return 0.0 * logits.float().sum()
    return F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=UNLEARNED)


def one_text_a_row(texts: Tensor) -> bool:
    """Tell whether no row holds a second text or padding: then attention needs no mask but the causal one."""
    return not bool(texts.any())


# --- data -------------------------------------------------------------------------------------------------


def read_data(settings: Settings) -> tuple[list[TextExample], list[TextExample]]:
    """Return texts to learn and texts to measure on."""
    learned = _sources(settings.data, settings)
    if settings.validation:
        return learned, _sources(settings.validation, settings)
    if len(learned) == 1:
        return _cut(learned[0], settings.held_out)
    randomness = torch.Generator().manual_seed(settings.seed)
    order = torch.randperm(len(learned), generator=randomness).tolist()
    held = max(1, round(settings.held_out * len(learned))) if settings.held_out else 0
    return [learned[number] for number in sorted(order[held:])], [learned[number] for number in order[:held]]


def _sources(names: Sequence[str], settings: Settings) -> list[TextExample]:
    files = found_files([name for name in names if name != GAME_OF_24])
    found = [example for path in files for example in read_examples(path)]
    if GAME_OF_24 in names:
        found += traces(settings.traces, settings.seed, settings.greatest)
    if not found:
        raise ValueError("data names no texts to learn from")
    return found


def _cut(example: TextExample, share: float) -> tuple[list[TextExample], list[TextExample]]:
    """Return the beginning of a single text to learn and its end to measure on."""
    at = round((1 - share) * len(example.answer))
    held = [TextExample("", example.answer[at:])] if at < len(example.answer) else []
    return [example._replace(answer=example.answer[:at])], held


def texts_of(examples: Sequence[TextExample]) -> Iterator[str]:
    """Yield all that texts say, for a tokenizer to learn from."""
    if any(not isinstance(example.prompt, str) for example in examples):
        yield "system user assistant: \n"
    for example in examples:
        if isinstance(example.prompt, str):
            yield example.prompt
        else:
            yield from (message["content"] for message in example.prompt)
        yield example.answer
