"""Files are chosen from a list: folders are entered, a second click opens, what is typed narrows the list."""

import os

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")

import pygame
import pytest

from gui.file_list import FileList, entries
from gui.messages import Open
from gui.widgets.text_field import TextField


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "games").mkdir()
    for name in ("games/b.sgf", "games/A.SGF", "games/notes.txt", "games/.hidden.sgf", "c.sgf"):
        (tmp_path / name).write_text("(;)")
    return tmp_path


def words(found):
    return [each for _, each in found]


def test_a_folder_is_listed_with_the_one_above_and_by_the_beginning_of_a_name(folder):
    above = "../   the folder above"
    assert words(entries(f"{folder}/", (".sgf",))) == [above, "games/", "c.sgf"]
    assert words(entries(f"{folder}/games/", (".sgf",))) == [above, "A.SGF", "b.sgf"]
    assert words(entries(f"{folder}/ga", (".sgf",))) == ["games/"]
    assert words(entries(f"{folder}/games/B", (".sgf",))) == ["b.sgf"]
    assert entries(f"{folder}/games/", ())[0][0] == f"{folder}/"
    for nothing in (f"{folder}/no/such/", f"{folder}/c.sgf/", "\0", "~nobody-is-called-so/x/"):
        assert entries(nothing, (".sgf",)) == []


def test_a_click_enters_a_folder_and_a_second_click_on_a_file_opens_it(folder, monkeypatch):
    monkeypatch.chdir(folder)
    pygame.font.init()
    field = TextField("", enter=Open)
    box = FileList(field, [("/kept/game.sgf", "the game of yesterday")], (".sgf",))
    box.refresh()
    assert [row[0] for row in box.rows] == ["the game of yesterday", "../   the folder above", "games/", "c.sgf"]
    assert box.choose(2) is None
    assert field.value == f"{folder}/games/"
    box.refresh()
    assert [row[0] for row in box.rows] == ["../   the folder above", "A.SGF", "b.sgf"]
    assert box.choose(2) is None
    box.refresh()  # it stays as it is under the mouse
    assert box.selected == 2
    assert box.choose(2) == Open(f"{folder}/games/b.sgf")
    field.put(f"{folder}/games/a")
    box.refresh()
    assert [row[0] for row in box.rows] == ["A.SGF"]
