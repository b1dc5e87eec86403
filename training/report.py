"""The curves of a run on one page: report.html, with nothing loaded from elsewhere."""

import io
from collections.abc import Mapping
from html import escape
from typing import Any, NamedTuple

from training.metrics import Metrics
from training.warning_signs import warnings

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; color: #222 }
table { border-collapse: collapse } td { padding: .1em 1em .1em 0 } td:nth-child(2) { text-align: right }
svg { width: 100%; height: auto } pre { background: #f4f4f4; padding: 1em; overflow-x: auto }
"""


class Curve(NamedTuple):
    """What a number of the log means: its unit, and a sentence that says what it measures and which way is good."""

    unit: str
    meaning: str


SHARED = {
    "loss": Curve("", "What each step lowers: the weighed sum of its losses."),
    "policy_loss": Curve("nats", "Surprise at the moves that are learned: -log of their probability."),
    "value_loss": Curve("", "Squared error of the predicted result, -1 to 1: always guessing 0 costs 1 without draws."),
    "accuracy": Curve("of the moves", "How often the likeliest move is the one that is learned."),
    "log_loss": Curve("nats", "Surprise at moves of games that are not learned from; less is better."),
    "top1": Curve(
        "of the moves", "How often the likeliest move is the one played, in games that are not learned from."
    ),
    "top5": Curve("of the moves", "How often the move played there is among the five likeliest."),
    "value_mse": Curve("", "Squared error of the predicted result there; always guessing 0 costs 1 without draws."),
    "rate": Curve("", "The learning rate of the step."),
    "gradient": Curve("", "Length of the gradient before it is clipped; a jump announces trouble."),
}
"""Numbers that any stage may log."""

ENDINGS = {
    "_per_s": Curve("1/s", "How many were learned from in a second, without measuring and saving."),
    "_share": Curve("of the time", "The share of the time that this took since the line before."),
}
"""Numbers of any stage by how their names end."""

_TOGETHER = {
    "loss": ("policy_loss", "log_loss"),
    "accuracy": ("accuracy", "top1", "top5"),
    "value error": ("value_loss", "value_mse"),
    "error in games": ("test_error", "train_error", "rollouts_error", "floor"),
    "time": ("data_share", "learning_share", "measuring_share", "saving_share"),
}
"""Panels that show several metrics; every other metric has a panel of its own."""


PANEL = 2.9
"""Height of a panel in inches, where the page is 12 wide."""


def page(name: str, metrics: Metrics, settings: str, known: Mapping[str, Curve] = {}) -> str:
    """Return the page of a run: the last numbers with what they mean, a panel of curves for each, the settings."""
    last = {key: value for line in metrics for key, value in line.items()}
    rows = "".join(_row(key, value, meaning_of(key, known)) for key, value in last.items())
    title = escape(name)
    signs = "".join(f"<li>{escape(sentence)}</li>" for sentence in warnings(metrics))
    warned = f"<h2>Warnings</h2><ul>{signs}</ul>" if signs else ""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style>'
        f"<h1>{title}</h1>{warned}<table>{rows}</table>{curves(metrics, known)}"
        f"<h2>Settings</h2><pre>{escape(settings)}</pre></html>\n"
    )


def _row(name: str, value: float, curve: Curve) -> str:
    words = (f"{value:,.6g}", curve.unit, curve.meaning)
    return f"<tr><td>{escape(name)}</td>" + "".join(f"<td>{escape(word)}</td>" for word in words) + "</tr>"


def meaning_of(name: str, known: Mapping[str, Curve]) -> Curve:
    """Return what a number of the log means: as the stage says, or as it does in every stage."""
    ending = next((curve for ending, curve in ENDINGS.items() if name.endswith(ending)), Curve("", ""))
    return known.get(name) or SHARED.get(name, ending)


def panels(metrics: Metrics) -> dict[str, list[str]]:
    """Return which metrics are drawn together, by the panel's title."""
    names = [name for name in dict.fromkeys(key for line in metrics for key in line) if name != "step"]
    shared = {title: [name for name in group if name in names] for title, group in _TOGETHER.items()}
    alone = {name: [name] for name in names if not any(name in group for group in shared.values())}
    return {title: group for title, group in (shared | alone).items() if group}


def curves(metrics: Metrics, known: Mapping[str, Curve] = {}) -> str:
    """Draw the panels as one SVG element, or say that there is nothing yet."""
    shown = panels(metrics)
    if not shown:
        return "<p>Nothing is measured yet.</p>"
    from matplotlib.figure import Figure  # half a second: only when a page is drawn

    rows = -(-len(shown) // 2)
    height = PANEL * rows
    figure = Figure(figsize=(12, height))
    figure.subplots_adjust(0.065, 0.5 / height, 0.985, 1 - 0.35 / height, wspace=0.15, hspace=0.5)  # by hand: cheap
    for axes, (title, names) in zip(figure.subplots(rows, 2, squeeze=False).flat, shown.items(), strict=False):
        _draw(axes, title, names, metrics)
        axes.set_ylabel(meaning_of(names[0], known).unit)
    for axes in figure.axes[len(shown) :]:
        axes.remove()
    return svg(figure)


def svg(figure: Any) -> str:
    """Return a figure of matplotlib as an SVG element."""
    from matplotlib import rc_context

    text = io.StringIO()
    with rc_context({"svg.fonttype": "none"}):  # letters, not outlines of letters
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _draw(axes: Any, title: str, names: list[str], metrics: Metrics) -> None:
    for name in names:
        points = [(line["step"], line[name]) for line in metrics if name in line]
        axes.plot(*zip(*points, strict=True), label=name, marker="." if len(points) < 40 else "")
    axes.set_title(title)
    axes.set_xlabel("step")
    axes.grid(alpha=0.3)
    if len(names) > 1:
        axes.legend()
