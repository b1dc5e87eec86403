"""A list of files: those used last, then what lies in the folder that a field names. It knows no game."""

from collections.abc import Collection, Sequence
from pathlib import Path

from gui.messages import Message
from gui.widgets.lists import ListBox
from gui.widgets.text_field import TextField

MOST = 400
"""Entries of a folder that are listed."""

SHORT = 64
"""Letters of a path that are listed; its end says more than its beginning."""

Listed = tuple[str, str]
"""A path, and the words that stand for it."""


class FileList(ListBox):
    """Follows a field: a click on a folder opens it, a click on a file writes its path into the field."""

    def __init__(self, field: TextField, first: Sequence[Listed], suffixes: Collection[str]):
        """`first` come first while the field is as it was; of files those with one of the suffixes are listed."""
        super().__init__(choose=self._chosen)
        self.field, self.first, self.suffixes, self._began = field, first, tuple(suffixes), field.value
        self.listed: Sequence[Listed] = ()
        self._shown: str | None = None

    def refresh(self) -> None:
        """List what fits the text of the field, where that is another one."""
        text = self.field.value
        if text == self._shown:
            return
        self._shown = text
        files = [path for path, _ in self.listed if not path.endswith("/")]
        if text in files:  # it was clicked, and a second click is to find it where it is
            self.selected = [path for path, _ in self.listed].index(text)
            return
        first = self.first if text == self._began else ()
        self.listed = [*first, *entries(text, self.suffixes)]
        self.show([(words if len(words) <= SHORT else "…" + words[1 - SHORT :],) for _, words in self.listed])
        self.top = 0

    def _chosen(self, index: int) -> Message | None:
        if not 0 <= index < len(self.listed):
            return None
        path = self.listed[index][0]
        again = path == self.field.value and self.field.enter is not None
        return self.field.enter(path) if again and self.field.enter else self.field.put(path)

    def draw(self, surface, theme):
        """Draw the list as the field has it."""
        self.refresh()
        super().draw(surface, theme)


def entries(text: str, suffixes: tuple[str, ...]) -> list[Listed]:
    """List the folder above and what lies in a folder: folders first, then files; of a name's beginning what it fits.

    Without a text it is the folder in which the program was started. What cannot be read is not listed.
    """
    whole = not text.strip() or text.endswith(("/", "\\"))
    try:
        path = Path(text.strip()).expanduser()
        folder, begins = (path, "") if whole else (path.parent, path.name.lower())
        found = sorted(folder.absolute().iterdir(), key=lambda each: each.name.lower())
        seen = [each for each in found if each.name.lower().startswith(begins) and not each.name.startswith(".")]
        folders = [(f"{each}/", f"{each.name}/") for each in seen if each.is_dir()]
        files = [(str(each), each.name) for each in seen if each.suffix.lower() in suffixes and not each.is_dir()]
    except (OSError, ValueError, RuntimeError):  # RuntimeError: ~name of nobody
        return []
    above = [(f"{folder.absolute().parent}/".replace("//", "/"), "../   the folder above")] if whole else []
    return [*above, *folders, *files][:MOST]
