"""What can be chosen on the start page, described without a display."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Values = Mapping[str, Any]
"""What is chosen in the fields of the start page, by their names."""

NOTHING: Values = {}


@dataclass(frozen=True)
class Field:
    """One thing to choose on the start page. `choices` make a drop-down list; without, it is a line of text."""

    name: str
    label: str
    default: object
    choices: tuple[tuple[object, str], ...] = ()  # value and words
    hint: str = ""  # the sentence that stands below it
    front: bool = False  # it stands beside the boards, not under "More"
    apart: bool = False  # the strength of players is another one where this differs: the size of a board
