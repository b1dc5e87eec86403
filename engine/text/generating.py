"""`yomi generate`: a text, or a table of decoders at equal cost. Loaded at every start: the rest comes when called."""

import json as json_module
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.command_line import Json, Seed, show
from engine.text.asking import (
    BarredLetters,
    BleuReference,
    Budget,
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
from games.plain_files import replace_file

if TYPE_CHECKING:
    from engine.text.comparing import Decoded
    from engine.text.tasks import WritingTask


def generate(
    prompt: Annotated[str, typer.Argument(help="A beginning, a question, or four numbers: the Game of 24.")],
    model: LanguageModelName = "",
    reward: OwnReward = "",
    exactly: ExactLength = (0, ""),
    include: IncludedWords = None,
    without: BarredLetters = "",
    meter: Syllables = "",
    bleu: BleuReference = "",
    rouge: RougeReference = "",
    varied: VariedPairs = False,
    decoder: Annotated[
        str, typer.Option(help="How to write; --compare lists them.", show_default="tree where something is paid for")
    ] = "",
    budget: Budget = 512,
    compare: Annotated[bool, typer.Option("--compare", help="Print a table of decoders at equal cost.")] = False,
    tokens: MoreTokens = 64,
    temperature: Temperature = 1.0,
    widest: Widest = 32,
    learn: LearnFor = 10_000,
    tree: Annotated[str, typer.Option(metavar="FILE", help="Write the search tree, as JSON.")] = "",
    json: Json = False,
    seed: Seed = 1,
) -> None:
    """Write a text that does what is asked: by tree search, or by another decoder."""
    from engine.text.asked import opened
    from engine.text.comparing import KINDS, DecodingPlan, decode_each, kind_of_decoder
    from engine.text.critics import critic_of

    conditions = Conditions(reward, exactly, include or [], without, meter, bleu, rouge, varied)
    task = opened(model, prompt, conditions, tokens)
    paid = bool(task.reward.name)
    chosen = [decoder or ("tree" if paid or tree else "sample")]
    if compare:
        chosen = [name for name in KINDS if paid or not KINDS[name].critic]
    for name in chosen:
        kind_of_decoder(name)
    roots = task.roots([prompt])
    critic = critic_of(task, [prompt], learn, seed, tell) if paid and learn else None
    plan = DecodingPlan(budget, widest, temperature, lanes=task.lanes(budget), seed=seed)
    made = decode_each(chosen, task, roots, plan, critic)
    try:
        _print_all(task, prompt, made, budget, compare, json)
    finally:  # a tree that cannot be written does not cost the text
        if tree:
            _write_tree(tree, task, made)


def _print_all(task: "WritingTask", prompt: str, made: "list[Decoded]", budget: int, compare: bool, json: bool) -> None:
    if json:
        show(
            {"prompt": prompt, "reward": task.reward.name, "decoders": [row(task, prompt, each) for each in made]}, True
        )
    elif compare:
        show(_table(task, prompt, made, budget))
    elif made[0].attempts[0].best is None:
        raise ValueError(f"no text was finished within {budget} evaluations: give more by --budget, or fewer --tokens")
    else:
        print(task.text(made[0].attempts[0].best).strip())


def tell(sentence: str) -> None:
    """Print a sentence for people beside the result."""
    print(sentence, file=sys.stderr, flush=True)


def row(task: "WritingTask", prompt: str, made: "Decoded", number: int = 0) -> dict[str, Any]:
    """Return what a decoder made of a prompt: its text, what that is paid, and what it cost."""
    attempt = made.attempts[number]
    text = task.text(attempt.best) if attempt.best is not None else ""
    return {
        "decoder": made.name,
        "text": text,
        "reward": round(attempt.reward, 4) if attempt.best is not None else None,
        "verdict": _verdict(task, prompt, text) if attempt.best is not None else "nothing was finished",
        "evaluations": attempt.spent,
        "found_at": attempt.best_at,
        "texts": attempt.texts,
        "distinct": attempt.distinct,
        "seconds": round(made.seconds, 2),
    }


def _verdict(task: "WritingTask", prompt: str, text: str) -> str:
    lacks = task.reward.verdict(prompt, text)
    full = not lacks and task.reward.name and task.reward.ends[1] == 1
    return lacks or ("all right" if full and task.reward.pay([prompt], [text])[0] >= 1 else "")


def _table(task: "WritingTask", prompt: str, made: "list[Decoded]", budget: int) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=f"{budget} token evaluations each",
        caption="cost: evaluations spent; texts: finished, different; s: what has no tree shares its time by cost",
    )
    for heading in ("decoder", "reward", "checker", "cost", "texts", "s", "text"):
        number = heading in ("reward", "cost", "texts", "s")
        table.add_column(heading, justify="right" if number else "left", overflow="fold")
    for each in made:
        found = row(task, prompt, each)
        pay = "" if found["reward"] is None else f"{found['reward']:g}"
        texts = f"{found['texts']}, {found['distinct']}"
        cells = [found["decoder"], pay, found["verdict"], str(found["evaluations"]), texts, str(found["seconds"])]
        table.add_row(*(Text(cell) for cell in cells), Text(" ".join(found["text"].split())))
    return table


def _write_tree(file: str, task: "WritingTask", made: "list[Decoded]") -> None:
    trees = [each.tree for each in made if each.tree is not None]
    if not trees:
        raise ValueError("only the decoders tree and gumbel grow a tree: choose one of them for --tree")
    from engine.text.tree_decoder import picture

    text = json_module.dumps(picture(trees[0], task.piece), ensure_ascii=False)
    replace_file(Path(file), f"{text}\n".encode())
