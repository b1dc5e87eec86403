"""Is it learning? Models of all stages of a recipe against opponents that never change: Elo and warnings on one page.

    models of the runs x fixed opponents -> matches by short searches -> Elo -> a page, a table

The opponents are random rollouts, the first early checkpoint of the model that ships, and that model, as far as they
are there. The last has 0 Elo. A match is kept beside the page and never played again.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from engine.networks import model as models
from engine.networks.evaluator import choose
from engine.networks.model import Model
from engine.search import Evaluator
from games import wings
from training.disk import write_file
from training.matches import play_match
from training.metrics import read_metrics
from training.report import STYLE, svg
from training.run import REPORT
from training.self_play import RolloutEvaluator, SelfPlayTask
from training.self_play_settings import SelfPlaySettings
from training.tournament.ratings import RatedGame, RatingRow, rate
from training.warning_signs import warnings

PLAYING = SelfPlaySettings(visits=16, opening=8, longest=1000)

SEED, VERSION = 1, 2**31 + 2
"""Of the matches: random numbers that no games of learning have."""

ROLLOUTS = "random rollouts"


@dataclass
class StageProgress:
    """A stage's run: its models, how strong they are, and what is wrong with its numbers."""

    name: str
    folder: Path
    models: list[Model]
    warnings: list[str]
    ratings: list[RatingRow] = field(default_factory=list)


def measure(
    stages: Sequence[tuple[str, Path]], page: Path, games: int, most: int, say: Callable[[str], None]
) -> list[StageProgress]:
    """Measure up to `most` models of each stage's run (name, folder), write the page, and return what it shows.

    Every model plays `games` against each opponent. Raise `ValueError` where there is nothing to measure.
    """
    found = [
        StageProgress(name, folder, _thinned(_written(folder), most), warnings(read_metrics(folder)))
        for name, folder in stages
    ]
    game = next((model.game for stage in found for model in stage.models), "")
    if not game:
        raise ValueError(f"there is no model yet in {' or in '.join(str(stage.folder) for stage in found)}")
    if not wings.has("training", game, "self_play"):
        raise ValueError(f"progress is measured in games of networks of {game}, which nothing here plays")
    opponents = _opponents(game)
    task = SelfPlayTask(game, wings.part("training", game, "self_play").BOARD, SEED, VERSION, 0, games)
    matches = Matches(page.with_suffix(".json"), task)
    for one, other in combinations(opponents, 2):
        matches.play(one, opponents[one], other, opponents[other])
    for stage in found:
        for model in stage.models:
            say(f"{stage.name}, step {int(model.folder.name):,}: {games} games against each of {len(opponents)}")
            for name, opponent in opponents.items():
                matches.play(model.fingerprint, lambda model=model: choose(model, "auto"), name, opponent)  # type: ignore[misc]
    rows = {row.name: row for row in rate(matches.games, anchor=list(opponents)[-1]).rows}
    for stage in found:
        stage.ratings = [rows[model.fingerprint] for model in stage.models]
    write_file(page, _page(page.stem, found, [rows[name] for name in opponents], task).encode())
    return found


def _written(folder: Path) -> list[Model]:
    paths = [path for path in (folder / "models").glob("*") if path.name.isdecimal() and (path / models.ONNX).is_file()]
    return [models.read(path) for path in sorted(paths, key=lambda path: int(path.name))]


def _thinned(found: list[Model], most: int) -> list[Model]:
    """Return up to so many models, spread evenly, the last among them."""
    places = np.linspace(len(found) - 1, 0, min(most, len(found))).round().astype(int)
    return [found[place] for place in places[::-1]]


def _opponents(game: str) -> dict[str, Callable[[], Evaluator]]:
    """Return the fixed opponents by their names, the weakest first."""
    found: dict[str, Callable[[], Evaluator]] = {ROLLOUTS: RolloutEvaluator}
    if game in models.shipped():
        grown = models.find(game)
        early = _written(grown.folder / "childhood")[:1]
        for name, model in [(f"{game}'s first checkpoint", each) for each in early] + [(f"the model {game}", grown)]:
            found[name] = lambda model=model: choose(model, "auto")  # type: ignore[misc]
    return found


