"""The command `yomi evaluate policy`. Loaded at every start: the rest comes when called."""

from typing import Annotated

import typer

from engine.command_line import Json, show


def add_evaluate(evaluate: typer.Typer) -> None:
    """Add `yomi evaluate policy`."""
    epilog = "Example:  yomi evaluate policy --model runs/first games/ --every 10 --json"
    evaluate.command("policy", epilog=epilog)(evaluate_policy)


def evaluate_policy(
    records: Annotated[list[str], typer.Argument(help="SGF files, folders of them, .xz or .zip.")],
    model: Annotated[str, typer.Option(help="A shipped model, a model folder or a run.")],
    games: Annotated[int | None, typer.Option(min=1, help="Measure on so many games.", show_default="all")] = None,
    every: Annotated[int, typer.Option(min=1, help="Measure only every N-th position.")] = 1,
    engine: Annotated[str, typer.Option(help="auto, cuda, openvino, onnxruntime or int8.")] = "auto",
    symmetries: Annotated[str, typer.Option(help="Views of a position: none, random, all (their mean).")] = "none",
    against: Annotated[str, typer.Option(help="Another engine: how often do both choose the same move?")] = "",
    json: Json = False,
) -> None:
    """Measure how well a model predicts the moves and outcomes of games."""
    from training.go.evaluate import report_policy

    show(report_policy(model, records, games, every, engine, symmetries, against, json), json)
