"""The arrows between the rooms: who may import whom, and what playing never loads. See design.md, section 2."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from games import wings

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    "games": {"games"},
    "engine": {"engine", "games"},
    "training": {"training", "engine", "games"},
    "gui": {"gui", "engine", "games"},
}
HEAVY = {
    "torch": ("training/", "engine/networks/towers.py", "engine/networks/runtimes.py"),
    "pygame": ("gui/",),
}
"""Who alone may import what is slow to load; the torch evaluator lives in engine/networks/runtimes.py."""

FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def imported(source: str) -> set[str]:
    """Return the top-level names of all modules that a source imports, at any depth of its functions."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_imports_are_found_wherever_they_hide():
    source = "import a.b, c as d\nfrom e.f import g\nfrom . import h\ndef i():\n    if i:\n        import j.k\n"
    assert imported(source) == {"a", "c", "e", "j"}


def test_every_room_has_files():
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == set(ROOMS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows(path):
    name = path.relative_to(ROOT).as_posix()
    names = imported(path.read_text("utf-8"))
    ours = names & {*ROOMS, "yomi", "tests"}
    assert ours <= ROOMS[name.split("/")[0]]
    for module, homes in HEAVY.items():
        assert module not in names or name.startswith(homes), f"{name} may not import {module}"


@pytest.mark.parametrize("module", ["yomi", "engine.go.gtp"])
def test_playing_loads_neither_torch_nor_pygame(module):
    code = f"import sys, {module}; print(*sorted({{'torch', 'pygame', 'matplotlib'}} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (answer.stdout.strip(), answer.returncode) == ("", 0), answer.stderr


# --- wings ------------------------------------------------------------------------------------------------

NOT_YET_FREE = {
    "engine/backgammon/review.py",
    "engine/backgammon/review_report.py",
    "engine/networks/evaluator.py",
    "engine/networks/model.py",
    "engine/networks/towers.py",
    "engine/networks/int8.py",
    "training/pipeline.py",
}
"""Files that still import a wing, or another wing than their own; this list only gets shorter."""


def modules(source: str) -> set[str]:
    """Return the whole names of all modules that a source imports, at any depth of its functions."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def wing_of(name: str) -> str:
    """Return the game in whose wing a module stands, "" where it is free."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] in ROOMS and parts[1] in wings.NAMES else ""


def test_the_wing_of_a_module():
    assert [wing_of(name) for name in ("games.go", "gui.go.page", "games.wings", "numpy.go")] == ["go", "go", "", ""]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_wings_know_no_other_wing_and_free_files_know_none(path):
    name = path.relative_to(ROOT).as_posix()
    if name in NOT_YET_FREE:
        return
    own = wing_of(name.removesuffix(".py").replace("/", "."))
    found = {wing_of(module) for module in modules(path.read_text("utf-8"))} - {"", own}
    assert not found, f"{name} imports from the wing of {', '.join(sorted(found))}"
