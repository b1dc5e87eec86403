"""Pictures to the clipboard. SDL takes text only, so the system's own means do it, each in a process of its own."""

import io
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pygame

PATIENCE = 5.0
"""Seconds that a clipboard has to take a picture."""

SCRIPT = 'set the clipboard to (read (POSIX file "{}") as «class PNGf»)'
"""What macOS is asked to do with a file."""


def put(picture: pygame.Surface) -> str:
    """Put a picture into the clipboard; return why that failed, or ""."""
    if sys.platform == "win32":
        return _put_bitmap(picture)
    written = io.BytesIO()
    pygame.image.save(picture, written, "picture.png")
    if sys.platform == "darwin":
        return _put_by_script(written.getvalue())
    wayland = bool(os.environ.get("WAYLAND_DISPLAY"))
    words = ["wl-copy", "--type", "image/png"] if wayland else ["xclip", "-selection", "clipboard", "-t", "image/png"]
    if shutil.which(words[0]) is None:
        return f"no clipboard for pictures: {words[0]} is not installed"
    return _run(words, written.getvalue())


def _put_bitmap(picture: pygame.Surface) -> str:
    written = io.BytesIO()
    pygame.image.save(picture, written, "picture.bmp")
    try:
        if not pygame.scrap.get_init():
            pygame.scrap.init()
        pygame.scrap.put(pygame.SCRAP_BMP, written.getvalue())
    except (pygame.error, NotImplementedError) as error:
        return f"no clipboard for pictures: {error}"
    return ""


def _put_by_script(written: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        path.write_bytes(written)
        return _run(["osascript", "-e", SCRIPT.format(path)])


def _run(words: list[str], given: bytes = b"") -> str:
    """Run a program that takes the picture and stays behind to hand it out; return why that failed, or ""."""
    try:
        quiet = subprocess.DEVNULL
        subprocess.run(words, input=given, stdout=quiet, stderr=quiet, timeout=PATIENCE, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return f"no clipboard for pictures: {words[0]}: {type(error).__name__}"
    return ""
