"""Whether to open a window or to stay in the terminal. It loads no pygame, so that asking costs nothing."""

import os
import stat
import sys
from typing import TextIO


def wants_window(terminal: bool | None = None) -> bool:
    """Tell whether a game is played in a window; `terminal` is what the user asked for, None for nothing.

    With a pipe for input or output the game is played in the terminal.
    """
    if terminal is not None:
        return not terminal
    return not why_no_window()


def why_no_window() -> str:
    """Return why no window opens here, "" where one does."""
    if not has_display():
        return "no window opens: there is no display"
    for stream, name in ((sys.stdin, "input"), (sys.stdout, "output")):
        if is_piped(stream):
            return f"no window opens: the {name} is a pipe or a file; --window after the name of a game opens one"
    return ""


def has_display() -> bool:
    """Tell whether a window can be opened here."""
    if os.environ.get("SDL_VIDEODRIVER") or sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_piped(stream: TextIO | None) -> bool:
    """Tell whether a stream is a pipe or a file; a desktop that starts a program gives it neither."""
    if stream is None:
        return False
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # a stream that a test has put there
        return True
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
