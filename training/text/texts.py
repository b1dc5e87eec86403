"""Texts to learn from: plain files, JSON lines in the usual forms, solutions of the Game of 24."""

import lzma
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from gzip import BadGzipFile
from gzip import open as open_gzip
from json import dumps
from pathlib import Path
from typing import Any, NamedTuple

from games.plain_files import open_plain, parse_json

Messages = list[dict[str, str]]

LONGEST_LINE = 1 << 26
"""Bytes of a line at most: a packed file of a few kilobytes can hold one that fills the memory."""


class TextExample(NamedTuple):
    """A text, and what stands before it: a prompt as text, or as the messages of a conversation."""

    prompt: str | Messages
    answer: str


class Comparison(NamedTuple):
    """Two answers to one prompt, of which somebody preferred the first."""

    prompt: str | Messages
    chosen: str
    rejected: str


def read_examples(path: Path) -> Iterator[TextExample]:
    """Read a .txt file as one text, or JSON lines; raise `ValueError` that names file and line."""
    if _plain_name(path).endswith((".jsonl", ".json")):
        for where, fields in json_lines(path):
            yield from _examples(fields, where)
        return
    text = "".join(line for _, line in text_lines(path))
    if not text:
        raise ValueError(f"{path} is empty")
    yield TextExample("", text)


def read_comparisons(path: Path) -> Iterator[Comparison]:
    """Read JSON lines of {prompt, chosen, rejected}, texts or conversations."""
    for where, fields in json_lines(path):
        chosen, rejected = (_wanted(fields, name, where) for name in ("chosen", "rejected"))
        prompt = fields.get("prompt", "")
        if isinstance(chosen, str) and isinstance(rejected, str):
            yield Comparison(_prompt(prompt, where), chosen, rejected)
            continue
        first, second = _conversation(chosen, where, "chosen"), _conversation(rejected, where, "rejected")
        if "prompt" not in fields:  # TRL's implicit form: both conversations begin with the prompt
            prompt = first[:-1]
            if second[:-1] != prompt:
                raise ValueError(f"{where}: chosen and rejected answer different conversations")
        elif len(first) != 1 or len(second) != 1:
            raise ValueError(f"{where}: chosen and rejected should be one message each behind the prompt")
        yield Comparison(_prompt(prompt, where), first[-1]["content"], second[-1]["content"])


def _examples(fields: Mapping[str, Any], where: str) -> Iterator[TextExample]:
    """Yield the texts of one JSON line."""
    if "text" in fields:
        yield TextExample("", _text(fields["text"], where, "text"))
    elif "prompt" in fields and "completion" in fields:
        answer = fields["completion"]
        if isinstance(answer, list):
            answer = _conversation(answer, where, "completion")[-1]["content"]
        yield TextExample(_prompt(fields["prompt"], where), _text(answer, where, "completion"))
    elif "messages" in fields:
        messages = _conversation(fields["messages"], where, "messages")
        for number, message in enumerate(messages):
            if message["role"] == "assistant":
                yield TextExample(messages[:number], message["content"])
    elif "turns" in fields:
        yield TextExample("", written_turns(fields, where))
    else:
        raise ValueError(f"{where} holds none of: text; prompt and completion; messages; turns")


def written_turns(fields: Mapping[str, Any], where: str, most: int | None = None) -> str:
    """Return the first `most` turns of a dialogue, {turns}, as text: a turn a line."""
    turns = fields["turns"]
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise ValueError(f"{where}: 'turns' should be a list of texts")
    return "".join(f"{' '.join(turn.split())}\n" for turn in turns[:most])


# --- JSON lines -------------------------------------------------------------------------------------------


def json_lines(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield where each line stands, in words, and its fields."""
    empty = True
    for number, line in text_lines(path):
        if not line.strip():
            continue
        empty, where = False, f"{path}, line {number}"
        try:
            fields = parse_json(line)
        except ValueError as error:
            raise ValueError(f"{where} is not JSON: {error}") from None
        if not isinstance(fields, dict):
            raise ValueError(f"{where} is no table of fields")
        yield where, _whole(fields) if "\\ud" in line.lower() else fields
    if empty:
        raise ValueError(f"{path} is empty")


def _whole(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields with U+FFFD for each half of a character, which JSON can name and no file can hold."""
    text = dumps(fields, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
    return parse_json(text.decode("utf-16-le", "replace"))


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file, which may be packed (.gz, .xz), with their numbers."""
    unpacking: Any = {".gz": open_gzip, ".xz": lzma.open}.get(path.suffix, nullcontext)
    number = 1
    try:
        with open_plain(path) as packed, unpacking(packed) as file:
            while line := file.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise ValueError(f"{path}, line {number} is longer than {LONGEST_LINE >> 20} MiB")
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8").replace("\r\n", "\n")
                number += 1
    except UnicodeDecodeError:
        raise ValueError(f"{path}, line {number} is no UTF-8") from None
    except (BadGzipFile, lzma.LZMAError, EOFError) as error:
        raise ValueError(f"{path} cannot be unpacked: {error}") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from None


def _plain_name(path: Path) -> str:
    return path.name.removesuffix(".gz").removesuffix(".xz")


def _wanted(fields: Mapping[str, Any], name: str, where: str) -> Any:
    if name not in fields:
        raise ValueError(f"{where} has no field {name!r}")
    return fields[name]


def _text(value: Any, where: str, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: {name!r} should be a text")
    return value


def _prompt(value: Any, where: str) -> str | Messages:
    return value if isinstance(value, str) else _conversation(value, where, "prompt") if value else []


def _conversation(value: Any, where: str, name: str) -> Messages:
    """Return messages, each with the texts role and content."""
    fit = isinstance(value, list) and value and all(_is_message(each) for each in value)
    if not fit:
        raise ValueError(f"{where}: {name!r} should be a list of messages {{role, content}}")
    return [{"role": each["role"], "content": each["content"]} for each in value]


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("role"), str) and isinstance(value.get("content"), str)


def found_files(names: Sequence[str]) -> list[Path]:
    """Return files by their paths; raise `ValueError` for one that is missing."""
    paths = [Path(name).expanduser() for name in names]
    for path in paths:
        if not path.is_file():
            raise ValueError(f"there is no file {path}")
    return paths
