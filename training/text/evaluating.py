"""Decoders measured over many prompts at equal cost, with paired intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from engine.text.comparing import Decoded, DecodingPlan, decode, paired_difference
from engine.text.evaluator import Judge
from engine.text.language_model import LanguageModel
from engine.text.rewards import distinct_pairs
from engine.text.tasks import WritingTask
from games.text import twenty_four
from games.text.rows import PROMPT, tokens
from training.text.texts import text_lines

TOGETHER = 96
"""Prompts that are worked on at once: their key-value memories lie side by side."""


@dataclass(frozen=True)
class DecoderResult:
    """What a decoder reached with one budget, on the same prompts as the others; arrays [prompts], means over seeds."""

    decoder: str
    budget: int
    rewards: np.ndarray
    solved: np.ndarray
    spent: float  # token evaluations a prompt
    texts: float
    distinct: float
    varied: float  # distinct-2 of the best texts
    perplexity: float  # of the best texts, under the model itself
    seconds: float


def held_out_puzzles(limit: int | None = None) -> list[str]:
    """Return the held-out puzzles of the Game of 24, as prompts."""
    puzzles = (numbers for numbers in twenty_four.puzzles() if twenty_four.held_out(numbers))
    return [" ".join(map(str, numbers)) for numbers in islice(puzzles, limit)]


def read_prompts(file: str, limit: int | None = None) -> list[str]:
    """Read prompts, one a line; raise `ValueError` for a file without any."""
    prompts = [line.strip() for _, line in text_lines(Path(file)) if line.strip()]
    if not prompts:
        raise ValueError(f"{file} holds no prompts: write one on each line")
    return prompts[:limit]


def measure(
    task: WritingTask,
    prompts: Sequence[str],
    decoders: Sequence[str],
    budgets: Sequence[int],
    seeds: Sequence[int],
    critic: Judge | None,
    plan: DecodingPlan,
) -> Iterator[DecoderResult]:
    """Yield the result of every decoder at every budget."""
    roots = task.roots(prompts)
    for budget in budgets:
        for name in decoders:
            runs = [_run(name, task, roots, critic, replace(plan, budget=budget, seed=seed)) for seed in seeds]
            yield _result(name, budget, task, runs)


def _run(name: str, task: WritingTask, roots: np.ndarray, critic: Judge | None, plan: DecodingPlan) -> list[Decoded]:
    parts = [roots[start : start + TOGETHER] for start in range(0, len(roots), TOGETHER)]
    return [decode(name, task, part, plan, critic) for part in parts]


def _result(name: str, budget: int, task: WritingTask, runs: list[list[Decoded]]) -> DecoderResult:
    attempts = [attempt for run in runs for part in run for attempt in part.attempts]
    best = [attempt.best for attempt in attempts if attempt.best is not None]
    return DecoderResult(
        decoder=name,
        budget=budget,
        rewards=np.mean([np.concatenate([part.rewards for part in run]) for run in runs], 0),
        solved=np.mean([np.concatenate([part.solved for part in run]) for run in runs], 0),
        spent=float(np.mean([attempt.spent for attempt in attempts])),
        texts=float(np.mean([attempt.texts for attempt in attempts])),
        distinct=float(np.mean([attempt.distinct for attempt in attempts])),
        varied=float(np.mean([distinct_pairs(task.text(state)) for state in best])) if best else 0.0,
        perplexity=perplexity(task.model, best) if best else float("nan"),
        seconds=sum(part.seconds for run in runs for part in run),
    )


def perplexity(model: LanguageModel, states: Sequence[np.ndarray]) -> float:
    """Return the perplexity of what was written behind prompts, under the model and without temperature."""
    logp = count = 0.0
    for state in states:
        text, prompt = tokens(state), int(state[PROMPT])
        logits = model.read(text.tolist())[0][0, prompt - 1 : -1]
        logits = logits - logits.max(1, keepdims=True)
        each = np.take_along_axis(logits, text[prompt:, None].astype(np.int64), 1)[:, 0]
        logp += float((each - np.log(np.exp(logits).sum(1))).sum())
        count += len(each)
    return float(np.exp(-logp / max(count, 1)))


def rows(results: Sequence[DecoderResult]) -> list[dict[str, Any]]:
    """Return the results as plain values, each beside the first decoder with the same budget."""
    found = []
    for each in results:
        first = next(other for other in results if other.budget == each.budget)
        row = {
            "decoder": each.decoder, "budget": each.budget, "solved": _round(each.solved.mean()),
            "reward": _round(each.rewards.mean()), "evaluations": _round(each.spent, 1), "texts": _round(each.texts, 1),
            "distinct": _round(each.distinct, 1), "distinct_2": _round(each.varied),
            "perplexity": _round(each.perplexity, 2), "seconds": _round(each.seconds, 1),
        }  # fmt: skip
        if each is not first:
            row["first_solves_more"] = [_round(x) for x in paired_difference(first.solved, each.solved)]
            row["first_pays_more"] = [_round(x) for x in paired_difference(first.rewards, each.rewards)]
        found.append(row)
    return found


def _round(number: float, digits: int = 4) -> float:
    return round(float(number), digits)


def table(found: Sequence[dict[str, Any]], prompts: int, seeds: int) -> Any:
    """Return the rows as a table for the terminal."""
    from rich.table import Table
    from rich.text import Text

    caption = "difference: points that the first decoder solves more, with the 95 % interval (paired bootstrap)"
    shown = Table(title=f"{prompts} prompts, {seeds} seed{'s' * (seeds > 1)}", caption=caption)
    for heading in ("budget", "decoder", "solved", "difference", "reward", "cost", "texts", "perplexity", "s"):
        shown.add_column(heading, justify="left" if heading == "decoder" else "right")
    for row in found:
        more = row.get("first_solves_more")
        points = "" if more is None else f"{100 * more[0]:+.1f} ({100 * more[1]:+.1f} to {100 * more[2]:+.1f})"
        cells = (
            str(row["budget"]), row["decoder"], f"{row['solved']:.1%}", points, f"{row['reward']:.3f}",
            f"{row['evaluations']:.0f}", f"{row['texts']:.1f}", f"{row['perplexity']:.2f}", f"{row['seconds']:.0f}",
        )  # fmt: skip
        shown.add_row(*map(Text, cells))
    return shown
