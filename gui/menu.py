"""The menu: what can be done from every page. Files and pictures, the size of everything, colours, sounds, keys."""

from typing import TYPE_CHECKING

from gui import messages as say
from gui.menu_messages import CopyPicture, SetColours
from gui.widgets.basic import Button, Label, Toggle
from gui.widgets.dialog import Dialog
from gui.widgets.lists import DropDown
from gui.widgets.palettes import PALETTES
from gui.widgets.theme import BODY, TEXT

if TYPE_CHECKING:
    from gui.app import App

ROW = 32
"""Points that a row is high."""


def show(app: "App") -> None:
    """Bring the menu to the top."""
    app.dialog = Menu(app)


def set_colours(app: "App", name: str) -> None:
    """Draw with other colours from now on."""
    app.remember(colours=name)
    app.resized()


class Menu(Dialog):
    """Buttons in rows. Those of a game are grey on the start page."""

    def __init__(self, app: "App"):
        self.app = app
        self.size = Label("", BODY, TEXT)
        smaller = Button("Smaller", say.Scale(-1), "key: Ctrl -")
        larger = Button("Larger", say.Scale(1), "key: Ctrl +")
        files = (
            Button("New game", say.ShowPage("start"), "the start page: key N"),
            Button("Open a record", say.AskOpen(), "key: Ctrl O"),
            Button("Training run", say.AskRun(), "look at what its checkpoints think"),
        )
        self.saves = (
            Button("Save the game", say.AskSave(), "key: Ctrl S"),
            Button("Copy the record", say.Copy(), "into the clipboard: key Ctrl C"),
            Button("Copy a picture", CopyPicture(), "of the board, into the clipboard: key Ctrl P"),
        )
        self.sounds = Toggle("Sounds", say.ToggleMute(), hint="key: M")
        choices = tuple((name, each.words) for name, each in PALETTES.items())
        colours = DropDown(choices, app.remembered.colours, SetColours, "Signs and hues that all eyes tell apart")
        body = [
            (files, ROW),
            (self.saves, ROW),
            ((self.size, smaller, larger), ROW),
            ((Label("Colours", BODY, TEXT), colours), ROW),
            ((self.sounds, Button("Every key", say.ToggleHelp(), "key: ?")), ROW),
        ]
        super().__init__("Menu", (), body, [Button("Close", say.Close(), "key: Escape", strong=True)], 460)

    def draw(self, surface, theme):
        """Draw the rows with what holds now."""
        self.size.words = f"Size: {self.app.theme.scale:.0%}"
        self.sounds.on = not self.app.sounds.mute
        for button in self.saves:
            button.enabled = self.app.page is not None and not self.app.at_start
        super().draw(surface, theme)

    def handle(self, event, theme):
        """Close with the press of what happens below the menu."""
        message = super().handle(event, theme)
        if isinstance(message, say.Copy | CopyPicture | say.ToggleHelp | say.ShowPage):
            self.app.dialog = None
        return message
