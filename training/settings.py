"""Recipes: which stages a pipeline has, and what it sets in each.

A recipe is a TOML file with one table a stage, in the order of the pipeline, and `[presets.NAME.STAGE]` tables that
change some of them. What a table may hold, the stage's settings say (`engine/settings.py`). `game = "..."` above the
tables says whose wing the stages are in.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.settings import read_toml

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    """A pipeline: what each stage sets, in order, and what each preset changes in them."""

    name: str
    stages: dict[str, dict[str, Any]]
    presets: dict[str, dict[str, dict[str, Any]]]
    game: str = ""

    def layers(self, stage: str, preset: str = "") -> list[dict[str, Any]]:
        """Return what the recipe and a preset of it say about a stage."""
        if stage not in self.stages:
            raise ValueError(f"the recipe {self.name} has no stage {stage!r}; its stages are: {', '.join(self.stages)}")
        if preset and preset not in self.presets:
            known = ", ".join(self.presets) or "none"
            raise ValueError(f"the recipe {self.name} has no preset {preset!r}; its presets are: {known}")
        return [self.stages[stage], self.presets.get(preset, {}).get(stage, {})]


def pipelines() -> list[Path]:
    """List the recipes that ship."""
    return sorted(RECIPES.glob("*.toml"))


def read_recipe(name: str) -> Recipe:
    """Read a recipe: the name of one that ships with Yomi, or the path of a TOML file."""
    path = Path(name) if name.endswith(".toml") else RECIPES / f"{name}.toml"
    if not path.is_file():
        shipped = ", ".join(each.stem for each in pipelines())
        raise ValueError(f"there is no recipe {name!r}: give a .toml file or one of: {shipped}")
    tables = read_toml(path)
    presets, game = tables.pop("presets", {}), tables.pop("game", "")
    if not isinstance(game, str):
        raise ValueError(f"{path}: game = {game!r} should be a text")
    for name, table in _tables(path, tables, "a stage's table") + _tables(path, presets, "a preset's table"):
        if name in presets:
            _tables(path, table, "a stage's table of a preset")
    if not tables:
        raise ValueError(f"{path} has no stage")
    return Recipe(path.stem, tables, presets, game)


def _tables(path: Path, found: Any, what: str) -> list[tuple[str, Any]]:
    """Return the names and tables of a part of a recipe; raise `ValueError` for what is none."""
    if not isinstance(found, dict):
        raise ValueError(f"{path}: presets = {found!r} is no table")
    for name, table in found.items():
        if not isinstance(table, dict):
            raise ValueError(f"{path}: {name!r} stands in no stage's table, and should be {what}")
    return list(found.items())
