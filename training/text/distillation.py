"""A search distilled: what it finds with the model, the model learns to write without it.

    prompts -> a search with the model as it is -> texts that are paid enough -> cross entropy -> the next round

Source: Anthony et al. 2017, Expert Iteration. The texts of all rounds are learned together.
"""

import json
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.text.comparing import DecodingPlan, decode, kind_of_decoder
from engine.text.rewards import Reward
from engine.text.solving import Solves
from engine.text.tasks import WritingTask, puzzle_task, rewarded_task
from engine.text.torch_model import TorchLanguageModel
from games import plain_files
from games.text.rows import PROMPT
from games.text.rows import tokens as tokens_of
from training.devices import ProcessGroup
from training.learner import Learner
from training.learning_stage import LearningStage
from training.run import Run
from training.stage import carry_out
from training.text.beginning import Beginning, read_beginning, write_model
from training.text.curves import SEARCHING
from training.text.distillation_settings import Settings
from training.text.language_model import next_token_loss
from training.text.packing import UNLEARNED, RowBatch, TokenText, batches
from training.text.rewarding import Drawer, open_reward, read_prompts

__all__ = ["SearchLearning", "Settings", "train"]

FOUND = "found.json"


def train(run: Run) -> None:
    """Learn until the last step, an interrupt or the time limit, going on from the newest checkpoint."""
    settings = run.settings
    if not settings.parent:
        raise ValueError("learning from a search begins with a model that writes: name it, parent=...")
    if kind_of_decoder(settings.decoder).critic:
        raise ValueError(f"the decoder {settings.decoder!r} needs a critic; learning takes one that needs none")
    group = ProcessGroup.join(settings.device, settings.threads)
    if group.ranks > 1:
        raise ValueError("learning from a search runs in one process")
    beginning = read_beginning(settings.parent)
    reward = open_reward(settings.reward, settings.threads or 1, settings.parent, settings.prompts)
    carry_out(run, SearchLearning(settings, group, beginning, reward))


class SearchLearning(LearningStage):
    """A model that searches, and learns what the search found."""

    counted, gathering, curves = "tokens", "searching", SEARCHING

    def __init__(self, settings: Settings, group: ProcessGroup, beginning: Beginning, reward: Reward):
        self.settings, self.group, self.reward, self.tokenizer = settings, group, reward, beginning.tokenizer
        self.steps, self.batch = settings.steps, settings.batch * settings.row
        self.learner = Learner(beginning.net, settings, settings.steps, group)
        self.prompts, self.held_out = read_prompts(settings.prompts, settings.seed)
        self.drawer = Drawer(self.tokenizer, reward, settings.longest_answer, 1.0)
        self.found: dict[tuple[int, ...], int] = {}  # texts as tokens, and how many of these are the prompt's
        self.searched = 0  # rounds whose searches are done
        self.paid = float("nan")  # the mean of what the search's best texts of the last round were paid

    @property
    def round_steps(self) -> int:
        return -(-self.settings.steps // self.settings.rounds)

    def data(self, done: int) -> Generator[list[Tensor]]:
        """Yield batches of what was found; at the beginning of a round the model searches."""
        for round_ in range(done // self.round_steps, self.settings.rounds):
            if round_ >= self.searched:
                self.search(round_)
            skip = max(0, done - round_ * self.round_steps)
            stream = self._batches(round_, skip)
            for _ in range(self.round_steps - skip):
                yield self.group.tensors(next(stream))

    def _batches(self, round_: int, skip: int) -> Iterator[RowBatch]:
        texts = [TokenText(np.array(tokens, np.int32), read) for tokens, read in self.found.items()]
        return batches(texts, self.settings.batch, self.settings.row, self.settings.seed + round_, skip)

    @torch.no_grad()
    def search(self, round_: int) -> None:
        """Search with the averaged model after prompts of a round; keep texts that are paid enough."""
        settings = self.settings
        randomness = np.random.default_rng([settings.seed, round_])
        chosen = randomness.choice(len(self.prompts), min(settings.searched, len(self.prompts)), replace=False)
        task = self._task()
        plan = DecodingPlan(settings.budget, seed=int(randomness.integers(1 << 31)))
        roots = task.roots([self.prompts[number] for number in chosen])
        decoded = decode(settings.decoder, task, roots, plan, None)
        self.paid = float(np.mean(decoded.rewards))
        for attempt in decoded.attempts:
            if attempt.best is not None and attempt.reward >= settings.least:
                text, end = tokens_of(attempt.best).tolist(), self.learner.net.shape.end
                self.found[tuple(text if text[-1] == end else [*text, end])] = int(attempt.best[PROMPT])
        if not self.found:
            raise ValueError(
                f"no text of {len(chosen)} prompts was paid {settings.least:g}: raise budget=, lower least=, or begin "
                "with a better model"
            )
        self.searched = round_ + 1

    def _task(self) -> WritingTask:
        """Return what the search is for, with the averaged model as it is."""
        model = TorchLanguageModel(
            Path(self.settings.parent), self.learner.average, self.tokenizer, {}, str(self.group.device)
        )
        if isinstance(self.reward, Solves):
            return puzzle_task(model)
        return rewarded_task(model, [self.reward], self.settings.longest_answer)

    def learn(self, step: int, data: list[Tensor]) -> None:
        """Take a step on a batch."""
        self.learner.begin(step)
        rows, targets, texts = (tensor.to(self.group.device) for tensor in data)
        logits, _ = self.learner.forward(rows, texts)
        self.learner.update({"loss": next_token_loss(logits, targets)}, int((targets != UNLEARNED).sum()))

    def means(self) -> dict[str, float]:
        """Return the losses since this was last asked, the rate, and what the search was paid."""
        return self.learner.means() | {"search_reward": self.paid, "found_texts": float(len(self.found))}

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        """Return what answers to held-out prompts are paid that are drawn without search."""
        generator = torch.Generator().manual_seed(self.settings.seed)
        rewards, _ = self.drawer.draw(self.learner.average, self.held_out[: self.settings.measured], 4, generator)
        return {"held_out_reward": float(rewards.mean())}

    def resume(self, checkpoint: Path) -> int:
        """Go on from a checkpoint, with the texts that were found; return its step."""
        self.learner.resume(checkpoint)
        try:
            state = plain_files.parse_json((checkpoint / FOUND).read_text("utf-8"))
            self.searched, self.paid = int(state["searched"]), float(state["paid"])
            self.found = {tuple(map(int, tokens)): int(read) for tokens, read in state["found"]}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{checkpoint / FOUND} cannot be read: {error}") from None
        return self.learner.step

    def write(self, folder: Path) -> None:
        """Write all that learning goes on from."""
        self.learner.write(folder)
        found = [[list(tokens), read] for tokens, read in self.found.items()]
        (folder / FOUND).write_text(json.dumps({"searched": self.searched, "paid": self.paid, "found": found}), "utf-8")

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
            found=len(self.found),
            reward=Path(settings.reward).name,
            held_out=run.latest("held_out_reward"),
        )
