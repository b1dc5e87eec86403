"""A tournament's results as pictures: one SVG element, with nothing loaded from elsewhere."""

import io
import math
from collections.abc import Callable
from functools import partial
from typing import Any

from training.tournament.ratings import RatingRow
from training.tournament.results import Results, checkpoints

OPEN_WHISKER = 100
"""Elo that a whisker without an end sticks out beyond all others."""


def plots(results: Results) -> str:
    """Draw ratings, cross table, checkpoints and histograms; say so where there is nothing to draw (with)."""
    try:
        from matplotlib.figure import Figure  # half a second: only when a page is drawn
    except ImportError:
        return "<p>Plots need matplotlib: pip install matplotlib</p>"
    panels = _panels(results)
    if not panels:
        return "<p>Nothing is played yet.</p>"
    rows = -(-len(panels) // 2)
    figure = Figure(figsize=(12, rows * max(3.6, 1.2 + 0.3 * len(results.ratings.rows))), layout="constrained")
    axes = list(figure.subplots(rows, 2, squeeze=False).flat)
    for each, draw in zip(axes, panels, strict=False):
        draw(each)
    for each in axes[len(panels) :]:
        each.remove()
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _panels(results: Results) -> list[Callable[[Any], None]]:
    if not results.games:
        return []
    panels: list[Callable[[Any], None]] = [
        partial(_draw_ratings, results=results),
        partial(_draw_cross_table, results=results),
    ]
    for run, steps in checkpoints(results).items():
        panels.append(partial(_draw_checkpoints, results=results, run=run, steps=steps))
    moves: list[float] = [game["moves"] for game in results.games if "moves" in game]
    seconds: list[float] = [sum(game["seconds"]) for game in results.games if "seconds" in game]
    for what, values in (("moves", moves), ("seconds", seconds)):
        if values:
            panels.append(partial(_draw_histogram, what=what, values=values))
    return panels


def _draw_ratings(axes: Any, results: Results) -> None:
    rows = [row for row in results.ratings.rows if row.rated][::-1]
    ends = [end for row in rows for end in (row.low, row.elo, row.high) if math.isfinite(end)]
    for place, row in enumerate(rows):
        low, high = (max(min(end, max(ends) + OPEN_WHISKER), min(ends) - OPEN_WHISKER) for end in (row.low, row.high))
        axes.plot([low, high], [place, place], color="C0")
        for end, mark in ((row.low, "<"), (row.high, ">")):
            if math.isinf(end):
                axes.plot(low if end < 0 else high, place, mark, color="C0")
        axes.plot(row.elo, place, "o", color="C0")
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.set_title("Elo, 95 %")
    axes.grid(alpha=0.3)


def _draw_cross_table(axes: Any, results: Results) -> None:
    names = [row.name for row in results.ratings.rows]
    scores = [[_score(results, name, other) for other in names] for name in names]
    axes.imshow(scores, cmap="PuOr", alpha=0.6, vmin=0, vmax=1, aspect="auto")
    for i, line in enumerate(scores):
        for j, score in enumerate(line):
            if not math.isnan(score):
                axes.text(j, i, f"{score:.0%}", ha="center", va="center")
    axes.set_xticks(range(len(names)), names, rotation=30, ha="right")
    axes.set_yticks(range(len(names)), names)
    axes.set_title("score of the row against the column")


def _score(results: Results, name: str, other: str) -> float:
    if name == other:
        return math.nan
    pair = results.ratings.between(name, other)
    return (pair.wins + pair.draws / 2) / pair.games if pair.games else math.nan


def _draw_checkpoints(axes: Any, results: Results, run: str, steps: list[tuple[int, str]]) -> None:
    rows: list[tuple[int, RatingRow]] = [(step, results.ratings.of(name)) for step, name in steps]
    axes.plot([step for step, _ in rows], [row.elo for _, row in rows], "o-", color="C0")
    for step, row in rows:
        low, high = (end if math.isfinite(end) else row.elo for end in (row.low, row.high))
        axes.plot([step, step], [low, high], color="C0")
    axes.set_title(f"Elo by checkpoint: {run}")
    axes.set_xlabel("step")
    axes.grid(alpha=0.3)


def _draw_histogram(axes: Any, what: str, values: list[float]) -> None:
    axes.hist(values, bins=min(40, max(5, round(len(values) ** 0.5))))
    axes.set_title(f"{what} a game")
    axes.set_ylabel("games")
    axes.grid(alpha=0.3)
