"""Every command of the README is run as it stands there, and its tree tells what is in the folders."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines() if line.startswith("yomi ")]

BRIEFLY = {"yomi train go rollouts": "practice=300 steps=50", "yomi bench": "--seconds 0.1"}
"""What is added to commands that would take long; what comes of all of it other tests look at."""


def test_the_set_up_is_two_commands():
    lines = [line for block in BLOCKS for line in block.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert ".venv/bin/yomi play go" in lines[0]
    assert lines[1].endswith(".venv/bin/pytest")


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command, tmp_path):
    more = next((words for beginning, words in BRIEFLY.items() if command.startswith(beginning)), "")
    command = f"{command} {more}"
    words = ["gtp", *command.split()[2:]] if command.startswith("yomi gtp") else command.split()[1:]
    spoken = {"gtp": "name\nboardsize 9\ngenmove b\nquit\n", "ubgi": "ubgi\nquit\n"}
    typed = spoken.get(words[0], "quit\n")
    program = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import yomi; yomi.main()"]
    done = subprocess.run([*program, *words], input=typed, capture_output=True, text=True, timeout=900, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (done.stdout + done.stderr).strip()


def in_the_tree() -> dict[str, list[str]]:
    """Return the names of files, some with stars, under each folder of the README's tree."""
    names, folder = {}, ""
    for line in re.search(r"```\n(games/.*?)```", README, re.DOTALL)[1].splitlines():
        if found := re.match(r"(\w+)/", line):
            folder = found[1]
        for some in re.findall(r"^  ((?:[\w*/]+\.py ?)+)", line):
            names.setdefault(folder, []).extend(some.split())
    return names


@pytest.mark.parametrize("folder", ["games", "engine", "gui", "training"])
def test_the_tree_names_every_file_and_no_other(folder):
    named = {name: set((ROOT / folder).glob(name)) for name in in_the_tree()[folder]}
    assert [name for name, files in named.items() if not files] == []
    there = {path for path in (ROOT / folder).rglob("*.py") if path.name != "__init__.py"}
    assert sorted(there - set().union(*named.values())) == []


def test_pictures_are_there():
    for path in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / path).stat().st_size > 1000
