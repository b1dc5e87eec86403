"""Text to and from the clipboard. What SDL has serves X11, Wayland, Windows and macOS alike."""

import pygame

TEXT = "text/plain;charset=utf-8"
"""The one kind that pygame hands to SDL itself; its own kinds of text are refused under X11."""


def get() -> str:
    """Return the text in the clipboard, "" where there is none."""
    try:
        if hasattr(pygame.scrap, "get_text"):  # pygame-ce
            return pygame.scrap.get_text() or ""
        _begin()
        return (pygame.scrap.get(TEXT) or b"").decode("utf-8", "replace").rstrip("\0")
    except (pygame.error, NotImplementedError):
        return ""


def put(text: str) -> str:
    """Put text into the clipboard; return why that failed, or ""."""
    data = text.encode("utf-8", "replace")  # names of files may hold what is no text
    try:
        if hasattr(pygame.scrap, "put_text"):  # pygame-ce
            pygame.scrap.put_text(data.decode())
        else:
            _begin()
            pygame.scrap.put(TEXT, data)
    except (pygame.error, NotImplementedError) as error:
        return f"there is no clipboard: {error}"
    return ""


def _begin() -> None:
    if not pygame.scrap.get_init():
        pygame.scrap.init()
