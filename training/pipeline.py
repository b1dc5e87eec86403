"""From a command line to stages that run: which recipe, which stage, which settings, which folder."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.settings import explained, read_words, resolve
from training.run import RUNS, open_run
from training.settings import read_recipe

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""Read when torch is loaded: threads that wait sleep; spinning costs most of the speed where others use a core too."""

NEEDED = "training needs more than playing does: pip install 'yomi[train]'"


@dataclass(frozen=True)
class Job:
    """One stage that is to run: its module, its folder, and its settings, the user's apart."""

    stage: str
    module: ModuleType
    folder: Path
    layers: list[dict[str, Any]]
    words: dict[str, str]


def plan(recipe: str, words: Sequence[str], preset: str = "", name: str = "") -> list[Job]:
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
        jobs.append(Job(stage, _module(stage), _below_runs(folder), layers, changes))
        resolve(jobs[-1].module.Settings, *layers, changes)  # every stage's mistakes are told before the first runs
    return jobs


def _below_runs(name: str) -> Path:
    path = Path(name)
    return path if path.is_absolute() or len(path.parts) > 1 else RUNS / name


def _with_runs(layer: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Replace each value "@STAGE" by the run folder of that stage of the same pipeline."""
    begins = [name for name, value in layer.items() if isinstance(value, str) and value.startswith("@")]
    return layer | {name: str(_below_runs(f"{prefix}-{layer[name][1:]}")) for name in begins}


def _module(stage: str) -> ModuleType:
    """Return the module of a stage: `td` is that of every stage of a recipe called td-SOMETHING."""
    file, here = stage.split("-")[0], Path(__file__).parent
    found = [*here.glob(f"{file}.py"), *here.glob(f"*/{file}.py")] if file.isidentifier() else []
    if not found:
        raise ValueError(f"there is no stage {stage!r} in Yomi")
    try:
        module = import_module(".".join(("training", *found[0].relative_to(here).with_suffix("").parts)))
    except ModuleNotFoundError as error:
        raise ImportError(f"{error.name} is not installed; {NEEDED}") from None
    if not (hasattr(module, "Settings") and hasattr(module, "train")):
        raise ValueError(f"there is no stage {stage!r} in Yomi")
    return module


def listing(jobs: Sequence[Job]) -> Any:
    """Return a table of every setting of the stages, its value and its meaning."""
    from rich.markup import escape
    from rich.table import Table

    table = Table("setting", "value", "meaning", box=None, header_style="bold", pad_edge=False)
    for job in jobs:
        table.add_row(f"[bold]{job.stage}[/bold]")
        for row in explained(resolve(job.module.Settings, *job.layers, job.words)):
            table.add_row(*map(escape, row))
    return table


def carry_out(jobs: Sequence[Job], resume: bool = False) -> None:
    """Run stages one after another; end early where one was stopped."""
    silent = int(os.environ.get("RANK", 0)) > 0  # torchrun's first process writes for all
    runs = [open_run(job.folder, job.module.Settings, job.layers, job.words, resume, silent) for job in jobs]
    for job, run in zip(jobs, runs, strict=True):
        with run:
            job.module.train(run)
            if run.stopping:
                run.say(f"stopped {run.stopping}; the same command with --resume goes on")
                return


def rates(jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """Measure stages beside their raw limit, where they know one; keep nothing but the packed games."""
    rows = []
    for job in jobs:
        if hasattr(job.module, "measure_rate"):
            found = job.module.measure_rate(open_run(job.folder, job.module.Settings, job.layers, job.words, True))
            name = f"training-{job.stage}"
            rows.append({"name": name} | found | {"unit": "positions/s", "ratio": found["rate"] / found["limit"]})
    return rows
