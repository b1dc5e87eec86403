"""docs/add-a-game.md walks through every file of Connect Four's wings, and its line counts are about true."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "add-a-game.md").read_text("utf-8")
FILES = sorted(
    path.relative_to(ROOT).as_posix()
    for room in ("games", "engine", "gui", "training", "tests/games", "tests/engine", "tests/gui", "tests/training")
    for path in (ROOT / room / "connect_four").rglob("*")
    if path.suffix in (".py", ".npz") and (path.stat().st_size or path.suffix != ".py")
)


def test_every_file_that_is_named_exists():
    named = re.findall(r"`([\w/.-]+\.(?:py|npz))`", PAGE)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_wings_is_named(name):
    assert f"`{name}`" in PAGE


def test_line_counts_are_about_true():
    for name, lines in re.findall(r"\| `([\w/.]+\.py)` \| (\d+) \|", PAGE):
        true = len((ROOT / name).read_text("utf-8").splitlines())
        assert abs(int(lines) - true) <= max(3, true // 8), f"{name} has {true} lines, not {lines}"
