"""The command `yomi evaluate text`. Loaded at every start: the rest comes when called."""

from typing import Annotated

import typer

from engine.command_line import MOST_VISITS, Json, Seed, show
from engine.text.asking import (
    BarredLetters,
    BleuReference,
    Conditions,
    ExactLength,
    IncludedWords,
    LanguageModelName,
    LearnFor,
    MoreTokens,
    OwnReward,
    RougeReference,
    Syllables,
    Temperature,
    VariedPairs,
    Widest,
)


def evaluate_text(
    prompts: Annotated[
        str, typer.Argument(help="A file with a prompt a line.", show_default="held-out puzzles of the Game of 24")
    ] = "",
    model: LanguageModelName = "",
    reward: OwnReward = "",
    exactly: ExactLength = (0, ""),
    include: IncludedWords = None,
    without: BarredLetters = "",
    meter: Syllables = "",
    bleu: BleuReference = "",
    rouge: RougeReference = "",
    varied: VariedPairs = False,
    decoders: Annotated[
        str, typer.Option(help="Decoders; the first is compared with the others.")
    ] = "tree,best-of-n,beam,critic,value-beam,trie",
    budgets: Annotated[str, typer.Option(help="Token evaluations a prompt.")] = "128,256,512",
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="Runs of each.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many prompts.", show_default="all")] = None,
    tokens: MoreTokens = 64,
    temperature: Temperature = 1.0,
    widest: Widest = 32,
    learn: LearnFor = 10_000,
    search: Annotated[list[str] | None, typer.Option(metavar="NAME=VALUE", help="Settings of the tree search.")] = None,
    json: Json = False,
    seed: Seed = 1,
) -> None:
    """Run decoders over prompts at equal cost: solved, reward, cost, and paired intervals of their differences."""
    from dataclasses import replace

    from engine.search import SearchSettings
    from engine.settings import resolve
    from engine.text.asked import opened
    from engine.text.comparing import DecodingPlan, kind_of_decoder
    from engine.text.critics import critic_of
    from engine.text.generating import tell
    from training.text import evaluating

    chosen, costs = decoders.split(","), _numbers(budgets)
    for name in chosen:
        kind_of_decoder(name)
    asked = evaluating.read_prompts(prompts, limit) if prompts else evaluating.held_out_puzzles(limit)
    conditions = Conditions(reward, exactly, include or [], without, meter, bleu, rouge, varied)
    task = opened(model, asked[0], conditions, tokens)
    critic = critic_of(task, asked, learn, seed, tell) if task.reward.name and learn else None
    words = dict(word.partition("=")[::2] for word in search or [])
    known = resolve(SearchSettings, words)
    settings = {name: getattr(known, name) for name in words}
    plan = replace(DecodingPlan(), widest=widest, temperature=temperature, search=settings)
    results = []
    for result in evaluating.measure(task, asked, chosen, costs, range(seed, seed + seeds), critic, plan):
        results.append(result)
        tell(f"{result.budget:5d} {result.decoder:14s} {result.solved.mean():6.1%} {result.seconds:6.0f} s")
    rows = evaluating.rows(results)
    show(
        {"prompts": len(asked), "seeds": seeds, "rows": rows} if json else evaluating.table(rows, len(asked), seeds),
        json,
    )


def _numbers(words: str) -> list[int]:
    numbers = [int(word) for word in words.split(",") if word.strip().isdecimal()]
    if len(numbers) != len(words.split(",")) or not all(1 <= number <= MOST_VISITS for number in numbers):
        raise ValueError(f"--budgets takes whole numbers such as 128,256, 1 to {MOST_VISITS:,}, not {words[:40]!r}")
    return numbers
