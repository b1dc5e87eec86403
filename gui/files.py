"""Records and runs in and out of the window: opened, saved, asked for by a dialog, copied and pasted."""

from pathlib import Path
from typing import TYPE_CHECKING

from gui import messages as say
from gui import settings_store
from gui.messages import Message
from gui.tabs.ghost_ladder import Ladder
from gui.widgets import clipboard
from gui.widgets.basic import Button, Label
from gui.widgets.dialog import Dialog
from gui.widgets.lists import ListBox
from gui.widgets.text_field import TextField

if TYPE_CHECKING:
    from gui.app import App

SHORT = 64
"""Letters of a path that are listed: its end tells more than its beginning."""


def open_path(app: "App", path: str) -> None:
    """Show a record, in the game on screen or in a new one; where it is a folder, a run."""
    if Path(path).expanduser().is_dir():
        open_run(app, path)
        return
    app.dialog = None
    if app.at_start or app.page is None:
        name = "backgammon" if path.lower().endswith((".mat", ".txt")) and "backgammon" in app.pages else "go"
        app.begin_as_usual(name)
    if app.page is None or app.at_start:
        return
    app.page.receive(say.Open(path))
    if app.page.session.alarm:
        app.sounds.play("wrong")
    else:
        _remember(app, path)


def open_run(app: "App", path: str) -> None:
    """Show what the checkpoints of a run think; a folder that cannot be shown is told, and the game goes on."""
    app.dialog = None
    try:
        ladder = Ladder(path)
        _show_game_of(app, ladder)
    except (ValueError, OSError) as error:
        app.tell(str(error), alarm=True)
        app.sounds.play("wrong")
        return
    if app.at_start:
        return  # why there is no game is told there
    app.show_run(ladder)
    app.panel.show("Run")
    app.tell("")
    _remember(app, path)


def _show_game_of(app: "App", ladder: Ladder) -> None:
    """Have the game of a run on screen; raise `ValueError` where that is another one."""
    if ladder.game not in app.pages:
        raise ValueError(f"{ladder.run.name} is a run of {ladder.game}, and there is no board for it")
    here = app.page and app.page.name == ladder.game
    if app.at_start and here:
        app.show_page("game")
    elif app.at_start:
        app.begin_as_usual(ladder.game)
    elif not here:
        title = app.pages[ladder.game].title
        raise ValueError(f"{ladder.run.name} is a run of {title}: begin a game of {title} to look at it")


def save(app: "App", path: str) -> None:
    """Write the game on screen."""
    app.dialog = None
    app.page.receive(say.Save(path))
    if not app.page.session.alarm:
        _remember(app, path)


def ask_path(app: "App", title: str, button: str, kind: type[Message], value: str) -> None:
    """Ask for a file by a dialog with a field and the files used last."""
    field = TextField(value, enter=lambda text: kind(text.strip()) if text.strip() else None)
    recent = app.remembered.recent

    def choose(index: int) -> None:
        field.value = recent[index]
        field.cursor = len(field.value)

    files = ListBox(choose=choose)
    files.show([(path if len(path) <= SHORT else "…" + path[1 - SHORT :],) for path in recent])
    body = [(field, 32), (Label("used last" if recent else ""), 18), (files, 24 * max(1, min(6, len(recent))))]
    go = _PathButton(button, kind, field)
    lines = ("Type a path and press Enter, or drop it on the window.",)
    app.dialog = Dialog(title, lines, body, [Button("Cancel", say.Close()), go], 560)


def ask_save(app: "App") -> None:
    """Ask where to write the game."""
    if app.page and not app.at_start:
        ask_path(app, "Save the game", "Save", say.Save, app.page.session.path or app.page.usual_file)


def paste(app: "App") -> None:
    """Take a record from the clipboard."""
    text = clipboard.get()
    if not text.strip():
        app.tell("there is no text in the clipboard", alarm=True)
        return
    if app.at_start:
        app.new_game(app.start.game)
    if app.page and not app.at_start:
        app.page.receive(say.PasteText(text))


def copy(app: "App") -> None:
    """Put the record into the clipboard."""
    if app.page and not app.at_start:
        why_not = clipboard.put(app.page.session.text())
        app.tell(why_not or "the record is in the clipboard", bool(why_not))


def _remember(app: "App", path: str) -> None:
    app.remember(recent=settings_store.with_recent(app.remembered, path).recent)


class _PathButton(Button):
    """Says a message with the path that stands in a field."""

    def __init__(self, label: str, kind: type[Message], field: TextField):
        super().__init__(label, None, strong=True)
        self.kind, self.field = kind, field

    def handle(self, event, theme):
        self.message = self.kind(self.field.value.strip()) if self.field.value.strip() else None
        return super().handle(event, theme)
