"""The curves of a run on one page: report.html, with nothing loaded from elsewhere."""

import io
from html import escape
from typing import Any

Metrics = list[dict[str, float]]

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2em auto; max-width: 72em; padding: 0 1em; color: #222 }
table { border-collapse: collapse } td { padding: .1em 1em .1em 0 } td + td { text-align: right }
svg { width: 100%; height: auto } pre { background: #f4f4f4; padding: 1em; overflow-x: auto }
"""
_TOGETHER = {
    "loss": ("policy_loss", "log_loss"),
    "accuracy": ("accuracy", "top1", "top5"),
    "value error": ("value_loss", "value_mse"),
    "time": ("data_share", "learning_share", "measuring_share", "saving_share"),
}
"""Panels that show several metrics; every other metric has a panel of its own."""


def page(name: str, metrics: Metrics, settings: str) -> str:
    """Return the page of a run: the last numbers, a panel of curves for each metric, the settings."""
    last = {key: value for line in metrics for key, value in line.items()}
    rows = "".join(f"<tr><td>{escape(key)}</td><td>{value:,.6g}</td></tr>" for key, value in last.items())
    title = escape(name)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><table>{rows}</table>{curves(metrics)}<h2>Settings</h2><pre>{escape(settings)}</pre></html>\n"
    )


def panels(metrics: Metrics) -> dict[str, list[str]]:
    """Return which metrics are drawn together, by the panel's title."""
    names = [name for name in dict.fromkeys(key for line in metrics for key in line) if name != "step"]
    shared = {title: [name for name in group if name in names] for title, group in _TOGETHER.items()}
    alone = {name: [name] for name in names if not any(name in group for group in shared.values())}
    return {title: group for title, group in (shared | alone).items() if group}


def curves(metrics: Metrics) -> str:
    """Draw the panels as one SVG element, or say that there is nothing yet."""
    shown = panels(metrics)
    if not shown:
        return "<p>Nothing is measured yet.</p>"
    from matplotlib.figure import Figure  # half a second: only when a page is drawn

    rows = -(-len(shown) // 2)
    figure = Figure(figsize=(12, 3.2 * rows), layout="constrained")
    for axes, (title, names) in zip(figure.subplots(rows, 2, squeeze=False).flat, shown.items(), strict=False):
        _draw(axes, title, names, metrics)
    for axes in figure.axes[len(shown) :]:
        axes.remove()
    text = io.StringIO()
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
