"""Every command of the README is run as it stands there, and the pages in docs name what is there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.measures import write_reading_order

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.split("  #")[0].strip() for block in BLOCKS for line in block.splitlines() if line.startswith("yomi ")]

BRIEFLY = {
    "yomi train go rollouts": "practice=300 steps=50",
    "yomi train connect_four": "games=16 task=16 rollout_visits=8 visits=8 minutes=0.001",
    "yomi bench": "--seconds 0.1",
}
"""What is added to commands that would take long; what comes of all of it other tests look at."""


def test_the_set_up_is_two_commands():
    lines = [line for block in BLOCKS for line in block.splitlines() if line.startswith("python3 -m venv")]
    assert len(lines) == 2
    assert ".venv/bin/yomi play go" in lines[0]
    assert lines[1].endswith(".venv/bin/pytest -n 2 --dist loadfile")


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_run(command, tmp_path):
    more = next((words for beginning, words in BRIEFLY.items() if command.startswith(beginning)), "")
    command = f"{command} {more}"
    words = ["gtp", *command.split()[2:]] if command.startswith("yomi gtp") else shlex.split(command)[1:]
    spoken = {"gtp": "name\nboardsize 9\ngenmove b\nquit\n", "ubgi": "ubgi\nquit\n"}
    typed = spoken.get(words[0], "quit\n")
    program = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); import yomi; yomi.main()"]
    done = subprocess.run([*program, *words], input=typed, capture_output=True, text=True, timeout=900, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (done.stdout + done.stderr).strip()


def test_the_reading_order_names_every_file_with_its_own_sentence():
    assert write_reading_order.PAGE.read_text("utf-8") == write_reading_order.page()


def test_every_start_of_the_reading_order_is_there():
    assert [name for name in write_reading_order.FIRST if not (ROOT / name).is_file()] == []


def test_the_readme_is_for_a_stranger():
    assert README.count("\n") < 170


def test_commands_of_figures_name_scripts_that_are_there():
    assert [path for path in re.findall(r"python (\S+\.py)", README) if not (ROOT / path).is_file()] == []


def test_links_lead_somewhere():
    pages = {
        path: path.read_text("utf-8") for path in [ROOT / "README.md", *ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]
    }
    links = {(path, link) for path, text in pages.items() for link in re.findall(r"\]\((?!http)([^)#]+)\)", text)}
    assert [link for path, link in links if not (path.parent / link).exists()] == []


def test_pictures_are_there():
    for path in re.findall(r"!\[.*?\]\((.*?)\)", README):
        assert (ROOT / path).stat().st_size > 1000
