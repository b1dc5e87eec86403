"""What a model of Go is for: boards, komi, and the planes that it was trained to see."""

from collections.abc import Mapping
from typing import Any

from games.go import rules
from games.go.planes import PLANES

KOMI = (-127.5, 127.5)
"""The komi that the input planes can show."""

OURS: list[list[Any]] = [[name, count] for name, _, count in PLANES]


def described() -> dict[str, Any]:
    """Return what model.json tells of every new model: sizes of boards and komi, least and greatest, and the planes."""
    return {"sizes": [rules.SMALLEST, rules.LARGEST], "komi": list(KOMI), "planes": OURS}


def check(about: Mapping[str, Any]) -> None:
    """Raise `KeyError`, `TypeError` or `ValueError` where model.json lacks something or holds nonsense."""
    for word in ("sizes", "komi"):
        low, high = map(float, about[word])
        if not low <= high:  # refuses nan, too
            raise ValueError(word)
    if not all(isinstance(name, str) and isinstance(count, int) and count > 0 for name, count in about["planes"]):
        raise ValueError("planes")


def why_not(about: Mapping[str, Any], size: int | None = None, komi: float | None = None, **_: Any) -> str:
    """Say why a model cannot play a game that begins so; "" if it can."""
    (least, most), (low, high) = about["sizes"], about["komi"]
    if [list(plane) for plane in about["planes"]] != OURS:
        return f"was trained on other input planes than this Yomi shows: {_first_other(about['planes'])}"
    if size is not None and not least <= size <= most:
        return f"plays boards of size {least} to {most}, not {size}"
    if komi is not None and not low <= komi <= high:
        return f"knows komi from {low:g} to {high:g}, not {komi:g}"
    return ""


def _first_other(planes: list) -> str:
    for mine, theirs in zip(OURS, planes, strict=False):
        if mine != list(theirs):
            return f"it has {theirs[1]} of {theirs[0]!r} where there are {mine[1]} of {mine[0]!r}"
    ours, its = (sum(count for _, count in listed) for listed in (OURS, planes))
    return f"it has {its} planes, and there are {ours}"
