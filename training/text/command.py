"""The command `yomi evaluate text`. Loaded at every start: the rest comes when called."""

import typer

from training.text.evaluate_command import evaluate_text


def add_evaluate(evaluate: typer.Typer) -> None:
    """Add `yomi evaluate text`."""
    evaluate.command("text", epilog="Example:  yomi evaluate text --budgets 128 --limit 50")(evaluate_text)
