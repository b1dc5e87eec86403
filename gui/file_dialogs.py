"""The dialogs that ask for a file: a record to open, a run to look at, where to save."""

import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gui import kept_games
from gui import messages as say
from gui.file_list import FileList
from gui.kept_games import KeptGame
from gui.messages import Message
from gui.widgets.basic import Button, Label
from gui.widgets.dialog import Dialog
from gui.widgets.text_field import TextField

if TYPE_CHECKING:
    from gui.app import App

PICTURE = ".png"
"""Ending of a name under which the board is saved as a picture instead of the game as a record."""

LISTED = 8
"""Lines of a list of files that are shown without scrolling."""


def ask_open(app: "App") -> None:
    """Ask for a record: by its path, of those used last, of the games that were kept."""
    kept = [(str(game.record), f"{game.about}, {_when(game.when)}") for game in _kept(app)]
    recent = [(path, path) for path in app.remembered.recent]
    suffixes = [suffix for page in app.pages.values() for suffix in page.suffixes]
    _ask(app, "Open a record", "Open", say.Open, "", [*kept[:LISTED], *recent], suffixes)


def ask_run(app: "App") -> None:
    """Ask for the folder of a run."""
    recent = [(path, path) for path in app.remembered.recent if Path(path).is_dir()]
    _ask(app, "Open a run", "Open", say.OpenRun, "runs/", recent)


def ask_save(app: "App") -> None:
    """Ask where to write the game."""
    if app.page and not app.at_start:
        value = app.page.session.records.path or app.page.usual_file
        recent = [(path, path) for path in app.remembered.recent if not Path(path).is_dir()]
        _ask(app, "Save the game", "Save", say.Save, value, recent, app.page.suffixes, where=True)


def _kept(app: "App") -> list[KeptGame]:
    return kept_games.newest(LISTED) if app.keeps else []


def _when(seconds: float) -> str:
    return time.strftime("%d %b %H:%M", time.localtime(seconds))


def _ask(
    app: "App",
    title: str,
    button: str,
    kind: Callable[[str], Message],
    value: str,
    listed: Sequence[tuple[str, str]],
    suffixes: Collection[str] = (),
    where: bool = False,
) -> None:
    """Ask for a file by a dialog: a field, and a list of files, of which those in `listed` come first."""
    field = TextField(value, enter=lambda text: kind(text.strip()) if text.strip() else None)
    place = [(Where(field), 18)] if where else []
    body = [(field, 32), *place, (FileList(field, listed, suffixes), 24 * LISTED)]
    lines = () if where else ("Choose one below, a second click opens it; or drop it on the window.",)
    app.dialog = Dialog(title, lines, body, [Button("Cancel", say.Close()), PathButton(button, kind, field)], 560)


class Where(Label):
    """Says where the file of a field will be."""

    def __init__(self, field: TextField):
        super().__init__("")
        self.field = field

    def draw(self, surface, theme):
        """Draw the folder, or why there is none."""
        text = self.field.value.strip()
        path = Path(text).expanduser().absolute()
        what = "a picture of the board, " if text.lower().endswith(PICTURE) else ""
        known = f"{what}in the folder {path.parent}" if path.parent.is_dir() else f"there is no folder {path.parent}"
        known += "; it replaces the file there" if path.is_file() else ""
        self.words = known if text else f"a name that ends in {PICTURE} keeps a picture of the board"
        super().draw(surface, theme)


class PathButton(Button):
    """Sends a message with the path that stands in a field."""

    def __init__(self, label: str, kind: Callable[[str], Message], field: TextField):
        super().__init__(label, say.Close(), strong=True)
        self.kind, self.field = kind, field

    def handle(self, event, theme):
        """Answer a click where the field holds something."""
        pressed = super().handle(event, theme)
        return self.kind(self.field.value.strip()) if pressed and self.field.value.strip() else None
