"""What the menu asks for; all else that is asked for is in `messages.py`."""

from gui.messages import Message

MENU_HINT = "files, pictures, size, colours, sounds, keys: key F10"


class ShowMenu(Message):
    """Show what can be done from every page: files, pictures, sizes, colours, sounds, keys."""


class CopyPicture(Message):
    """Put a picture of the board into the clipboard."""


class SetColours(Message):
    """Choose the palette with this name."""

    name: str
