"""The pictures of docs/lab.md: each is named there, small, and drawn by a command."""

import re
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

from training.lab import pictures

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_shows_the_pictures_that_are_drawn():
    shown = re.findall(r"\]\(lab/(\w+)\.svg\)", (DOCS / "lab.md").read_text("utf-8"))
    assert shown == list(pictures.PICTURES)
    for name in shown:
        assert 1000 < (DOCS / "lab" / f"{name}.svg").stat().st_size < 40_000


def test_a_run_that_is_missing_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"lab-value_iteration-grid holds no model: run `yomi train lab` first"):
        pictures.draw(tmp_path, tmp_path / "drawn")
