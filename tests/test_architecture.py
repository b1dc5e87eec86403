"""The arrows between rooms and wings: who may import whom, and what playing never loads. See docs/architecture.md."""

import ast
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from games import wings
from games.game import Game

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {
    "games": {"games"},
    "engine": {"engine", "games"},
    "training": {"training", "engine", "games"},
    "gui": {"gui", "engine", "games"},
}
HEAVY = {
    "torch": (
        "training/",
        "engine/networks/layers.py",
        "engine/networks/towers.py",
        "engine/networks/runtimes.py",
        "engine/text/llama.py",
        "engine/text/torch_model.py",
    ),
    "pygame": ("gui/",),
}
"""Who alone may import what is slow to load; the torch evaluator lives in engine/networks/runtimes.py."""

LONGEST_FILE, MOST_METHODS = 400, 30
STAGE_WORDS = {"Settings"}
"""A stage of training is a module with `Settings` and `train`: there the name is the contract."""

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


def module_of(path: Path) -> str:
    """Return the name under which a file is imported."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {module_of(path): path for path in FILES}


def running(tree: ast.AST):
    """Yield the nodes of code that runs: all but what only a type checker reads."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            continue
        yield node
        yield from running(node)


def imports(source: str, known=MODULES) -> set[str]:
    """Return which of our modules a source imports, at any depth of its functions."""
    names = set()
    for node in running(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= {name if name in known else node.module for name in whole}
    return names & set(known)


IMPORTS = {name: imports(path.read_text("utf-8")) for name, path in MODULES.items()}


def wing_of(name: str) -> str:
    """Return the game in whose wing a module stands, "" where it is free."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[0] in ROOMS and parts[1] in wings.NAMES else ""


def test_the_wing_of_a_module():
    assert [wing_of(name) for name in ("games.go", "gui.go.page", "games.wings", "numpy.go")] == ["go", "go", "", ""]


@pytest.mark.parametrize("name", MODULES)
def test_wings_know_no_other_wing_and_free_files_know_none(name):
    found = {wing_of(module) for module in IMPORTS[name]} - {"", wing_of(name)}
    assert not found, f"{name} imports from the wing of {', '.join(sorted(found))}"


@pytest.mark.parametrize("game", wings.NAMES)
def test_no_part_of_a_game_hides_one_of_its_answers(game):
    answers = {verb for verb in vars(Game) if not verb.startswith("_")}
    parts = {path.stem for path in (ROOT / "games" / game).glob("*.py")}
    assert not answers & parts


def circles(graph: dict[str, set[str]]) -> list[set[str]]:
    """Return the groups of modules that reach each other by their imports."""
    reached = {}
    for name in graph:
        seen, left = set(), [name]
        while left:
            for other in graph.get(left.pop(), set()) - seen:
                seen.add(other)
                left.append(other)
        reached[name] = seen
    groups = {frozenset({name} | {other for other in reached[name] if name in reached[other]}) for name in graph}
    return [set(group) for group in groups if len(group) > 1]


def test_a_circle_is_found():
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]


def test_there_are_no_import_circles_not_even_lazy_ones():
    assert circles(IMPORTS) == []


NAMES_A_GAME = re.compile(
    rf"""["']({"|".join(wings.NAMES)})["']|\b(games|engine|gui|training)[./]({"|".join(wings.NAMES)})\b"""
)

ALLOWED = {"games/wings.py": 3, "games/game.py": 1, "yomi.py": 1}
"""Lines that may name a game where none is known: the list of games, two docstrings that give examples, a help text."""


def test_only_the_list_of_games_names_them_in_free_code():
    found = {}
    for path in [*FILES, ROOT / "yomi.py"]:
        name = path.relative_to(ROOT).as_posix()
        if not wing_of(name.removesuffix(".py").replace("/", ".")):
            lines = [line for line in path.read_text("utf-8").splitlines() if NAMES_A_GAME.search(line)]
            found |= {name: len(lines)} if lines else {}
    assert {name: count for name, count in found.items() if count > ALLOWED.get(name, 0)} == {}


# --- sizes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_files_and_classes_have_one_idea(name):
    source = MODULES[name].read_text("utf-8")
    assert source.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            assert sum(isinstance(each, ast.FunctionDef) for each in node.body) <= MOST_METHODS, node.name


def test_no_two_public_classes_share_a_name():
    homes = defaultdict(list)
    for name, path in MODULES.items():
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(name)
    assert {name: found for name, found in homes.items() if len(found) > 1 and name not in STAGE_WORDS} == {}
