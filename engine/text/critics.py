"""Which critic guides a task: one that ships beside the model, one that was kept, or one that is learned now."""

from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from zlib import crc32

import numpy as np

from engine.text.critic import Critic
from engine.text.critic_learning import collect, collect_relabelled, explained, learn
from engine.text.drawing import by_likelihood
from engine.text.evaluator import TokenEvaluator
from engine.text.models import data_folder
from engine.text.tasks import TWENTY_FOUR, WritingTask
from games.text import twenty_four

PUZZLES = 100
"""Puzzles of the Game of 24 from which a critic is learned."""

SECONDS = 20
"""Processor seconds for which it learns at most."""


def critic_of(
    task: WritingTask, prompts: Sequence[str], evaluations: int, seed: int, tell: Callable[[str], None] = print
) -> Critic | None:
    """Return a critic for a task: one that is there, else one that is learned after these prompts, and kept.

    None where all texts are paid alike: then there is nothing to learn.
    """
    for path in (shipped(task), kept(task)):
        if path.is_file():
            return Critic.load(path, task.model.width, task.model.vocabulary, task.counters())
    tell(f"learning what texts will be paid from {evaluations:,} evaluations; it is kept in {kept(task)}")
    critic, parts = learn_critic(task, task.roots(practice(task, prompts)), evaluations, seed)
    if critic is None:
        tell("all those texts were paid alike, so there is nothing to learn")
        return None
    tell("of the reward it foresees " + ", ".join(f"{part:.0%}" for part in parts) + " in the quarters of a text (R2)")
    try:
        critic.save(kept(task))
    except OSError as error:  # what was learned is used all the same
        tell(f"{kept(task)} cannot be written: {error.strerror}")
    return critic


def practice(task: WritingTask, prompts: Sequence[str]) -> list[str]:
    """Return the prompts that a critic of a task learns from: these, but puzzles that are kept for it for puzzles."""
    if task.name != TWENTY_FOUR:
        return list(prompts)
    low, high = twenty_four.SMALLEST, twenty_four.GREATEST
    numbers = np.random.default_rng(1).integers(low, high + 1, (2000, twenty_four.COUNT))
    some = dict.fromkeys(tuple(sorted(each)) for each in numbers.tolist())
    kept = (each for each in some if twenty_four.for_critic(each) and twenty_four.solvable(each))
    return [" ".join(map(str, each)) for each in islice(kept, PUZZLES)]


def shipped(task: WritingTask) -> Path:
    """Return where the critic of a task lies beside its model."""
    return task.model.folder / f"critic-{task.name}.npz"


def kept(task: WritingTask) -> Path:
    """Return where the critic of a task is kept that was learned here."""
    words = f"{task.model.folder.resolve()} {task.reward.key} {task.reward.counters}"
    return data_folder().parent / "critics" / f"{task.model.folder.name}-{crc32(words.encode()):08x}.npz"


def learn_critic(
    task: WritingTask, roots: np.ndarray, evaluations: int, seed: int, seconds: float = SECONDS
) -> tuple[Critic | None, list[float]]:
    """Learn a critic from texts after some prompts; return it and its R2 in the four quarters of a text.

    Where texts teach under relabelled rewards, the critic learns the chance of the full reward from these alone.
    """
    evaluator, counters, game = TokenEvaluator(task.model), task.counters(), task.game()
    texts = max(8, evaluations // task.usual // len(roots))
    if counters is None:
        samples, relabelled = collect(evaluator, game, roots, texts, by_likelihood, seed), None
    else:
        samples, relabelled = collect_relabelled(
            evaluator, game, roots, texts, by_likelihood, seed, counters, task.relabelled
        )
    if relabelled is not None and np.ptp(relabelled.rewards):
        samples = relabelled
    if np.ptp(samples.rewards) == 0:
        return None, []
    critic = learn(samples, task.reward.ends, task.model.vocabulary, seconds, seed, counters)
    parts = explained(critic, samples)
    if samples is relabelled:
        critic.outer_bias -= np.float32(np.log(task.reward.relabelled_odds))
        critic.least /= task.reward.relabelled_odds
    return critic, parts
