"""Settings: defaults <- a file's table <- name=value words, each checked at the door.

Settings are a frozen dataclass whose fields are made by `setting`; their values are whole numbers, numbers, true or
false, text, or lists of text.
"""

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import field, fields
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from reprlib import Repr
from typing import Any, get_type_hints

from games import plain_files

MOST_DOTS = 1000
"""Dots in a line of a TOML file, at most: a key of n dots costs n * n tables."""


def setting(default, text: str, least: float | None = None, choices: tuple = (), most: float | None = None):
    """Make a dataclass field with its one-line help and the values that it may have."""
    return field(default=default, metadata={"help": text, "least": least, "choices": choices, "most": most})


def again(kind: type, name: str, default):
    """Make a field like one of the settings that are inherited from, but with another default."""
    return field(default=default, metadata=next(each.metadata for each in fields(kind) if each.name == name))


def resolve(kind: type, *layers: Mapping[str, Any]) -> Any:
    """Return settings of a dataclass, later layers first; raise `ValueError` for what it does not know or allow."""
    known, values = get_type_hints(kind), {}
    for layer in layers:
        for name, value in layer.items():
            if name not in known:
                raise ValueError(unknown(name, known))
            values[name] = _converted(name, known[name], value)
    settings = kind(**values)
    for each in fields(settings):
        _check(each.name, getattr(settings, each.name), **each.metadata)
    return settings


def unknown(name: str, known: Iterable[str]) -> str:
    """Say that there is no setting of a name, and what there is."""
    near = get_close_matches(name, known, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"there is no setting {name!r}{hint}; the settings are: {', '.join(known)}"


def _converted(name: str, kind: type, value: Any) -> Any:
    try:
        if kind is bool:
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[str(value).lower()]
        if kind is int:
            return int(value) if isinstance(value, str) else _whole(value)
        if kind is float:
            return _finite(float(value))
        if kind is str:
            return _plain(value)
        parts = [part for part in value.split(",") if part] if isinstance(value, str) else value
        return tuple(map(_plain, parts))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} = {Repr().repr(value)} should be {_WANTED.get(kind, 'a list of texts')}") from None


_WANTED = {bool: "true or false", int: "a whole number", float: "a finite number", str: "a text"}


def _whole(value: float) -> int:
    if isinstance(value, bool) or value != int(value):
        raise ValueError
    return int(value)


def _finite(value: float) -> float:
    if not isfinite(value):
        raise ValueError
    return value


def _plain(value: Any) -> str:
    """Return a text; a bare number is one, too, as in `openings = 4`."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError
    return value


def _check(
    name: str, value: Any, help: str = "", least: float | None = None, choices: tuple = (), most: float | None = None
) -> None:
    if most is not None and value > most:
        raise ValueError(f"{name} = {value} is more than {most}")
    if least is not None and value < least:
        raise ValueError(f"{name} = {value} is less than {least}")
    if choices and value not in choices:
        raise ValueError(f"{name} = {value!r} is none of {', '.join(map(repr, choices))}")


def read_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file; raise `ValueError` in a sentence where there are none."""
    try:
        text = plain_files.read_text(path)
        if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
            raise ValueError(f"a line has over {MOST_DOTS} dots")
        return tomllib.loads(text)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    except RecursionError:
        raise ValueError(f"{path} is not TOML: it is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path} is not TOML: {error}") from None


def explained(settings: Any) -> list[tuple[str, str, str]]:
    """List name, value and help of every setting, as TOML writes the value."""
    return [(each.name, _written(getattr(settings, each.name)), each.metadata["help"]) for each in fields(settings)]


def to_toml(settings: Any) -> str:
    """Write settings as TOML, a line of help above each."""
    return "\n".join(f"# {text}\n{name} = {value}\n" for name, value, text in explained(settings))


def _written(value: Any) -> str:
    return f"[{', '.join(map(_written, value))}]" if isinstance(value, tuple) else json.dumps(value)


def read_words(words: Iterable[str]) -> dict[str, str]:
    """Turn name=value words into a layer of settings."""
    layer = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name and equals):
            raise ValueError(f"{word!r} is no setting: settings are written name=value")
        layer[name] = value
    return layer
