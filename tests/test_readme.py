"""Every command of the README is run as it stands there, and the set-up lines say what CI says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines() if line.startswith("yomi ")]


def test_the_set_up_is_two_commands():
    lines = [line for block in BLOCKS for line in block.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert ".venv/bin/yomi play go" in lines[0]
    assert lines[1].endswith(".venv/bin/pytest")


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command, tmp_path):
    words = ["gtp", *command.split()[2:]] if command.startswith("yomi gtp") else command.split()[1:]
    spoken = {"gtp": "name\nboardsize 9\ngenmove b\nquit\n", "ubgi": "ubgi\nquit\n"}
    typed = spoken.get(words[0], "quit\n")
    program = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import yomi; yomi.main()"]
    done = subprocess.run([*program, *words], input=typed, capture_output=True, text=True, timeout=300, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (done.stdout + done.stderr).strip()


def test_every_file_of_the_tree_in_it_is_there():
    tree = README.split("```\ngames/")[1].split("```")[0]
    folder = "games"
    for line in ("games/\n" + tree).splitlines():
        if found := re.match(r"(\w+)/", line):
            folder = found[1]
        for name in re.findall(r"^  ((?:[\w*/]+\.py ?)+)", line):
            for each in name.split():
                assert list((ROOT / folder).glob(each)), f"{folder}/{each}"


def test_pictures_are_there():
    for path in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / path).stat().st_size > 1000
