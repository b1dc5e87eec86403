"""The command `yomi evaluate reward`. Loaded at every start: the rest comes when called."""

from typing import Annotated

import typer

from engine.command_line import Json, show


def evaluate_reward(
    pairs: Annotated[str, typer.Argument(metavar="PAIRS", help="JSONL of {prompt, chosen, rejected}.")],
    reward: Annotated[str, typer.Option(help="A reward model (a folder, a run), file.py:function, or game-of-24.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many pairs.", show_default="all")] = None,
    json: Json = False,
) -> None:
    """Measure how well a reward tells which answer was preferred, and how far its odds can be believed."""
    from itertools import islice
    from pathlib import Path

    from training.text.judging import judged
    from training.text.rewarding import open_reward
    from training.text.texts import read_comparisons

    found = judged(open_reward(reward), list(islice(read_comparisons(Path(pairs).expanduser()), limit)))
    if json:
        show(found, as_json=True)
        return
    show(f"right in {found['accuracy']:.1%} of {found['pairs']:,} pairs (standard error {found['error']:.1%})")
    show(f"the longer answer is preferred in {found['longer_answer']:.1%}")
    show(f"log loss {found['log_loss']:.3f} (a guess costs 0.693), calibration error {found['calibration_error']:.3f}")
    for each in found["bins"]:
        show(f"  {each['pairs']:6,} pairs: {each['confidence']:.0%} sure, {each['accuracy']:.0%} right")
