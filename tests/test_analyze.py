"""`yomi analyze` from the outside: games are played, reviewed, and the answers looked at."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from games.formats import sgf

ROOT = Path(__file__).parent.parent


def yomi(*words, status=0):
    done = subprocess.run(
        [sys.executable, ROOT / "yomi.py", *map(str, words)], input="", capture_output=True, text=True, timeout=200
    )
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


@pytest.fixture(scope="module")
def match(tmp_path_factory):
    path = tmp_path_factory.mktemp("match") / "match.mat"
    yomi(
        "play", "backgammon", "--terminal", "--colour", "none", "--length", 1, "--plies", 0, "--seed", 5, "--mat", path
    )
    return path


def test_who_played_by_the_same_look_ahead_made_no_error(match):
    found = json.loads(yomi("analyze", match, "--plies", 0, "--json"))
    text = json.dumps(found)
    assert "luck" in text
    summary = yomi("analyze", match, "--plies", 0)
    assert "supernatural" in summary
    assert "0.0 (0 in" in summary


def test_a_deeper_look_writes_every_move(match, tmp_path):
    yomi("analyze", match, "--plies", 1, "--text", tmp_path / "out.txt", "--json-file", tmp_path / "out.json")
    assert len((tmp_path / "out.txt").read_text().splitlines()) > 20
    assert json.loads((tmp_path / "out.json").read_text())


def test_a_game_of_go_comes_back_with_comments_and_better_lines(tmp_path):
    played, reviewed = tmp_path / "game.sgf", tmp_path / "reviewed.sgf"
    yomi("play", "go", "--terminal", "--colour", "none", "--size", 5, "--visits", 20, "--sgf", played)
    out = yomi("analyze", played, "--model", "rollouts", "--visits", 60, "--sgf", reviewed)
    assert "mean loss" in out
    before, after = sgf.Document.open(played).record(), sgf.Document.open(reviewed).record()
    assert after.moves == before.moves
    assert len(after.comments) >= len(before.moves) - 2
    assert reviewed.read_text().count("(") > 1, "there are variations"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.sgf"], "nowhere.sgf"),
        (["nowhere.mat"], "nowhere.mat"),
        ([ROOT / "README.md"], "README.md"),
    ],
)
def test_what_cannot_be_reviewed_is_told_in_one_line(words, said):
    told = yomi("analyze", *words, status=1)
    assert said in told
    assert len(told.strip().splitlines()) == 1
