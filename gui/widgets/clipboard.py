"""Text to and from the clipboard, by whichever way this pygame has; nothing where there is none."""

import pygame


def get() -> str:
    """Return the text in the clipboard, "" where there is none."""
    try:
        if hasattr(pygame.scrap, "get_text"):
            return pygame.scrap.get_text() or ""
        _begin()
        data = pygame.scrap.get("text/plain;charset=utf-8") or pygame.scrap.get(pygame.SCRAP_TEXT)
        return (data or b"").decode("utf-8", "replace").rstrip("\0")
    except (pygame.error, NotImplementedError):
        return ""


def put(text: str) -> str:
    """Put text into the clipboard; say why not, or ""."""
    try:
        if hasattr(pygame.scrap, "put_text"):
            pygame.scrap.put_text(text)
        else:
            _begin()
            pygame.scrap.put(pygame.SCRAP_TEXT, text.encode())
            pygame.scrap.put("text/plain;charset=utf-8", text.encode())
    except (pygame.error, NotImplementedError) as error:
        return f"there is no clipboard: {error}"
    return ""


def _begin() -> None:
    if not pygame.scrap.get_init():
        pygame.scrap.init()
