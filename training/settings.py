"""Recipes: which stages a pipeline has, and what it sets in each.

A recipe is a TOML file with one table a stage, in the order of the pipeline, and `[presets.NAME.STAGE]` tables that
change some of them. What a table may hold, the stage's settings say (`engine/settings.py`).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Recipe:
    """A pipeline: what each stage sets, in order, and what each preset changes in them."""

    name: str
    stages: dict[str, dict[str, Any]]
    presets: dict[str, dict[str, dict[str, Any]]]

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
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is not TOML: {error}") from None
    presets = tables.pop("presets", {})
    stray = [key for key, table in tables.items() if not isinstance(table, dict)]
    if stray or not tables:
        raise ValueError(f"{path}: {stray[0]!r} stands in no stage's table" if stray else f"{path} has no stage")
    return Recipe(path.stem, tables, presets)
