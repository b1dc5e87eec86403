"""The numbers of a run: metrics.jsonl, a line of JSON for each step that was logged."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from games.plain_files import parse_json
from training.disk import append_line

METRICS = "metrics.jsonl"
Metrics = list[dict[str, float]]


def read_metrics(folder: Path) -> Metrics:
    """Return the logged lines of a run; a last line that a kill cut short is left out.

    Raise `ValueError` for any other line that is not one of the log.
    """
    path = folder / METRICS
    texts = path.read_bytes().decode("utf-8", "replace").split("\n") if path.exists() else []
    lines = []
    for number, text in enumerate(texts, 1):
        line = _read(text)
        if line is not None:
            lines.append(line)
        elif text.strip() and number < len(texts):  # every whole line ends in a new line
            raise ValueError(f"{path}, line {number} is no line of a log; remove it to go on (only curves need it)")
    return lines


def _read(text: str) -> dict[str, float] | None:
    try:
        line = parse_json(text)
    except ValueError:
        return None
    if not isinstance(line, dict) or not isinstance(line.get("step"), int):
        return None
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in line.values())
    return line if numbers else None


def log_line(folder: Path, step: int, numbers: Mapping[str, float]) -> None:
    """Add the numbers of a step; raise `ValueError` for one that is not finite, before anything is written."""
    for name, value in numbers.items():
        if not math.isfinite(value):
            raise ValueError(f"training stopped at step {step}: {name} is {value}, which is no number to go on with")
    line = {"step": step} | {name: float(f"{value:.6g}") for name, value in numbers.items()}
    append_line(folder / METRICS, json.dumps(line))


def up_to(metrics: Metrics, last: int) -> bytes:
    """Return the file of the lines up to a step: what came after it is done again."""
    return "".join(json.dumps(line) + "\n" for line in metrics if line["step"] <= last).encode()
