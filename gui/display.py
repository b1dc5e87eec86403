"""Whether to open a window or to stay in the terminal. It loads no pygame, so that asking costs nothing."""

import os
import stat
import sys
from typing import TextIO


def wants_window(terminal: bool | None = None) -> bool:
    """Say whether a game is to be played in a window; `terminal` is what the user asked for, None for nothing.

    What is piped in or out belongs in the terminal: commands come in, or a program reads.
    """
    if terminal is not None:
        return not terminal
    return has_display() and not (is_piped(sys.stdin) or is_piped(sys.stdout))


def has_display() -> bool:
    """Say whether a window can be opened here."""
    if os.environ.get("SDL_VIDEODRIVER") or sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_piped(stream: TextIO | None) -> bool:
    """Say whether a stream is a pipe or a file; a desktop that starts a program gives it neither."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (AttributeError, OSError, ValueError):  # no stream at all, or one that a test has put there
        return stream is not None
    return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)