class Matches:
    """Matches that are kept in a JSON file: what the first named gained in each game, who began every other one."""

    def __init__(self, path: Path, task: SelfPlayTask):
        self.path, self.task, self.games = path, task, list[RatedGame]()
        self.gains: dict[str, list[float]] = json.loads(path.read_text()) if path.is_file() else {}

    def play(
        self, name: str, evaluator: Callable[[], Evaluator], other: str, opponent: Callable[[], Evaluator]
    ) -> None:
        """Add a match to the games, and play it if it was not played before."""
        task = self.task
        key = f"{name} v {other}, {task.board or task.game}, {task.count} games, {PLAYING.visits} visits"
        if key not in self.gains:
            self.gains[key] = play_match(task, evaluator(), opponent(), PLAYING).tolist()
            write_file(self.path, json.dumps(self.gains, indent=1).encode())
        for number, gain in enumerate(self.gains[key]):
            points = (1 + gain) / 2
            self.games.append(RatedGame(other, name, 1 - points) if number % 2 else RatedGame(name, other, points))


# --- what is shown ----------------------------------------------------------------------------------------


def table(found: Sequence[StageProgress]) -> Any:
    """Return the models with their Elo, and the warnings, for a terminal."""
    from rich.table import Table

    shown = Table("stage", "step", "Elo", "95 %", box=None, header_style="bold", pad_edge=False)
    for stage in found:
        for model, row in zip(stage.models, stage.ratings, strict=True):
            shown.add_row(
                stage.name, f"{int(model.folder.name):,}", f"{row.elo:+.0f}", f"{row.low:+.0f} to {row.high:+.0f}"
            )
        for sentence in stage.warnings:
            shown.add_row(stage.name, "", "", f"warning: {sentence}")
    return shown


def _page(title: str, found: Sequence[StageProgress], fixed: Sequence[RatingRow], task: SelfPlayTask) -> str:
    told = "".join(_section(stage) for stage in found)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<h1>{escape(title)}: is it learning?</h1><p>Elo with 95 % intervals, in {task.count} games against each of "
        f"{len(fixed)} opponents that never change, all by searches of {PLAYING.visits} simulations a move"
        f"{f' on the board {task.board}' if task.board else ''}.</p>{_plot(found, fixed)}{told}</html>\n"
    )


def _section(stage: StageProgress) -> str:
    signs = "".join(f"<li>{escape(sentence)}</li>" for sentence in stage.warnings)
    there = (stage.folder / REPORT).is_file()
    link = f' (<a href="{escape((stage.folder / REPORT).resolve().as_uri())}">its curves</a>)' * there
    return f"<h2>{escape(stage.name)}{link}</h2>" + (f"<ul>{signs}</ul>" if signs else "<p>No warnings.</p>")


def _plot(found: Sequence[StageProgress], fixed: Sequence[RatingRow]) -> str:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5))
    axes, place, labels = figure.subplots(), 0, list[str]()
    for stage in found:
        rows = stage.ratings
        places = range(place, place + len(rows))
        bars = [[row.elo - row.low for row in rows], [row.high - row.elo for row in rows]]
        axes.errorbar(
            places, [row.elo for row in rows], np.nan_to_num(bars, posinf=400), fmt="o-", capsize=3, label=stage.name
        )
        labels += [f"{int(model.folder.name):,}" for model in stage.models]
        place += len(rows)
    for row in fixed:
        axes.axhline(row.elo, color="grey", linestyle="--", linewidth=1)
        axes.annotate(row.name, (1, row.elo), xycoords=("axes fraction", "data"), ha="right", va="bottom", color="grey")
    axes.set_xticks(range(place), labels)
    axes.set_xlabel("models by their steps, stage after stage")
    axes.set_ylabel("Elo")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    return svg(figure)
