"""What a terminal can show: the characters and colours of boards. It knows no game."""

from dataclasses import dataclass

from rich.console import Console


@dataclass(frozen=True)
class Look:
    """The characters and colours of a board. Every point is two columns wide: itself and the line to its right."""

    black: str = "●"
    white: str = "○"
    dead: str = "×"
    star: str = "╋"
    line: str = "─"
    grid: tuple[str, str, str] = ("┌┬┐", "├┼┤", "└┴┘")
    bar: tuple[str, str] = ("█", "░")
    wood: str = ""
    black_style: str = "bold"
    white_style: str = "bold"
    last_style: str = "bold"


COLOURED = Look(
    white="●", wood="#6b4a1f on #dcb35c", black_style="#101010", white_style="#ffffff", last_style="bold #c01818"
)
PLAIN = Look()
ASCII = Look("X", "O", "x", "+", " ", ("...", "...", "..."), ("#", "-"))


def look_for(console: Console) -> Look:
    """Choose what a terminal can show."""
    if not (console.encoding or "").lower().startswith("utf"):
        return ASCII
    return COLOURED if console.color_system and not console.no_color else PLAIN
