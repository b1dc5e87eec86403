"""From a command line to stages that run: which recipe, which stage, which settings, which folder."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.settings import explained, read_words, resolve
from training.run import RUNS, Run, open_run
from training.settings import read_recipe

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""Read when torch is loaded: threads that wait sleep; spinning costs most of the speed where others use a core too."""

GAMES, MODELS = 32, 5
"""Games of each match by which progress is measured, and models of a stage that play them."""

NEEDED = "training needs more than playing does: pip install '.[train]'"


@dataclass(frozen=True)
class StageJob:
    """One stage that is to run: its module's name, its dataclass of settings, its folder, the user's settings apart."""

    stage: str
    module: str
    kind: type
    folder: Path
    layers: list[dict[str, Any]]
    words: dict[str, str]

    def load(self) -> ModuleType:
        """Import the stage, and torch where it needs that."""
        return _import(self.module)

    def open(self, resume: bool, silent: bool = False) -> Run:
        """Return the run of the stage's folder."""
        return open_run(self.folder, self.kind, self.layers, self.words, resume, silent)


def plan(recipe: str, words: Sequence[str], preset: str = "", name: str = "") -> list[StageJob]:
    """Return the stages that a command line names; raise `ValueError` for what it cannot mean."""
    made = read_recipe(recipe)
    stages = [word for word in words if "=" not in word]
    if len(stages) > 1:
        raise ValueError(f"{stages[1]!r} is neither a setting (name=value) nor the one stage {stages[0]!r}")
    changes = read_words(word for word in words if "=" in word)
    if changes and not stages and len(made.stages) > 1:
        raise ValueError(f"settings belong to one stage: name it, one of {', '.join(made.stages)}")
    prefix = name or "-".join(filter(None, (made.name, preset)))
    jobs = []
    for stage in stages or made.stages:
        layers = [_with_runs(layer, prefix) for layer in made.layers(stage, preset)]
        folder = prefix if name and stages else f"{prefix}-{stage}"
        module, kind = find_stage(stage, made.game)
        jobs.append(StageJob(stage, module, kind, _below_runs(folder), layers, changes))
        resolve(kind, *layers, changes)  # every stage's mistakes are told before the first runs
    return jobs


def _below_runs(name: str) -> Path:
    """Return the folder of a run: below runs/, or as it stands where the name is a path."""
    return Path(name) if _is_path(name) else RUNS / name


def _is_path(name: str) -> bool:
    return "/" in name or os.sep in name or name in (".", "..")


def _with_runs(layer: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Replace each value "@STAGE" by the run folder of that stage of the same pipeline."""
    begins = [name for name, value in layer.items() if isinstance(value, str) and value.startswith("@")]
    return layer | {name: str(_below_runs(f"{prefix}-{layer[name][1:]}")) for name in begins}


def find_stage(stage: str, game: str = "") -> tuple[str, type]:
    """Return the name of a stage's module and its dataclass of settings, without importing torch.

    `td` is the module of every stage of a recipe called td-SOMETHING. It stands free in training/, or in the wing of
    `game`; without a game, in any wing. Raise `ValueError` where there is no such stage, or more than one.
    """
    file, here = stage.split("-")[0], Path(__file__).parent
    if game and not (game.isidentifier() and (here / game).is_dir()):
        raise ValueError(f"Yomi trains no game {game!r}; {_known_wings(here)}")
    places = [here, here / game] if game else [here, *sorted(path.parent for path in here.glob("*/__init__.py"))]
    paths = [path / f"{file}.py" for path in places] if file.isidentifier() else []
    names = [".".join(("training", *path.relative_to(here).with_suffix("").parts)) for path in paths if path.is_file()]
    found = [(name, kind) for name in names if (kind := _settings_of(name))]
    if not found:
        raise ValueError(f"there is no stage {stage!r} in Yomi" + (f" for {game}" if game else ""))
    if len(found) > 1:
        both = " and ".join(name for name, _ in found)
        raise ValueError(f'the stage {stage!r} is in {both}: write game = "..." at the top of the recipe')
    return found[0]


def _known_wings(here: Path) -> str:
    names = sorted(path.parent.name for path in here.glob("*/__init__.py"))
    return f"its wings are: {', '.join(names)}"


def _settings_of(module: str) -> type | None:
    """Return the settings of a stage: in STAGE_settings.py where the stage imports torch, or in itself."""
    apart = f"{module}_settings"
    if find_spec(apart):
        return _import(apart).Settings
    found = _import(module)
    return found.Settings if hasattr(found, "Settings") and hasattr(found, "train") else None


def _import(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ImportError(f"{error.name} is not installed; {NEEDED}") from None


def listing(jobs: Sequence[StageJob]) -> Any:
    """Return a table of every setting of the stages, its value and its meaning."""
    from rich.table import Table
    from rich.text import Text

    table = Table("setting", "value", "meaning", box=None, header_style="bold", pad_edge=False)
    for job in jobs:
        table.add_row(Text(job.stage, "bold"))
        for row in explained(resolve(job.kind, *job.layers, job.words)):
            table.add_row(*map(Text, row))
    return table


def carry_out(jobs: Sequence[StageJob], resume: bool = False) -> None:
    """Run stages one after another; end early where one was stopped."""
    silent = int(os.environ.get("RANK", 0)) > 0  # torchrun's first process writes for all
    runs = [job.open(resume, silent) for job in jobs]
    for job, run in zip(jobs, runs, strict=True):
        stage = job.load()
        if resume and not (job.folder / "settings.toml").exists():
            run.say(f"there is no run in {job.folder} to resume: it begins anew")
        with run:
            if job.folder.parent != RUNS:
                run.say(f"this run is kept in {job.folder}")
            stage.train(run)
            if run.stopping:
                run.say(f"stopped {run.stopping}; the same command with --resume goes on")
                return


def rates(jobs: Sequence[StageJob]) -> list[dict[str, Any]]:
    """Measure stages beside their raw limit, where they know one; keep nothing but the packed games."""
    rows = []
    for job in jobs:
        stage = job.load()
        if hasattr(stage, "measure_rate"):
            found = stage.measure_rate(job.open(resume=True))
            name = f"training-{job.stage}"
            rows.append({"name": name, "unit": "positions/s"} | found | {"ratio": found["rate"] / found["limit"]})
    return rows


def progress(jobs: Sequence[StageJob]) -> Any:
    """Measure how strong the models of the stages are, and write a page of it; return a table for the terminal."""
    from training import progress as measuring

    folders = [job.folder for job in jobs]
    page = folders[0].parent / f"{os.path.commonprefix([folder.name for folder in folders]).rstrip('-')}-progress.html"
    say = partial(print, file=sys.stderr, flush=True)
    found = measuring.measure([(job.stage, job.folder) for job in jobs], page, GAMES, MODELS, say)
    say(f"wrote {page}")
    return measuring.table(found)
