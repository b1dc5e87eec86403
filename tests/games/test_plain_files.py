"""Files that people name: what is no plain file is refused at once by every door, without waiting or filling memory."""

import errno
import os
from collections.abc import Callable

import pytest

from engine.networks import model
from engine.settings import read_toml
from engine.text import shape, tokenizer, weights
from engine.text.models import read_description
from games import plain_files
from games.backgammon import mat
from games.go import sgf
from gui.connect_four.session import ConnectFourRecords
from gui.text.records import TextRecords
from training.checkpoints import read_state
from training.go.checking import mapped
from training.text.evaluating import read_prompts
from training.text.texts import LONGEST_LINE, json_lines, read_examples


def _in_folder(read: Callable, name: str) -> Callable:
    """Return a door for a folder in which one file is what the path is."""

    def door(path):
        folder = path.parent / "000000001"
        folder.mkdir()
        (folder / name).symlink_to(path)
        return read(folder)

    return door


DOORS = {
    "sgf": lambda path: list(sgf.read(path)),
    "mat": mat.read,
    "toml": read_toml,
    "model.json": _in_folder(model.read, "model.json"),
    "text model.json": _in_folder(read_description, "model.json"),
    "config.json": _in_folder(shape.read_shape, "config.json"),
    "tokenizer.json": _in_folder(tokenizer.read_tokenizer, "tokenizer.json"),
    "tensors": weights.read_tensors,
    "checkpoint": _in_folder(read_state, "run.json"),
    "packed games": _in_folder(mapped, "dataset.json"),
    "prompts": lambda path: read_prompts(str(path)),
    "json lines": lambda path: list(json_lines(path)),
    "a text": lambda path: list(read_examples(path)),
    "the window's Connect Four": ConnectFourRecords.read,
    "the window's text": TextRecords.read,
}


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS)
@pytest.mark.parametrize("kind", ["pipe", "endless", "folder"])
def test_every_door_refuses_what_is_no_file(tmp_path, door, kind):
    path = tmp_path / "given"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "endless":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    if kind == "folder" and door is DOORS["sgf"]:
        pytest.skip("a folder of records is read")
    with pytest.raises((ValueError, OSError), match="pipe or a device|[Ii]s a directory"):
        door(path)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 50_000, "{", "", "9" * 5000, b"\xff"], ids=range(6))
def test_what_is_no_json_is_refused_however_deep(text):
    with pytest.raises(ValueError, match="nested|Expecting|digits|decode"):
        plain_files.parse_json(text)


@pytest.mark.parametrize("name", ["model.json", "text model.json", "config.json", "tokenizer.json", "checkpoint"])
def test_brackets_in_brackets_are_refused_in_a_sentence(tmp_path, name):
    path = tmp_path / "given"
    path.write_text("[" * 100_000)
    with pytest.raises(ValueError, match="nested too deeply") as caught:
        DOORS[name](path)
    assert ".json" in str(caught.value)


def test_a_file_is_read_up_to_a_size(tmp_path):
    path = tmp_path / "given"
    path.write_bytes(b"\xef\xbb\xbf" + b"x" * (1 << 20))
    with pytest.raises(OSError, match="larger than 1 MiB"):
        plain_files.read_bytes(path, 1 << 20)
    assert plain_files.read_text(path, 2 << 20) == "x" * (1 << 20)
    with pytest.raises(OSError, match="no file has such a name"):
        plain_files.read_bytes("a\0b")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a." * 50_000 + "b = 1", "dots"),
        ("a = " + "[" * 100_000, "nested too deeply"),
        ("x", "not TOML"),
        ("\udcff", "not TOML"),
    ],
)
def test_a_toml_file_that_costs_too_much_is_refused(tmp_path, text, why):
    path = tmp_path / "given.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=why) as told:
        read_toml(path)
    assert str(path) in str(told.value)


def test_a_line_that_fills_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("training.text.texts.LONGEST_LINE", 1 << 20)
    path = tmp_path / "given.jsonl"
    path.write_bytes(b'{"text": "a"}\n{"text": "' + b"x" * (1 << 20) + b'"}\n')
    with pytest.raises(ValueError, match="given.jsonl, line 2 is longer than 1 MiB"):
        list(json_lines(path))
    assert LONGEST_LINE > 1 << 20


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "kept"
    plain_files.replace_file(path, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(plain_files.os, "fsync", full)
        with pytest.raises(OSError, match="No space left on device: .*kept"):
            plain_files.replace_file(path, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("kept", b"old")]
    plain_files.replace_file(path, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("kept", b"new")]


# --- replacing ---------------------------------------------------------------------------------------------


def test_a_link_stays_a_link_and_who_may_read_stays(tmp_path):
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_bytes(b"old")
    real.chmod(0o600)
    link.symlink_to("real")
    plain_files.replace_file(link, b"new")
    assert (real.read_bytes(), link.is_symlink(), real.stat().st_mode & 0o777) == (b"new", True, 0o600)
    link.unlink()
    link.symlink_to("later")
    plain_files.replace_file(link, b"made")
    assert (tmp_path / "later").read_bytes() == b"made"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["later", "link", "real"]


def test_a_pipe_or_a_device_is_not_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to(os.devnull)
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "null", "folder"):
        with pytest.raises(OSError, match="pipe or a device|[Ii]s a directory"):
            plain_files.replace_file(tmp_path / name, b"new")
    assert (tmp_path / "pipe").is_fifo()
    assert (tmp_path / "null").is_char_device()
    assert len(list(tmp_path.iterdir())) == 3


def test_the_longest_name_is_written(tmp_path):
    path = tmp_path / ("x" * 255)
    for data in (b"one", b"two"):
        plain_files.replace_file(path, data)
        assert path.read_bytes() == data
