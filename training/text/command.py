"""The commands `yomi evaluate text` and `yomi evaluate reward`. Loaded at every start: the rest comes when called."""

import typer

from training.text.evaluate_command import evaluate_text
from training.text.judging_command import evaluate_reward


def add_evaluate(evaluate: typer.Typer) -> None:
    """Add the commands."""
    evaluate.command("text", epilog="Example:  yomi evaluate text --budgets 128 --limit 50")(evaluate_text)
    evaluate.command("reward", epilog="Example:  yomi evaluate reward pairs.jsonl --reward runs/judge")(evaluate_reward)
